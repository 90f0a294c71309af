import assert from 'node:assert/strict'
import { startPostgres } from '@cavea/engines/postgres'
import { type Answer, type Api, type Asked, apiOf, expectProblem, expectStatus, type Hold, versionOf } from '../support/client.ts'
import { sharedEngines, skipsEngine, whyNoCluster } from '../support/engines.ts'
import { eventually, openPerformance, openTheatre, THEATRE_PRICES, untilDecided } from '../support/hall.ts'
import { type Product, startCluster, startStandalone } from '../support/product.ts'
import { startProgram } from '../support/program.ts'

type Ends = () => Promise<unknown>
interface Started {
  readonly product: Product
  readonly ends: readonly Ends[]
}

const START_MS = 180_000
const PARTITIONS = 4
const SOON_MS = 60_000 // A busy machine is no failure.
const ACROSS = ['Stalls-B-1', 'Balcony-A-1']

async function embedded(): Promise<Started> {
  const product = await startStandalone()
  return { product, ends: [() => product.stop()] }
}

async function onKafka(): Promise<Started> {
  const [{ kafka, registry }, postgres] = await Promise.all([sharedEngines(), startPostgres()])
  const product = await startCluster({ partitions: PARTITIONS, env: { DATABASE_URL: postgres.url } })
  const projector = await startProgram({
    name: 'projector',
    main: 'projector/dist/main.js',
    portVariable: 'PROJECTOR_PORT',
    env: {
      KAFKA_BROKERS: kafka.brokers,
      SCHEMA_REGISTRY_URL: registry.url,
      CAVEA_TOPIC_PREFIX: product.topicPrefix,
      CAVEA_PARTITIONS: String(PARTITIONS),
      CAVEA_PUBLIC_TOPICS: '0',
      CAVEA_LOG_LEVEL: 'info',
      DATABASE_URL: postgres.url,
    },
  })
  return { product, ends: [() => projector.stop(), () => product.stop(), () => postgres.stop()] }
}

describeReports('Reports, on the embedded log', embedded)
const why = whyNoCluster() ?? (skipsEngine('postgres') ? 'CAVEA_SKIP_ENGINES names postgres' : undefined)
if (why === undefined) describeReports('Reports, on Kafka and PostgreSQL', onKafka)
else describe('Reports, on Kafka and PostgreSQL', () => void it(`is skipped: ${why}`))

