import assert from 'node:assert/strict'
import { draw } from './drawn-rows.ts'
import { layoutOf, ORDINARY_ROW, RESTRICTED_VIEW, type SeatGeometry, type SectionLayout, TABLE, WHOLE_TABLE } from './layout.ts'

const FOCAL = { x: 0, y: -5 }

/** One section of the given rows of points, numbered as they come. */
function section(rows: readonly (readonly (readonly [number, number])[])[], map: Partial<SeatGeometry> = {}): SectionLayout {
  const seats = rows.flatMap((points, row) => points.map(([x, y]) => ({ row, x, y })))
  const zeros = seats.map(() => 0)
  const geometry = {
    row: seats.map(({ row }) => row),
    x: seats.map(({ x }) => x),
    y: seats.map(({ y }) => y),
    category: zeros,
    type: zeros,
    ...map,
  }
  return layoutOf(geometry, { focal: FOCAL })
}

/** The runs of a section, each as its seats in order. */
function runs({ seatAt }: SectionLayout): number[][] {
  const found: number[][] = []
  for (const [slot, seat] of seatAt.entries()) {
    if (seat < 0) continue
    if ((seatAt[slot - 1] ?? -1) < 0) found.push([])
    found.at(-1)?.push(seat)
  }
  return found
}

const arc = (from: number, to: number, radius: number, seats: number): [number, number][] =>
  Array.from({ length: seats }, (_, at) => {
    const angle = ((from + ((to - from) * at) / (seats - 1)) * Math.PI) / 180
    return [radius * Math.cos(angle), radius * Math.sin(angle)]
  })
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

