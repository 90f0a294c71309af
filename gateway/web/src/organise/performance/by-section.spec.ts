import assert from 'node:assert/strict'
import type { PickerHall, PickerSection } from '@cavea/seat-picker/types.ts'
import { bySection } from './by-section.ts'

function section(name: string, count: number): PickerSection {
  const seats = Array.from({ length: count }, (_, at) => {
    return { seatId: `${name}-${at}`, row: 'A', number: String(at), x: at, y: 0, category: 'Seat', type: 'standard' }
  })
  return { sectionId: name, name, standing: false, capacity: count, seats, bounds: null }
}

describe('Seats to be blocked', () => {
  const hall: PickerHall = {
    name: 'Hall',
    sections: [section('Stalls', 2_500), section('Balcony', 3)],
    categories: [],
    currency: 'EUR',
    focalPoint: null,
  }
  const sizes = (selected: readonly string[]) => bySection(hall, new Set(selected)).map(({ section, seatIds }) => [section, seatIds.length])

  it('are asked for by section, in the order of the hall', () => {
    assert.deepEqual(bySection(hall, new Set(['Balcony-2', 'Stalls-7', 'Balcony-0'])), [
      { section: 'Stalls', seatIds: ['Stalls-7'] },
      { section: 'Balcony', seatIds: ['Balcony-0', 'Balcony-2'] },
    ])
  })

  it('are asked for in portions that one request may have', () => {
    const all = hall.sections.flatMap(({ seats }) => seats.map(({ seatId }) => seatId))
    assert.deepEqual(sizes(all), [
      ['Stalls', 1_000],
      ['Stalls', 1_000],
      ['Stalls', 500],
      ['Balcony', 3],
    ])
    assert.deepEqual(sizes([]), [])
  })
})
