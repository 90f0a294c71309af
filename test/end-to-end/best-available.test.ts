import assert from 'node:assert/strict'
import { type Api, apiOf, expectProblem, expectStatus, type Hold, versionOf } from '../support/client.ts'
import { describeProduct } from '../support/describe-product.ts'
import { bigHall, createVenue, type ImportedMap, importPlan, openPerformance, openTheatre } from '../support/hall.ts'

const ROWS = 10
const SEATS_PER_ROW = 18
const GROUP = 4
const BUYERS = 60

const seatIdsOf = ({ seats }: Hold): string[] => seats.map(({ seatId }) => seatId)

describeProduct('Best available', {}, ({ product }) => {
  let api: Api
  before(() => {
    api = apiOf(product())
  })

  it('takes four seats side by side, never across the aisle, and a retry gets the same ones', async () => {
    const { performanceId } = await openTheatre(api)
    const buyer = await api.newBuyer()
    const wish = { quantity: GROUP, section: 'stalls' }
    const first = expectStatus(await api.holdBest(performanceId, wish, buyer, 'best'), 201)
    const hold = first.json<Hold>()
    assert.equal(hold.bestAvailable?.step, 'adjacent-no-orphan')
    const numbers = seatIdsOf(hold).map((seatId) => Number(seatId.split('-')[2]))
    assert.equal(new Set(seatIdsOf(hold).map((seatId) => seatId.split('-')[1])).size, 1)
    assert.deepEqual(
      numbers,
      Array.from({ length: GROUP }, (_, at) => (numbers[0] ?? 0) + at),
    )
    assert.equal(Math.max(...numbers) <= 6 || Math.min(...numbers) > 6, true, 'the aisle is between 6 and 7')
    assert.equal((await api.holdBest(performanceId, wish, buyer, 'best')).text, first.text)
  })

  it('says what is wrong with a wish', async () => {
    const { performanceId } = await openTheatre(api)
    const buyer = await api.newBuyer()
    const faultOf = async (wish: object): Promise<string | undefined> =>
      expectProblem(await api.holdBest(performanceId, wish, buyer), 400, 'INVALID_INPUT').errors?.[0]?.code
    assert.equal(await faultOf({ quantity: 2, price: { min: 10_000 } }), 'NO_CATEGORY_IN_RANGE')
    assert.equal(await faultOf({ quantity: 2, section: 'gallery' }), 'UNKNOWN_SECTION')
    assert.equal(await faultOf({ quantity: 2, section: 'stalls', category: 'Gold' }), 'UNKNOWN_CATEGORY')
    expectProblem(await api.holdBest(performanceId, { quantity: 1, section: 'stalls', accessible: true }, buyer), 409, 'NOT_ENOUGH_SEATS')
  })

  it('refuses to leave a single seat, and offers a choice that leaves none', async () => {
    const { performanceId } = await openTheatre(api, { orphanRule: 'strict' })
    const buyer = await api.newBuyer()
    const refused = expectProblem(await api.hold(performanceId, ['Stalls-A-2', 'Stalls-A-3'], buyer), 409, 'ORPHAN_SEAT')
    assert.deepEqual(refused.orphans, ['Stalls-A-1'])
    assert.match(refused.detail, /single seat/)
    expectStatus(await api.hold(performanceId, refused.alternative ?? [], buyer), 201)
    expectStatus(await api.hold(performanceId, ['Stalls-B-2', 'Stalls-B-3'], 'organiser'), 201)
  })

  it('fills a hall for many at once: every seat once, and no group split while there was room for a whole one', async () => {
    const { csv, sections } = bigHall({ sections: 1, rows: ROWS, seatsPerRow: SEATS_PER_ROW })
    const { seatMapId } = expectStatus(await importPlan(api, await createVenue(api), csv, 'text/csv'), 201).json<ImportedMap>()
    const performanceId = await openPerformance(api, seatMapId, { prices: [{ category: 'Any', amount: 100 }] })
    const granted: { readonly offset: number; readonly hold: Hold }[] = []
    let refused = 0
    const urls = product().urls.map((url) => apiOf({ url, adminToken: product().adminToken }))
    await Promise.all(
      Array.from({ length: BUYERS }, async (_, at) => {
        const gateway = urls[at % urls.length] ?? api
        const answer = await gateway.holdBest(performanceId, { quantity: GROUP }, await gateway.newBuyer())
        if (answer.status === 201) granted.push({ offset: Number(versionOf(answer).split('/')[2]), hold: answer.json<Hold>() })
        else {
          expectProblem(answer, 409, 'NOT_ENOUGH_SEATS')
          refused++
        }
      }),
    )
    const capacity = sections[0]?.length ?? 0
    assert.deepEqual([granted.length, refused], [Math.floor(capacity / GROUP), BUYERS - Math.floor(capacity / GROUP)])

    const free = new Set(sections[0])
    const hasWholeGroup = (): boolean =>
      Array.from({ length: ROWS }, (_, row) => row + 1).some((row) =>
        Array.from({ length: SEATS_PER_ROW - GROUP + 1 }, (_, from) => from + 1).some((from) =>
          Array.from({ length: GROUP }, (_, at) => free.has(`S0-${row}-${from + at}`)).every(Boolean),
        ),
      )
    for (const { hold } of granted.toSorted((a, b) => a.offset - b.offset)) {
      if (!hold.bestAvailable?.step.startsWith('adjacent')) assert.equal(hasWholeGroup(), false, `${hold.holdId} was split`)
      for (const seatId of seatIdsOf(hold)) assert.ok(free.delete(seatId), `${seatId} was granted twice`)
    }
    await product().audit()
  })
})
