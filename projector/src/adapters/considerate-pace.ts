import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import type { Pace } from '../application/projector-options.ts'

/** A turn of the event loop that takes longer than this has others at work in it. */
const BUSY_MS = 2
const REST_FACTOR = 4
const REST_MAX_MS = 200

/**
 * Lets only one partition of a store be projected at a time, and between two of them leaves others in this process several times
 * as long as they need for a round of their own. In a process that has nothing else to do it costs nothing.
 */
export function createConsideratePace(): Pace {
  const last = new Map<string, Promise<unknown>>()

  async function rest(signal: AbortSignal): Promise<void> {
    const askedMs = performance.now()
    await turn()
    const waitedMs = performance.now() - askedMs
    if (waitedMs > BUSY_MS) await delay(Math.min(REST_MAX_MS, REST_FACTOR * waitedMs), undefined, { signal }).catch(() => undefined)
  }

  return {
    turn(kind, signal, work) {
      const before = last.get(kind) ?? Promise.resolve()
      const own = before.then(async () => {
        if (!signal.aborted) await rest(signal)
        return signal.aborted ? undefined : await work()
      })
      last.set(
        kind,
        own.catch(() => undefined),
      )
      return own
    },
  }
}
