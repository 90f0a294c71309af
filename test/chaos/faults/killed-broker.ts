import { always, between, type Fault } from './fault.ts'

/** `kill -9` of the only broker, with everybody's requests on the way. */
export const killedBroker: Fault = {
  name: 'killed-broker',
  isPermitted: always,
  async inflict({ kafka }, random) {
    await kafka.kill()
    return { what: 'the broker', lastsMs: between(200, 3_000, random), heal: () => kafka.start() }
  },
}
