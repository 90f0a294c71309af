/** Time and chance, so that a simulation can play both. The time is a steady one, which never goes back. */
export interface Clock {
  readonly nowMs: () => number
  /** Calls `then` after the time, unless the returned function was called before. */
  readonly after: (ms: number, then: () => void) => () => void
  /** A number from 0 up to, not including, 1. */
  readonly random: () => number
}

export const steadyClock: Clock = {
  nowMs: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  },
  random: Math.random,
}

/** Resolves after the time, or at once when `signal` aborts. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(ms, done)
    signal?.addEventListener('abort', done)
  })
}

/** Does what takes time under a signal that aborts after `ms`, with `signal`, and when it is done. */
export async function within<Result>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController()
  const cancel = clock.after(ms, () => stop.abort())
  try {
    return await work(AbortSignal.any([stop.signal, signal]))
  } finally {
    cancel()
    stop.abort()
  }
}
