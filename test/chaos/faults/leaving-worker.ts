import { oneOf } from '../../support/random.ts'
import { always, between, type Fault } from './fault.ts'

/** SIGTERM: it finishes, writes its snapshots, says goodbye, and starts from them. */
export const leavingWorker: Fault = {
  name: 'leaving-worker',
  isPermitted: always,
  async inflict({ services }, random) {
    const worker = oneOf(services.workers, random)
    await worker.stop()
    return { what: worker.name, lastsMs: between(1_500, 5_000, random), heal: async () => void (await worker.restart()) }
  },
}
