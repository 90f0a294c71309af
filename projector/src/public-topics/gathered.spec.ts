import assert from 'node:assert/strict'
import { type LedgerBatch, ledgerStart } from '@cavea/event-log/ledger-reader'
import { gathered } from './gathered.ts'

const LIMITS = { decisionsMax: 5, bytesMax: 100, lingerMs: 10_000 }

const batchOf = (offset: number, decisions: number, bytes = 1): LedgerBatch => ({
  decisions: Array.from({ length: decisions }, () => ({ decision: { events: [{ bytes: Buffer.alloc(bytes) }] } })) as never,
  position: { ...ledgerStart('t', 0), offset },
  voided: 0,
})

async function* of(...batches: readonly LedgerBatch[]): AsyncGenerator<LedgerBatch> {
  yield* batches
}

async function sizesOf(batches: AsyncIterable<LedgerBatch>, limits = LIMITS): Promise<[number, number][]> {
  const sizes: [number, number][] = []
  for await (const { decisions, position } of gathered(batches, limits)) sizes.push([decisions.length, position.offset])
  return sizes
}

describe('gathered', () => {
  it('makes one batch of many until it is full, and keeps the place behind the last of them', async () => {
    assert.deepEqual(
      await sizesOf(of(batchOf(2, 2), batchOf(4, 2), batchOf(5, 0), batchOf(7, 1), batchOf(9, 1), batchOf(20, 8), batchOf(21, 1))),
      [
        [5, 7],
        [9, 20],
        [1, 21],
      ],
    )
  })

  it('is full of few large ones too', async () => {
    assert.deepEqual(await sizesOf(of(batchOf(1, 1, 90), batchOf(2, 1, 90), batchOf(3, 1, 1))), [
      [2, 2],
      [1, 3],
    ])
  })

  it('does not wait for more for longer than it may', async () => {
    let end: () => void = () => undefined
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    async function* slow(): AsyncGenerator<LedgerBatch> {
      yield batchOf(1, 1)
      await ended
      yield batchOf(2, 1)
    }
    const iterator = gathered(slow(), { ...LIMITS, lingerMs: 1 })
    assert.equal((await iterator.next()).value?.position.offset, 1)
    end()
    assert.equal((await iterator.next()).value?.position.offset, 2)
  })

  it('hands over what came before an error, then the error', async () => {
    async function* broken(): AsyncGenerator<LedgerBatch> {
      yield batchOf(1, 5)
      throw new Error('broken')
    }
    const iterator = gathered(broken(), LIMITS)
    assert.equal((await iterator.next()).value?.position.offset, 1)
    await assert.rejects(iterator.next(), /broken/)
  })
})
