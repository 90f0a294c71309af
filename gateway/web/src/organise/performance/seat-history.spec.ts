import assert from 'node:assert/strict'
import type { PickerHall } from '@cavea/seat-picker/types.ts'
import type { SeatDecision } from '../data/answers.ts'
import { isBehind, momentsOf, seatIdsOf, statusAt, surroundingsOf } from './seat-history.ts'

const at = (second: number): string => new Date(second * 1_000).toISOString()
const decided = (second: number, status: SeatDecision['status']): SeatDecision => ({
  ...{ at: at(second), event: null, status, outcome: 'accepted', code: null, commandType: '', commandId: '', causationId: '' },
  ...{ holdId: null, actor: { kind: 'buyer', id: 'b' }, decision: `seating/0/${second}` },
})

function hallOf(...sections: readonly (readonly number[])[]): PickerHall {
  return {
    ...{ name: 'Hall', categories: [], currency: 'EUR', focalPoint: null },
    sections: sections.map((rows, section) => {
      const seats = rows.flatMap((count, row) =>
        Array.from({ length: count }, (_, seat) => {
          const place = { row: String(row), number: String(seat), x: seat, y: row }
          return { seatId: `${section}-${row}-${seat}`, ...place, category: 'Seat', type: 'standard' }
        }),
      )
      return { sectionId: String(section), name: String(section), standing: false, capacity: seats.length, seats, bounds: null }
    }),
  }
}

describe('The history of a seat', () => {
  const history = [decided(10, 'held'), decided(15, null), decided(20, 'available'), decided(30, 'held'), decided(40, 'sold')]

  for (const [second, status] of [
    [0, 'available'],
    [9.999, 'available'],
    [10, 'held'],
    [17, 'held'],
    [25, 'available'],
    [40, 'sold'],
    [99, 'sold'],
  ] as const)
    it(`says that it was ${status} after ${second} seconds`, () => assert.equal(statusAt(history, second * 1_000), status))

  it('knows when it is behind what the seat is now', () => {
    assert.equal(isBehind(history, 'sold'), false)
    assert.equal(isBehind(history.slice(0, 4), 'sold'), true)
    assert.equal(isBehind([], 'available'), false)
  })

  it('names each moment at which anything changed once, over all seats', () => {
    assert.deepEqual(momentsOf([history, [decided(5, 'held'), decided(20, 'sold')]]), [5_000, 10_000, 20_000, 30_000, 40_000])
  })

  it('is shown with as much around it as can be asked for', () => {
    const hall = hallOf([4, 6], [10, 10])
    assert.equal(surroundingsOf(hall, '0-1-2', 30).extent, 'hall')
    assert.equal(surroundingsOf(hall, '0-1-2', 29).extent, 'section')
    const row = surroundingsOf(hall, '1-1-2', 12)
    assert.equal(row.extent, 'row')
    assert.deepEqual(seatIdsOf(row.hall).slice(0, 2), ['1-1-0', '1-1-1'])
    const alone = surroundingsOf(hall, '1-1-2', 3)
    assert.equal(alone.extent, 'seat')
    assert.deepEqual(seatIdsOf(alone.hall), ['1-1-2'])
  })
})
