import { HttpProblem } from '@cavea/service-kit/problem'
import type { Caller } from '@cavea/service-kit/tokens'
import type { Router } from '@koa/router'
import type { Context, Middleware } from 'koa'
import { BODY_BYTES_MAX, parseJson, readBody } from '../middleware/body.ts'
import { requireOwnPage } from '../middleware/own-pages.ts'
import { limitNewBuyers } from '../middleware/rate-limit.ts'
import { stateOf } from '../middleware/request-state.ts'
import type { SessionCookie } from '../middleware/session-cookie.ts'
import { SessionRequest } from '../parse/session-request.ts'
import { validate } from '../parse/validate.ts'
import type { RouteDeps } from './deps.ts'
import { commandRoute } from './send.ts'

const PATH = '/v1/session'

/** Signing browsers in and out. Whose session it is, a script may know; the token it never sees. */
export function mountSession(router: Router, deps: RouteDeps & { readonly cookie: SessionCookie }): void {
  const { tokens, cookie } = deps
  const jsonBody = readBody({ bytesMax: BODY_BYTES_MAX, mediaTypes: ['application/json'], timeoutMs: deps.bodyTimeoutMs })
  const limitSessions = limitNewBuyers({ limiters: deps.limiters, settings: deps.rateLimits })

  function start(context: Context, caller: Caller): void {
    const nowMs = Date.now()
    const { sessionToken, untilMs } = tokens.issueSession(caller, nowMs)
    cookie.write(context, sessionToken, untilMs - nowMs)
    context.status = 201
    context.body = sessionAnswer(caller)
  }

  /** Whom a token proves. Throws a 401 problem. A session makes no other session, or it would never end. */
  function callerOfToken(token: string): Caller {
    const nowMs = Date.now()
    const caller = tokens.authenticateSession(token, nowMs) === undefined ? tokens.authenticate(`Bearer ${token}`, nowMs) : undefined
    if (caller !== undefined) return caller
    throw new HttpProblem({ status: 401, code: 'UNAUTHENTICATED', detail: 'The token is not valid, or no longer.' })
  }

  router.post(PATH, ownPagesOnly, commandRoute(deps), limitSessions, jsonBody, parseJson, function signIn(context) {
    const { json, caller } = stateOf(context)
    const { token } = validate(SessionRequest, json ?? {})
    if (token !== undefined) return start(context, callerOfToken(token))
    // Who has a session keeps it: another buyer would no longer see the holds of this one.
    if (caller !== undefined) context.body = sessionAnswer(caller)
    else start(context, { kind: 'buyer', id: tokens.issueBuyer(Date.now()).buyerId, organisation: '' })
  })

  router.get(PATH, function readSession(context) {
    const { caller } = stateOf(context)
    if (caller === undefined) throw new HttpProblem({ status: 401, code: 'UNAUTHENTICATED', detail: 'There is no session.' })
    context.vary('Cookie')
    context.body = sessionAnswer(caller)
  })

  router.delete(PATH, ownPagesOnly, function signOut(context) {
    cookie.clear(context)
    context.status = 204
  })
}

const ownPagesOnly: Middleware = function ownPagesOnlyMiddleware(context, next) {
  requireOwnPage(context)
  return next()
}

const sessionAnswer = ({ kind, id, organisation }: Caller): object => ({ kind, id, ...(organisation !== '' && { organisation }) })
