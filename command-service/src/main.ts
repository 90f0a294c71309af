import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { connectEngines } from '@cavea/event-log/kafka/connect'
import { fileSnapshots, NO_SNAPSHOTS } from '@cavea/event-log/snapshots'
import { configOrExit } from '@cavea/service-kit/config'
import { readEngineConfig } from '@cavea/service-kit/engine-config'
import { health } from '@cavea/service-kit/health'
import { openHttpServer } from '@cavea/service-kit/http-server'
import { createLogger } from '@cavea/service-kit/logger'
import { createMetrics } from '@cavea/service-kit/metrics'
import { closeOnSignal } from '@cavea/service-kit/shutdown'
import Koa from 'koa'
import { prometheusTelemetry } from './adapters/prometheus-telemetry.ts'
import { systemClock } from './adapters/system-clock.ts'
import { createCommandService } from './application/command-service.ts'
import { DEFAULT_LIMITS } from './application/worker-options.ts'

const SHUTDOWN_MS = 10_000

const config = configOrExit(process.env, (read) => ({
  ...readEngineConfig(read),
  host: read.text('COMMAND_HOST', { default: '127.0.0.1' }),
  port: read.integer('COMMAND_PORT', { default: 3200, max: 65_535 }),
}))
const logger = createLogger({ service: 'command-service', level: config.logLevel })
const metrics = createMetrics('command-service', { processMetrics: true })
const { log, registry, codec } = await connectEngines(config, 'cavea-command-service', (level, message, extra) =>
  logger[level](extra ?? {}, message),
)

const service = createCommandService({
  log,
  registry,
  codec,
  snapshots: config.snapshotDir === undefined ? NO_SNAPSHOTS : fileSnapshots(config.snapshotDir, (message) => logger.warn(message)),
  clock: systemClock,
  telemetry: prometheusTelemetry(metrics, logger),
  limits: DEFAULT_LIMITS,
  topicPrefix: config.topicPrefix,
  owner: `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`,
})
await service.start()

const app = new Koa().use(health({ ready: () => service.readiness(), metrics }))
const server = await openHttpServer({ handler: app.callback(), host: config.host, port: config.port })
if (config.snapshotDir === undefined)
  logger.warn('CAVEA_SNAPSHOT_DIR is not set: each new owner of a partition reads the whole log and reacts to it again.')
logger.info({ url: server.url }, 'The command service decides.')

closeOnSignal({
  deadlineMs: SHUTDOWN_MS,
  log: logger,
  closers: [
    { name: 'workers', close: () => service.stop() },
    { name: 'http server', close: () => server.close() },
    { name: 'log', close: () => log.close() },
  ],
})
