import { oneOf } from '../../support/random.ts'
import { always, between, type Fault } from './fault.ts'

/**
 * Nothing arrives in one direction between a worker and the broker, while the other direction works: what the worker appends is
 * lost, or is written and it never hears so. In the end what was held back arrives late, or is gone with its connections.
 */
export const oneWayLoss: Fault = {
  name: 'one-way-loss',
  isPermitted: always,
  async inflict({ services, relays }, random) {
    const relay = oneOf(relays, random)
    const held = oneOf(['toBroker', 'toWorker'] as const, random)
    const lost = random() < 0.5
    await relay.change({ delayMs: 0, jitterMs: 0, held })
    const worker = services.workers[relays.indexOf(relay)]?.name
    return {
      what: `${held === 'toBroker' ? `${worker} to the broker` : `the broker to ${worker}`}, ${lost ? 'cut' : 'late'} in the end`,
      lastsMs: between(4_000, 14_000, random),
      heal: () => relay.clear(lost),
    }
  },
}
