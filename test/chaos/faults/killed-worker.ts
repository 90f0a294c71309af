import { oneOf } from '../../support/random.ts'
import { always, between, type Fault } from './fault.ts'

/** Longer than a session: then others have the partitions of who is away. */
const MISSED_AFTER_MS = 6_000

/** `kill -9`. Mostly it is back before anybody has missed it, and at times others have to take over first. */
export const killedWorker: Fault = {
  name: 'killed-worker',
  isPermitted: always,
  async inflict({ services }, random) {
    const worker = oneOf(services.workers, random)
    const lastsMs = random() < 0.2 ? between(MISSED_AFTER_MS + 1_000, MISSED_AFTER_MS + 4_000, random) : between(0, 1_500, random)
    await worker.kill9()
    return { what: worker.name, lastsMs, heal: async () => void (await worker.restart()) }
  },
}
