import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandIdOf } from '@cavea/contracts/ids'
import type { KeyTable } from '../ports/key-table.ts'
import { openLmdbKeyTable } from './lmdb-key-table.ts'
import { createMemoryKeyTable } from './memory-key-table.ts'

const id = commandIdOf('buyer:b', 'POST /x', 'key')

function promises(name: string, open: (now: () => number) => Promise<KeyTable>): void {
  describe(`a key table in ${name}`, () => {
    let nowMs = 0
    let table: KeyTable
    beforeEach(async () => {
      nowMs = 1_000
      table = await open(() => nowMs)
    })
    afterEach(() => table.close())

    it('knows a key by the body it first came with', async () => {
      assert.deepEqual(
        [await table.claim(id, 'a', 100), await table.claim(id, 'a', 100), await table.claim(id, 'b', 100)],
        ['new', 'same', 'other'],
      )
    })

    it('lets one of several claims at the same time be the first', async () => {
      const claims = await Promise.all(['a', 'b', 'c'].map((hash) => table.claim(id, hash, 100)))
      assert.deepEqual(claims, ['new', 'other', 'other'])
    })

    it('forgets a key after its time', async () => {
      await table.claim(id, 'a', 100)
      nowMs += 100
      assert.equal(await table.claim(id, 'b', 100), 'new')
    })
  })
}

promises('memory', async (now) => createMemoryKeyTable(now))

let dir: string
promises('a folder', async (now) => {
  dir = await mkdtemp(join(tmpdir(), 'cavea-keys-'))
  const table = openLmdbKeyTable({ dir, now })
  return {
    claim: table.claim,
    async close() {
      await table.close()
      await rm(dir, { recursive: true })
    },
  }
})
