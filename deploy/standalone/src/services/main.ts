import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { configOrExit } from '@cavea/service-kit/config'
import { readEngineConfig, readOrganisation } from '@cavea/service-kit/engine-config'
import { ADMIN_TOKEN_CHARS_MIN, createTokens, SECRET_CHARS_MIN } from '@cavea/service-kit/tokens'
import { banner } from '../banner.ts'
import { seedDemo } from '../demo.ts'
import { VERSION } from '../version.ts'
import { runService, type ServiceProcess } from './process.ts'

const STOP_MS = 15_000
const READY_MS = 120_000
const READY_POLL_MS = 100
const FIRST_WORKER_PORT = 3200

// Read here only to say at once, and once, what is missing: each service reads its own variables again.
const config = configOrExit(process.env, (read) => ({
  ...readEngineConfig(read),
  organisation: readOrganisation(read),
  adminToken: read.secret('CAVEA_ADMIN_TOKEN', { charsMin: ADMIN_TOKEN_CHARS_MIN }),
  tokenSecret: read.secret('CAVEA_TOKEN_SECRET', { charsMin: SECRET_CHARS_MIN }),
  workers: read.integer('CAVEA_WORKERS', { default: 2, min: 1, max: 64 }),
  host: read.text('HOST', { default: '127.0.0.1' }),
  port: read.integer('PORT', { default: 3000, min: 1, max: 65_535 }),
  queryPort: read.integer('QUERY_PORT', { default: 3100, min: 1, max: 65_535 }),
  projectorPort: read.integer('PROJECTOR_PORT', { default: 3300, min: 1, max: 65_535 }),
  hasStores: [read.optionalSecret('MONGODB_URI'), read.optionalSecret('DATABASE_URL')].some((store) => store !== undefined),
  demo: read.flag('CAVEA_DEMO', { default: true }),
}))

const say = (line: string): void => void process.stderr.write(`${line}\n`)
const mainOf = (service: string): string => fileURLToPath(import.meta.resolve(`@cavea/${service}/main`))
const url = `http://${config.host}:${config.port}`
const env = {
  ...process.env,
  CAVEA_LOG_LEVEL: process.env['CAVEA_LOG_LEVEL'] ?? 'warn',
  CAVEA_SNAPSHOT_DIR: resolve(config.snapshotDir ?? '.cavea/snapshots'),
  QUERY_PORT: String(config.queryPort),
  PROJECTOR_PORT: String(config.projectorPort),
  QUERY_SERVICE_URL: process.env['QUERY_SERVICE_URL'] ?? `http://127.0.0.1:${config.queryPort}`,
  PORT: String(config.port),
  HOST: config.host,
}

const services: ServiceProcess[] = []
let stopping = false

async function stop(exitCode: number): Promise<never> {
  stopping = true
  // The edge first: what it took on is finished while there is still somebody to decide it.
  for (const service of services.toReversed()) await service.stop(STOP_MS)
  process.exit(exitCode)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (stopping) {
      for (const service of services) service.kill()
      process.exit(130)
    }
    void stop(0)
  })

const start = (name: string, service: string, extra: Readonly<Record<string, string>> = {}): void => {
  const onHopeless = (): void => void stop(1)
  services.push(runService({ name, file: mainOf(service), env: { ...env, ...extra }, say, onHopeless }))
}
for (let worker = 1; worker <= config.workers; worker++)
  start(`worker-${worker}`, 'command-service', { COMMAND_PORT: String(FIRST_WORKER_PORT + worker - 1) })
if (config.hasStores) start('projector', 'projector')
start('query', 'query-service')
start('gateway', 'gateway')

const isReady = (address: string): Promise<boolean> =>
  fetch(`${address}/readyz`).then(
    (response) => response.ok,
    () => false,
  )
const addresses = [
  url,
  env.QUERY_SERVICE_URL,
  ...Array.from({ length: config.workers }, (_, at) => `http://127.0.0.1:${FIRST_WORKER_PORT + at}`),
]
const deadlineMs = Date.now() + READY_MS
while (!(await Promise.all(addresses.map(isReady))).every(Boolean)) {
  if (Date.now() > deadlineMs) {
    say(`The services are not ready after ${READY_MS / 1000} s; what they say is above.`)
    await stop(1)
  }
  await sleep(READY_POLL_MS)
}

const tokens = createTokens({ secret: config.tokenSecret, adminToken: config.adminToken, organisation: config.organisation })
process.stdout.write(
  banner({
    version: VERSION,
    mode: `${config.workers} workers, ${config.hasStores ? 'a projector, ' : ''}a query service and a gateway on Kafka at ${config.brokers.join(', ')}`,
    url,
    portTaken: undefined,
    dataDir: `in Kafka; snapshots in ${env.CAVEA_SNAPSHOT_DIR}`,
    adminToken: config.adminToken,
    adminTokenFrom: 'from CAVEA_ADMIN_TOKEN',
    buyerToken: tokens.issueBuyer(Date.now()).buyerToken,
    demo: config.demo ? await seedDemo(url, config.adminToken, Date.now()) : undefined,
    tookMs: process.uptime() * 1000,
  }),
)
for (const service of services) say(`${service.name.padEnd(10)} pid ${service.pid() ?? '?'}`)
