import { connectEngines } from '@cavea/event-log/kafka/connect'
import { configOrExit } from '@cavea/service-kit/config'
import { readEngineConfig, readOrganisation } from '@cavea/service-kit/engine-config'
import { openHttpServer } from '@cavea/service-kit/http-server'
import { createLogger } from '@cavea/service-kit/logger'
import { createMetrics } from '@cavea/service-kit/metrics'
import { closeOnSignal } from '@cavea/service-kit/shutdown'
import { ADMIN_TOKEN_CHARS_MIN, createTokens, SECRET_CHARS_MIN } from '@cavea/service-kit/tokens'
import { gatewayList } from './adapters/gateway-list.ts'
import { openGraphqlSockets } from './adapters/graphql-sockets.ts'
import { openPostgresReports } from './adapters/postgres-reports.ts'
import { createQueryService } from './application/app.ts'
import { readLiveSettings } from './application/settings.ts'

const SERVICE = 'query-service'
const SUBNET = /^[0-9a-fA-F.:]+\/\d{1,3}$/
const CLOSE_DEADLINE_MS = 10_000
const SNAPSHOT_DEADLINE_MS = 20_000

const config = configOrExit(process.env, (read) => ({
  ...readEngineConfig(read),
  host: read.text('QUERY_HOST', { default: '127.0.0.1' }),
  port: read.integer('QUERY_PORT', { default: 3100, max: 65_535 }),
  live: readLiveSettings(read),
  databaseUrl: read.optionalSecret('DATABASE_URL', { example: 'postgres://cavea@127.0.0.1:5432/cavea' }),
  gateways: read.list('QUERY_GATEWAYS', { default: ['127.0.0.0/8', '::1/128'], pattern: SUBNET, example: '10.0.0.0/8' }),
  tokens: createTokens({
    secret: read.secret('CAVEA_TOKEN_SECRET', { charsMin: SECRET_CHARS_MIN }),
    adminToken: read.secret('CAVEA_ADMIN_TOKEN', { charsMin: ADMIN_TOKEN_CHARS_MIN }),
    organisation: readOrganisation(read),
  }),
}))
const logger = createLogger({ service: SERVICE, level: config.logLevel })

try {
  await run()
} catch (err) {
  logger.fatal({ err }, 'The query service could not start.')
  process.exit(1) // What was opened already would keep a process alive that answers nobody.
}

async function run(): Promise<void> {
  const { log, registry, codec } = await connectEngines(config, `cavea-${SERVICE}`, (level, message, extra) =>
    logger[level](extra ?? {}, message),
  )
  const warn = (message: string, err: unknown): void => logger.warn({ err }, message)
  const reports = config.databaseUrl === undefined ? undefined : openPostgresReports({ url: config.databaseUrl, warn })
  if (reports === undefined) logger.warn('DATABASE_URL is not set: searches, histories and lists of holds are not answered.')
  const service = createQueryService({
    log,
    registry,
    codec,
    logger,
    topicPrefix: config.topicPrefix,
    tokens: config.tokens,
    metrics: createMetrics(SERVICE, { processMetrics: true }),
    live: config.live,
    openSockets: openGraphqlSockets,
    isGateway: gatewayList(config.gateways),
    reports: () => reports,
    ...(config.snapshotDir !== undefined && { snapshotDir: config.snapshotDir }),
  })
  // It listens before it has caught up: `/readyz` says so until then, and reads get 503.
  const server = await openHttpServer({ handler: service.app.callback(), host: config.host, port: config.port, upgrades: true }).catch(
    async (error: unknown) => {
      await log.close()
      throw error
    },
  )
  logger.info({ url: server.url }, 'The query service listens.')
  closeOnSignal({
    log: logger,
    deadlineMs: CLOSE_DEADLINE_MS + SNAPSHOT_DEADLINE_MS,
    closers: [
      { name: 'live connections', close: () => service.live?.close() },
      { name: 'http server', close: () => server.close(CLOSE_DEADLINE_MS) },
      { name: 'read model', close: () => service.stop() },
      { name: 'reports', close: () => reports?.close() },
      { name: 'log', close: () => log.close() },
    ],
  })
  await service.start()
  await service.untilSettled()
  const { ready, reasons } = service.ready()
  if (ready) logger.info('The query service has caught up.')
  else logger.error({ reasons }, 'The query service has read what it can.')
}
