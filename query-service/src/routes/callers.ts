import { HttpProblem } from '@cavea/service-kit/problem'
import type { Caller, Tokens } from '@cavea/service-kit/tokens'
import type { Context } from 'koa'

/** Tells who asks. This service trusts nobody in front of it, so it verifies every token itself. */
export interface Callers {
  /** Undefined without an `Authorization` header; a header that proves nothing is refused. */
  optional(context: Context): Caller | undefined
  /** The same for a header that came another way. */
  of(authorization: string | undefined): Caller | undefined
  required(context: Context): Caller
  organiser(context: Context): Caller
}

export function createCallers(tokens: Tokens, nowMs: () => number): Callers {
  function of(authorization: string | undefined): Caller | undefined {
    if (authorization === undefined) return undefined
    const caller = tokens.authenticate(authorization, nowMs())
    if (caller === undefined) throw unauthenticated('The token is not valid, or no longer.', 'Bearer error="invalid_token"')
    return caller
  }

  const optional = (context: Context): Caller | undefined => of(context.headers.authorization)

  function required(context: Context): Caller {
    const caller = optional(context)
    if (caller === undefined) throw unauthenticated('A Bearer token is needed.', 'Bearer')
    return caller
  }

  return {
    optional,
    of,
    required,
    organiser(context) {
      const caller = required(context)
      if (caller.kind !== 'organiser') throw new HttpProblem({ status: 403, code: 'FORBIDDEN', detail: 'Only organisers may read this.' })
      return caller
    },
  }
}

export const unauthenticated = (detail: string, challenge: string): HttpProblem =>
  new HttpProblem({ status: 401, code: 'UNAUTHENTICATED', detail, headers: { 'WWW-Authenticate': challenge } })
