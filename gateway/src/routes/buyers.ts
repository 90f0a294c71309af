import type { Router } from '@koa/router'
import { BODY_BYTES_MAX, parseJson, readBody } from '../middleware/body.ts'
import { limitNewBuyers } from '../middleware/rate-limit.ts'
import { stateOf } from '../middleware/request-state.ts'
import { NoFields } from '../parse/requests.ts'
import { validate } from '../parse/validate.ts'
import type { RouteDeps } from './deps.ts'
import { commandRoute } from './send.ts'

/** Anonymous buyers: whoever has the token owns the holds that were made with it. */
export function mountBuyers(router: Router, deps: RouteDeps): void {
  const jsonBody = readBody({ bytesMax: BODY_BYTES_MAX, mediaTypes: ['application/json'], timeoutMs: deps.bodyTimeoutMs })
  router.post(
    '/v1/buyers',
    commandRoute(deps),
    limitNewBuyers({ limiters: deps.limiters, settings: deps.rateLimits }),
    jsonBody,
    parseJson,
    (context) => {
      validate(NoFields, stateOf(context).json ?? {})
      context.status = 201
      context.body = deps.tokens.issueBuyer(Date.now())
    },
  )
}
