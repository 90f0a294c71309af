import { HttpProblem } from '@cavea/service-kit/problem'
import type { Caller, Tokens } from '@cavea/service-kit/tokens'
import type { Context } from 'koa'

/** Tells who asks. This service trusts nobody in front of it, so it verifies every token itself. */
export interface Callers {
  /** Undefined without an `Authorization` header; a header that proves nothing is refused. */
  optional(context: Context): Caller | undefined
  required(context: Context): Caller
  organiser(context: Context): Caller
}

export function createCallers(tokens: Tokens, nowMs: () => number): Callers {
  function optional(context: Context): Caller | undefined {
    const { authorization } = context.headers
    if (authorization === undefined) return undefined
    return (
      tokens.authenticate(authorization, nowMs()) ??
      unauthenticated('The token is not valid, or no longer.', 'Bearer error="invalid_token"')
    )
  }

  function required(context: Context): Caller {
    return optional(context) ?? unauthenticated('A Bearer token is needed.', 'Bearer')
  }

  return {
    optional,
    required,
    organiser(context) {
      const caller = required(context)
      if (caller.kind !== 'organiser') throw new HttpProblem({ status: 403, code: 'FORBIDDEN', detail: 'Only organisers may read this.' })
      return caller
    },
  }
}

function unauthenticated(detail: string, challenge: string): never {
  throw new HttpProblem({ status: 401, code: 'UNAUTHENTICATED', detail, headers: { 'WWW-Authenticate': challenge } })
}
