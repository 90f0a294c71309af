import assert from 'node:assert/strict'
import type { SeatStatus } from '@cavea/seat-picker/types.ts'
import { watchFreeing } from './explain.ts'

describe('When a taken seat may be free again', () => {
  const MINUTE_MS = 60_000
  function watching(statuses: Record<string, SeatStatus>) {
    let nowMs = 0
    let tell: (changed: readonly string[] | 'all') => void = () => undefined
    const state = {
      status: (seatId: string) => statuses[seatId] ?? 'available',
      subscribe(listener: typeof tell) {
        tell = listener
        return () => undefined
      },
    }
    const times = watchFreeing(
      state,
      () => ({ ttlMs: 10 * MINUTE_MS, maxMs: 30 * MINUTE_MS }),
      () => nowMs,
    )
    return {
      times,
      pass(ms: number) {
        nowMs += ms
      },
      become(seatId: string, status: SeatStatus) {
        statuses[seatId] = status
        tell([seatId])
      },
    }
  }

  it('is the end of a hold that began while the page was open', () => {
    const { times, pass, become } = watching({})
    pass(MINUTE_MS)
    become('A1', 'held')
    assert.deepEqual(times.of('A1'), { atMs: 11 * MINUTE_MS, isLatest: false })
    pass(11 * MINUTE_MS)
    assert.deepEqual(times.of('A1'), { atMs: 31 * MINUTE_MS, isLatest: true }, 'it was extended')
  })

  it('is as late as any hold may last for one that was there before', () => {
    assert.deepEqual(watching({ A1: 'held' }).times.of('A1'), { atMs: 30 * MINUTE_MS, isLatest: true })
  })

  it('is what a refusal said, until the seat changes hands', () => {
    const { times, become } = watching({ A1: 'held' })
    times.learn('A1', 7 * MINUTE_MS)
    assert.deepEqual(times.of('A1'), { atMs: 7 * MINUTE_MS, isLatest: false })
    become('A1', 'available')
    assert.equal(times.of('A1'), undefined)
    become('A1', 'held')
    assert.deepEqual(times.of('A1'), { atMs: 10 * MINUTE_MS, isLatest: false })
  })

  it('is never, for seats that are sold or blocked', () => {
    const { times } = watching({ A1: 'sold', A2: 'blocked' })
    assert.deepEqual([times.of('A1'), times.of('A2'), times.of('A3')], [undefined, undefined, undefined])
  })
})
