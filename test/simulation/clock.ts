import type { Clock as WorkerClock } from '@cavea/command-service/application/worker-options'
import type { Clock as GatewayClock } from '@cavea/gateway/application/clock'
import type { Machine } from './machine.ts'

/** What a worker takes for the time: the world's with the machine's error. */
export function workerClock(machine: Machine, random: () => number): WorkerClock {
  return {
    nowMs: () => Math.floor(machine.scheduler.nowMs + machine.skewMs),
    random,
    sleep(ms, signal) {
      if (signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const done = (): void => {
          cancel()
          signal.removeEventListener('abort', done)
          resolve()
        }
        const cancel = machine.later(ms, done)
        signal.addEventListener('abort', done)
      })
    },
  }
}

/** A steady clock: it has no error, but it stands still for nobody. */
export function gatewayClock(machine: Machine, random: () => number): GatewayClock {
  return {
    nowMs: () => machine.scheduler.nowMs,
    after: (ms, then) => machine.later(ms, then),
    random,
  }
}
