import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { ADMIN_TOKEN_CHARS_MIN, createTokens, SECRET_CHARS_MIN } from '@cavea/service-kit/tokens'
import type { FrontKind } from '../contenders/front.ts'
import { STORES, type StoreName } from '../contenders/stores.ts'
import type { Parts } from './accounting.ts'
import { type BenchEngines, pidOf } from './engines.ts'
import { heldSeats, openPerformances, writeTokens } from './organiser.ts'
import { COMPILED, type Env, type Program, ROOT, scratchDir, startProgram } from './programs.ts'
import type { HallShape } from './wrk.ts'

/** Something that sells seats over HTTP, up and with its performances open. */
export interface RunningSide {
  readonly url: string
  /** In the order in which they were asked for, all in the same hall. */
  readonly performanceIds: readonly string[]
  readonly tokensFile: string
  readonly parts: Parts
  /** How many seats it has recorded as held: what an answer of 201 promised. */
  held(performanceId: string): Promise<number>
  stop(): Promise<void>
}

export interface Side {
  readonly name: string
  /** What an acknowledged hold has survived for certain. */
  readonly durability: string
  start(engines: BenchEngines, hall: { readonly shape: HallShape; readonly performances: number }): Promise<RunningSide>
}

export interface CaveaOptions {
  readonly env?: Env
  /** Flags of Node for each of Cavea's processes, by its name. */
  readonly flags?: (part: string) => readonly string[]
  /** Default 2, as `npm run services` has it. */
  readonly workers?: number
}

const BUYERS = 2_000
const UNLIMITED: Env = {
  CAVEA_RATE_LIMIT_PER_MINUTE: '0',
  CAVEA_RATE_LIMIT_ORGANISER_PER_MINUTE: '0',
  CAVEA_RATE_LIMIT_ADDRESS_PER_MINUTE: '0',
  CAVEA_RATE_LIMIT_BUYERS_PER_MINUTE: '0',
}

interface Access {
  readonly secret: string
  readonly adminToken: string
  readonly tokensFile: string
}

function newAccess(): Access {
  const secret = randomBytes(SECRET_CHARS_MIN).toString('base64url')
  const adminToken = randomBytes(ADMIN_TOKEN_CHARS_MIN).toString('base64url')
  const tokens = createTokens({ secret, adminToken, organisation: 'org_house' })
  return { secret, adminToken, tokensFile: writeTokens(tokens, BUYERS) }
}

const envOf = ({ secret, adminToken }: Access): Env => ({ CAVEA_TOKEN_SECRET: secret, CAVEA_ADMIN_TOKEN: adminToken })

/** A gateway, workers and a query service as processes of their own, with the settings of `npm run services`. */
export function caveaOnKafka(flushed: boolean, options: CaveaOptions = {}): Side {
  return {
    name: flushed ? 'Cavea on Kafka, flushed' : 'Cavea on Kafka',
    durability: flushed
      ? 'fsync of every batch by the broker (log.flush.interval.messages=1)'
      : "acks=all: in the page cache of every in-sync replica, here of one broker; Kafka's default",
    async start(engines, { shape, performances }) {
      const [kafka, registry, redis] = await Promise.all([
        flushed ? engines.kafkaFlushed() : engines.kafka(),
        engines.registry(),
        engines.redis(),
      ])
      const access = newAccess()
      const common: Env = {
        ...UNLIMITED,
        ...envOf(access),
        KAFKA_BROKERS: kafka.brokers,
        SCHEMA_REGISTRY_URL: registry.url,
        REDIS_URL: redis.url,
        CAVEA_TOPIC_PREFIX: `b${randomBytes(4).toString('hex')}.`,
        CAVEA_LOG_LEVEL: 'warn',
        ...options.env,
      }
      const flagsOf = options.flags ?? (() => [])
      const start = (name: string, main: string, portVariable: string, env: Env): Promise<Program> =>
        startProgram({ name, main: join(ROOT, main, 'dist/main.js'), portVariable, env: { ...common, ...env }, flags: flagsOf(name) })
      const query = await start('query', 'query-service', 'QUERY_PORT', { CAVEA_SNAPSHOT_DIR: scratchDir('snapshots') })
      const workers: Program[] = []
      for (let number = 1; number <= (options.workers ?? 2); number++)
        workers.push(await start(`worker-${number}`, 'command-service', 'COMMAND_PORT', { CAVEA_SNAPSHOT_DIR: scratchDir('snapshots') }))
      const gateway = await start('gateway', 'gateway', 'PORT', { QUERY_SERVICE_URL: query.url })
      const of = { url: gateway.url, adminToken: access.adminToken }
      return {
        url: gateway.url,
        performanceIds: await openPerformances(of, shape, performances),
        tokensFile: access.tokensFile,
        parts: {
          gateway: [gateway.pid],
          workers: workers.map(({ pid }) => pid),
          query: [query.pid],
          broker: [kafka.pid],
          redis: pidOf(redis),
        },
        held: (performanceId) => heldSeats(of, performanceId),
        async stop() {
          for (const program of [gateway, query, ...workers]) await program.stop()
        },
      }
    },
  }
}

