import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { claimDataDir, exportLines, keptSecrets, parseOnly, writePrivate } from './environment.ts'
import { type EngineName, ensureEngines } from './install.ts'
import { startKafka } from './kafka.ts'
import { mongoOfEnvironment, startMongo } from './mongo.ts'
import { startPostgres } from './postgres.ts'
import { endAllNow, endUnready, freePort, isPortFree } from './process.ts'
import { startRedis } from './redis.ts'
import { startRegistry } from './registry.ts'

interface Running {
  readonly name: EngineName
  readonly variable: string
  readonly url: string
  readonly where: string
  stop(): Promise<void>
  whenEnded(): Promise<string>
}

const USUAL_PORT: Readonly<Record<EngineName, number>> = { kafka: 9092, registry: 8081, mongo: 27_017, postgres: 5432, redis: 6379 }

const ONE_KEYPRESS_MS = 400

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function start(name: EngineName, dataDir: string): Promise<Running> {
  const usual = USUAL_PORT[name]
  const options = { dir: join(dataDir, name), port: (await isPortFree(usual)) ? usual : await freePort() }
  switch (name) {
    case 'kafka': {
      const kafka = await startKafka(options)
      return { ...pick(kafka), name, variable: 'KAFKA_BROKERS', url: kafka.brokers, where: kafka.dir }
    }
    case 'registry':
      return named(name, 'SCHEMA_REGISTRY_URL', await startRegistry(options))
    case 'mongo':
      return named(name, 'MONGODB_URI', await startMongo(options))
    case 'postgres':
      return named(name, 'DATABASE_URL', await startPostgres(options))
    case 'redis':
      return named(name, 'REDIS_URL', await startRedis(options))
    default:
      return name satisfies never
  }
}

type Lifetime = Pick<Running, 'stop' | 'whenEnded'>

function pick({ stop, whenEnded }: Lifetime): Lifetime {
  return { stop, whenEnded }
}

function named(name: EngineName, variable: string, engine: Lifetime & { url: string; dir: string | undefined }): Running {
  return { ...pick(engine), name, variable, url: engine.url, where: engine.dir ?? 'named by MONGODB_URI' }
}

/** Runs the engines in the foreground until a signal; answers the exit code. */
async function run(args: readonly string[]): Promise<number> {
  const names = parseOnly(args)
  if (typeof names === 'string') {
    say(names)
    return 2
  }
  const dataDir = resolve(process.env['CAVEA_ENGINES_DATA'] || '.cavea/engines')
  const release = await claimDataDir(dataDir)
  if (release === undefined) {
    say(`engines already run on ${dataDir}; if they do not, remove ${join(dataDir, 'pid')}`)
    return 1
  }
  process.once('exit', release)

  const running: Running[] = []
  const stopping = new AbortController()
  const interrupted = new Promise<void>((done) => stopping.signal.addEventListener('abort', () => done()))
  let firstSignalMs = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) {
        // npm forwards the Ctrl-C that the terminal has already sent to us, so one keypress may arrive twice.
        if (Date.now() - firstSignalMs < ONE_KEYPRESS_MS) return
        endAllNow()
        process.exit(130)
      }
      firstSignalMs = Date.now()
      say('stopping; once more to kill at once')
      stopping.abort()
      endUnready()
    })
  }
  // With only a foreign MongoDB there is no child whose handle would keep this process alive.
  const keepAlive = setInterval(() => undefined, 60_000)

  try {
    await startAll(names, dataDir, running, stopping.signal)
    if (!stopping.signal.aborted && running.length > 0) {
      await announce(dataDir, running)
      for (const engine of running) {
        void engine.whenEnded().then((ending) => {
          if (!stopping.signal.aborted) say(`${engine.name} ended by itself (${ending}); its log is in ${engine.where}`)
        })
      }
      await interrupted
    }
    const stopped = stopping.signal.aborted
    if (!stopped) say('no engine could be started')
    for (const engine of running.reverse()) {
      say(`stopping ${engine.name}`)
      await engine.stop()
    }
    return stopped ? 0 : 1
  } finally {
    clearInterval(keepAlive)
    release()
  }
}

async function startAll(names: readonly EngineName[], dataDir: string, running: Running[], stopping: AbortSignal): Promise<void> {
  const { missing } = await ensureEngines(names, say)
  for (const { name, why } of missing) say(`${name} is not available: ${why}`)
  for (const name of names) {
    if (stopping.aborted) return
    if (missing.some((one) => one.name === name)) continue
    try {
      const engine = await start(name, dataDir)
      running.push(engine)
      say(`${name} runs at ${engine.url} (${engine.where})`)
      if (name === 'mongo' && mongoOfEnvironment() === undefined) say('  SecantusDB stands in for MongoDB: for tests, not for production')
    } catch (error) {
      if (!stopping.aborted) say(`${name} did not start: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

async function announce(dataDir: string, running: readonly Running[]): Promise<void> {
  const snapshots = join(dataDir, 'snapshots')
  await mkdir(snapshots, { recursive: true })
  const urls = Object.fromEntries(running.map((engine) => [engine.variable, engine.url]))
  const lines = exportLines({ ...urls, ...(await keptSecrets(dataDir)), CAVEA_SNAPSHOT_DIR: snapshots })
  const path = join(dataDir, 'env')
  await writePrivate(path, lines)
  process.stdout.write(lines)
  say(`in another terminal: source ${path}\nCtrl-C stops all`)
}

process.exit(await run(process.argv.slice(2)))
