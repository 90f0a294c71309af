import type { ConfigReader } from '@cavea/service-kit/config'

/** What an operator may set of GraphQL and of watching. */
export interface LiveSettings {
  readonly introspection: boolean
  readonly connectionsMax: number
  readonly connectionsPerAddressMax: number
  readonly subscriptionsPerConnectionMax: number
  /** Messages of one connection. */
  readonly messagesPerMinuteMax: number
  readonly messageBytesMax: number
  /** A client has so long to say who it is. */
  readonly initTimeoutMs: number
  /** Between two pings; a client that has not answered by the next one is gone. */
  readonly heartbeatMs: number
  /** Between two messages about the same, at least. */
  readonly intervalMs: number
  readonly waitingBytesMax: number
  readonly slowMsMax: number
  readonly aheadMsMax: number
}

export const LIVE_DEFAULTS: LiveSettings = {
  introspection: false,
  connectionsMax: 20_000,
  connectionsPerAddressMax: 100,
  subscriptionsPerConnectionMax: 20,
  messagesPerMinuteMax: 600,
  messageBytesMax: 65_536,
  initTimeoutMs: 5_000,
  heartbeatMs: 15_000,
  intervalMs: 100,
  waitingBytesMax: 65_536,
  slowMsMax: 10_000,
  aheadMsMax: 5_000,
}

/** Reads what is the query service's own from the environment. What no variable sets has its default. */
export function readLiveSettings(read: ConfigReader): LiveSettings {
  const isProduction = read.text('NODE_ENV', { default: 'development' }) === 'production'
  return {
    ...LIVE_DEFAULTS,
    introspection: read.flag('CAVEA_GRAPHQL_INTROSPECTION', { default: !isProduction }),
    connectionsMax: read.integer('CAVEA_LIVE_CONNECTIONS', { default: LIVE_DEFAULTS.connectionsMax, min: 1 }),
    connectionsPerAddressMax: read.integer('CAVEA_LIVE_CONNECTIONS_PER_ADDRESS', {
      default: LIVE_DEFAULTS.connectionsPerAddressMax,
      min: 1,
    }),
    subscriptionsPerConnectionMax: read.integer('CAVEA_LIVE_SUBSCRIPTIONS_PER_CONNECTION', {
      default: LIVE_DEFAULTS.subscriptionsPerConnectionMax,
      min: 1,
    }),
  }
}