/** Everything in one process on the embedded log, as `npm start` runs it. */
export function caveaEmbedded(options: CaveaOptions = {}): Side {
  return {
    name: 'Cavea embedded',
    durability: 'fsync of every batch by LMDB',
    async start(_, { shape, performances }) {
      const access = newAccess()
      const program = await startProgram({
        name: 'embedded',
        main: join(ROOT, 'deploy/standalone/dist/main.js'),
        portVariable: 'PORT',
        env: { ...UNLIMITED, ...envOf(access), CAVEA_DATA_DIR: scratchDir('data'), CAVEA_DEMO: '0', ...options.env },
        flags: options.flags?.('embedded') ?? [],
      })
      const of = { url: program.url, adminToken: access.adminToken }
      return {
        url: program.url,
        performanceIds: await openPerformances(of, shape, performances),
        tokensFile: access.tokensFile,
        parts: { embedded: [program.pid] },
        held: (performanceId) => heldSeats(of, performanceId),
        stop: () => program.stop(),
      }
    },
  }
}

const CONTENDERS = {
  'for-update': { name: 'PostgreSQL FOR UPDATE', durability: 'fsync of the write-ahead log at commit (defaults)', engine: 'postgres' },
  'conditional-update': {
    name: 'PostgreSQL conditional UPDATE',
    durability: 'fsync of the write-ahead log at commit (defaults)',
    engine: 'postgres',
  },
  'redis-script': {
    name: 'Redis Lua',
    durability: 'fsync of the append-only file before each answer (appendfsync always)',
    engine: 'redisStore',
  },
} as const satisfies Record<StoreName, object>

/** Another way to keep seats, behind the gateway's middleware or behind a bare Koa. */
export function contender(store: StoreName, front: FrontKind): Side {
  const { name, durability, engine } = CONTENDERS[store]
  return {
    name: front === 'bare' ? `${name}, bare Koa` : name,
    durability,
    async start(engines, { shape, performances }) {
      const running = await engines[engine]()
      const access = newAccess()
      const seats = await STORES[store](running.url)
      const performanceIds = Array.from({ length: performances }, () => `perf_${randomBytes(10).toString('hex')}`)
      for (const performanceId of performanceIds) await seats.fill(performanceId, shape)
      const server = await startProgram({
        name: 'contender',
        main: join(COMPILED, 'bench/contenders/server.js'),
        portVariable: 'PORT',
        env: { ...envOf(access), BENCH_STORE: store, BENCH_FRONT: front, BENCH_STORE_URL: running.url },
      })
      return {
        url: server.url,
        performanceIds,
        tokensFile: access.tokensFile,
        parts: { server: [server.pid], [engine === 'postgres' ? 'postgres' : 'redis']: pidOf(running) },
        held: (performanceId) => seats.held(performanceId),
        async stop() {
          await server.stop()
          await seats.close()
        },
      }
    },
  }
}