function describeReports(title: string, start: () => Promise<Started>): void {
  describe(title, function () {
    this.timeout(2 * SOON_MS)
    let ends: readonly Ends[] = []
    let product: Product
    let api: Api
    before(async function startProduct() {
      this.timeout(START_MS)
      const started = await start()
      product = started.product
      ends = started.ends
      api = apiOf(product)
    })
    after(async function stopProduct() {
      this.timeout(START_MS)
      for (const end of ends) await end()
    })

    /** Reads until the tables are as new as these answers. */
    const reportOf = async <Report>(
      path: string,
      after: readonly Answer[] = [],
      asked: Asked = { token: api.adminToken },
    ): Promise<Report> =>
      await eventually(`a report at ${path}`, SOON_MS, async () => {
        const headers = after.length === 0 ? {} : { 'cavea-min-version': after.map(versionOf).join(', ') }
        const answer = await api.ask('GET', path, { ...asked, headers })
        return answer.status === 503 ? undefined : expectStatus(answer, 200).json<Report>()
      })

    // A gateway may learn a moment later than the query service that a performance is open.
    const hold = (performanceId: string, seats: readonly string[], by: Parameters<Api['hold']>[2]): Promise<Answer> =>
      untilDecided((key) => api.hold(performanceId, seats, by, key))
    const sell = (holdId: string): Promise<Answer> => untilDecided(() => api.sell(holdId))

    it('tell of what was held and sold, in one section and in several', async () => {
      const { performanceId } = await openTheatre(api)
      const path = `/v1/performances/${performanceId}`
      const buyer = await api.newBuyer()
      const one = expectStatus(await hold(performanceId, ['Stalls-A-1', 'Stalls-A-2'], buyer), 201).json<Hold>()
      const several = expectStatus(await hold(performanceId, ACROSS, buyer), 201).json<Hold>()
      const refused = await hold(performanceId, ['Stalls-A-1', 'Balcony-A-2'], await api.newBuyer())
      expectProblem(refused, 409, 'SEAT_UNAVAILABLE')
      const sold = [expectStatus(await sell(one.holdId), 200), expectStatus(await sell(several.holdId), 200)]

      type Sales = { data: { category: string; seats: number; revenue: object }[]; total: { seats: number; revenue: object } }
      const eur = (amount: number): object => ({ amount, currency: 'EUR' })
      const total = { seats: 4, revenue: eur(3 * 4_500 + 2_500) }
      // The parts of a cart are sold a moment after the cart.
      const sales = await eventually('all sales to be told', SOON_MS, async () => {
        const report = await reportOf<Sales>(`${path}/sales?by=day`, sold)
        return report.total.seats === total.seats ? report : undefined
      })
      assert.deepEqual(sales.total, total)
      assert.deepEqual(
        sales.data.map(({ category, seats, revenue }) => ({ category, seats, revenue })),
        [
          { category: 'Balcony', seats: 1, revenue: eur(2_500) },
          { category: 'Stalls', seats: 3, revenue: eur(3 * 4_500) },
        ],
      )

      type Told = { data: { event: string | null; status: string | null; code: string | null; holdId: string | null; decision: string }[] }
      const { data } = await eventually('the refusal to be told', SOON_MS, async () => {
        const told = await reportOf<Told>(`${path}/seats/Stalls-A-1/decisions`, sold.slice(0, 1))
        return told.data.length >= 3 ? told : undefined
      })
      assert.deepEqual(
        data.map(({ event, status, code, holdId }) => [event, status, code, holdId]),
        [
          ['SeatsHeld', 'held', null, one.holdId],
          ['PartRefused', null, 'SEAT_UNAVAILABLE', null],
          ['SeatsSold', 'sold', null, one.holdId],
        ],
      )
      assert.equal(data[2]?.decision.split('/').length, 3)

      type History = { data: { at: string; available: number; held: number; sold: number; blocked: number }[] }
      const history = await eventually('the counts to be told', SOON_MS, async () => {
        const report = await reportOf<History>(`${path}/history?points=50`, sold)
        return report.data.at(-1)?.sold === 4 && report.data.at(-1)?.held === 0 ? report : undefined
      })
      const { at, ...last } = history.data.at(-1) ?? { at: '' }
      assert.deepEqual(last, { available: 4 * 12 + 2 * 10 - 4, held: 0, sold: 4, blocked: 0 })
      assert.ok(history.data.every((point) => point.at <= at))

      type Holds = { data: Hold[]; next: string | null }
      const holds = await reportOf<Holds>('/v1/holds?status=sold', sold, { token: buyer.buyerToken })
      assert.deepEqual(
        holds.data.map(({ holdId }) => holdId),
        [several.holdId, one.holdId].toSorted().toReversed(),
      )
      assert.deepEqual(holds.data[0], (await api.getHold(holds.data[0]?.holdId ?? '', buyer)).json<Hold>())
    })

    it('find a performance by what people type', async () => {
      const { seatMapId } = await openTheatre(api)
      const performanceId = await openPerformance(api, seatMapId, { name: 'Đêm nhạc Thị Ước', prices: THEATRE_PRICES })
      type Found = { data: { performanceId: string; name: string }[] }
      const found = await eventually('the performance to be found', SOON_MS, async () => {
        const { data } = await reportOf<Found>('/v1/performances?q=dem+uoc+rotter&country=nl', [], {})
        return data[0]
      })
      assert.deepEqual([found.performanceId, found.name], [performanceId, 'Đêm nhạc Thị Ước'])
    })

    it('are the same after a restart', async () => {
      const { performanceId } = await openTheatre(api)
      const held = expectStatus(await hold(performanceId, ['Stalls-A-1'], 'organiser'), 201)
      const path = `/v1/performances/${performanceId}/seats/Stalls-A-1/decisions`
      const before = await reportOf<object>(path, [held])
      await product.restart()
      api = apiOf(product)
      assert.deepEqual(await reportOf<object>(path, [held]), before)
    })
  })
}
