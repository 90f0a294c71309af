import type { Logger } from '@cavea/service-kit/logger'
import { Redis } from 'ioredis'

/** A client that fails at once while it is not connected: what is asked of Redis here is worth no waiting. */
export function connectRedis(options: { readonly url: string; readonly logger: Logger; readonly keyPrefix?: string }): Redis {
  const redis = new Redis(options.url, {
    keyPrefix: options.keyPrefix ?? '', // Two deployments may share one Redis as they may share one Kafka.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: 200,
    retryStrategy: (tries) => Math.min(100 * tries, 5_000),
  })
  let troubled = false // One line per outage, not one per attempt to connect.
  redis.on('error', (err: Error) => {
    if (!troubled) options.logger.warn({ err }, 'Redis cannot be used.')
    troubled = true
  })
  redis.on('ready', () => {
    troubled = false
  })
  return redis
}
