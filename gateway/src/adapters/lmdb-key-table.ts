import { mkdirSync } from 'node:fs'
import { open } from 'lmdb'
import type { KeyTable } from '../ports/key-table.ts'

const SWEEP_INTERVAL_MS = 600_000
const SWEEP_ENTRIES_MAX = 20_000

interface Entry {
  readonly bodyHash: string
  readonly expiresAtMs: number
}

/** A key table in a folder of this machine, for one process. A crash may forget the last moments' keys, which is allowed. */
export function openLmdbKeyTable(options: { readonly dir: string; readonly now?: () => number }): KeyTable {
  const now = options.now ?? Date.now
  mkdirSync(options.dir, { recursive: true })
  const table = open<Entry, string>({ path: options.dir, noSubdir: false, encoding: 'msgpack', noSync: true })
  const sweep = setInterval(() => void removeExpired(), SWEEP_INTERVAL_MS)
  sweep.unref()

  /** Bounded, since it runs beside requests: what is left over is swept the next time. */
  async function removeExpired(): Promise<void> {
    const at = now()
    const expired: string[] = []
    for (const { key, value } of table.getRange({ limit: SWEEP_ENTRIES_MAX, start: randomStart() }))
      if (value.expiresAtMs <= at) expired.push(key)
    await table.batch(() => {
      for (const key of expired) void table.remove(key)
    })
  }

  /** Reads do not see what is still being written, and waiting for a commit would cost each request more than it is worth. */
  const writing = new Map<string, Entry>()

  function write(key: string, entry: Entry): void {
    writing.set(key, entry)
    const done = (): void => {
      if (writing.get(key) === entry) writing.delete(key)
    }
    table.put(key, entry).then(done, done) // A key that could not be kept is one that is not known.
  }

  return {
    async claim(commandId, bodyHash, ttlMs) {
      const known = writing.get(commandId) ?? table.get(commandId)
      if (known !== undefined && known.expiresAtMs > now()) return known.bodyHash === bodyHash ? 'same' : 'other'
      write(commandId, { bodyHash, expiresAtMs: now() + ttlMs })
      return 'new'
    },
    async close() {
      clearInterval(sweep)
      await table.close()
    },
  }
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** Keys are hashes, evenly spread: sweeps from random places visit all of them in the long run. */
function randomStart(): string {
  const char = (): string => ALPHABET[Math.floor(Math.random() * ALPHABET.length)] ?? ''
  return `cmd_${char()}${char()}`
}
