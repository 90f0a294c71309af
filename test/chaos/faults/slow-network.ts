import { oneOf } from '../../support/random.ts'
import { always, between, type Fault } from './fault.ts'

/** Everything between one worker and the broker, or all of them, takes long, and each piece differently long. */
export const slowNetwork: Fault = {
  name: 'slow-network',
  isPermitted: always,
  async inflict({ services, relays }, random) {
    const slow = random() < 0.5 ? relays : [oneOf(relays, random)]
    const weather = { delayMs: between(20, 250, random), jitterMs: between(0, 250, random), held: 'nothing' } as const
    await Promise.all(slow.map((relay) => relay.change(weather)))
    const names = slow.map((relay) => services.workers[relays.indexOf(relay)]?.name).join(' and ')
    return {
      what: `${names}, ${weather.delayMs} to ${weather.delayMs + weather.jitterMs} ms each way`,
      lastsMs: between(6_000, 12_000, random),
      heal: async () => void (await Promise.all(slow.map((relay) => relay.clear(false)))),
    }
  },
}
