import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { startMongo } from '@cavea/engines/mongo'
import { startPostgres } from '@cavea/engines/postgres'
import type { Engine } from '@cavea/engines/process'
import { runCli } from '../support/audit.ts'
import { type Api, apiOf, expectStatus, type Hold } from '../support/client.ts'
import { sharedEngines, skipsEngine, whyNoCluster } from '../support/engines.ts'
import { eventually, openTheatre } from '../support/hall.ts'
import { type Cluster, startCluster, startStandalone } from '../support/product.ts'
import { type Program, startProgram } from '../support/program.ts'
import { oneOf, randomOf } from '../support/random.ts'

const START_MS = 240_000
const SOON_MS = 90_000 // A busy machine is no failure.
const PARTITIONS = 4
const SEATS = ['A', 'B', 'C', 'D'].flatMap((row) => Array.from({ length: 12 }, (_, at) => `Stalls-${row}-${at + 1}`))

interface Listed {
  readonly projection: string
  readonly generation: number
  readonly number: number
  readonly status: string
  readonly behind: number
}

interface Load {
  /** How many commands were answered. */
  answered(): number
  stop(): Promise<void>
}

/** Holds seats and gives them back, or sells them, over and over. */
function startLoad(api: Api, performanceIds: readonly string[]): Load {
  const random = randomOf(7)
  let answered = 0
  let isStopping = false
  const buyers = performanceIds.map(async (performanceId) => {
    const buyer = await api.newBuyer()
    while (!isStopping) {
      const held = await api.hold(performanceId, [oneOf(SEATS, random)], buyer)
      if (held.status === 201) {
        const { holdId } = held.json<Hold>()
        const ended = random() < 0.02 ? await api.sell(holdId) : await api.release(holdId, buyer)
        assert.ok(ended.status < 500, ended.text)
      }
      answered++
    }
  })
  return {
    answered: () => answered,
    async stop() {
      isStopping = true
      await Promise.all(buyers)
    },
  }
}

const why =
  whyNoCluster() ?? (['mongo', 'postgres'].some(skipsEngine) ? 'CAVEA_SKIP_ENGINES names what read models are kept in' : undefined)
if (why === undefined) describeProjectors()
else describe('Projectors', () => void it(`is skipped: ${why}`))

