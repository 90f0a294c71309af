import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../application/projector-options.ts'

export const systemClock: Clock = {
  nowMs: Date.now,
  async sleep(ms, signal) {
    if (signal.aborted) return
    if (ms === 0) await turn()
    else await delay(ms, undefined, { signal }).catch(() => undefined) // Aborted: whoever waits looks at the signal.
  },
}
