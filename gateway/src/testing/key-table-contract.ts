import assert from 'node:assert/strict'
import { commandIdOf } from '@cavea/contracts/ids'
import type { KeyTable } from '../ports/key-table.ts'

const id = commandIdOf('buyer:b', 'POST /x', 'key')
const TTL_MS = 100

/** What every key table promises, as tests. `pass` lets so much of the table's time go by. */
export function describeKeyTable(
  name: string,
  open: () => Promise<{
    readonly table: KeyTable
    readonly pass: (ms: number) => Promise<void> | void
    readonly close: () => Promise<void>
  }>,
): void {
  describe(`a key table in ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    let table: KeyTable
    beforeEach(async () => {
      opened = await open()
      table = opened.table
    })
    afterEach(() => opened.close())

    it('knows a key by the body it first came with', async () => {
      assert.deepEqual(
        [await table.claim(id, 'a', 60_000), await table.claim(id, 'a', 60_000), await table.claim(id, 'b', 60_000)],
        ['new', 'same', 'other'],
      )
    })

    it('lets one of several claims at the same time be the first', async () => {
      const claims = await Promise.all(['a', 'b', 'c'].map((hash) => table.claim(id, hash, 60_000)))
      assert.deepEqual(claims, ['new', 'other', 'other'])
    })

    it('answers each of a crowd of claims with its own', async () => {
      const ids = Array.from({ length: 300 }, (_, at) => commandIdOf('buyer:b', 'POST /x', `key ${at}`))
      await Promise.all(ids.filter((_, at) => at % 3 === 0).map((one) => table.claim(one, 'a', 60_000)))
      const claims = await Promise.all(ids.map((one, at) => table.claim(one, at % 2 === 0 ? 'a' : 'b', 60_000)))
      const expected = ids.map((_, at) => (at % 3 !== 0 ? 'new' : at % 2 === 0 ? 'same' : 'other'))
      assert.deepEqual(claims, expected)
    })

    it('forgets a key after its time', async () => {
      await table.claim(id, 'a', TTL_MS)
      await opened.pass(TTL_MS)
      assert.equal(await table.claim(id, 'b', TTL_MS), 'new')
    })
  })
}
