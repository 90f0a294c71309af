import type { Caller } from '@cavea/service-kit/tokens'
import type { Context } from 'koa'

/** What middleware found out about a request. Services are never passed this way. */
export interface RequestState {
  traceId: string
  /** To be sent on: the request's trace with a span of our own. */
  traceparent: string
  caller?: Caller
  /** The body's bytes and the media type they came with. */
  raw?: Buffer
  mediaType?: string
  /** The parsed body of a JSON route; undefined when there was none. */
  json?: unknown
  idempotencyKey?: string
}

export const stateOf = (context: Context): RequestState => context.state as RequestState

/** The authenticated caller. A route that calls this without requiring one is a mistake. */
export function callerOf(context: Context): Caller {
  const { caller } = stateOf(context)
  if (caller === undefined) throw new TypeError('The route does not require a caller.')
  return caller
}
