import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureCached, findCached, workingDir } from './cache.ts'
import { copyJars, findJava } from './java.ts'
import {
  canConnect,
  EngineError,
  type EngineProcess,
  freePort,
  killProcess,
  onPort,
  readLog,
  runCommand,
  spawnEngine,
  stopProcess,
  waitReady,
} from './process.ts'

const VERSION = '4.1.1'
const CACHED = `kafka-${VERSION}`

// Kafka's libraries come without a binding from slf4j to log4j, and without one it logs nothing, not even that it started.
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>cavea</groupId>
  <artifactId>kafka-jars</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${VERSION}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.24.3</version></dependency>
  </dependencies>
</project>
`

const LOGGING = `status=warn
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=[%d] %p %m (%c)%n
rootLogger.level=info
rootLogger.appenderRef.out.ref=out
`

export interface KafkaOptions {
  /** Where data, configuration and log live; a temporary folder when not given. */
  readonly dir?: string
  readonly port?: number
  /** The shortest session a consumer group may ask for, in milliseconds; 1,000 unless given. */
  readonly groupMinSessionTimeoutMs?: number
  /** Lines of server.properties that replace or add to ours. */
  readonly overrides?: Readonly<Record<string, string>>
  /** Ways to the broker beside the usual one, for clients that come through something in between. */
  readonly detours?: readonly Detour[]
  /** A command that runs the one behind it somewhere else, as `nsenter …` does in another mount namespace; none unless given. */
  readonly runner?: readonly string[]
}

/** Clients that come in at `port` are told that the broker is at `advertisedPort`, both on 127.0.0.1. */
export interface Detour {
  readonly port: number
  readonly advertisedPort: number
}

export interface KafkaEngine {
  /** `127.0.0.1:port`. */
  readonly brokers: string
  /** The process started last. */
  readonly pid: number
  readonly dir: string
  /** SIGTERM, after a while SIGKILL; removes the folder when the start made it. */
  stop(): Promise<void>
  /** SIGKILL, and waits until the process is gone; data stays. */
  kill(): Promise<void>
  /** Again, on the same port and data, after `stop` or `kill`. Does nothing while it runs. */
  start(): Promise<void>
  /** SIGSTOP: the broker keeps its connections and answers nothing. */
  pause(): void
  /** SIGCONT. */
  resume(): void
  /** Resolves with how the current process ended, in words. */
  whenEnded(): Promise<string>
}

/** The folder with Kafka's jars, fetched into the cache when it lacks. */
export async function ensureKafkaJars(): Promise<string> {
  const installed = await ensureCached(CACHED, async (dir) => {
    await writeFile(join(dir, 'pom.xml'), POM)
    await copyJars(join(dir, 'pom.xml'), join(dir, 'libs'), dir)
  })
  return join(installed, 'libs')
}

/** Whether Kafka's jars are in the cache. */
export function isKafkaInstalled(): boolean {
  return findCached(CACHED) !== undefined
}

/** The text of a Java properties file. A backslash would start an escape there, so it is doubled. */
export function propertiesText(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('')
}

/** What server.properties says: one node that is broker and controller, bound to 127.0.0.1. */
export function serverProperties(options: {
  readonly port: number
  readonly controllerPort: number
  readonly dataDir: string
  readonly groupMinSessionTimeoutMs: number
  readonly detours?: readonly Detour[]
}): Record<string, string> {
  const detours = (options.detours ?? []).map((detour, at) => ({ ...detour, name: `DETOUR${at}` }))
  const listeners = [`PLAINTEXT://127.0.0.1:${options.port}`, ...detours.map(({ name, port }) => `${name}://127.0.0.1:${port}`)]
  const advertised = [
    `PLAINTEXT://127.0.0.1:${options.port}`,
    ...detours.map(({ name, advertisedPort }) => `${name}://127.0.0.1:${advertisedPort}`),
  ]
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${options.controllerPort}`,
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${options.controllerPort}`].join(),
    'advertised.listeners': advertised.join(),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': ['PLAINTEXT', 'CONTROLLER', ...detours.map(({ name }) => name)]
      .map((name) => `${name}:PLAINTEXT`)
      .join(),
    'log.dirs': options.dataDir,
    'auto.create.topics.enable': 'false',
    'default.replication.factor': '1',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': String(options.groupMinSessionTimeoutMs),
    'log.message.timestamp.type': 'LogAppendTime',
    'log.retention.ms': '-1',
    'log.retention.bytes': '-1',
    // After a kill, the controller takes the node back only when its former session has run out; the default is 9 s.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    // The cleaner's default buffer alone would take a quarter of the heap.
    'log.cleaner.dedupe.buffer.size': '16777216',
  }
}