describe('The layout of a section', () => {
  it('cuts a row into runs where the gap is more than 1.6 pitches', () => {
    assert.deepEqual(runs(draw(['...|..', '......']).layout), [
      [0, 1, 2],
      [3, 4],
      [5, 6, 7, 8, 9, 10],
    ])
  })

  it('takes another gap for an aisle when the map says so', () => {
    assert.equal(runs(draw(['...|..'], { aisleGap: 2.5 }).layout).length, 1)
  })

  it('cuts or joins two neighbours as the map says, whatever the distance and whichever way they are numbered', () => {
    const { layout } = draw(['..!....', '...|.._..'])
    assert.deepEqual(runs(layout), [
      [0, 1],
      [2, 3, 4, 5],
      [6, 7, 8],
      [9, 10, 11, 12],
    ])
    const backwards = draw(['..!..', '.._..'], { numbering: [3, 2, 1, 0, 7, 6, 5, 4] })
    assert.deepEqual(runs(backwards.layout), [
      [3, 2],
      [1, 0],
      [7, 6, 5, 4],
    ])
  })

  it('minds what the map says of a gap only where these two seats are neighbours', () => {
    const geometry = { row: [0, 0, 0, 0], x: [0, 2, 1, 3], y: [0, 0, 0, 0], category: [0, 0, 0, 0], type: [0, 0, 0, 0] }
    assert.deepEqual(runs(layoutOf({ ...geometry, aisles: [0] }, { focal: FOCAL })), [[0, 2, 1, 3]])
    assert.deepEqual(runs(layoutOf({ ...geometry, aisles: [1] }, { focal: FOCAL })), [
      [0, 2],
      [1, 3],
    ])
    assert.deepEqual(runs(layoutOf({ ...geometry, aisles: [3], joined: [1] }, { focal: FOCAL })), [[0, 2, 1, 3]])
    assert.deepEqual(runs(layoutOf({ ...geometry, aisles: [1], joined: [1] }, { focal: FOCAL })), [
      [0, 2],
      [1, 3],
    ])
  })

  it('takes the chairs of a table in the order of the map, without an aisle, however they stand', () => {
    const round: [number, number][] = [
      [0, 0],
      [9, 9],
      [9, 0],
      [0, 9],
    ]
    const rows = [round, [1, 2, 3, 4].map((x): [number, number] => [x, 20])]
    assert.deepEqual(runs(section(rows, { tables: [0], aisles: [1] })), [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ])
    const { kind, wholeTables, mayStayAlone, slotOf } = section(rows, { wholeTables: [0] })
    assert.deepEqual([...kind], [WHOLE_TABLE, ORDINARY_ROW])
    assert.deepEqual(wholeTables, [0])
    assert.deepEqual(
      upTo(8).map((seat) => mayStayAlone[slotOf[seat] ?? 0]),
      [1, 1, 1, 1, 0, 0, 0, 0],
    )
  })

  it('knows what each row is by its number, even where a number before it has no seats', () => {
    const geometry = { row: [1, 3, 5], x: [0, 0, 0], y: [1, 3, 5], category: [0, 0, 0], type: [0, 0, 0] }
    const { kind, wholeTables } = layoutOf({ ...geometry, tables: [3], wholeTables: [2, 5] }, { focal: FOCAL })
    assert.deepEqual([...kind], [ORDINARY_ROW, TABLE, WHOLE_TABLE])
    assert.deepEqual(wholeTables, [2])
  })

  it('does not measure a row of two by the chairs of tables', () => {
    const row = upTo(6).map((x): [number, number] => [x, 0])
    const pair: [number, number][] = [
      [0, 1],
      [1, 1],
    ]
    const chairs = upTo(20).map((x): [number, number] => [x / 10, 2])
    assert.deepEqual(
      runs(section([row, pair, chairs], { tables: [2] })).map((run) => run.length),
      [6, 2, 20],
    )
  })

  it('counts no whole table among the rows near another', () => {
    const { rowsNear } = draw(['..', '[..]', '(..)', '..']).layout
    assert.deepEqual(rowsNear, [[0, 2, 3], [1], [0, 2, 3], [0, 2, 3]])
  })

  it('measures each row by its own pitch, so a row of wide seats has no aisles', () => {
    const tight = upTo(6).map((x): [number, number] => [x, 0])
    const wide = upTo(4).map((x): [number, number] => [x * 2, 1])
    assert.deepEqual(
      runs(section([tight, wide])).map((run) => run.length),
      [6, 4],
    )
  })

  it('measures a row of two by the pitch of the section, so seats at both ends of a row are no neighbours', () => {
    const row = upTo(6).map((x): [number, number] => [x, 0])
    const ends: [number, number][] = [
      [0, 1],
      [5, 1],
    ]
    assert.deepEqual(runs(section([row, ends])).slice(1), [[6], [7]])
  })

  it('orders an upright row by y and a slanted one along its slant', () => {
    const upright = [3, 1, 0, 2].map((y): [number, number] => [7, y])
    assert.deepEqual(runs(section([upright])), [[2, 1, 3, 0]])
    const steep = [2, 0, 1, 3].map((step): [number, number] => [step * 0.3, -step])
    assert.deepEqual(runs(section([steep])), [[1, 2, 0, 3]])
  })

  it('orders a half circle and a horseshoe along the curve', () => {
    assert.deepEqual(runs(section([arc(180, 0, 10, 20)])), [upTo(20)])
    const [horseshoe = []] = runs(section([arc(240, -60, 10, 24)]))
    assert.deepEqual(horseshoe[0] === 0 ? horseshoe : horseshoe.toReversed(), upTo(24))
  })

  it('never makes neighbours of seats that lie apart in a box of two lines', () => {
    const box = section([[0, 1].flatMap((y) => upTo(4).map((x): [number, number] => [x, y]))])
    for (const run of runs(box))
      for (const [at, seat] of run.slice(1).entries()) {
        const [a, b] = [box.slotOf[run[at] ?? 0] ?? 0, box.slotOf[seat] ?? 0]
        assert.ok(Math.hypot((box.x[a] ?? 0) - (box.x[b] ?? 0), (box.y[a] ?? 0) - (box.y[b] ?? 0)) < 1.01)
      }
  })

  it('keeps rows apart that are far from each other in number, and leaves out numbers without seats', () => {
    const layout = layoutOf({ row: [900, 900, 3], x: [0, 1, 0], y: [1, 1, 0], category: [0, 0, 0], type: [0, 0, 0] }, { focal: FOCAL })
    assert.equal(layout.rowCount, 2)
    assert.deepEqual(runs(layout), [[2], [0, 1]])
  })

  it('bears no seats, one seat, rows of one seat and seats at one position', () => {
    assert.equal(section([]).slotCount, 1)
    assert.deepEqual(runs(section([[[4, 4]]])), [[0]])
    assert.deepEqual(runs(section([[[0, 0]], [[0, 1]], [[0, 2]]])), [[0], [1], [2]])
    assert.deepEqual(
      runs(
        section([
          [
            [1, 1],
            [1, 1],
            [1, 1],
          ],
        ]),
      ),
      [[0, 1, 2]],
    )
  })

  it('orders seats at one position by what they are, not by their numbers', () => {
    const at = (type: readonly number[]) =>
      layoutOf({ row: [0, 0, 0], x: [1, 1, 1], y: [1, 1, 1], category: [0, 0, 0], type }, { focal: FOCAL })
    assert.deepEqual(runs(at([0, 1, 3])), [[0, 1, 2]])
    assert.deepEqual(runs(at([3, 0, 1])), [[1, 2, 0]])
  })

  it('refuses arrays that do not fit and positions that are no numbers', () => {
    const fitting = { row: [0], x: [0], y: [0], category: [0], type: [0] }
    assert.throws(() => layoutOf({ ...fitting, type: [] }, { focal: FOCAL }), RangeError)
    assert.throws(() => layoutOf({ ...fitting, x: [Number.NaN] }, { focal: FOCAL }), RangeError)
  })

  it('tells which rows are near each other, two in front and two behind', () => {
    const { rowsNear } = draw(['..', '..', '..', '..', '..', '..', '..']).layout
    assert.deepEqual(rowsNear[3], [1, 2, 3, 4, 5])
    assert.deepEqual(rowsNear[0], [0, 1, 2, 3, 4])
    assert.deepEqual(draw(['..', '..']).layout.rowsNear, [
      [0, 1],
      [0, 1],
    ])
  })

  it('ranks seats by their distance from the focal point, a restricted view as if three pitches farther', () => {
    const { layout } = draw(['.....', '..r..'])
    assert.deepEqual([...layout.focalOrder].map((slot) => layout.seatAt[slot]).slice(0, 3), [2, 1, 3])
    assert.equal(layout.focalRank[2], 0)
    assert.equal(layout.focalRank[7], 9)
    assert.equal(layout.type[layout.slotOf[7] ?? 0], RESTRICTED_VIEW)
  })
})
