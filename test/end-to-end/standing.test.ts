import assert from 'node:assert/strict'
import { type Api, type Availability, apiOf, expectProblem, expectStatus, type Hold, type SectionCounts } from '../support/client.ts'
import { describeProduct } from '../support/describe-product.ts'
import { createVenue, eventually, type ImportedMap, importPlan, openPerformance } from '../support/hall.ts'
import { randomOf } from '../support/random.ts'

const CAVEA = 'application/vnd.cavea.seat-map+json'
const FLOOR = 1_101
const GALLERY = 40
const LAST = 101
const BUYERS = 120

/** A floor that is large enough for two shards, a gallery that is not, and a table of four that is sold whole. */
const clubPlan = (): string =>
  JSON.stringify({
    name: 'Club',
    focalPoint: { x: 0, y: 0 },
    categories: [{ name: 'Floor' }, { name: 'Gallery' }, { name: 'Table' }],
    sections: [
      {
        sectionId: 'floor',
        name: 'Floor',
        standing: { capacity: FLOOR, category: 'Floor', bounds: { x: -200, y: 20, width: 400, height: 200 } },
      },
      { sectionId: 'gallery', name: 'Gallery', standing: { capacity: GALLERY, category: 'Gallery' } },
      {
        sectionId: 'tables',
        name: 'Tables',
        rows: ['whole', 'chairs'].map((table, row) => ({
          label: `T${row + 1}`,
          table,
          seats: [0, 1, 2, 3].map((chair) => ({
            seatId: `T${row + 1}-${chair + 1}`,
            number: String(chair + 1),
            x: 300 + 20 * (chair % 2),
            y: 100 * row + 20 * Math.floor(chair / 2),
            category: 'Table',
          })),
        })),
      },
    ],
  })

const PRICES = [
  { category: 'Floor', amount: 3000 },
  { category: 'Gallery', amount: 2000 },
  { category: 'Table', amount: 5000 },
]

