import type { IncomingMessage, ServerResponse } from 'node:http'
import { createDirectory, type Directory } from '@cavea/contracts/catalog/directory'
import type { Codec } from '@cavea/contracts/codec'
import type { LedgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import { health } from '@cavea/service-kit/health'
import type { Logger } from '@cavea/service-kit/logger'
import type { Metrics } from '@cavea/service-kit/metrics'
import { answerProblems } from '@cavea/service-kit/problem'
import type { Tokens } from '@cavea/service-kit/tokens'
import { Router } from '@koa/router'
import Koa from 'koa'
import { authenticate } from '../middleware/authenticate.ts'
import { cors } from '../middleware/cors.ts'
import { standInLine } from '../middleware/line.ts'
import { methodNotAllowed } from '../middleware/method-not-allowed.ts'
import { rateLimit } from '../middleware/rate-limit.ts'
import { securityHeaders } from '../middleware/security-headers.ts'
import { sessionCookie } from '../middleware/session-cookie.ts'
import { trace } from '../middleware/trace.ts'
import type { KeyTable } from '../ports/key-table.ts'
import type { LiveService } from '../ports/live-service.ts'
import type { RateLimiters } from '../ports/rate-limiter.ts'
import type { ReadService } from '../ports/read-service.ts'
import { mountBlocks } from '../routes/blocks.ts'
import { mountBuyers } from '../routes/buyers.ts'
import { mountCommands } from '../routes/commands.ts'
import type { RouteDeps } from '../routes/deps.ts'
import { mountDocs } from '../routes/docs.ts'
import { mountGraphql } from '../routes/graphql.ts'
import { mountHolds } from '../routes/holds.ts'
import { mountPerformances } from '../routes/performances.ts'
import { mountReads } from '../routes/reads.ts'
import { mountSeatMaps } from '../routes/seat-maps.ts'
import { mountSession } from '../routes/session.ts'
import { mountVenues } from '../routes/venues.ts'
import { mountWeb } from '../routes/web.ts'
import { createCommandBus } from './command-bus.ts'
import { patientKeyTable } from './patient-key-table.ts'
import { type GatewaySettings, SEAT_MAP_PATIENCE } from './settings.ts'

export interface GatewayDeps {
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
  readonly tokens: Tokens
  readonly keys: KeyTable
  readonly reads: ReadService
  /** Without it nothing can be watched. */
  readonly live?: LiveService
  readonly limiters: RateLimiters
  readonly logger: Logger
  readonly metrics: Metrics
  /** From `readGatewaySettings`. */
  readonly settings: GatewaySettings
  /** Where to start reading events; by default at the beginning. The catalog always starts there. */
  readonly starts?: (topic: string, partition: number) => Promise<LedgerStart>
  /** Where the built web client is. Default: beside this package. */
  readonly webFolder?: string
}

export interface Gateway {
  /** For an HTTP server. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => unknown
  readonly directory: Directory
  /** Starts to read the log and returns; `ready` says when the rest may begin. */
  start(): void
  /** Resolves when all decisions that were in the log at the start are known. */
  whenReady(signal?: AbortSignal): Promise<void>
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] }
  /** After the last decision read, to be handed to `starts` the next time. */
  positions(): ReadonlyMap<string, ReadonlyMap<number, LedgerStart>>
  /** Answers what still waits with 503 and ends the readers. Close the HTTP server first. Leaves what it was given open. */
  stop(): Promise<void>
}

/** Of requests for holds. Each keeps a connection and its headers in memory, some ten kilobytes. */
const LINE_LENGTH_MAX = 10_000

/** The HTTP edge, without a server of its own and without knowledge of what log, table or read service it talks to. */
export function createGateway(deps: GatewayDeps): Gateway {
  const { logger, metrics, settings } = deps
  const directory = createDirectory()
  const commands = createCommandBus({ ...deps, ...settings.bus, directory })
  const routeDeps: RouteDeps = {
    ...deps,
    commands,
    directory,
    keys: patientKeyTable(deps.keys, logger),
    rateLimits: settings.rateLimits,
    bodyTimeoutMs: settings.bodyTimeoutMs,
    seatMapTimeoutMs: SEAT_MAP_PATIENCE * settings.bodyTimeoutMs,
  }

  const cookie = sessionCookie({ https: settings.https })
  // Exact paths only: one intent has one path, so the same request always has the same command id.
  const api = new Router({ sensitive: true, strict: true })
  const web = mountWeb(api, { ...routeDeps, https: settings.https, ...(deps.webFolder !== undefined && { folder: deps.webFolder }) })
  mountDocs(api)
  mountBuyers(api, routeDeps)
  mountSession(api, { ...routeDeps, cookie })
  mountVenues(api, routeDeps)
  mountSeatMaps(api, routeDeps)
  mountPerformances(api, routeDeps)
  mountBlocks(api, routeDeps)
  mountHolds(api, routeDeps)
  mountCommands(api, routeDeps)
  mountReads(api, routeDeps)
  mountGraphql(api, { ...routeDeps, live: deps.live, origins: settings.corsOrigins })

  const app = new Koa()
  app.proxy = settings.trustedProxies > 0
  app.maxIpsCount = settings.trustedProxies // Only what our own proxies added: the rest of X-Forwarded-For is the client's word.
  app.on('error', (err: unknown) => logger.debug({ err }, 'A connection ended early.'))
  app
    .use(trace())
    .use(securityHeaders({ https: settings.https }))
    .use(cors({ origins: settings.corsOrigins }))
    .use(answerProblems({ log: logger }))
    .use(health({ ready: () => commands.readiness(), metrics }))
    .use(methodNotAllowed(api))
    .use(authenticate({ tokens: deps.tokens, cookie }))
    .use(rateLimit({ limiters: deps.limiters, settings: settings.rateLimits }))
    .use(web.answerMissing)
    .use(api.routes())

  const turnedAway = metrics.counter({ name: 'cavea_holds_turned_away_total', help: 'Requests for holds that stood in line for too long.' })
  return {
    handler: standInLine(app.callback(), {
      isFull: commands.isFull,
      patienceMs: settings.bus.decisionTimeoutMs,
      lengthMax: LINE_LENGTH_MAX,
      https: settings.https,
      onTurnedAway: () => turnedAway.inc(),
    }),
    directory,
    start() {
      commands.start().catch((err: unknown) => logger.fatal({ err }, 'The gateway cannot read the log.'))
    },
    whenReady: (signal) => commands.whenCaughtUp(signal),
    readiness: () => commands.readiness(),
    positions: () => commands.positions(),
    stop: () => commands.stop(),
  }
}
