import { createRequire } from 'node:module'

interface RequestQueue {
  readonly pending: readonly unknown[]
  readonly throttledUntil: number
  scheduleCheckPendingRequests(this: RequestQueue): void
}

let done = false

/**
 * kafkajs 2.2.4 re-arms a timer of 1 ms on every connection for ever, because it takes "not throttled" for a time in the past:
 * about 3 % of a core per idle connection. The timer is only needed while requests are held back, so it is armed only then.
 */
export function quietRequestQueues(): void {
  if (done) return
  done = true
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { readonly prototype: RequestQueue }
  const schedule = prototype.scheduleCheckPendingRequests
  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this)
  }
}
