import type { Middleware } from 'koa'

const METHODS = 'GET, HEAD, POST, PATCH, DELETE'
const REQUEST_HEADERS = 'Authorization, Cavea-Min-Version, Content-Type, Idempotency-Key, If-Match, If-None-Match, traceparent'
const ANSWER_HEADERS = 'Cavea-Outcome, Cavea-Version, ETag, Location, RateLimit, RateLimit-Policy, Retry-After, Trace-Id'
const PREFLIGHT_SECONDS = '600'

/**
 * Lets pages of these origins read answers; none: the header is never sent, and browsers keep other origins out. `*`
 * stands for every origin, which is harmless here: no answer that depends on a browser's cookie may be read from elsewhere,
 * since `Access-Control-Allow-Credentials` is never sent.
 */
export function cors(options: { readonly origins: readonly string[] }): Middleware {
  const origins = new Set(options.origins)
  const any = origins.has('*')
  return function corsMiddleware(context, next) {
    if (origins.size === 0) return next()
    context.vary('Origin')
    const origin = context.get('Origin')
    if (origin === '' || !(any || origins.has(origin))) return next()
    context.set('Access-Control-Allow-Origin', any ? '*' : origin)
    if (context.method === 'OPTIONS' && context.get('Access-Control-Request-Method') !== '') {
      context.vary('Access-Control-Request-Headers')
      context.set('Access-Control-Allow-Methods', METHODS)
      context.set('Access-Control-Allow-Headers', REQUEST_HEADERS)
      context.set('Access-Control-Max-Age', PREFLIGHT_SECONDS)
      context.status = 204
      return undefined
    }
    context.set('Access-Control-Expose-Headers', ANSWER_HEADERS)
    return next()
  }
}
