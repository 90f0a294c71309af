import { join } from 'node:path'
import type { Codec } from '@cavea/contracts/codec'
import type { EventLog } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import { fileSnapshots } from '@cavea/event-log/snapshots'
import { health, type Readiness } from '@cavea/service-kit/health'
import type { Logger } from '@cavea/service-kit/logger'
import type { Metrics } from '@cavea/service-kit/metrics'
import { answerProblems } from '@cavea/service-kit/problem'
import type { Tokens } from '@cavea/service-kit/tokens'
import { Router } from '@koa/router'
import Koa, { type Middleware } from 'koa'
import { createSeatAnswers } from '../answers/seats.ts'
import { createGraphqlEngine, DOCUMENT_SETTINGS, type GraphqlEngine } from '../graphql/engine.ts'
import type { LiveSockets } from '../ports/live-sockets.ts'
import type { Reports } from '../ports/reports.ts'
import { type Callers, createCallers } from '../routes/callers.ts'
import { mountGraphql } from '../routes/graphql.ts'
import { mountHalls } from '../routes/halls.ts'
import { mountHolds } from '../routes/holds.ts'
import { createLookups } from '../routes/lookups.ts'
import { awaitMinVersion } from '../routes/min-version.ts'
import { mountPerformances } from '../routes/performances.ts'
import { behind } from '../routes/problems.ts'
import { mountReports } from '../routes/reports.ts'
import { createHub, type Hub } from '../subscriptions/hub.ts'
import { createReadModel, type ReadModel } from './read-model.ts'
import { LIVE_DEFAULTS, type LiveSettings } from './settings.ts'

export interface QueryServiceDeps {
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
  readonly topicPrefix: string
  readonly tokens: Tokens
  /** Each process needs a folder of its own, which is made when it is missing. Without one every start reads the whole log. */
  readonly snapshotDir?: string
  readonly logger: Logger
  readonly metrics: Metrics
  /** Default 60,000. */
  readonly snapshotIntervalMs?: number
  /** How long a request with `Cavea-Min-Version` may wait. Default 2,000. */
  readonly minVersionTimeoutMs?: number
  /** For encoded seats. Default 64 MiB. */
  readonly cacheBytesMax?: number
  /** The clock by which tokens grow old. */
  readonly nowMs?: () => number
  /** Default `LIVE_DEFAULTS`. */
  readonly live?: LiveSettings
  /** Opens the WebSockets. Without them nothing can be watched. */
  readonly openSockets?: (parts: LiveParts) => LiveSockets
  /** What is read from a database, once there is one: until then searches, histories and lists of holds answer 503. It is closed by who opened it. */
  readonly reports?: () => Reports | undefined
  /** Whether a connection comes from a gateway, whose word about the client's address is believed. Default: none does. */
  readonly isGateway?: (peer: string) => boolean
}

/** What WebSockets are made of. */
export interface LiveParts {
  readonly engine: GraphqlEngine
  readonly hub: Hub
  readonly callers: Callers
  readonly readModel: ReadModel
  readonly minVersionTimeoutMs: number
  readonly settings: LiveSettings
  readonly logger: Logger
  readonly metrics: Metrics
}

export interface QueryService {
  readonly app: Koa
  readonly readModel: ReadModel
  readonly live: LiveSockets | undefined
  /** Whether all was read that was in the log at the start, and nothing failed. */
  ready(): Readiness
  /** Resolves when every partition was read up to where it ended at the start, or failed. */
  untilSettled(): Promise<void>
  /** Resolves when the partitions are known and being read. Waits out trouble with the log. */
  start(): Promise<void>
  /** Ends what is watched, stops reading and writes a last snapshot. Leaves the log open. Idempotent. */
  stop(): Promise<void>
}

const SNAPSHOT_INTERVAL_MS = 60_000
const MIN_VERSION_TIMEOUT_MS = 2_000
const TEND_MS = 250
const CACHE_BYTES_MAX = 64 * 1024 * 1024
const SECONDS_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

/** Reads of performances, seats and holds, answered from memory. */
export function createQueryService(deps: QueryServiceDeps): QueryService {
  const { log, codec, registry, topicPrefix, logger, metrics, live: settings = LIVE_DEFAULTS } = deps
  const minVersionTimeoutMs = deps.minVersionTimeoutMs ?? MIN_VERSION_TIMEOUT_MS
  const hub = createHub({ ...settings, tendMs: TEND_MS, nowMs: () => performance.now(), behind })
  const readModel = createReadModel({
    log,
    codec,
    registry,
    topicPrefix,
    logger,
    metrics,
    changes: hub,
    snapshotIntervalMs: deps.snapshotIntervalMs ?? SNAPSHOT_INTERVAL_MS,
    // A folder beside those of other services, which keep other things of the same partitions.
    ...(deps.snapshotDir !== undefined && { snapshots: fileSnapshots(join(deps.snapshotDir, 'query'), (message) => logger.warn(message)) }),
  })
  const seatAnswers = createSeatAnswers({
    section: (performanceId, streamId) => readModel.section(performanceId, streamId),
    cacheBytesMax: deps.cacheBytesMax ?? CACHE_BYTES_MAX,
  })
  const nowMs = deps.nowMs ?? Date.now
  const callers = createCallers(deps.tokens, nowMs)
  const lookups = createLookups(readModel)
  const engine = createGraphqlEngine({
    readModel,
    lookups,
    documents: { ...DOCUMENT_SETTINGS, introspection: settings.introspection },
    report: (err) => logger.error({ err }, 'A field could not be answered.'),
  })
  const live = deps.openSockets?.({ engine, hub, callers, readModel, minVersionTimeoutMs, settings, logger, metrics })

  const reads = new Router()
  mountReports(reads, { reports: deps.reports ?? (() => undefined), readModel, lookups, callers, topicPrefix, minVersionTimeoutMs, nowMs })
  mountPerformances(reads, { readModel, lookups, seatAnswers, callers })
  mountHolds(reads, { lookups, callers })
  mountHalls(reads, { readModel, callers })
  const graphql = new Router()
  mountGraphql(graphql, { engine, live, readModel, callers, minVersionTimeoutMs, isGateway: deps.isGateway ?? (() => false) })

  const app = new Koa()
  app.use(measure(metrics))
  app.use(answerProblems({ log: logger }))
  app.use(health({ ready: () => readModel.ready(), metrics }))
  app.use(graphql.routes()) // It has errors of its own form, also where versions are waited for.
  app.use(awaitMinVersion({ readModel, timeoutMs: minVersionTimeoutMs }))
  app.use(reads.routes())
  app.use(reads.allowedMethods())
  app.on('error', (err: unknown) => logger.warn({ err }, 'An answer could not be sent.')) // Mostly clients that went away.

  return {
    app,
    readModel,
    live,
    ready: () => readModel.ready(),
    untilSettled: () => readModel.untilSettled(),
    start: () => readModel.start(),
    async stop() {
      await live?.close()
      hub.stop()
      await readModel.stop()
    },
  }
}

function measure(metrics: Metrics): Middleware {
  const seconds = metrics.histogram({
    name: 'cavea_query_request_seconds',
    help: 'Time to answer, by route and status.',
    labels: ['route', 'status'],
    buckets: SECONDS_BUCKETS,
  })
  return async function measureMiddleware(context, next) {
    const end = seconds.startTimer()
    await next()
    const { _matchedRoute: route } = context as { readonly _matchedRoute?: unknown }
    end({ route: typeof route === 'string' ? route : 'none', status: context.status }) // Never the path: its ids are without number.
  }
}
