import assert from 'node:assert/strict'
import type { SeatStatus } from '../types.ts'
import { hallOf, type PerformanceAnswer, type SeatsAnswer, type SeatsMessage } from './answers.ts'
import { waitBefore } from './connection.ts'
import { createSeatTable, type SeatTable } from './seat-table.ts'

const PERFORMANCE: PerformanceAnswer = {
  name: 'Opening night',
  currency: 'EUR',
  categories: [
    { name: 'Gold', color: '#b5832e', price: { amount: 8_500 } },
    { name: 'Floor', color: null, price: null },
  ],
  sections: [
    { sectionId: 'stalls', name: 'Stalls', capacity: 3, standing: false },
    { sectionId: 'floor', name: 'Floor', capacity: 50, standing: true },
  ],
}

const seat = (number: string, status: SeatStatus) => {
  return { seatId: `A-${number}`, row: 'A', number, x: Number(number), y: 0, category: 'Gold', type: 'standard', status }
}
const SEATS: SeatsAnswer = {
  version: 7,
  sections: [
    { sectionId: 'stalls', seats: [seat('1', 'available'), seat('2', 'sold'), seat('3', 'available')] },
    { sectionId: 'floor', seats: [], capacity: 50, available: 48 },
  ],
}

type Section = SeatsMessage['sections'][number]
function message(version: number, ...sections: (Partial<Section> & { readonly sectionId: string })[]): SeatsMessage {
  const whole = { whole: false, capacity: 3, available: 2, seats: [] }
  return { version, since: `v${version}`, sections: sections.map((section) => ({ ...whole, ...section })) }
}

describe('The table of seats', () => {
  let table: SeatTable
  beforeEach(() => {
    table = createSeatTable()
    table.fill(PERFORMANCE, SEATS)
  })

  it('says what was loaded, and that a seat it does not know cannot be had', () => {
    assert.deepEqual(
      ['A-1', 'A-2', 'A-3', 'B-1'].map((id) => table.status(id)),
      ['available', 'sold', 'available', 'blocked'],
    )
    assert.deepEqual(table.counts('stalls'), { available: 2, capacity: 3 })
    assert.deepEqual(table.counts('floor'), { available: 48, capacity: 50 })
    assert.equal(table.version, 7)
  })

  it('names the seats and the areas that a message changed, and no others', () => {
    const seats = [
      { seatId: 'A-1', status: 'held' as const },
      { seatId: 'A-2', status: 'sold' as const },
    ]
    assert.deepEqual(table.apply(message(8, { sectionId: 'stalls', available: 1, seats })), ['A-1', 'stalls'])
    assert.deepEqual(table.apply(message(9, { sectionId: 'floor', capacity: 50, available: 47 })), ['floor'])
    assert.deepEqual([table.status('A-1'), table.counts('floor').available, table.version], ['held', 47, 9])
  })

  it('forgets what a whole section does not tell', () => {
    const seats = [{ seatId: 'A-1', status: 'available' as const }]
    const changed = table.apply(message(8, { sectionId: 'stalls', whole: true, capacity: 1, available: 1, seats }))
    assert.deepEqual(changed, ['A-2', 'A-3', 'stalls'])
    assert.deepEqual([table.status('A-1'), table.status('A-2')], ['available', 'blocked'])
  })

  it('keeps its version when an older message comes late', () => {
    table.apply(message(3, { sectionId: 'stalls' }))
    assert.equal(table.version, 7)
  })
})

describe('The hall of the answers', () => {
  it('gives a standing area the category that is called as it is, and leaves a price out where there is none', () => {
    const hall = hallOf(PERFORMANCE, SEATS)
    assert.deepEqual(
      hall.sections.map(({ sectionId, category, seats }) => [sectionId, category, seats.length]),
      [
        ['stalls', undefined, 3],
        ['floor', 'Floor', 0],
      ],
    )
    assert.deepEqual(
      hall.categories.map(({ price }) => price),
      [8_500, null],
    )
  })
})

describe('The wait before another attempt', () => {
  it('doubles up to a limit, and chance takes no more than half of it away', () => {
    assert.deepEqual(
      [0, 1, 2, 9, 99].map((attempt) => waitBefore(attempt, 1)),
      [500, 1_000, 2_000, 8_000, 8_000],
    )
    assert.equal(waitBefore(3, 0), 2_000)
  })
})
