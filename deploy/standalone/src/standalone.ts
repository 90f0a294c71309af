import { hostname } from 'node:os'
import { prometheusTelemetry } from '@cavea/command-service/adapters/prometheus-telemetry'
import { systemClock } from '@cavea/command-service/adapters/system-clock'
import { createCommandService } from '@cavea/command-service/application/command-service'
import { DEFAULT_LIMITS } from '@cavea/command-service/application/worker-options'
import { allTopics } from '@cavea/contracts/topics'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { embeddedRegistry, registerSchemas } from '@cavea/event-log/schemas'
import { fileSnapshots, startsFrom } from '@cavea/event-log/snapshots'
import { openLmdbKeyTable } from '@cavea/gateway/adapters/lmdb-key-table'
import { createQueryProxy } from '@cavea/gateway/adapters/query-proxy'
import { memoryRateLimiters } from '@cavea/gateway/adapters/rate-limiters'
import { createGateway } from '@cavea/gateway/application/app'
import type { GatewaySettings } from '@cavea/gateway/application/settings'
import { openEmbeddedTables } from '@cavea/projector/adapters/relational-tables'
import { createEmbeddedProjector } from '@cavea/projector/embedded'
import { openGraphqlSockets } from '@cavea/query-service/adapters/graphql-sockets'
import { openPostgresReports } from '@cavea/query-service/adapters/postgres-reports'
import { createQueryService } from '@cavea/query-service/application/app'
import { LIVE_DEFAULTS, type LiveSettings } from '@cavea/query-service/application/settings'
import type { Reports } from '@cavea/query-service/ports/reports'
import { type HttpServer, openHttpServer } from '@cavea/service-kit/http-server'
import type { Logger } from '@cavea/service-kit/logger'
import { createMetrics } from '@cavea/service-kit/metrics'
import type { Closer } from '@cavea/service-kit/shutdown'
import type { Tokens } from '@cavea/service-kit/tokens'
import type { DataFolder } from './data-folder.ts'

export interface StandaloneOptions {
  readonly folder: DataFolder
  readonly tokens: Tokens
  readonly settings: GatewaySettings
  /** Of GraphQL and watching. Default `LIVE_DEFAULTS`. */
  readonly live?: LiveSettings
  readonly logger: Logger
  readonly host: string
  readonly port: number
  /** When the port is taken, take any free one instead of failing. */
  readonly anyPort: boolean
  /** Of the topics of a new log. */
  readonly partitions: number
}

export interface Standalone {
  readonly server: HttpServer
  /** In the order in which they must be closed. */
  readonly closers: readonly Closer[]
}

/** All services in this process on the embedded log, ready to answer. The code is that of the separate services. */
export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const { folder, tokens, logger } = options
  const log = await openEmbeddedLog({ dir: folder.log })
  await log.ensureTopics(allTopics(options.partitions, options.settings.bus.topicPrefix))
  const registry = embeddedRegistry()
  const codec = await registerSchemas(registry)
  const metrics = createMetrics('cavea', { processMetrics: true })
  const { topicPrefix } = options.settings.bus
  const shared = { log, registry, codec, topicPrefix, tokens, logger, metrics }
  const snapshots = fileSnapshots(folder.snapshots, (message) => logger.warn(message))
  const readModels = startReadModels(shared, folder.tables)

  const commands = createCommandService({
    ...shared,
    snapshots,
    clock: systemClock,
    telemetry: prometheusTelemetry(metrics, logger),
    limits: DEFAULT_LIMITS,
    owner: `${hostname()}/${process.pid}`,
  })
  const query = createQueryService({
    ...shared,
    snapshotDir: folder.readSnapshots,
    live: options.live ?? LIVE_DEFAULTS,
    openSockets: openGraphqlSockets,
    reports: readModels.reports,
  })
  await Promise.all([commands.start(), query.start()])
  const queryServer = await openHttpServer({ handler: query.app.callback(), host: '127.0.0.1', port: 0 })

  const reads = createQueryProxy({ url: queryServer.url })
  const keys = openLmdbKeyTable({ dir: folder.keys })
  const gateway = createGateway({
    ...shared,
    settings: options.settings,
    keys,
    reads,
    // In one process a connection is handed over as it is: a tunnel would only copy.
    live: {
      async connect(request, address) {
        query.live?.connect(request, address)
        return undefined
      },
      close: async () => await query.live?.close(),
    },
    limiters: memoryRateLimiters,
    starts: startsFrom(log, snapshots),
  })
  gateway.start()
  await Promise.all([gateway.whenReady(), query.untilSettled()])
  const server = await listen(gateway.handler, options)

  return {
    server,
    closers: [
      { name: 'live connections', close: () => query.live?.close() },
      { name: 'http server', close: () => server.close() },
      { name: 'gateway', close: () => gateway.stop() },
      { name: 'idempotency keys', close: () => keys.close() },
      { name: 'read service', close: () => reads.close() },
      { name: 'internal http server', close: () => queryServer.close() },
      { name: 'query service', close: () => query.stop() },
      { name: 'workers', close: () => commands.stop() },
      { name: 'read models', close: () => readModels.close() },
      { name: 'log', close: () => log.close() },
    ],
  }
}

interface ReadModels {
  /** Undefined until the database runs, and for good where it cannot. */
  readonly reports: () => Reports | undefined
  close(): Promise<void>
}

/** Starts beside everything else: after a crash the database may need a while, and nobody who wants seats has to wait for it. */
function startReadModels(shared: Parameters<typeof createEmbeddedProjector>[0], dir: string): ReadModels {
  const { logger } = shared
  const warn = (message: string, err: unknown): void => logger.warn({ err }, message)
  let reports: Reports | undefined

  async function start(): Promise<() => Promise<void>> {
    const tables = await openEmbeddedTables({ dir, warn })
    reports = tables && openPostgresReports({ url: tables.url, warn })
    const { service } = createEmbeddedProjector({ ...shared, ...(tables !== undefined && { tables: tables.store }) })
    await service.start()
    return async () => {
      await reports?.close()
      await service.stop()
      await tables?.close()
    }
  }
  const started = start()
  started.catch((err: unknown) => logger.error({ err }, 'The read models cannot be kept.'))
  return {
    reports: () => reports,
    async close() {
      const stop = await started.catch(() => undefined)
      await stop?.()
    },
  }
}

const PORTS_TRIED_MAX = 50

/** Listens on the port, or where that is allowed on the next free one. */
async function listen(
  handler: Parameters<typeof openHttpServer>[0]['handler'],
  { host, port, anyPort, settings }: StandaloneOptions,
): Promise<HttpServer> {
  for (let tried = 0; ; tried++) {
    try {
      return await openHttpServer({
        handler,
        host,
        requestTimeoutMs: settings.requestTimeoutMs,
        upgrades: true,
        port: tried < PORTS_TRIED_MAX && port > 0 ? port + tried : 0,
      })
    } catch (error) {
      if (!anyPort || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
}
