import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { openKafkaLog } from '@cavea/event-log/kafka/kafka-log'
import type { EventLog } from '@cavea/event-log/port'
import { confluentRegistry } from '@cavea/event-log/registry/confluent'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import { embeddedRegistry } from '@cavea/event-log/schemas'
import { auditEmbedded, auditKafka } from './audit.ts'
import { type SharedEngines, sharedEngines } from './engines.ts'
import { type Program, scratchDir, startProgram } from './program.ts'

type Env = Readonly<Record<string, string>>

/** Cavea as it runs in one of its profiles. */
export interface Product {
  readonly profile: 'embedded' | 'kafka'
  /** Where the first gateway listens. */
  readonly url: string
  /** Of every gateway that is ready; one in the embedded profile. */
  readonly urls: readonly string[]
  readonly adminToken: string
  /** Stops everything that is Cavea's own, in order, and starts it again. */
  restart(): Promise<void>
  /** Another gateway with other settings: on the same log with Kafka, with a log of its own in the embedded profile. */
  variant(env: Env): Promise<{ readonly url: string; readonly adminToken: string; stop(): Promise<unknown> }>
  /** Opens its log to read it, while it runs. */
  openLog(): Promise<ReadableLog>
  /** Fails unless `cavea audit verify` finds the whole log intact. */
  audit(): Promise<void>
  stop(): Promise<void>
}

export interface ReadableLog {
  readonly log: EventLog
  readonly registry: SchemaRegistry
  readonly topicPrefix: string
  close(): Promise<void>
}

export interface Standalone extends Product {
  readonly profile: 'embedded'
  readonly program: Program
  readonly dir: string
}

export interface Cluster extends Product {
  readonly profile: 'kafka'
  readonly topicPrefix: string
  readonly workers: readonly Program[]
  readonly query: Program
  readonly gateways: readonly Program[]
  addGateway(env?: Env): Promise<Program>
  /** One that nobody waits for and that is not among `workers`: whoever asks for it ends it. */
  passingWorker(): Promise<Program>
}

/** Tests ask far more often than a person; those about the limits set their own. */
const UNLIMITED: Env = {
  CAVEA_RATE_LIMIT_PER_MINUTE: '0',
  CAVEA_RATE_LIMIT_ORGANISER_PER_MINUTE: '0',
  CAVEA_RATE_LIMIT_ADDRESS_PER_MINUTE: '0',
  CAVEA_RATE_LIMIT_BUYERS_PER_MINUTE: '0',
}

/** Everything in one process on the embedded log. */
export async function startStandalone(
  options: { readonly dir?: string; readonly env?: Env; readonly readyTimeoutMs?: number } = {},
): Promise<Standalone> {
  const dir = options.dir ?? scratchDir('data')
  const adminToken = newSecret()
  const program = await startProgram({
    name: 'standalone',
    main: 'deploy/standalone/dist/main.js',
    portVariable: 'PORT',
    ...(options.readyTimeoutMs !== undefined && { readyTimeoutMs: options.readyTimeoutMs }),
    env: { ...UNLIMITED, CAVEA_DATA_DIR: dir, CAVEA_DEMO: '0', CAVEA_ADMIN_TOKEN: adminToken, ...options.env },
  })
  return {
    profile: 'embedded',
    url: program.url,
    urls: [program.url],
    adminToken,
    program,
    dir,
    restart: async () => void (await program.restart()),
    async variant(env) {
      const other = await startStandalone({ env })
      return { url: other.url, adminToken: other.adminToken, stop: () => other.stop() }
    },
    async openLog() {
      const log = await openEmbeddedLog({ dir: join(dir, 'log'), readOnly: true })
      return { log, registry: embeddedRegistry(), topicPrefix: '', close: () => log.close() }
    },
    audit: () => auditEmbedded(dir),
    stop: async () => await end([program]),
  }
}

export interface ClusterOptions {
  readonly workers?: number
  readonly gateways?: number
  readonly partitions?: number
  readonly env?: Env
  /** Default: those that all tests share. */
  readonly engines?: SharedEngines
  /** Where a worker finds Kafka, by its place among the workers. Default: where everybody does. */
  readonly brokersOf?: (worker: number) => string
}

