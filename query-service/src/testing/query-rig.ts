import type { Codec } from '@cavea/contracts/codec'
import { allTopics } from '@cavea/contracts/topics'
import type { EventLog } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import { embeddedRegistry, registerSchemas } from '@cavea/event-log/schemas'
import { type HttpServer, openHttpServer } from '@cavea/service-kit/http-server'
import { createLogger } from '@cavea/service-kit/logger'
import { createMetrics, type Metrics } from '@cavea/service-kit/metrics'
import { createTokens, type Tokens } from '@cavea/service-kit/tokens'
import { createQueryService, type QueryService, type QueryServiceDeps } from '../application/app.ts'
import type { ScriptedHall } from './scripted-hall.ts'
import type { ScriptedLedger } from './scripted-ledger.ts'

export const PARTITIONS = 3
export const TOPIC_PREFIX = 'spec.'
export const ADMIN_TOKEN = 'the-organisers-own-token'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: Record<string, unknown>
}

export interface GraphqlAnswer<Data> {
  readonly data?: Data | null
  readonly errors?: readonly {
    readonly message: string
    readonly extensions: { readonly code: string; readonly [name: string]: unknown }
  }[]
}

/** A query-service on a real port and a real log. */
export interface QueryRig {
  readonly service: QueryService
  readonly metrics: Metrics
  readonly tokens: Tokens
  readonly lines: readonly string[]
  readonly url: string
  /** Answers GraphQL, whatever the status. */
  graphql<Data>(query: string, variables?: object, headers?: Readonly<Record<string, string>>): Promise<GraphqlAnswer<Data>>
  get(path: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<Answer>
  metric(pattern: RegExp): Promise<string | undefined>
  stop(): Promise<void>
}

export interface RigParts {
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
}

export async function partsOf(log: EventLog): Promise<RigParts> {
  const registry = embeddedRegistry()
  return { log, registry, codec: await registerSchemas(registry) }
}

export async function ensureTopics(log: EventLog, partitions = PARTITIONS, topicPrefix = TOPIC_PREFIX): Promise<void> {
  await log.ensureTopics(allTopics(partitions, topicPrefix))
}

/** Puts the hall's performance on sale. Resolves when the service knows it. */
export async function putOnSale(rig: QueryRig, ledger: ScriptedLedger, hall: ScriptedHall): Promise<void> {
  await ledger.catalog(hall.catalogEvents)
  const tokens: string[] = []
  for (const streamId of hall.streamIds) tokens.push((await ledger.seating(hall.performanceId, streamId, [hall.open(streamId)])).token)
  tokens.push((await ledger.catalog([hall.opened])).token)
  const { status } = await rig.get(`/v1/performances/${hall.performanceId}`, atLeast(...tokens))
  if (status !== 200) throw new Error(`The performance of the hall was answered with ${status}.`)
}

/** The header that lets a read wait for these versions. */
export const atLeast = (...tokens: readonly string[]): Record<string, string> => ({ 'Cavea-Min-Version': tokens.join(', ') })

export async function openRig(parts: RigParts, options: Partial<QueryServiceDeps> = {}): Promise<QueryRig> {
  const lines: string[] = []
  const metrics = createMetrics('query-service')
  const tokens = createTokens({ secret: 's'.repeat(32), adminToken: ADMIN_TOKEN, organisation: 'org_default' })
  const logger = createLogger({ service: 'query-service', level: 'debug', destination: { write: (line) => void lines.push(line) } })
  const service = createQueryService({ ...parts, topicPrefix: TOPIC_PREFIX, tokens, logger, metrics, ...options })
  const server: HttpServer = await openHttpServer({ handler: service.app.callback(), host: '127.0.0.1', port: 0, upgrades: true })
  return {
    service,
    metrics,
    tokens,
    lines,
    url: server.url,
    async graphql(query, variables = {}, headers = {}) {
      const body = JSON.stringify({ query, variables })
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body,
      })
      return (await response.json()) as GraphqlAnswer<never>
    },
    async get(path, headers = {}, method = 'GET') {
      const response = await fetch(server.url + path, { headers, method })
      const text = await response.text()
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
      }
    },
    async metric(pattern) {
      return pattern.exec(await metrics.registry.metrics())?.[1]
    },
    async stop() {
      await service.live?.close()
      await server.close(0)
      await service.stop()
    },
  }
}

/** As `openRig`, and it has read all that is in the log. */
export async function startRig(parts: RigParts, options: Partial<QueryServiceDeps> = {}): Promise<QueryRig> {
  const rig = await openRig(parts, options)
  await rig.service.start()
  await rig.service.untilSettled()
  return rig
}
