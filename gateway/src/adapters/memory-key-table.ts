import type { KeyTable } from '../ports/key-table.ts'

const ENTRIES_MAX = 200_000

/** A key table of this process alone, bounded: for a single gateway without Redis and without a data folder. */
export function createMemoryKeyTable(now: () => number = Date.now): KeyTable {
  const entries = new Map<string, { readonly bodyHash: string; readonly expiresAtMs: number }>()
  return {
    async claim(commandId, bodyHash, ttlMs) {
      const known = entries.get(commandId)
      if (known !== undefined && known.expiresAtMs > now()) return known.bodyHash === bodyHash ? 'same' : 'other'
      entries.delete(commandId) // So that it goes to the end of the order that the oldest are removed by.
      entries.set(commandId, { bodyHash, expiresAtMs: now() + ttlMs })
      if (entries.size > ENTRIES_MAX)
        for (const oldest of entries.keys()) {
          entries.delete(oldest)
          break
        }
      return 'new'
    },
    async close() {
      entries.clear()
    },
  }
}
