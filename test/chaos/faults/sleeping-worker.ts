import assert from 'node:assert/strict'
import { oneOf } from '../../support/random.ts'
import { always, between, type Fault } from './fault.ts'

const SESSION_MS = 6_000

/** A zombie: SIGSTOP until its partitions are others', then SIGCONT. It wakes with appends that it believes are its to make. */
export const sleepingWorker: Fault = {
  name: 'sleeping-worker',
  isPermitted: always,
  async inflict({ services }, random) {
    const worker = oneOf(services.workers, random)
    worker.pause()
    return {
      what: worker.name,
      lastsMs: between(SESSION_MS + 1_000, SESSION_MS + 4_000, random),
      async heal() {
        worker.resume()
        assert.ok(worker.isRunning, `${worker.name} did not survive its sleep`)
      },
    }
  },
}
