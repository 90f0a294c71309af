import assert from 'node:assert/strict'
import type { PickerHall, PickerSeat } from '@cavea/seat-picker/types.ts'
import { alternativeTo } from './alternative.ts'

const row = (label: string, y: number, count: number, aisleAfter = 0): PickerSeat[] =>
  Array.from({ length: count }, (_, at) => ({
    seatId: `${label}${at + 1}`,
    row: label,
    number: String(at + 1),
    x: at + (aisleAfter > 0 && at >= aisleAfter ? 3 : 0),
    y,
    category: label === 'Z' ? 'Cheap' : 'Stalls',
    type: 'seat',
  }))
const hall: PickerHall = {
  name: 'Hall',
  currency: 'EUR',
  categories: [],
  focalPoint: null,
  sections: [
    {
      sectionId: 'stalls',
      name: 'Stalls',
      standing: false,
      capacity: 26,
      bounds: null,
      seats: [...row('A', 0, 8), ...row('B', 1, 8, 4), ...row('Z', 2, 8)],
    },
    { sectionId: 'balcony', name: 'Balcony', standing: false, capacity: 4, bounds: null, seats: row('C', 9, 4) },
  ],
}
const taken = (...seatIds: string[]) => ({
  status: (seatId: string) => (seatIds.includes(seatId) ? ('held' as const) : ('available' as const)),
})
const none = new Set<string>()

describe('The alternative to seats that were taken', () => {
  it('is the nearest seats side by side in the same row', () => {
    assert.deepEqual(alternativeTo(['A3', 'A4'], hall, taken('A3'), none), ['A4', 'A5'])
  })

  it('is another row when that is nearer', () => {
    assert.deepEqual(alternativeTo(['A3', 'A4'], hall, taken('A2', 'A3', 'A4', 'A5'), none), ['B3', 'B4'])
  })

  it('does not reach over an aisle', () => {
    assert.deepEqual(alternativeTo(['B4', 'B5'], hall, taken(...row('A', 0, 8).map(({ seatId }) => seatId), 'B3', 'B6'), none), [
      'B1',
      'B2',
    ])
  })

  it('stays in the section and the category, and takes single seats when no others are left', () => {
    const all = [...row('A', 0, 8), ...row('B', 1, 8)].map(({ seatId }) => seatId)
    const left = (...seatIds: string[]) => taken(...all.filter((seatId) => !seatIds.includes(seatId)))
    assert.deepEqual(alternativeTo(['A1', 'A2'], hall, left('A8', 'B2'), none), ['B2', 'A8'])
    assert.equal(alternativeTo(['A1', 'A2'], hall, left('A8'), none), undefined)
  })

  it('leaves out what the buyer has already', () => {
    assert.deepEqual(alternativeTo(['A3'], hall, taken('A3'), new Set(['A2', 'A4', 'B3'])), ['B2'])
    assert.equal(alternativeTo([], hall, taken(), none), undefined)
  })
})