describeProduct('A standing area', {}, ({ product }) => {
  let api: Api
  let seatMapId = ''
  before(async () => {
    api = apiOf(product())
    const map = expectStatus(await importPlan(api, await createVenue(api), clubPlan(), CAVEA), 201).json<ImportedMap>()
    assert.equal(map.capacity, FLOOR + GALLERY + 8)
    seatMapId = map.seatMapId
  })

  const openClub = (terms: object = {}): Promise<string> => openPerformance(api, seatMapId, { prices: PRICES, ...terms })
  const countsOf = ({ sections }: Availability, sectionId: string): SectionCounts =>
    sections.find((section) => section.sectionId === sectionId) ?? assert.fail(`no section ${sectionId}`)

  it('is taken by quantity, whether it is small or spread over shards, and shows no seats', async () => {
    const performanceId = await openClub()
    for (const [area, price] of [
      ['gallery', 2000],
      ['floor', 3000],
    ] as const) {
      const buyer = await api.newBuyer()
      const answer = expectStatus(await api.holdPlaces(performanceId, area, 3, buyer), 201)
      const hold = answer.json<Hold>()
      assert.deepEqual(hold.seats, [])
      assert.deepEqual(
        hold.areas.map(({ sectionId, quantity, price: each }) => [sectionId, quantity, each.amount]),
        [[area, 3, price]],
      )
      assert.deepEqual([hold.quantity, hold.total.amount], [3, 3 * price])
      assert.deepEqual(expectStatus(await api.getHold(hold.holdId, buyer, answer), 200).json<Hold>(), hold)
      await eventually('three places to be held', 10_000, async () => {
        const { available, held, capacity } = countsOf(await api.availability(performanceId), area)
        assert.equal(available + held, capacity)
        return held === 3 || undefined
      })
      expectStatus(await api.sell(hold.holdId), 200)
      await eventually('three places to be sold', 10_000, async () =>
        countsOf(await api.availability(performanceId), area).sold === 3 ? true : undefined,
      )
    }
  })

  it('says what is wrong with a wish', async () => {
    const performanceId = await openClub()
    const buyer = await api.newBuyer()
    const fault = async (body: object): Promise<string | undefined> => {
      const asked = { token: buyer.buyerToken, key: crypto.randomUUID(), body }
      return expectProblem(await api.ask('POST', `/v1/performances/${performanceId}/holds`, asked), 400, 'INVALID_INPUT').errors?.[0]?.code
    }
    assert.equal(await fault({ area: 'tables', quantity: 1 }), 'NOT_A_STANDING_AREA')
    assert.equal(await fault({ area: 'roof', quantity: 1 }), 'UNKNOWN_SECTION')
    assert.equal(await fault({ bestAvailable: { quantity: 1, section: 'floor' } }), 'STANDING_AREA')
    assert.equal(await fault({ area: 'floor', quantity: 1, seats: ['T1-1'] }), 'ONE_OF')
    assert.ok(await fault({ area: 'floor' }))
    expectProblem(await api.holdPlaces(performanceId, 'gallery', 41, 'organiser'), 409, 'NOT_ENOUGH_SEATS')
  })

  it('counts what a buyer has in all its shards', async () => {
    const performanceId = await openClub({ purchaseLimit: 4 })
    const buyer = await api.newBuyer()
    expectStatus(await api.holdPlaces(performanceId, 'gallery', 4, buyer), 201)
    expectProblem(await api.holdPlaces(performanceId, 'gallery', 1, buyer), 409, 'PURCHASE_LIMIT')
    expectProblem(await api.holdPlaces(performanceId, 'floor', 5, buyer), 409, 'PURCHASE_LIMIT')
    expectStatus(await api.holdPlaces(performanceId, 'floor', 4, buyer), 201)
  })

  it('gives its last places out exactly once, those that are left in its shards combined', async () => {
    const performanceId = await openClub()
    const most = Math.floor((FLOOR - LAST) / 100)
    for (let at = 0; at < most; at++) expectStatus(await api.holdPlaces(performanceId, 'floor', 100, 'organiser'), 201)
    const apis = product().urls.map((url) => apiOf({ url, adminToken: product().adminToken }))
    const random = randomOf(7)
    let taken = 0
    const take = async (at: Api, quantity: number): Promise<boolean> => {
      const answer = await at.holdPlaces(performanceId, 'floor', quantity, await at.newBuyer())
      if (answer.status === 201) taken += answer.json<Hold>().quantity
      else expectProblem(answer, 409, 'NOT_ENOUGH_SEATS')
      return answer.status === 201
    }
    await Promise.all(
      Array.from({ length: BUYERS }, async (_, at) => await take(apis[at % apis.length] ?? api, 1 + Math.floor(random() * 4))),
    )
    assert.ok(taken <= LAST)
    await eventually('the last place to go', 30_000, async () => {
      if (taken < LAST) await take(api, Math.min(4, LAST - taken))
      return taken === LAST || undefined
    })
    assert.equal(await take(api, 1), false)
    await eventually('the counts to agree', 10_000, async () => {
      const { available, held, capacity } = countsOf(await api.availability(performanceId), 'floor')
      return (available === 0 && held === capacity) || undefined
    })
    await product().audit()
  })

  it('stands beside tables: one is sold whole, the other by the chair', async () => {
    const performanceId = await openClub({ orphanRule: 'strict' })
    const buyer = await api.newBuyer()
    const refused = expectProblem(await api.hold(performanceId, ['T1-1', 'T1-3'], buyer), 409, 'TABLE_SOLD_WHOLE')
    assert.deepEqual((refused as unknown as { missing: string[] }).missing, ['T1-2', 'T1-4'])
    expectStatus(await api.hold(performanceId, ['T1-1', 'T1-2', 'T1-3', 'T1-4'], buyer), 201)
    expectStatus(await api.hold(performanceId, ['T2-1', 'T2-3'], buyer), 201)
    const rest = expectStatus(await api.holdBest(performanceId, { quantity: 2, section: 'tables' }, buyer), 201).json<Hold>()
    assert.deepEqual(rest.seats.map(({ seatId }) => seatId).toSorted(), ['T2-2', 'T2-4'])
    await product().audit()
  })
})
