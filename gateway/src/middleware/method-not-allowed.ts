import type { Router } from '@koa/router'
import type { Middleware } from 'koa'

/** Says for a known path which methods it has: 204 to OPTIONS, 405 to others. The problem's text is made further out. */
export function methodNotAllowed(router: Router): Middleware {
  return async function methodNotAllowedMiddleware(context, next) {
    await next()
    if (context.status !== 404 || (context.body !== undefined && context.body !== null)) return
    const allowed = [...new Set(router.match(context.path, 'OPTIONS').path.flatMap(({ methods }) => methods))]
    if (allowed.length === 0) return
    context.set('Allow', [...allowed, 'OPTIONS'].join(', '))
    context.status = context.method === 'OPTIONS' ? 204 : 405
  }
}
