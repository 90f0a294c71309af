import assert from 'node:assert/strict'
import type { DraftedSection, MapRow, MapSeat } from '@cavea/contracts/catalog/messages'
import { type SectionId, seatIndex } from '@cavea/contracts/ids'
import { type Drawn, focalPointOf, NO_SEATS, type SeatColumns, summariesOf, withRows } from './geometry.ts'

const seat = (change: Partial<MapSeat> = {}): MapSeat => ({
  seatId: '',
  number: '',
  x: 0,
  y: 0,
  category: 'A',
  type: 'standard',
  aisleAfter: null,
  extras: '',
  ...change,
})
const row = (seats: readonly MapSeat[], table: MapRow['table'] = ''): MapRow => ({ label: '', table, seats, extras: '' })

describe('withRows', () => {
  it('numbers aisles and tables over all the parts of a section', () => {
    const first = withRows(NO_SEATS, [row([seat({ aisleAfter: true }), seat()])], ['A'])
    const rows = [row([seat()], 'whole'), row([seat()], 'chairs'), row([seat({ aisleAfter: false }), seat()])]
    const columns = withRows(first, rows, ['A'])
    assert.deepEqual(columns.row, [0, 0, 1, 2, 3, 3])
    assert.deepEqual([columns.aisles, columns.joined], [[seatIndex(0)], [seatIndex(4)]])
    assert.deepEqual([columns.wholeTables, columns.tables], [[1], [2]])
  })

  it('goes on behind the last row, in hundredths of the drawing’s unit, and tells categories and types by their places', () => {
    const first = withRows(NO_SEATS, [row([seat()]), row([seat()]), row([seat({ x: 1.234, y: -2.5 })])], ['A', 'B'])
    const columns = withRows(
      first,
      [row([seat({ category: 'B', type: 'vip' }), seat({ category: 'unlisted', type: 'wheelchair' })])],
      ['A', 'B'],
    )
    assert.deepEqual(columns, {
      row: [0, 1, 2, 3, 3],
      x: [0, 0, 123, 0, 0],
      y: [0, 0, -250, 0, 0],
      category: [0, 0, 0, 1, 0],
      type: [0, 0, 0, 4, 1],
      aisles: [],
      joined: [],
      tables: [],
      wholeTables: [],
    })
  })
})

describe('What the audience looks at', () => {
  const [STALLS, FLOOR] = ['stalls' as SectionId, 'floor' as SectionId]
  const section = (sectionId: SectionId, seatCount: number, standing: DraftedSection['standing'] = null): DraftedSection => ({
    sectionId,
    name: sectionId,
    seatCount,
    standing,
    extras: '',
  })
  const seatsAt = (...points: readonly (readonly [number, number])[]): SeatColumns =>
    withRows(NO_SEATS, [row(points.map(([x, y]) => seat({ x, y })))], ['A'])
  const drawn = (change: Partial<Drawn>): Drawn => ({
    sections: [section(STALLS, 2)],
    focalPoint: null,
    seatsOf: new Map([[STALLS, seatsAt([1, 5], [3, 4])]]),
    ...change,
  })
  const bounds = { x: -1, y: 3, width: 10, height: 2 }

  it('is where the drawing says, in hundredths of its unit', () => {
    assert.deepEqual(focalPointOf(drawn({ focalPoint: { x: 1.5, y: -2 } })), { focalX: 150, focalY: -200 })
  })

  it('is the middle of the upper edge where it does not say, of seats and of places to stand', () => {
    assert.deepEqual(focalPointOf(drawn({})), { focalX: 200, focalY: 400 })
    const floor = (where: typeof bounds | null) => [section(STALLS, 2), section(FLOOR, 9, { category: 'A', bounds: where })]
    assert.deepEqual(focalPointOf(drawn({ sections: floor(null) })), { focalX: 200, focalY: 400 })
    assert.deepEqual(focalPointOf(drawn({ sections: floor(bounds) })), { focalX: 400, focalY: 300 })
  })

  it('is the origin where nothing is drawn', () => {
    assert.deepEqual(focalPointOf(drawn({ seatsOf: new Map() })), { focalX: 0, focalY: 0 })
  })

  it('is as far from a section as from its middle, and no way from one that is not drawn', () => {
    const sections = [section(STALLS, 2), section(FLOOR, 9, { category: 'A', bounds }), section('empty' as SectionId, 0)]
    const seatsOf = new Map([
      [STALLS, seatsAt([1, 5], [3, 4])],
      ['empty' as SectionId, seatsAt()],
    ])
    const summaries = summariesOf(drawn({ sections, seatsOf, focalPoint: { x: 34, y: -36 } }))
    assert.deepEqual(
      summaries.map(({ sectionId, focalDistance }) => [sectionId, focalDistance]),
      [
        [STALLS, 52], // (2 | 4.5) from (34 | -36).
        [FLOOR, 50], // (4 | 4) from there.
        ['empty', 0],
      ],
    )
  })
})
