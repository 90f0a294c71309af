import type { Clock } from './clock.ts'

/** Decides whether one more command may wait, by how long those before it had to. */
export interface Admission {
  /** Whether another one would wait too long, so many of them being there already. */
  readonly isFull: (inside: number) => boolean
  /** A command was decided after so many milliseconds. */
  readonly decided: (waitedMs: number) => void
}

const WINDOW_MS = 250
/** Fewer than these are no queue, however long each of them takes. */
const WAITING_FEW = 128
const GROWTH = 1.25

/**
 * A number alone is no limit: what one machine decides in a moment, another takes seconds for, and then each answer comes
 * too late for who waits. So, after the idea of CoDel, what counts is the shortest wait within a window of time. When even
 * that is above `waitMs`, there is a standing queue, and from then on no more may wait than are decided within `waitMs`;
 * when it is not, and some were turned away, a few more may. A partition that hangs settles nothing and so says nothing
 * about the others; for it there is `waitingMax`.
 */
export function createAdmission(options: { readonly clock: Clock; readonly waitMs: number; readonly waitingMax: number }): Admission {
  const { clock, waitMs, waitingMax } = options
  let limit = waitingMax
  let wasFull = false
  let window = { startedMs: clock.nowMs(), decided: 0, shortestMs: Number.POSITIVE_INFINITY }

  function learn(tookMs: number): void {
    if (window.shortestMs > waitMs) limit = Math.min(waitingMax, Math.max(WAITING_FEW, Math.floor((window.decided / tookMs) * waitMs)))
    else if (wasFull) limit = Math.min(waitingMax, Math.ceil(limit * GROWTH))
  }

  return {
    isFull(inside) {
      if (inside < limit) return false
      wasFull = true
      return true
    },
    decided(waitedMs) {
      window.decided++
      if (waitedMs < window.shortestMs) window.shortestMs = waitedMs
      const nowMs = clock.nowMs()
      const tookMs = nowMs - window.startedMs
      if (tookMs < WINDOW_MS) return
      learn(tookMs)
      wasFull = false
      window = { startedMs: nowMs, decided: 0, shortestMs: Number.POSITIVE_INFINITY }
    },
  }
}
