import assert from 'node:assert/strict'
import { type Answer, type Api, apiOf, expectProblem, expectStatus, type Hold } from '../support/client.ts'
import { describeProduct } from '../support/describe-product.ts'
import { bigHall, createVenue, type ImportedMap, importPlan, openPerformance } from '../support/hall.ts'
import { measured, percentile } from '../support/numbers.ts'
import { oneOf, randomOf, someOf } from '../support/random.ts'

const BUYERS = 200
const SEED = 20_260_501

describeProduct('Many who want the same', {}, ({ product }) => {
  let apis: readonly Api[] = []
  let api: Api

  before(() => {
    apis = product().urls.map((url) => apiOf({ url, adminToken: product().adminToken }))
    api = apiOf(product())
  })

  async function open(rows: number, seatsPerRow: number): Promise<{ performanceId: string; seats: readonly string[] }> {
    const { csv, sections } = bigHall({ sections: 1, rows, seatsPerRow })
    const { seatMapId } = expectStatus(await importPlan(api, await createVenue(api), csv, 'text/csv'), 201).json<ImportedMap>()
    const performanceId = await openPerformance(api, seatMapId, { prices: [{ category: 'Any', amount: 100 }] })
    return { performanceId, seats: sections[0] ?? [] }
  }

  it('get each of thirty seats at most once, and a reason with every refusal', async () => {
    const { performanceId, seats } = await open(3, 10)
    const buyers = await Promise.all(Array.from({ length: BUYERS }, () => api.newBuyer()))
    const granted: Hold[] = []
    const answers: Answer[] = []
    const fight = async (at: number): Promise<void> => {
      const random = randomOf(SEED + at)
      const buyer = oneOf(buyers.slice(at), () => 0)
      for (let attempt = 0; attempt < 5; attempt++) {
        const wanted = someOf(seats, 1 + Math.floor(random() * 3), random)
        const answer = await oneOf(apis, random).hold(performanceId, wanted, buyer)
        answers.push(answer)
        if (answer.status === 201) {
          const hold = answer.json<Hold>()
          assert.deepEqual(hold.seats.map(({ seatId }) => seatId).toSorted(), wanted.toSorted())
          granted.push(hold)
          return
        }
        const { conflicts = [] } = expectProblem(answer, 409, 'SEAT_UNAVAILABLE')
        assert.ok(conflicts.length > 0)
        for (const { seatId, reason, since, mayFreeAt } of conflicts) {
          assert.ok(wanted.includes(seatId), seatId)
          assert.ok(reason === 'held' || reason === 'sold')
          assert.ok(Date.parse(since ?? '') <= Date.now() + 1_000)
          assert.equal(mayFreeAt === undefined, reason === 'sold')
        }
      }
    }
    const sellSome = async (): Promise<void> => {
      for (let sold = 0; sold < 5; sold++) {
        while (granted[sold] === undefined) await new Promise((resolve) => setTimeout(resolve, 5))
        expectStatus(await api.sell(granted[sold]?.holdId ?? ''), 200)
      }
    }
    await Promise.all([...buyers.map((_, at) => fight(at)), sellSome()])

    const taken = granted.flatMap((hold) => hold.seats.map(({ seatId }) => seatId))
    assert.equal(new Set(taken).size, taken.length, 'a seat was granted twice')
    const after = oneOf(
      answers.filter(({ status }) => status === 201),
      () => 0.999,
    )
    const reread = await Promise.all(
      granted.map(async ({ holdId }) => expectStatus(await api.getHold(holdId, 'organiser', after), 200).json<Hold>()),
    )
    const seatsIn = (status: string): string[] =>
      reread.filter((hold) => hold.status === status).flatMap((hold) => hold.seats.map(({ seatId }) => seatId))
    const { sections } = await api.seats(performanceId, after)
    const shown = sections.flatMap((section) => section.seats)
    for (const status of ['held', 'sold'] as const)
      assert.deepEqual(
        shown.filter((seat) => seat.status === status).map(({ seatId }) => seatId),
        seats.filter((seatId) => seatsIn(status).includes(seatId)),
      )
    const [counts] = (await api.availability(performanceId, after)).sections
    assert.deepEqual(
      [counts?.capacity, counts?.available, counts?.held, counts?.sold, counts?.blocked],
      [30, 30 - taken.length, seatsIn('held').length, seatsIn('sold').length, 0],
    )
    assert.ok(seatsIn('sold').length >= 5)
    await product().audit()
  })

  it('wait so long for a hold when nobody else asks', async () => {
    const { performanceId, seats } = await open(10, 30)
    const buyer = await api.newBuyer()
    const tookMs: number[] = []
    for (const seat of seats) {
      const startedMs = performance.now()
      expectStatus(await api.hold(performanceId, [seat], buyer), 201)
      tookMs.push(performance.now() - startedMs)
    }
    const warm = tookMs.slice(50)
    measured(`a lone hold over HTTP, ${product().profile}, p50 and p99`, percentile(warm, 0.5), percentile(warm, 0.99))
  })
})
