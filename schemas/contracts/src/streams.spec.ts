import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { SectionId } from './ids.ts'
import { sectionOfStream, shardsFor, streamsOf } from './streams.ts'

const floor = (seatCount: number, shards: number) => streamsOf({ sectionId: 'floor' as SectionId, seatCount, shards })

describe('streamsOf', () => {
  it('is the section itself where there are seats', () => {
    assert.deepEqual(floor(300, 0), [{ sectionId: 'floor', seatCount: 300 }])
  })

  it('numbers the shards of a standing area, the first of which have a place more', () => {
    assert.deepEqual(floor(11, 3), [
      { sectionId: 'floor~0', seatCount: 4 },
      { sectionId: 'floor~1', seatCount: 4 },
      { sectionId: 'floor~2', seatCount: 3 },
    ])
  })

  it('gives every place to one shard, and no shard less than one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (capacity) => {
        const streams = floor(capacity, shardsFor(capacity))
        assert.equal(
          streams.reduce((sum, { seatCount }) => sum + seatCount, 0),
          capacity,
        )
        assert.ok(streams.every(({ seatCount }) => seatCount >= 1))
        assert.equal(new Set(streams.map(({ sectionId }) => sectionId)).size, streams.length)
        for (const { sectionId } of streams) assert.equal(sectionOfStream(sectionId), 'floor')
      }),
    )
  })

  it('knows a section from its shard', () => {
    assert.equal(sectionOfStream('stalls-2'), 'stalls-2')
  })
})

describe('shardsFor', () => {
  it('leaves a small area whole and spreads a large one, up to a limit', () => {
    assert.deepEqual([1, 1_000, 1_001, 5_000, 50_000, 1_000_000].map(shardsFor), [1, 1, 2, 5, 50, 64])
  })
})
