import { HttpProblem } from '@cavea/service-kit/problem'
import type { Middleware } from 'koa'
import { stateOf } from './request-state.ts'

const KEY = /^[!-~]{1,255}$/

/** Reads the `Idempotency-Key`: the client's name for one intent. */
export function idempotencyKey(options: { readonly required: boolean }): Middleware {
  return function idempotencyKeyMiddleware(context, next) {
    const key = context.get('Idempotency-Key')
    if (key === '' && options.required)
      throw new HttpProblem({
        status: 400,
        code: 'IDEMPOTENCY_KEY_REQUIRED',
        detail: 'Send an Idempotency-Key: the same key repeats this request safely.',
      })
    if (key !== '' && !KEY.test(key))
      throw new HttpProblem({
        status: 400,
        code: 'IDEMPOTENCY_KEY_INVALID',
        detail: 'An Idempotency-Key is 1 to 255 visible ASCII characters.',
      })
    if (key !== '') stateOf(context).idempotencyKey = key
    return next()
  }
}
