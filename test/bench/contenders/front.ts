import { randomBytes } from 'node:crypto'
import { commandIdOf, freshId } from '@cavea/contracts/ids'
import { authenticate, requireCaller } from '@cavea/gateway/middleware/authenticate'
import { BODY_BYTES_MAX, parseJson, readBody } from '@cavea/gateway/middleware/body'
import { cors } from '@cavea/gateway/middleware/cors'
import { idempotencyKey } from '@cavea/gateway/middleware/idempotency-key'
import { callerOf, stateOf } from '@cavea/gateway/middleware/request-state'
import { securityHeaders } from '@cavea/gateway/middleware/security-headers'
import { sessionCookie } from '@cavea/gateway/middleware/session-cookie'
import { trace } from '@cavea/gateway/middleware/trace'
import { HoldRequest } from '@cavea/gateway/parse/requests'
import { validate } from '@cavea/gateway/parse/validate'
import type { Logger } from '@cavea/service-kit/logger'
import { answerProblems, HttpProblem } from '@cavea/service-kit/problem'
import type { Tokens } from '@cavea/service-kit/tokens'
import { Router } from '@koa/router'
import Koa from 'koa'
import type { SeatStore } from './store.ts'

/** `gateway`: every middleware that a hold passes in the gateway. `bare`: no more than Koa, a router, the token and the JSON. */
export type FrontKind = 'gateway' | 'bare'

const BODY_TIMEOUT_MS = 10_000
const TTL_MS = 3_600_000
const PRICE = { amount: 4500, currency: 'EUR' }
const ID_BYTES = 10

/** The HTTP edge of a contender: the gateway's own middleware around another way to keep seats, and answers of the same shape. */
export function createFront(deps: {
  readonly store: SeatStore
  readonly tokens: Tokens
  readonly logger: Logger
  readonly kind: FrontKind
}): Koa {
  const { store, tokens, logger, kind } = deps
  const router = new Router({ sensitive: true, strict: true })
  router.get('/readyz', (context) => {
    context.body = 'ready'
  })
  router.post(
    '/v1/performances/:performanceId/holds',
    requireCaller,
    idempotencyKey({ required: true }),
    readBody({ bytesMax: BODY_BYTES_MAX, mediaTypes: ['application/json'], timeoutMs: BODY_TIMEOUT_MS }),
    parseJson,
    async function holdSeat(context) {
      const { json, idempotencyKey: key } = stateOf(context)
      const [seatId] = seatsAsked(json, kind)
      const { kind: callerKind, id: buyerId } = callerOf(context)
      const performanceId = context.params['performanceId'] ?? ''
      const nowMs = Date.now()
      const expiresAtMs = nowMs + TTL_MS
      const holdId = freshId('hold', nowMs, randomBytes(ID_BYTES))
      const commandId = commandIdOf(`${callerKind}:${buyerId}`, `${context.method} ${context.path}`, key ?? '')
      const outcome = await store.hold({ performanceId, seatId, holdId, buyerId, commandId, expiresAtMs })
      if (outcome === 'taken')
        throw new HttpProblem({
          status: 409,
          code: 'SEAT_UNAVAILABLE',
          detail: 'The seat is not available.',
          extra: { conflicts: [{ seatId, reason: 'held' }] },
        })
      const [section, row, number] = seatId.split('-')
      const seats = [{ seatId, section, row, number, category: 'Any', price: PRICE }]
      const expiresAt = new Date(expiresAtMs).toISOString()
      context.status = 201
      context.set('Location', `/v1/holds/${holdId}`)
      context.body = { holdId, performanceId, sectionId: section, status: 'held', seats, total: PRICE, expiresAt, extensionsLeft: 1 }
    },
  )

  const app = new Koa()
  if (kind === 'gateway')
    app
      .use(trace())
      .use(securityHeaders({ https: false }))
      .use(cors({ origins: [] }))
  app
    .use(answerProblems({ log: logger }))
    .use(authenticate({ tokens, cookie: sessionCookie({ https: false }) }))
    .use(router.routes())
  return app
}

function seatsAsked(json: unknown, kind: FrontKind): readonly [string] {
  const seats = kind === 'gateway' ? validate(HoldRequest, json).seats : (json as { readonly seats?: readonly string[] }).seats
  const [seatId, ...more] = seats ?? []
  if (typeof seatId !== 'string' || more.length > 0)
    throw new HttpProblem({ status: 400, code: 'INVALID_REQUEST', detail: 'A contender takes one seat per request.' })
  return [seatId]
}
