import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeKeyTable } from '../testing/key-table-contract.ts'
import { openLmdbKeyTable } from './lmdb-key-table.ts'
import { createMemoryKeyTable } from './memory-key-table.ts'

function clock(): { readonly now: () => number; readonly pass: (ms: number) => void } {
  let nowMs = 1_000
  return {
    now: () => nowMs,
    pass(ms) {
      nowMs += ms
    },
  }
}

describeKeyTable('memory', async () => {
  const { now, pass } = clock()
  const table = createMemoryKeyTable(now)
  return { table, pass, close: () => table.close() }
})

describeKeyTable('a folder', async () => {
  const { now, pass } = clock()
  const dir = await mkdtemp(join(tmpdir(), 'cavea-keys-'))
  const table = openLmdbKeyTable({ dir, now })
  return {
    table,
    pass,
    async close() {
      await table.close()
      await rm(dir, { recursive: true })
    },
  }
})
