export interface RateVerdict {
  readonly allowed: boolean
  readonly remaining: number
  /** Until the window starts anew. */
  readonly resetAfterMs: number
}

/** Counts uses of a key within fixed windows. It fails open: a counter that cannot be reached refuses nobody. */
export interface RateLimiter {
  take(key: string): Promise<RateVerdict>
}

export interface RatePolicy {
  /** Names the policy in the `RateLimit` headers. */
  readonly name: string
  /** Uses per window; 0: no limit. */
  readonly quota: number
  readonly windowMs: number
}

export type RateLimiters = (policy: RatePolicy) => RateLimiter
