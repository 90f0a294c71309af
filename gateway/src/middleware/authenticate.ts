import { HttpProblem } from '@cavea/service-kit/problem'
import type { Caller, Tokens } from '@cavea/service-kit/tokens'
import type { Middleware } from 'koa'
import { stateOf } from './request-state.ts'

/** Notes who asks, if the request says so. Routes decide whether they need to know. Bearer tokens only: no cookie is read. */
export function authenticate(deps: { readonly tokens: Tokens }): Middleware {
  return function authenticateMiddleware(context, next) {
    const authorization = context.get('Authorization')
    const caller = authorization === '' ? undefined : deps.tokens.authenticate(authorization, Date.now())
    if (caller !== undefined) stateOf(context).caller = caller
    return next()
  }
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
