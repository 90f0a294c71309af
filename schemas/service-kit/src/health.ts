import type { Context, Middleware } from 'koa'
import type { Metrics } from './metrics.ts'

export interface Readiness {
  readonly ready: boolean
  /** Why not, for an operator; empty when ready. */
  readonly reasons: readonly string[]
}

/**
 * `/livez` says that the process answers, `/readyz` whether it should get requests (503 with the reasons when not),
 * `/metrics` what it measured, in the format that Prometheus reads. Every request passes here, so it is no router.
 */
export function health(deps: { readonly ready: () => Readiness; readonly metrics: Metrics }): Middleware {
  const answers: ReadonlyMap<string, (context: Context) => void | Promise<void>> = new Map([
    [
      '/livez',
      (context) => {
        context.body = { alive: true }
      },
    ],
    [
      '/readyz',
      (context) => {
        const { ready, reasons } = deps.ready()
        context.status = ready ? 200 : 503
        context.body = { ready, reasons }
      },
    ],
    [
      '/metrics',
      async (context) => {
        context.type = deps.metrics.registry.contentType
        context.body = await deps.metrics.registry.metrics()
      },
    ],
  ])
  return function healthMiddleware(context, next) {
    const answer = context.method === 'GET' || context.method === 'HEAD' ? answers.get(context.path) : undefined
    if (answer === undefined) return next()
    context.set('Cache-Control', 'no-store')
    return answer(context)
  }
}
