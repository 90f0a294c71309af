import { isIPv6 } from 'node:net'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { Context, Middleware } from 'koa'
import type { RateLimiter, RateLimiters, RatePolicy, RateVerdict } from '../ports/rate-limiter.ts'
import { stateOf } from './request-state.ts'

export interface RateLimitSettings {
  /** Requests a minute; 0: no limit. */
  readonly perBuyer: number
  readonly perOrganiser: number
  readonly perAddress: number
  readonly newBuyersPerAddress: number
}

const WINDOW_MS = 60_000

interface Limit {
  readonly policy: RatePolicy
  readonly limiter: RateLimiter
}

function limitOf(limiters: RateLimiters, name: string, quota: number): Limit | undefined {
  const policy = { name, quota, windowMs: WINDOW_MS }
  return quota === 0 ? undefined : { policy, limiter: limiters(policy) }
}

/** Refuses an address, and an authenticated caller, that asks too often, before anything is read or decided. */
export function rateLimit(deps: { readonly limiters: RateLimiters; readonly settings: RateLimitSettings }): Middleware {
  const { limiters, settings } = deps
  const address = limitOf(limiters, 'address', settings.perAddress)
  const ofCaller = {
    buyer: limitOf(limiters, 'buyer', settings.perBuyer),
    organiser: limitOf(limiters, 'organiser', settings.perOrganiser),
  }
  if (address === undefined && ofCaller.buyer === undefined && ofCaller.organiser === undefined) return (_, next) => next()
  return async function rateLimitMiddleware(context, next) {
    const { caller } = stateOf(context)
    if (address !== undefined) await take(context, address, addressKey(context.ip))
    const limit = caller && ofCaller[caller.kind]
    if (caller !== undefined && limit !== undefined) await take(context, limit, caller.id)
    await next()
  }
}

/** New buyers cost nothing to make, so an address may not make them to get around the limit per buyer. */
export function limitNewBuyers(deps: { readonly limiters: RateLimiters; readonly settings: RateLimitSettings }): Middleware {
  const limit = limitOf(deps.limiters, 'new-buyers', deps.settings.newBuyersPerAddress)
  return async function limitNewBuyersMiddleware(context, next) {
    if (limit !== undefined) await take(context, limit, addressKey(context.ip))
    await next()
  }
}

async function take(context: Context, { policy, limiter }: Limit, key: string): Promise<void> {
  const verdict = await limiter.take(key)
  context.append('RateLimit-Policy', policyField(policy))
  context.append('RateLimit', limitField(policy, verdict))
  if (verdict.allowed) return
  throw new HttpProblem({
    status: 429,
    code: 'RATE_LIMITED',
    detail: `At most ${policy.quota} requests a minute (${policy.name}).`,
    retryable: true,
    headers: { 'Retry-After': String(secondsOf(verdict.resetAfterMs)) },
  })
}

const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000))

/** As draft-ietf-httpapi-ratelimit-headers writes a policy: a quota per window in seconds. */
export const policyField = ({ name, quota, windowMs }: RatePolicy): string => `"${name}";q=${quota};w=${windowMs / 1_000}`

/** What remains of it, and the seconds until it is full again. */
export const limitField = ({ name }: RatePolicy, { remaining, resetAfterMs }: RateVerdict): string =>
  `"${name}";r=${Math.max(0, remaining)};t=${secondsOf(resetAfterMs)}`

/** One customer has at least 2^64 IPv6 addresses: they count as one. */
export function addressKey(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(ip)) return ip
  const [head = '', tail] = (ip.split('%', 1)[0] ?? '').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = tail === undefined ? left : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
