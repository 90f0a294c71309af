import assert from 'node:assert/strict'
import { createDirectory, type Performance, type SeatMap } from '@cavea/contracts/catalog/directory'
import { START_MS } from '@cavea/event-log/testing/scripted-chains'
import { ORGANISATION, PERFORMANCE_TERMS, scriptHall } from '../testing/scripted-hall.ts'
import { type HeldPart, type HoldAnswer, holdAnswer } from './hold.ts'

const hall = scriptHall('Hall', 4, ORGANISATION, 2_500)
const vnd = (amount: number) => ({ amount, currency: 'VND' })
const FLOOR = { sectionId: 'floor', name: 'FLOOR', category: 'Silver' }

/** The performance with a second price list, in which silver costs 90,000. */
function given(): { readonly performance: Performance; readonly map: SeatMap } {
  const directory = createDirectory()
  const { performanceId } = hall
  for (const event of hall.catalogEvents) directory.apply(event)
  const terms = { ...PERFORMANCE_TERMS, prices: [{ category: 'Silver', ticketType: '', amount: 90_000 }] }
  directory.apply({ type: 'PerformanceRevised', performanceId, sections: [], revision: 2, priceRevision: 2, terms })
  const performance = directory.performance(performanceId)
  const map = directory.seatMap(hall.seatMapId)
  assert.ok(performance && map)
  return { performance, map }
}

function answerOf(...parts: HeldPart[]): HoldAnswer {
  const answer = maybeAnswerOf(...parts)
  assert.ok(answer)
  return answer
}
function maybeAnswerOf(...parts: HeldPart[]): HoldAnswer | undefined {
  const { performance, map } = given()
  const { performanceId } = hall
  return holdAnswer({ holdId: 'hold_1', performanceId, status: 'held', parts, expiresAtMs: START_MS, extensionsLeft: 1 }, performance, map)
}
const part = (sectionId: string, seats: readonly number[], priceRevision = 1): HeldPart => ({ sectionId, seats, priceRevision })

describe('The answer about a hold', () => {
  it('has all its fields for seats of one section', () => {
    const seat = { section: 'STALLS', category: 'Gold', price: vnd(125_000) }
    assert.deepEqual(answerOf(part('stalls', [3, 0])), {
      holdId: 'hold_1',
      performanceId: hall.performanceId,
      sectionId: 'stalls',
      status: 'held',
      seats: [
        { seatId: 'stalls-B-2', row: 'B', number: '2', ...seat },
        { seatId: 'stalls-A-1', row: 'A', number: '1', ...seat },
      ],
      quantity: 2,
      areas: [],
      total: vnd(250_000),
      expiresAt: '2026-09-21T14:13:20.000Z',
      extensionsLeft: 1,
    })
  })

  it('counts the places of a shard under the name of its area', () => {
    const { sectionId, seats, quantity, areas, total } = answerOf(part('floor~1', [0, 1, 2]))
    assert.deepEqual([sectionId, seats, quantity, total], ['floor', [], 3, vnd(240_000)])
    assert.deepEqual(areas, [{ ...FLOOR, quantity: 3, price: vnd(80_000) }])
  })

  it('sums the shards of an area, which are one section to clients', () => {
    const { sectionId, quantity, areas } = answerOf(part('floor~0', [7]), part('floor~2', [0, 1]))
    assert.deepEqual([sectionId, quantity], ['floor', 3])
    assert.deepEqual(areas, [{ ...FLOOR, quantity: 3, price: vnd(80_000) }])
  })

  it('names no section when there are several, and lists seats in the order of the parts', () => {
    const answer = answerOf(part('balcony', [1]), part('floor~0', [0]), part('stalls', [2]))
    assert.equal('sectionId' in answer, false)
    assert.deepEqual(
      answer.seats.map(({ seatId }) => seatId),
      ['balcony-A-2', 'stalls-B-1'],
    )
    assert.deepEqual([answer.quantity, answer.total], [3, vnd(285_000)])
  })

  it('prices each part by the list that it locked, and keeps places of two prices apart', () => {
    const { areas, total } = answerOf(part('floor~0', [0, 1], 1), part('floor~1', [0], 2), part('floor~2', [0], 1))
    assert.deepEqual(areas, [
      { ...FLOOR, quantity: 3, price: vnd(80_000) },
      { ...FLOOR, quantity: 1, price: vnd(90_000) },
    ])
    assert.deepEqual(total, vnd(330_000))
  })

  it('cannot be given before the catalog is known as far as the hold needs it', () => {
    assert.equal(maybeAnswerOf(part('stalls', [0], 3)), undefined)
    assert.equal(maybeAnswerOf(part('stalls', [0]), part('cellar', [0])), undefined)
  })
})
