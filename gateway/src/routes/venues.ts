import type { CreateVenue } from '@cavea/contracts/catalog/messages'
import { bucketOf } from '@cavea/contracts/partitioning'
import type { Router } from '@koa/router'
import { requireOrganiser } from '../middleware/authenticate.ts'
import { BODY_BYTES_MAX, parseJson, readBody } from '../middleware/body.ts'
import { idempotencyKey } from '../middleware/idempotency-key.ts'
import { callerOf, stateOf } from '../middleware/request-state.ts'
import { hashOfJson } from '../parse/body-hash.ts'
import { VenueRequest } from '../parse/requests.ts'
import { validate } from '../parse/validate.ts'
import type { RouteDeps } from './deps.ts'
import { intentOf } from './intent.ts'
import { answerCommand, commandRoute } from './send.ts'

export function mountVenues(router: Router, deps: RouteDeps): void {
  const jsonBody = readBody({ bytesMax: BODY_BYTES_MAX, mediaTypes: ['application/json'], timeoutMs: deps.bodyTimeoutMs })
  router.post(
    '/v1/venues',
    commandRoute(deps),
    requireOrganiser,
    idempotencyKey({ required: false }),
    jsonBody,
    parseJson,
    async function createVenue(context) {
      const { json } = stateOf(context)
      const venue = validate(VenueRequest, json)
      const message: CreateVenue = { type: 'CreateVenue', ...venue }
      await answerCommand(deps, context, intentOf(context, hashOfJson(json)), {
        context: 'catalog',
        bucket: bucketOf(callerOf(context).organisation),
        message,
      })
    },
  )
}