/** A cluster id as Kafka writes it: 16 random bytes in base64url. A leading hyphen would read as an option. */
export function newClusterId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url')
    if (!id.startsWith('-')) return id
  }
}

/**
 * Starts Apache Kafka as one KRaft node on 127.0.0.1 and returns when it takes requests (about 5 s, plus a download the first
 * time). Throws `EngineError` with the last log lines when it ends instead.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaEngine> {
  const java = await findJava()
  const libs = await ensureKafkaJars()
  const { dir, remove } = await workingDir('kafka', options.dir)
  try {
    return await onPort(options.port, async (port) => await startOn(port, { java, libs, dir, remove, options }))
  } catch (error) {
    await remove()
    throw error
  }
}

interface Setup {
  readonly java: string
  readonly libs: string
  readonly dir: string
  readonly remove: () => Promise<void>
  readonly options: KafkaOptions
}

async function startOn(port: number, setup: Setup): Promise<KafkaEngine> {
  const { dir, options } = setup
  await configure(port, setup)
  let engine = await launch(port, setup)
  return {
    brokers: `127.0.0.1:${port}`,
    get pid() {
      return engine.pid
    },
    dir,
    stop: async () => {
      await stopProcess(engine, 'SIGTERM', 20_000)
      await setup.remove()
    },
    kill: async () => await killProcess(engine),
    start: async () => {
      if (engine.ending() === undefined) return
      if (options.dir === undefined && !existsSync(dir)) {
        throw new EngineError('ENGINE_START_FAILED', 'stop() removed the temporary folder of this Kafka: give a dir, or end it by kill()')
      }
      engine = await launch(port, setup)
    },
    pause: () => engine.signal('SIGSTOP'),
    resume: () => engine.signal('SIGCONT'),
    whenEnded: async () => await engine.ended,
  }
}

async function configure(port: number, setup: Setup): Promise<void> {
  const { java, libs, dir, options } = setup
  const properties = serverProperties({
    port,
    controllerPort: await freePort(),
    dataDir: join(dir, 'data'),
    groupMinSessionTimeoutMs: options.groupMinSessionTimeoutMs ?? 1_000,
    detours: options.detours ?? [],
  })
  const config = join(dir, 'server.properties')
  await writeFile(config, propertiesText({ ...properties, ...options.overrides }))
  await writeFile(join(dir, 'log4j2.properties'), LOGGING)
  const marker = join(dir, 'cluster-id')
  if (existsSync(marker) && (await readFile(marker, 'utf8')) !== '') return
  const id = newClusterId()
  const tool = ['-Xmx128m', '-cp', join(libs, '*'), 'kafka.tools.StorageTool']
  const { command, args } = elsewhere(options, java, [...tool, 'format', '-t', id, '-c', config, '--ignore-formatted'])
  await runCommand(command, args, { cwd: dir, timeoutMs: 120_000 })
  await writeFile(marker, id)
}

function elsewhere({ runner }: KafkaOptions, command: string, args: readonly string[]): { command: string; args: readonly string[] } {
  const [first, ...rest] = runner ?? []
  return first === undefined ? { command, args } : { command: first, args: [...rest, command, ...args] }
}

async function launch(port: number, setup: Setup): Promise<EngineProcess> {
  const { java, libs, dir, options } = setup
  const engine = await spawnEngine({
    name: 'Kafka',
    ...elsewhere(options, java, [
      '-Xms128m',
      '-Xmx512m',
      '-Djava.awt.headless=true',
      `-Dlog4j2.configurationFile=${join(dir, 'log4j2.properties')}`,
      '-cp',
      join(libs, '*'),
      'kafka.Kafka',
      join(dir, 'server.properties'),
    ]),
    logFile: join(dir, 'kafka.log'),
    cwd: dir,
  })
  const started = async (): Promise<boolean> => (await readLog(engine.logFile, engine.logStart)).includes('Kafka Server started')
  await waitReady(engine, async () => (await canConnect(port)) && (await started()), 120_000)
  return engine
}