function describeProjectors(): void {
  describe('Projectors on Kafka, MongoDB and PostgreSQL', function () {
    this.timeout(2 * SOON_MS)
    let mongo: Engine
    let postgres: Engine
    let cluster: Cluster
    let projectors: readonly [Program, Program]
    let env: Readonly<Record<string, string>>
    let api: Api

    before(async function startAll() {
      this.timeout(START_MS)
      // One after the other: together they are more than a small machine can bring up in time.
      const engines = await sharedEngines()
      cluster = await startCluster({ partitions: PARTITIONS })
      mongo = await startMongo()
      postgres = await startPostgres()
      const uri = new URL(mongo.url)
      uri.pathname = `/t${randomBytes(6).toString('hex')}`
      env = {
        KAFKA_BROKERS: engines.kafka.brokers,
        SCHEMA_REGISTRY_URL: engines.registry.url,
        CAVEA_TOPIC_PREFIX: cluster.topicPrefix,
        CAVEA_PARTITIONS: String(PARTITIONS),
        MONGODB_URI: uri.href,
        DATABASE_URL: postgres.url,
      }
      const start = (name: string): Promise<Program> =>
        startProgram({
          name,
          main: 'projector/dist/main.js',
          portVariable: 'PROJECTOR_PORT',
          env: { ...env, CAVEA_PUBLIC_TOPICS: '0', CAVEA_LOG_LEVEL: 'info' },
        })
      projectors = await Promise.all([start('projector 1'), start('projector 2')])
      api = apiOf(cluster)
    })
    after(async function stopAll() {
      this.timeout(START_MS)
      await Promise.all((projectors ?? []).map((program) => program.stop()))
      await cluster?.stop()
      await Promise.all([mongo?.stop(), postgres?.stop()])
    })

    async function cavea<Report>(...args: readonly string[]): Promise<Report> {
      const { exitCode, output, errors } = await runCli(['--json', ...args], env)
      assert.equal(exitCode, 0, `cavea ${args.join(' ')} ended with ${exitCode}: ${output.slice(0, 4_000)} ${errors.slice(-2_000)}`)
      return JSON.parse(output) as Report
    }
    const untilCurrent = (): Promise<true> =>
      eventually('all read models to have everything', SOON_MS, async () => {
        const { projections } = await cavea<{ projections: readonly Listed[] }>('projections', 'list')
        const active = projections.filter(({ status }) => status === 'active')
        return (active.length === 5 && active.every(({ behind }) => behind === 0)) || undefined
      })
    async function metric(program: Program, name: string): Promise<readonly string[]> {
      const text = await (await fetch(`${program.url}/metrics`)).text()
      return text.split('\n').filter((line) => line.startsWith(`${name}{`))
    }
    const isSame = async (): Promise<unknown> => {
      const { same, projections } = await cavea<{ same: boolean; projections: readonly { projection: string; rows: number }[] }>(
        'projections',
        'verify',
      )
      return [same, projections.map(({ projection }) => projection)]
    }
    const SAME = [true, ['halls', 'sections', 'catalogue', 'bookings', 'decisions']]

    it('are killed, paused and started again, and a read model is made again meanwhile: all of it is the fold of the log', async () => {
      const [one, other] = projectors
      const theatres = await Promise.all([0, 1, 2, 3].map(() => openTheatre(api)))
      const load = startLoad(
        api,
        theatres.map(({ performanceId }) => performanceId),
      )
      const more = (count: number): Promise<true> => {
        const until = load.answered() + count
        return eventually(`${count} more answers`, SOON_MS, async () => load.answered() >= until || undefined)
      }
      try {
        await more(40)
        await one.kill9()
        await more(60)
        const restarted = one.restart()
        await more(30)
        other.pause()
        await more(60)
        other.resume()
        await restarted
        await more(20)
        await other.kill9()
        await other.restart()
        // By a projector; or by the command itself, where no projector is back so soon.
        const rebuilt = await cavea<{ by: string; generation: number }>('projections', 'rebuild', 'decisions')
        assert.equal(rebuilt.generation, 2)
        assert.deepEqual(await isSame(), SAME)
      } finally {
        await load.stop()
      }
      await untilCurrent()
      assert.deepEqual(await isSame(), SAME)
      await cluster.audit()
    })

    it('tell by their metrics how far behind they are, and by which read model', async () => {
      await untilCurrent()
      const lines = await eventually('no lag', SOON_MS, async () => {
        const all = (await Promise.all(projectors.map((program) => metric(program, 'cavea_projection_lag_records')))).flat()
        const places = new Set(all.map((line) => line.slice(0, line.indexOf(',service'))))
        // halls and catalogue read one context, sections one, bookings and decisions two.
        return places.size === 7 * PARTITIONS && all.every((line) => line.endsWith(' 0')) ? all : undefined
      })
      assert.ok(lines.some((line) => line.includes('projection="bookings"') && line.includes('seating.events')))
    })

    it('are left by nobody who asks for what is not there', async () => {
      const { exitCode, errors } = await runCli(['projections', 'rebuild', 'nothing'], env)
      assert.deepEqual([exitCode, errors.includes('There is no read model "nothing"')], [2, true])
      const { MONGODB_URI: _uri, DATABASE_URL: _url, ...without } = env
      assert.equal((await runCli(['projections', 'list'], without)).exitCode, 2)
      assert.deepEqual(await cavea('dlq', 'list'), { deadLetters: [] })
    })

    it('are said to differ where somebody changed a row behind their back', async () => {
      const { default: pg } = await import('pg')
      const client = new pg.Client({ connectionString: postgres.url })
      await client.connect()
      try {
        await client.query('UPDATE read_models.prices SET amount = amount + 1')
      } finally {
        await client.end()
      }
      const { exitCode, output } = await runCli(['projections', 'verify', 'catalogue'], env)
      assert.equal(exitCode, 1)
      assert.match(output, /prices .* differs in amount/)
      await cavea('projections', 'rebuild', 'catalogue')
      assert.deepEqual(await isSame(), SAME)
    })
  })
}

describe('The projector of the embedded profile', function () {
  this.timeout(SOON_MS)

  it('keeps tables that a command line can compare with the log while the server runs, and after it was killed', async function () {
    this.timeout(START_MS)
    const product = await startStandalone()
    try {
      const api = apiOf(product)
      const { performanceId } = await openTheatre(api)
      const buyer = await api.newBuyer()
      expectStatus(await api.hold(performanceId, ['Stalls-A-1'], buyer), 201)
      const verify = () => runCli(['--data', product.dir, '--json', 'projections', 'verify'], {})
      const isWhole = async (): Promise<true | undefined> => {
        const { exitCode, output, errors } = await verify()
        // No table is there yet, or none that was switched in: the read models start beside the server.
        if (exitCode === 2 || output.includes('There is no read model of this version')) return undefined
        assert.equal(exitCode, 0, `${output} ${errors}`)
        const { projections } = JSON.parse(output) as { projections: readonly { projection: string; rows: number }[] }
        return projections.some(({ projection, rows }) => projection === 'decisions' && rows > 0) || undefined
      }
      await eventually('tables', SOON_MS, isWhole)
      await product.program.kill9()
      await product.program.restart()
      expectStatus(await api.hold(performanceId, ['Stalls-A-2'], buyer), 201)
      await eventually('tables after a crash', SOON_MS, isWhole)
    } finally {
      await product.stop()
    }
  })
})
