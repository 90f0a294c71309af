import type { ConfigReader } from '@cavea/service-kit/config'
import type { RateLimitSettings } from '../middleware/rate-limit.ts'

export interface GatewaySettings {
  readonly bus: {
    readonly topicPrefix: string
    readonly decisionTimeoutMs: number
    readonly inFlightMax: number
  }
  readonly rateLimits: RateLimitSettings
  readonly corsOrigins: readonly string[]
  /** How many proxies of our own stand in front, each adding to X-Forwarded-For; 0: the header is not believed. */
  readonly trustedProxies: number
  readonly https: boolean
  readonly bodyTimeoutMs: number
  /** For the HTTP server: longer than the slowest body may take, which is answered with a problem and not just cut off. */
  readonly requestTimeoutMs: number
}

/** A seat map may take so many times longer to arrive than other bodies. */
export const SEAT_MAP_PATIENCE = 6
const REQUEST_GRACE_MS = 5_000

const ORIGIN = /^(?:\*|https?:\/\/[^/\s]+)$/

/** Reads what is the gateway's own from the environment. What no variable sets has its default. */
export function readGatewaySettings(read: ConfigReader): GatewaySettings {
  const bodyTimeoutMs = read.integer('CAVEA_BODY_TIMEOUT_MS', { default: 10_000, min: 100, max: 600_000 })
  return {
    bus: {
      topicPrefix: read.text('CAVEA_TOPIC_PREFIX', { default: '', pattern: /^[A-Za-z0-9._-]{0,100}$/ }),
      decisionTimeoutMs: read.integer('CAVEA_DECISION_TIMEOUT_MS', { default: 2_000, min: 1, max: 60_000 }),
      inFlightMax: read.integer('CAVEA_IN_FLIGHT_MAX', { default: 4_096, min: 1, max: 1_000_000 }),
    },
    rateLimits: {
      perBuyer: read.integer('CAVEA_RATE_LIMIT_PER_MINUTE', { default: 600 }),
      perOrganiser: read.integer('CAVEA_RATE_LIMIT_ORGANISER_PER_MINUTE', { default: 6_000 }),
      perAddress: read.integer('CAVEA_RATE_LIMIT_ADDRESS_PER_MINUTE', { default: 6_000 }),
      newBuyersPerAddress: read.integer('CAVEA_RATE_LIMIT_BUYERS_PER_MINUTE', { default: 120 }),
    },
    corsOrigins: read.list('CAVEA_CORS_ORIGINS', { default: [], pattern: ORIGIN, example: 'https://tickets.example.org' }),
    trustedProxies: read.integer('CAVEA_TRUST_PROXY', { default: 0, max: 10 }),
    https: read.flag('CAVEA_HTTPS', { default: false }),
    bodyTimeoutMs,
    requestTimeoutMs: SEAT_MAP_PATIENCE * bodyTimeoutMs + REQUEST_GRACE_MS,
  }
}
