import assert from 'node:assert/strict'
import { createServerClock } from './server-clock.ts'

const SERVER_MS = Date.UTC(2027, 0, 1, 12, 0, 0, 400)
const dateAt = (ms: number): string => new Date(ms).toUTCString()

describe('The server’s clock, as a browser knows it', () => {
  it('is the browser’s own until an answer says more', () => {
    const clock = createServerClock(() => 5_000)
    clock.note(null, 0, 10)
    clock.note('no date', 0, 10)
    assert.equal(clock.nowMs(), 5_000)
  })

  it('comes within half a second with one answer, and closer with more', () => {
    const aheadMs = 90_000
    let localMs = SERVER_MS + aheadMs
    const clock = createServerClock(() => localMs)
    clock.note(dateAt(localMs - aheadMs), localMs, localMs)
    assert.ok(Math.abs(clock.nowMs() - (localMs - aheadMs)) <= 500)
    for (let step = 0; step < 20; step++) {
      localMs += 130
      clock.note(dateAt(localMs - aheadMs), localMs, localMs)
    }
    assert.ok(Math.abs(clock.nowMs() - (localMs - aheadMs)) <= 100, String(clock.nowMs() - (localMs - aheadMs)))
  })

  it('begins anew when somebody sets the computer’s clock', () => {
    let localMs = SERVER_MS
    const clock = createServerClock(() => localMs)
    clock.note(dateAt(SERVER_MS), localMs, localMs)
    localMs += 3_600_000
    clock.note(dateAt(SERVER_MS), localMs, localMs)
    assert.ok(Math.abs(clock.nowMs() - SERVER_MS) <= 600)
  })

  it('learns nothing from an answer that took long', () => {
    const clock = createServerClock(() => 1_000)
    clock.note(dateAt(SERVER_MS), 0, 60_000)
    assert.equal(clock.nowMs(), 1_000)
  })
})
