import assert from 'node:assert/strict'
import { grow, join, type Moment, some } from './fill-curve.ts'

const at = (seconds: number, sold = 0): Moment => ({ atMs: seconds * 1_000, available: 10 - sold, held: 0, sold, blocked: 0 })
const grown = (...moments: readonly Moment[]): readonly Moment[] => moments.reduce<readonly Moment[]>(grow, [])

describe('The curve of a hall that fills', () => {
  it('keeps the two ends of a stretch without change', () => {
    assert.deepEqual(grown(at(0), at(5), at(10), at(15), at(20, 1)), [at(0), at(15), at(20, 1)])
  })

  it('keeps the newest of changes within a second', () => {
    assert.deepEqual(grown(at(0), at(0.2, 1), at(0.4, 2), at(3, 3)), [at(0), at(0.4, 2), at(3, 3)])
  })

  it('takes nothing from before its end', () => {
    assert.deepEqual(grown(at(5), at(4, 1)), [at(5)])
  })

  it('goes on from what was recorded, without what both know', () => {
    assert.deepEqual(join([at(0), at(10, 1)], [at(9, 1), at(10, 1), at(12, 2)]), [at(0), at(10, 1), at(12, 2)])
    assert.deepEqual(join([], [at(1)]), [at(1)])
  })

  it('is bounded, and keeps its beginning and its newest part', () => {
    const long = grown(...Array.from({ length: 5_000 }, (_, second) => at(second * 2, second % 7)))
    assert.ok(long.length <= 2_000, String(long.length))
    assert.deepEqual(long[0], at(0))
    assert.deepEqual(
      long.slice(-3).map(({ atMs }) => atMs),
      [9_994_000, 9_996_000, 9_998_000],
    )
  })

  it('is told in a few points with its first and last', () => {
    const curve = Array.from({ length: 100 }, (_, second) => at(second))
    const told = some(curve, 5)
    assert.deepEqual(
      told.map(({ atMs }) => atMs),
      [0, 25_000, 50_000, 74_000, 99_000],
    )
    assert.equal(some(curve.slice(0, 3), 5).length, 3)
  })
})