/** The services as processes of their own on Kafka, which other clusters of this run share under other topic names. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { workers: workerCount = 2, gateways: gatewayCount = 1, partitions = 4 } = options
  const { kafka, registry, redis } = options.engines ?? (await sharedEngines())
  const topicPrefix = `t${randomBytes(4).toString('hex')}.`
  const adminToken = newSecret()
  const common: Env = {
    ...UNLIMITED,
    KAFKA_BROKERS: kafka.brokers,
    SCHEMA_REGISTRY_URL: registry.url,
    CAVEA_TOPIC_PREFIX: topicPrefix,
    CAVEA_PARTITIONS: String(partitions),
    CAVEA_ADMIN_TOKEN: adminToken,
    CAVEA_TOKEN_SECRET: newSecret(),
    CAVEA_LOG_LEVEL: 'info',
    ...(redis !== undefined && { REDIS_URL: redis.url }),
    ...options.env,
  }

  const worker = { main: 'command-service/dist/main.js', portVariable: 'COMMAND_PORT' }
  const startWorker = (_: unknown, index: number): Promise<Program> =>
    startProgram({
      ...worker,
      name: `worker ${index + 1}`,
      env: {
        CAVEA_SNAPSHOT_DIR: scratchDir('snapshots'),
        ...common,
        ...(options.brokersOf && { KAFKA_BROKERS: options.brokersOf(index) }),
      },
    })
  // The gateway is told where the query service listens, so that one comes first; all else may come up in any order.
  const startQuery = startProgram({
    name: 'query-service',
    main: 'query-service/dist/main.js',
    portVariable: 'QUERY_PORT',
    env: { CAVEA_SNAPSHOT_DIR: scratchDir('read-snapshots'), ...common },
  })
  const [query, ...workers] = await Promise.all([startQuery, ...Array.from({ length: workerCount }, startWorker)])
  const gateways: Program[] = []

  async function addGateway(env: Env = {}): Promise<Program> {
    const gateway = await startProgram({
      name: `gateway ${gateways.length + 1}`,
      main: 'gateway/dist/main.js',
      portVariable: 'PORT',
      env: { ...common, QUERY_SERVICE_URL: query.url, ...env },
    })
    gateways.push(gateway)
    return gateway
  }

  for (let count = 0; count < gatewayCount; count++) await addGateway()
  const place = { brokers: kafka.brokers, registryUrl: registry.url, topicPrefix }
  const all = (): readonly Program[] => [...gateways, query, ...workers]
  return {
    profile: 'kafka',
    get url() {
      return gateways.find(({ isReady }) => isReady)?.url ?? ''
    },
    get urls() {
      return gateways.filter(({ isReady }) => isReady).map(({ url }) => url)
    },
    adminToken,
    topicPrefix,
    workers,
    query,
    gateways,
    addGateway,
    passingWorker: () => startProgram({ ...worker, name: 'passing worker', readyTimeoutMs: 0, env: common }),
    async restart() {
      const running = all().filter(({ isRunning }) => isRunning)
      await Promise.all(running.map((program) => program.stop()))
      await Promise.all(running.map((program) => program.restart()))
    },
    async variant(env) {
      const gateway = await addGateway(env)
      return { url: gateway.url, adminToken, stop: () => gateway.stop() }
    },
    async openLog() {
      const log = await openKafkaLog({ brokers: [kafka.brokers], clientId: 'cavea-test' })
      return { log, registry: confluentRegistry({ url: registry.url }), topicPrefix, close: () => log.close() }
    },
    audit: () => auditKafka(place),
    stop: async () => await end(all()),
  }
}

const newSecret = (): string => randomBytes(24).toString('base64url')

async function end(programs: readonly Program[]): Promise<void> {
  const ends = programs
    .filter(({ isRunning }) => isRunning)
    .map(async (program) => {
      program.resume()
      await program.stop()
    })
  const failures = (await Promise.allSettled(ends)).flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  await Promise.all(programs.filter(({ isRunning }) => isRunning).map((program) => program.kill9()))
  if (failures.length > 0) throw failures[0]
}
