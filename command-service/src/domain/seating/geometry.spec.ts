import assert from 'node:assert/strict'
import type { SectionGeometry } from '@cavea/contracts/seating/messages'
import { GEOMETRY, SEAT_COUNT, seatsOf } from './examples.ts'
import { compact, layoutWhenAsked, plain } from './geometry.ts'
import { TABLE } from './layout.ts'

const NOWHERE: SectionGeometry = { ...GEOMETRY, row: [], x: [], y: [], category: [], type: [] }

/** Two rows and a table sold whole, with an aisle that is none and one that the distance does not tell. */
const HALL: SectionGeometry = {
  ...GEOMETRY,
  row: [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2],
  y: [0, 0, 0, 0, 100, 100, 100, 100, 900, 900, 900, 900],
  x: [0, 100, 200, 300, 0, 100, 500, 600, 0, 900, 0, 900],
  focalX: 150,
  focalY: -300,
  aisles: seatsOf(1),
  joined: seatsOf(5),
  tables: [],
  wholeTables: [2],
}

describe('The geometry of a section', () => {
  it('is kept in little room and given back as it came', () => {
    for (const geometry of [GEOMETRY, HALL, NOWHERE, { ...HALL, tables: [0, 2], wholeTables: [] }])
      assert.deepEqual(plain(compact(geometry)), geometry)
  })

  it('becomes a layout when it is asked for, once, with the aisles and tables of the map', () => {
    const layout = layoutWhenAsked(compact(HALL))
    const { slotOf, wholeTables } = layout()
    const follows = (seat: number): boolean => slotOf[seat + 1] === (slotOf[seat] ?? 0) + 1
    assert.deepEqual(
      Array.from({ length: SEAT_COUNT }, (_, seat) => follows(seat)),
      [true, false, true, false, true, true, true, false, true, true, true, false],
    )
    assert.deepEqual(wholeTables, [2])
    assert.equal(layoutWhenAsked(compact({ ...HALL, tables: [2], wholeTables: [] }))().kind[2], TABLE)
    assert.equal(layout(), layout())
  })

  it('bears places that lie nowhere', () => {
    const { seatCount, rowCount, wholeTables } = layoutWhenAsked(compact(NOWHERE))()
    assert.deepEqual({ seatCount, rowCount, wholeTables }, { seatCount: 0, rowCount: 0, wholeTables: [] })
  })
})
