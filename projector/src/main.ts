import { connectEngines } from '@cavea/event-log/kafka/connect'
import type { LogWriter } from '@cavea/event-log/kafka/connection'
import { configOrExit } from '@cavea/service-kit/config'
import { readEngineConfig } from '@cavea/service-kit/engine-config'
import { health } from '@cavea/service-kit/health'
import { openHttpServer } from '@cavea/service-kit/http-server'
import { createLogger } from '@cavea/service-kit/logger'
import { createMetrics } from '@cavea/service-kit/metrics'
import { closeOnSignal } from '@cavea/service-kit/shutdown'
import Koa from 'koa'
import { openKafkaPublisher } from './adapters/kafka-publisher.ts'
import { openMongoDocuments } from './adapters/mongo-documents.ts'
import { openPostgresStore } from './adapters/postgres-store.ts'
import { measureLag, prometheusTelemetry } from './adapters/prometheus-telemetry.ts'
import { systemClock } from './adapters/system-clock.ts'
import { DEFAULT_LIMITS } from './application/projector-options.ts'
import { createProjectorService } from './application/projector-service.ts'
import type { ProjectionStore } from './ports/projection-store.ts'
import { PROJECTIONS } from './projections/all.ts'
import { createPublicTopics } from './public-topics/public-topics.ts'

const SERVICE = 'projector'
const SHUTDOWN_MS = 15_000

const config = configOrExit(process.env, (read) => ({
  ...readEngineConfig(read),
  host: read.text('PROJECTOR_HOST', { default: '127.0.0.1' }),
  port: read.integer('PROJECTOR_PORT', { default: 3300, max: 65_535 }),
  mongodbUri: read.optionalSecret('MONGODB_URI', { example: 'mongodb://127.0.0.1:27017/cavea' }),
  databaseUrl: read.optionalSecret('DATABASE_URL', { example: 'postgres://cavea@127.0.0.1:5432/cavea' }),
  publicTopics: read.flag('CAVEA_PUBLIC_TOPICS', { default: true }),
}))
const logger = createLogger({ service: SERVICE, level: config.logLevel })

try {
  await run()
} catch (err) {
  logger.fatal({ err }, 'The projector could not start.')
  process.exit(1) // What was opened already would keep a process alive that projects nothing.
}

function openStores(): ProjectionStore[] {
  const stores: ProjectionStore[] = []
  if (config.mongodbUri === undefined) logger.warn('MONGODB_URI is not set: there are no read models of documents.')
  else stores.push(openMongoDocuments({ uri: config.mongodbUri }))
  if (config.databaseUrl === undefined) logger.warn('DATABASE_URL is not set: there are no relational read models.')
  else stores.push(openPostgresStore({ url: config.databaseUrl, warn: (message, err) => logger.warn({ err }, message) }))
  return stores
}

async function run(): Promise<void> {
  const clientId = `cavea-${SERVICE}`
  const say: LogWriter = (level, message, extra) => logger[level](extra ?? {}, message)
  const { log, registry, codec } = await connectEngines(config, clientId, say)
  const { topicPrefix } = config
  const metrics = createMetrics(SERVICE, { processMetrics: true })
  const stores = openStores()
  const projections = createProjectorService({
    log,
    registry,
    codec,
    topicPrefix,
    stores,
    projections: PROJECTIONS,
    clock: systemClock,
    telemetry: prometheusTelemetry(metrics, logger),
    limits: DEFAULT_LIMITS,
  })
  measureLag(metrics, projections)
  const publisher = config.publicTopics ? openKafkaPublisher({ ...config, clientId, logger: say }) : undefined
  const publicTopics = publisher && createPublicTopics({ log, codec, registry, topicPrefix, publisher, logger, metrics })

  const readiness = () => {
    const all = [projections.readiness(), ...(publicTopics ? [publicTopics.readiness()] : [])]
    return { ready: all.every(({ ready }) => ready), reasons: all.flatMap(({ reasons }) => reasons) }
  }
  const app = new Koa().use(health({ ready: readiness, metrics }))
  // It listens before it has caught up: `/readyz` says so until then.
  const server = await openHttpServer({ handler: app.callback(), host: config.host, port: config.port })
  logger.info({ url: server.url }, 'The projector listens.')
  closeOnSignal({
    log: logger,
    deadlineMs: SHUTDOWN_MS,
    closers: [
      { name: 'public topics', close: () => publicTopics?.stop() },
      { name: 'publisher', close: () => publisher?.close() },
      { name: 'projections', close: () => projections.stop() },
      { name: 'http server', close: () => server.close() },
      { name: 'stores', close: async () => void (await Promise.all(stores.map((store) => store.close()))) },
      { name: 'log', close: () => log.close() },
    ],
  })
  await Promise.all([projections.start(), publicTopics?.start()])
}
