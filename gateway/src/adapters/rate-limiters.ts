import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { RateLimiter, RateLimiters, RatePolicy } from '../ports/rate-limiter.ts'

/** Counts in this process. */
export const memoryRateLimiters: RateLimiters = (policy) => countWith(inMemory(policy), policy)

/** Counts in Redis for all gateways together, and in this process while Redis cannot be reached. */
export function redisRateLimiters(redis: Redis): RateLimiters {
  return (policy) =>
    countWith(
      new RateLimiterRedis({
        storeClient: redis,
        keyPrefix: `cavea:rate:${policy.name}`,
        points: policy.quota,
        duration: policy.windowMs / 1_000,
        insuranceLimiter: inMemory(policy),
        inMemoryBlockOnConsumed: policy.quota + 1, // Who is over the limit already costs no round trip.
        rejectIfRedisNotReady: true,
      }),
      policy,
    )
}

const inMemory = ({ name, quota, windowMs }: RatePolicy): RateLimiterMemory =>
  new RateLimiterMemory({ keyPrefix: name, points: quota, duration: windowMs / 1_000 })

function countWith(limiter: RateLimiterMemory | RateLimiterRedis, { quota, windowMs }: RatePolicy): RateLimiter {
  return {
    async take(key) {
      try {
        const { remainingPoints, msBeforeNext } = await limiter.consume(key)
        return { allowed: true, remaining: remainingPoints, resetAfterMs: msBeforeNext }
      } catch (verdict) {
        if (verdict instanceof RateLimiterRes) return { allowed: false, remaining: 0, resetAfterMs: verdict.msBeforeNext }
        return { allowed: true, remaining: quota, resetAfterMs: windowMs } // The counter failed, not the client.
      }
    },
  }
}
