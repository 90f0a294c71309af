import assert from 'node:assert/strict'
import { createAdmission } from './admission.ts'
import type { Clock } from './clock.ts'

const WAIT_MS = 500
const WAITING_MAX = 4_096
const EACH_MS = 1

describe('createAdmission', () => {
  let nowMs: number
  let admission: ReturnType<typeof createAdmission>

  beforeEach(() => {
    nowMs = 1_000
    const clock: Clock = { nowMs: () => nowMs, after: () => () => undefined, random: () => 0 }
    admission = createAdmission({ clock, waitMs: WAIT_MS, waitingMax: WAITING_MAX })
  })

  /** A thousand decisions a second, for a second. */
  function decide(waitedMs: (at: number) => number): void {
    for (let at = 0; at < 1_000; at++, nowMs += EACH_MS) admission.decided(waitedMs(at))
  }

  it('lets a queue grow that is decided quickly', () => {
    decide(() => WAIT_MS)
    assert.equal(admission.isFull(WAITING_MAX - 1), false)
  })

  it('lets no more wait than are decided in the time, once even the shortest wait was too long', () => {
    decide(() => WAIT_MS + 1)
    assert.equal(admission.isFull(550), true)
    assert.equal(admission.isFull(450), false)
  })

  it('turns nobody away for one slow command among quick ones', () => {
    decide((at) => (at % 4 === 0 ? 10 : 1_900))
    assert.equal(admission.isFull(WAITING_MAX - 1), false)
  })

  it('lets more wait again, step by step, while nobody waits too long and some were turned away', () => {
    decide(() => WAIT_MS + 1)
    const limits: number[] = []
    for (let second = 0; second < 3; second++) {
      let limit = 0
      while (!admission.isFull(limit)) limit++
      limits.push(limit)
      decide(() => 10)
    }
    const [first = 0, second = 0, third = 0] = limits
    assert.ok(first < second && second < third && third < WAITING_MAX, String(limits))
  })

  it('admits a few whatever was before, since otherwise nobody would ever find out that it is over', () => {
    for (let at = 0; at < 10; at++, nowMs += 1_000) admission.decided(2_000)
    assert.equal(admission.isFull(127), false)
    assert.equal(admission.isFull(128), true)
  })

  it('is full at the number that must not be exceeded, also when nothing was ever decided', () => {
    assert.equal(admission.isFull(WAITING_MAX - 1), false)
    assert.equal(admission.isFull(WAITING_MAX), true)
  })
})
