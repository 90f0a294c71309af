import { asksForUpgrade } from '@cavea/service-kit/http-server'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { Caller, Tokens } from '@cavea/service-kit/tokens'
import type { Context, Middleware } from 'koa'
import { isFromOwnPage, requireOwnPage } from './own-pages.ts'
import { stateOf } from './request-state.ts'
import type { SessionCookie } from './session-cookie.ts'

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Notes who asks, if the request says so. Routes decide whether they need to know. A Bearer token goes before a cookie. */
export function authenticate(deps: { readonly tokens: Tokens; readonly cookie: SessionCookie }): Middleware {
  return function authenticateMiddleware(context, next) {
    const authorization = context.get('Authorization')
    const caller = authorization === '' ? callerOfSession(deps, context) : deps.tokens.authenticate(authorization, Date.now())
    if (caller !== undefined) stateOf(context).caller = caller
    return next()
  }
}

/**
 * A browser sends its cookie whoever made it ask, so what changes something has to come from a page of ours: throws a 403
 * problem otherwise. A cookie that proves nothing, or no longer, is as good as none.
 */
function callerOfSession(
  { tokens, cookie }: { readonly tokens: Tokens; readonly cookie: SessionCookie },
  context: Context,
): Caller | undefined {
  const token = cookie.read(context)
  const caller = token === undefined ? undefined : tokens.authenticateSession(token, Date.now())
  if (caller === undefined) return undefined
  if (!SAFE.has(context.method)) requireOwnPage(context)
  // No answer tells a page what other origins' WebSockets hear, so those that are let in are let in as strangers.
  if (asksForUpgrade(context.req) && !isFromOwnPage(context)) return undefined
  // From here on it is a request as any other, whoever passes it on: the services behind us know no cookies.
  context.req.headers.authorization = `Bearer ${String(token)}`
  return caller
}

export const requireCaller: Middleware = function requireCallerMiddleware(context, next) {
  if (stateOf(context).caller === undefined) throw unauthenticated(context.get('Authorization') !== '')
  return next()
}

export const requireOrganiser: Middleware = function requireOrganiserMiddleware(context, next) {
  const { caller } = stateOf(context)
  if (caller === undefined) throw unauthenticated(context.get('Authorization') !== '')
  if (!isOrganiser(caller)) throw new HttpProblem({ status: 403, code: 'FORBIDDEN', detail: 'Only organisers may do this.' })
  return next()
}

export const isOrganiser = (caller: Caller): boolean => caller.kind === 'organiser'

function unauthenticated(presented: boolean): HttpProblem {
  return new HttpProblem({
    status: 401,
    code: 'UNAUTHENTICATED',
    detail: presented ? 'The token is not valid, or no longer.' : 'Send a token as "Authorization: Bearer …". POST /v1/buyers gives one.',
    headers: { 'WWW-Authenticate': presented ? 'Bearer realm="cavea", error="invalid_token"' : 'Bearer realm="cavea"' },
  })
}
