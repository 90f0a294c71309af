import { connectEngines } from '@cavea/event-log/kafka/connect'
import { fileSnapshots, startsFrom } from '@cavea/event-log/snapshots'
import { configOrExit } from '@cavea/service-kit/config'
import { readEngineConfig, readOrganisation } from '@cavea/service-kit/engine-config'
import { openHttpServer } from '@cavea/service-kit/http-server'
import { createLogger } from '@cavea/service-kit/logger'
import { createMetrics } from '@cavea/service-kit/metrics'
import { closeOnSignal } from '@cavea/service-kit/shutdown'
import { ADMIN_TOKEN_CHARS_MIN, createTokens, SECRET_CHARS_MIN } from '@cavea/service-kit/tokens'
import { createMemoryKeyTable } from './adapters/memory-key-table.ts'
import { createQueryProxy } from './adapters/query-proxy.ts'
import { memoryRateLimiters, redisRateLimiters } from './adapters/rate-limiters.ts'
import { connectRedis } from './adapters/redis.ts'
import { createRedisKeyTable } from './adapters/redis-key-table.ts'
import { openSocketTunnel } from './adapters/socket-tunnel.ts'
import { createGateway } from './application/app.ts'
import { readGatewaySettings } from './application/settings.ts'

const SERVICE = 'gateway'
const CLOSE_DEADLINE_MS = 10_000

const config = configOrExit(process.env, (read) => {
  const settings = readGatewaySettings(read)
  return {
    ...readEngineConfig(read),
    settings,
    queryServiceUrl: read.text('QUERY_SERVICE_URL', { default: 'http://127.0.0.1:3100', pattern: /^https?:\/\/\S+$/ }),
    redisUrl: read.optionalText('REDIS_URL', { pattern: /^rediss?:\/\/\S+$/, example: 'redis://127.0.0.1:6379' }),
    host: read.text('HOST', { default: '0.0.0.0' }),
    port: read.integer('PORT', { default: 3_000, max: 65_535 }),
    tokens: createTokens({
      secret: read.secret('CAVEA_TOKEN_SECRET', { charsMin: SECRET_CHARS_MIN }),
      adminToken: read.secret('CAVEA_ADMIN_TOKEN', { charsMin: ADMIN_TOKEN_CHARS_MIN }),
      organisation: readOrganisation(read),
    }),
  }
})
const logger = createLogger({ service: SERVICE, level: config.logLevel })
const metrics = createMetrics(SERVICE, { processMetrics: true })

try {
  await run()
} catch (err) {
  logger.fatal({ err }, 'The gateway could not start.')
  process.exit(1) // What was opened already would keep a process alive that answers nobody.
}

async function run(): Promise<void> {
  const { log, registry, codec } = await connectEngines(config, SERVICE, (level, message, extra) => logger[level](extra ?? {}, message))
  const redis = config.redisUrl === undefined ? undefined : connectRedis({ url: config.redisUrl, logger, keyPrefix: config.topicPrefix })
  const reads = createQueryProxy({ url: config.queryServiceUrl })
  const live = openSocketTunnel({ url: config.queryServiceUrl, target: '/graphql' })
  const gateway = createGateway({
    log,
    registry,
    reads,
    live,
    logger,
    metrics,
    codec,
    tokens: config.tokens,
    keys: redis === undefined ? createMemoryKeyTable() : createRedisKeyTable(redis),
    limiters: redis === undefined ? memoryRateLimiters : redisRateLimiters(redis),
    settings: config.settings,
    ...(config.snapshotDir !== undefined && {
      starts: startsFrom(
        log,
        fileSnapshots(config.snapshotDir, (message) => logger.warn(message)),
      ),
    }),
  })
  gateway.start()
  const server = await openHttpServer({
    handler: gateway.handler,
    host: config.host,
    port: config.port,
    requestTimeoutMs: config.settings.requestTimeoutMs,
    upgrades: true,
  })
  logger.info({ url: server.url }, 'The gateway listens.')
  closeOnSignal({
    log: logger,
    deadlineMs: CLOSE_DEADLINE_MS + 5_000,
    closers: [
      { name: 'live connections', close: () => live.close() },
      { name: 'http server', close: () => server.close(CLOSE_DEADLINE_MS) },
      { name: 'gateway', close: () => gateway.stop() },
      { name: 'read service', close: () => reads.close() },
      { name: 'redis', close: () => redis?.disconnect() },
      { name: 'log', close: () => log.close() },
    ],
  })
}
