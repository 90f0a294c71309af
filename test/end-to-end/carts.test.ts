import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type Answer, type Api, apiOf, type Buyer, expectProblem, expectStatus, type Hold } from '../support/client.ts'
import { describeProduct } from '../support/describe-product.ts'
import { bigHall, createVenue, eventually, type ImportedMap, importPlan, openPerformance, openTheatre } from '../support/hall.ts'
import { oneOf, randomOf } from '../support/random.ts'

const ACROSS = ['Stalls-A-1', 'Stalls-A-2', 'Balcony-A-1']
const BUYERS = 200
const GROUP = 4

const seatIdsOf = ({ seats }: Hold): string[] => seats.map(({ seatId }) => seatId)

describeProduct('A hold over several sections', {}, ({ product }) => {
  let api: Api
  before(() => {
    api = apiOf(product())
  })

  /** What follows from a cart reaches its sections a moment after the cart has answered. */
  const untilSeatsAre = (performanceId: string, seatIds: readonly string[], status: string): Promise<true> =>
    eventually(`${seatIds.join(', ')} to be ${status}`, 10_000, async () => {
      const seats = (await api.seats(performanceId)).sections.flatMap((section) => section.seats)
      return seatIds.every((seatId) => seats.find((seat) => seat.seatId === seatId)?.status === status) || undefined
    })

  it('is one hold to its buyer: granted, read, extended and sold as a whole', async () => {
    const { performanceId } = await openTheatre(api)
    const buyer = await api.newBuyer()
    const granted = expectStatus(await api.hold(performanceId, ACROSS, buyer), 201)
    const hold = granted.json<Hold>()
    assert.deepEqual(seatIdsOf(hold).toSorted(), ACROSS.toSorted())
    assert.deepEqual([hold.status, hold.quantity, hold.total.amount], ['held', 3, 2 * 4500 + 2500])
    const read = expectStatus(await api.getHold(hold.holdId, buyer, granted), 200).json<Hold>()
    assert.deepEqual(read, { ...hold })
    await untilSeatsAre(performanceId, ACROSS, 'held')

    const extended = expectStatus(await api.extend(hold.holdId, buyer), 200).json<Hold>()
    assert.ok(Date.parse(extended.expiresAt) > Date.parse(hold.expiresAt))
    expectProblem(await api.extend(hold.holdId, buyer), 409, 'HOLD_NOT_EXTENDABLE')
    const sold = expectStatus(await api.sell(hold.holdId), 200)
    assert.equal(sold.json<Hold>().status, 'sold')
    assert.equal(sold.json<Hold>().total.amount, hold.total.amount)
    assert.equal(expectStatus(await api.getHold(hold.holdId, buyer, sold), 200).json<Hold>().status, 'sold')
    await untilSeatsAre(performanceId, ACROSS, 'sold')
    expectProblem(await api.release(hold.holdId, buyer), 409, 'HOLD_SOLD')
    await product().audit()
  })

  it('is all or nothing: one seat that is taken frees all the others, and is named', async () => {
    const { performanceId } = await openTheatre(api)
    const [first, second] = [await api.newBuyer(), await api.newBuyer()]
    expectStatus(await api.hold(performanceId, ['Stalls-A-2'], first), 201)
    const { conflicts = [] } = expectProblem(await api.hold(performanceId, ACROSS, second), 409, 'SEAT_UNAVAILABLE')
    assert.deepEqual(
      conflicts.map(({ seatId, reason }) => [seatId, reason]),
      [['Stalls-A-2', 'held']],
    )
    await untilSeatsAre(performanceId, ['Stalls-A-1', 'Balcony-A-1'], 'available')
    expectStatus(await api.hold(performanceId, ['Balcony-A-1', 'Stalls-A-1'], second), 201)
  })

  it('is released and expires in all of its sections', async () => {
    const { performanceId } = await openTheatre(api, { holdPolicy: { ttlSeconds: 1, extensionSeconds: 1, maxSeconds: 2 } })
    const buyer = await api.newBuyer()
    const { holdId } = expectStatus(await api.hold(performanceId, ACROSS, buyer), 201).json<Hold>()
    expectStatus(await api.release(holdId, buyer), 200)
    expectStatus(await api.release(holdId, buyer), 200)
    await untilSeatsAre(performanceId, ACROSS, 'available')
    const again = expectStatus(await api.hold(performanceId, ACROSS, buyer), 201).json<Hold>()
    await untilSeatsAre(performanceId, ACROSS, 'available')
    assert.equal(expectStatus(await api.getHold(again.holdId, buyer), 200).json<Hold>().status, 'expired')
    expectProblem(await api.extend(again.holdId, buyer), 410, 'HOLD_EXPIRED')
    assert.equal((await api.sell(again.holdId)).status, 410)
  })

  it('answers a retry as it did the first time, and another body with a refusal', async () => {
    const { performanceId } = await openTheatre(api)
    const buyer = await api.newBuyer()
    const key = randomUUID()
    const first = expectStatus(await api.hold(performanceId, ACROSS, buyer, key), 201)
    assert.equal((await api.hold(performanceId, ACROSS, buyer, key)).text, first.text)
    for (const url of product().urls) {
      const other = apiOf({ url, adminToken: product().adminToken })
      assert.equal((await other.hold(performanceId, ACROSS, buyer, key)).text, first.text)
    }
    expectProblem(await api.hold(performanceId, ['Stalls-A-1'], buyer, key), 422, 'IDEMPOTENCY_KEY_REUSED')
    const refused = randomUUID()
    const other = await api.newBuyer()
    const second = expectProblem(await api.hold(performanceId, ACROSS, other, refused), 409, 'SEAT_UNAVAILABLE')
    expectStatus(await api.release(first.json<Hold>().holdId, buyer), 200)
    await untilSeatsAre(performanceId, ACROSS, 'available')
    assert.deepEqual(
      expectProblem(await api.hold(performanceId, ACROSS, other, refused), 409, 'SEAT_UNAVAILABLE').conflicts,
      second.conflicts,
      'a refusal is an answer too',
    )
  })

  it('belongs to its buyer and the organiser', async () => {
    const { performanceId } = await openTheatre(api)
    const buyer = await api.newBuyer()
    const answer = expectStatus(await api.hold(performanceId, ACROSS, buyer), 201)
    const { holdId } = answer.json<Hold>()
    const stranger = await api.newBuyer()
    for (const refused of [
      await api.getHold(holdId, stranger, answer),
      await api.extend(holdId, stranger),
      await api.release(holdId, stranger),
    ])
      expectProblem(refused, 404, 'HOLD_NOT_FOUND')
    expectProblem(await api.ask('POST', `/v1/holds/${holdId}/sell`, { token: buyer.buyerToken }), 403, 'FORBIDDEN')
    expectStatus(await api.getHold(holdId, 'organiser', answer), 200)
    expectStatus(await api.release(holdId, 'organiser'), 200)
  })

  it('keeps the limits of a buyer over its sections', async () => {
    const { performanceId } = await openTheatre(api, { purchaseLimit: 3, sectionLimit: 2, seatsPerHold: 5 })
    const buyer = await api.newBuyer()
    const four = ['Stalls-A-1', 'Stalls-A-2', 'Balcony-A-1', 'Balcony-A-2']
    expectProblem(await api.hold(performanceId, four, buyer), 409, 'PURCHASE_LIMIT')
    expectProblem(await api.hold(performanceId, ['Stalls-A-1', 'Stalls-A-2', 'Stalls-A-3'], buyer), 409, 'PURCHASE_LIMIT')
    expectProblem(await api.hold(performanceId, [...four, 'Stalls-A-3', 'Stalls-A-4'], buyer), 409, 'PURCHASE_LIMIT')
    await untilSeatsAre(performanceId, four, 'available')
    expectStatus(await api.hold(performanceId, four.slice(1), buyer), 201)
  })

  it('takes the best seats wherever they are, and at last what the sections have left', async () => {
    const { performanceId } = await openTheatre(api)
    const [first, last] = [await api.newBuyer(), await api.newBuyer()]
    const best = expectStatus(await api.holdBest(performanceId, { quantity: GROUP }, first), 201).json<Hold>()
    assert.deepEqual(best.bestAvailable, { step: 'adjacent-no-orphan', sections: ['stalls'] })
    const free = (await api.seats(performanceId)).sections
      .flatMap(({ seats }) => seats)
      .map(({ seatId }) => seatId)
      .filter((seatId) => !seatIdsOf(best).includes(seatId))
    const left = ['Stalls-D-1', 'Stalls-D-12', 'Stalls-A-12', 'Balcony-B-1', 'Balcony-B-10']
    expectStatus(
      await api.hold(
        performanceId,
        free.filter((seatId) => !left.includes(seatId)),
        'organiser',
      ),
      201,
    )
    await untilSeatsAre(performanceId, left, 'available')
    const rest = expectStatus(await api.holdBest(performanceId, { quantity: left.length }, last), 201).json<Hold>()
    assert.deepEqual(seatIdsOf(rest).toSorted(), left.toSorted())
    assert.deepEqual(rest.bestAvailable, { step: 'combined', sections: ['stalls', 'balcony'] })
    expectProblem(await api.holdBest(performanceId, { quantity: 1 }, last), 409, 'NOT_ENOUGH_SEATS')
    await product().audit()
  })

  it('fills a hall of many sections for two hundred buyers: every seat once, and none is left that a group could have', async () => {
    const { csv, sections } = bigHall({ sections: 6, rows: 5, seatsPerRow: 10 })
    const { seatMapId } = expectStatus(await importPlan(api, await createVenue(api), csv, 'text/csv'), 201).json<ImportedMap>()
    const performanceId = await openPerformance(api, seatMapId, { prices: [{ category: 'Any', amount: 100 }] })
    const apis = product().urls.map((url) => apiOf({ url, adminToken: product().adminToken }))
    const taken = new Set<string>()
    const random = randomOf(4)
    const fourFor = async (at: Api, buyer: Buyer): Promise<Answer> => {
      const key = randomUUID()
      let answer = await at.holdBest(performanceId, { quantity: GROUP }, buyer, key)
      while (answer.status === 202) answer = await at.holdBest(performanceId, { quantity: GROUP }, buyer, key)
      if (answer.status !== 201) {
        expectProblem(answer, 409, 'NOT_ENOUGH_SEATS')
        return answer
      }
      const hold = answer.json<Hold>()
      assert.equal(hold.quantity, GROUP, answer.text)
      for (const seatId of seatIdsOf(hold)) assert.ok(!taken.has(seatId) && taken.add(seatId), `${seatId} was granted twice`)
      return answer
    }
    await Promise.all(
      Array.from({ length: BUYERS }, async () => {
        const at = oneOf(apis, random)
        await fourFor(at, await at.newBuyer())
      }),
    )
    // Two that reach for the same last seats may both be refused; one that comes after them is not.
    const capacity = sections.flat().length
    const late = await api.newBuyer()
    await eventually('all seats but fewer than a group to be taken', 30_000, async () => {
      await fourFor(api, late)
      return capacity - taken.size < GROUP || undefined
    })
    assert.equal(taken.size, capacity - (capacity % GROUP))
    await product().audit()
  })
})
