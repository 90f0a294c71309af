import type { Router } from '@koa/router'
import type { Metrics } from './metrics.ts'

export interface Readiness {
  readonly ready: boolean
  /** Why not, for an operator; empty when ready. */
  readonly reasons: readonly string[]
}

/**
 * `/livez` says that the process answers, `/readyz` whether it should get requests (503 with the reasons when not),
 * `/metrics` what it measured, in the format that Prometheus reads.
 */
export function mountHealth(router: Router, deps: { readonly ready: () => Readiness; readonly metrics: Metrics }): void {
  router.get('/livez', (context) => {
    context.set('Cache-Control', 'no-store')
    context.body = { alive: true }
  })
  router.get('/readyz', (context) => {
    const readiness = deps.ready()
    context.set('Cache-Control', 'no-store')
    context.status = readiness.ready ? 200 : 503
    context.body = { ready: readiness.ready, reasons: readiness.reasons }
  })
  router.get('/metrics', async (context) => {
    context.set('Cache-Control', 'no-store')
    context.type = deps.metrics.registry.contentType
    context.body = await deps.metrics.registry.metrics()
  })
}
