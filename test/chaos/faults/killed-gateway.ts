import { oneOf } from '../../support/random.ts'
import { always, between, type Fault } from './fault.ts'

/** `kill -9`, with requests on the way. Clients go on with the other one. */
export const killedGateway: Fault = {
  name: 'killed-gateway',
  isPermitted: always,
  async inflict({ services }, random) {
    const gateway = oneOf(services.gateways, random)
    await gateway.kill9()
    return { what: gateway.name, lastsMs: between(0, 1_500, random), heal: async () => void (await gateway.restart()) }
  },
}
