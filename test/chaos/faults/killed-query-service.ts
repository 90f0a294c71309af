import { apiOf, expectProblem } from '../../support/client.ts'
import { always, between, type Fault } from './fault.ts'

/** `kill -9` of the one that reads are answered by: they are refused in plain words, and deciding goes on. */
export const killedQueryService: Fault = {
  name: 'killed-query-service',
  isPermitted: always,
  async inflict({ services }, random) {
    const { query } = services
    await query.kill9()
    expectProblem(await apiOf(services).ask('GET', '/v1/performances'), 503, 'READ_SERVICE_UNAVAILABLE')
    return { what: query.name, lastsMs: between(0, 1_500, random), heal: async () => void (await query.restart()) }
  },
}
