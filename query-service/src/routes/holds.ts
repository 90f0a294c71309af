import type { Router } from '@koa/router'
import type { Callers } from './callers.ts'
import { answerHashed } from './conditional.ts'
import type { Lookups } from './lookups.ts'

/** A hold is shown to the buyer whose it is and to the organiser of its performance; to others it does not exist. */
export function mountHolds(router: Router, deps: { readonly lookups: Lookups; readonly callers: Callers }): void {
  router.get('/v1/holds/:id', function readHold(context) {
    const caller = deps.callers.required(context)
    answerHashed(context, 'private, no-store', deps.lookups.hold(caller, context.params['id'] ?? ''))
  })
}
