import assert from 'node:assert/strict'
import type { MapRow } from '@cavea/contracts/catalog/messages'
import type { VenueId } from '@cavea/contracts/ids'
import fc from 'fast-check'
import type { PlanRow, PlanSection, SeatMapPlan } from './seat-map/plan.ts'
import { type SizeOf, type SplitLimits, splitSeatMap } from './seat-map-parts.ts'

const venueId = 'venue_x' as VenueId
const sizeOf: SizeOf = { draft: (draft) => JSON.stringify(draft).length, row: (row) => JSON.stringify(row).length }
const limits: SplitLimits = { seatsMax: 10, bytesMax: 4_000 }

function planOf(sections: readonly (readonly number[])[], extras = ''): SeatMapPlan {
  const seat = (seatId: string) => ({ seatId, number: '1', x: 0, y: 0, category: 'C', type: 'standard' as const })
  const row = (id: string, seats: number): PlanRow => ({
    label: id,
    seats: Array.from({ length: seats }, (_, n) => seat(`${id}-${n}`)),
    ...(extras !== '' && { extras: { note: extras } }),
  })
  const section = (rows: readonly number[], n: number): PlanSection => ({
    sectionId: `s${n}`,
    name: `S ${n}`,
    rows: rows.map((seats, at) => row(`s${n}r${at}`, seats)),
  })
  return { name: 'Hall', categories: [{ name: 'C' }], sections: sections.map(section) }
}

/** One row of a section, with as many seats, each as `more` says by its place. */
function rowPlan(seats: number, row: Partial<PlanRow>, more: (at: number) => object = () => ({})): SeatMapPlan {
  const plan = planOf([[seats]])
  const withRow = (drawn: PlanRow): PlanRow => ({ ...drawn, ...row, seats: drawn.seats.map((seat, at) => ({ ...seat, ...more(at) })) })
  return { ...plan, sections: plan.sections.map((section) => ({ ...section, rows: section.rows.map(withRow) })) }
}

const seatsOf = (rows: readonly MapRow[]): readonly string[] => rows.flatMap(({ seats }) => seats.map(({ seatId }) => seatId))

describe('a seat map as commands', () => {
  it('keeps every seat in its section and in its order, within the limits, whatever the plan', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 1, max: 35 }), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        (sections) => {
          const plan = planOf(sections)
          const split = splitSeatMap(plan, venueId, sizeOf, limits)
          assert.ok(split.outcome === 'split')
          assert.equal(split.draft.parts, split.parts.length)
          assert.deepEqual(
            split.parts.map(({ part }) => part),
            split.parts.map((_, n) => n),
          )
          for (const { rows } of split.parts) {
            assert.ok(seatsOf(rows).length <= limits.seatsMax)
            assert.ok(rows.reduce((bytes, row) => bytes + sizeOf.row(row), 0) <= limits.bytesMax)
          }
          for (const section of plan.sections) {
            const rows: readonly MapRow[] = split.parts
              .filter(({ sectionId }) => sectionId === section.sectionId)
              .flatMap((part) => part.rows)
            assert.deepEqual(
              seatsOf(rows),
              section.rows.flatMap(({ seats }) => seats.map(({ seatId }) => seatId)),
            )
            assert.deepEqual(new Set(rows.map(({ label }) => label)), new Set(section.rows.map(({ label }) => label)))
          }
        },
      ),
    )
  })

  it('leaves a row whole that fits', () => {
    const split = splitSeatMap(planOf([[4, 4, 4, 10]]), venueId, sizeOf, limits)
    assert.ok(split.outcome === 'split')
    assert.deepEqual(
      split.parts.map(({ rows }) => rows.map(({ seats }) => seats.length)),
      [[4, 4], [4], [10]],
    )
  })

  it('keeps a split row’s extras once', () => {
    const split = splitSeatMap(planOf([[25]], 'steps'), venueId, sizeOf, limits)
    assert.ok(split.outcome === 'split')
    assert.deepEqual(
      split.parts.flatMap(({ rows }) => rows.map(({ extras }) => extras)).filter((extras) => extras !== ''),
      ['{"note":"steps"}'],
    )
  })

  it('refuses a row that no record can carry, and says which', () => {
    const split = splitSeatMap(planOf([[1]], 'x'.repeat(5_000)), venueId, sizeOf, limits)
    assert.ok(split.outcome === 'too large')
    assert.deepEqual(
      split.faults.map(({ pointer, code }) => `${pointer} ${code}`),
      ['/sections/0/rows/0 ROW_TOO_LARGE'],
    )
  })

  it('normalises colours, warns of those that it cannot keep, and keeps what formats add to categories', () => {
    const plan = {
      ...planOf([[1]]),
      categories: [
        { name: 'A', color: '#abc', extras: { tier: 1 } },
        { name: 'B', color: 'hsl(1 2% 3%)' },
      ],
      extras: { size: 9 },
    }
    const split = splitSeatMap(plan, venueId, sizeOf, limits)
    assert.ok(split.outcome === 'split')
    assert.deepEqual(split.draft.categories, [
      { name: 'A', color: '#aabbcc' },
      { name: 'B', color: '' },
    ])
    assert.deepEqual(
      split.warnings.map(({ pointer }) => pointer),
      ['/categories/1/color'],
    )
    assert.deepEqual(JSON.parse(split.draft.extras), { size: 9, categories: [{ name: 'A', tier: 1 }] })
  })

  it('writes a standing area into the draft alone, with its capacity, and the focal point', () => {
    const bounds = { x: 1, y: 2, width: 3, height: 4 }
    const plan: SeatMapPlan = {
      name: 'Club',
      focalPoint: { x: 5, y: 6 },
      categories: [{ name: 'C' }],
      sections: [
        { sectionId: 'floor', name: 'Floor', rows: [], standing: { capacity: 400, category: 'C', bounds }, extras: { note: 'low' } },
        ...planOf([[2]]).sections,
        { sectionId: 'bar', name: 'Bar', rows: [], standing: { capacity: 20, category: 'C' } },
      ],
    }
    const split = splitSeatMap(plan, venueId, sizeOf, limits)
    assert.ok(split.outcome === 'split')
    assert.deepEqual(split.draft.sections, [
      { sectionId: 'floor', name: 'Floor', seatCount: 400, standing: { category: 'C', bounds }, extras: '{"note":"low"}' },
      { sectionId: 's0', name: 'S 0', seatCount: 2, standing: null, extras: '' },
      { sectionId: 'bar', name: 'Bar', seatCount: 20, standing: { category: 'C', bounds: null }, extras: '' },
    ])
    assert.deepEqual(split.draft.focalPoint, { x: 5, y: 6 })
    assert.deepEqual(
      split.parts.map(({ sectionId }) => sectionId),
      ['s0'],
    )
    const unsaid = splitSeatMap(planOf([[1]]), venueId, sizeOf, limits)
    assert.ok(unsaid.outcome === 'split')
    assert.equal(unsaid.draft.focalPoint, null)
  })

  it('writes how a table is sold and what the plan says of aisles, and of others that it says nothing', () => {
    for (const table of ['chairs', 'whole'] as const) {
      const split = splitSeatMap(rowPlan(2, { table }), venueId, sizeOf, limits)
      assert.ok(split.outcome === 'split')
      assert.equal(split.parts[0]?.rows[0]?.table, table)
    }
    const split = splitSeatMap(
      rowPlan(3, {}, (at) => (at < 2 ? { aisleAfter: at === 0 } : {})),
      venueId,
      sizeOf,
      limits,
    )
    assert.ok(split.outcome === 'split')
    const row = split.parts[0]?.rows[0]
    assert.equal(row?.table, '')
    assert.deepEqual(
      row.seats.map(({ aisleAfter }) => aisleAfter),
      [true, false, null],
    )
    assert.deepEqual(split.warnings, [])
  })

  it('warns of an aisle that only the records make, and keeps no override where a row is cut', () => {
    const number = (at: number): object => ({ number: `${at + 1}` })
    const joined = splitSeatMap(
      rowPlan(20, { label: 'A' }, (at) => ({ ...number(at), ...(at < 19 ? { aisleAfter: false } : {}) })),
      venueId,
      sizeOf,
      limits,
    )
    assert.ok(joined.outcome === 'split')
    assert.deepEqual(joined.warnings, [
      {
        pointer: '/sections/0/rows/0',
        code: 'ROW_SPLIT',
        detail: 'The row "A" of section "S 0" is too large for one record, so it is kept as 2 rows, with an aisle after seat "10".',
      },
    ])
    assert.deepEqual(
      joined.parts.flatMap(({ rows }) => rows.map(({ seats }) => seats.filter(({ aisleAfter }) => aisleAfter === null).length)),
      [1, 1],
    )
    const many = splitSeatMap(rowPlan(100, {}, number), venueId, sizeOf, limits)
    assert.ok(many.outcome === 'split')
    assert.match(many.warnings[0]?.detail ?? '', /kept as 16 rows, with an aisle after seat "7", "13", "19", "25", "32", …\.$/)
    const parted = splitSeatMap(
      rowPlan(20, {}, (at) => (at === 9 ? { aisleAfter: true } : {})),
      venueId,
      sizeOf,
      limits,
    )
    assert.ok(parted.outcome === 'split')
    assert.equal(parted.parts.length, 2)
    assert.deepEqual(parted.warnings, [])
  })

  it('never splits a table, and refuses one that no record can carry', () => {
    const whole = { label: 'T1', table: 'whole' as const }
    const fits = splitSeatMap(rowPlan(10, whole), venueId, sizeOf, limits)
    assert.ok(fits.outcome === 'split')
    assert.deepEqual(
      fits.parts.map(({ rows }) => rows.map(({ seats }) => seats.length)),
      [[10]],
    )
    const note = 'x'.repeat(500)
    const large = splitSeatMap(
      rowPlan(10, whole, () => ({ extras: { note } })),
      venueId,
      sizeOf,
      limits,
    )
    assert.ok(large.outcome === 'too large')
    assert.deepEqual(large.faults, [
      {
        pointer: '/sections/0/rows/0',
        code: 'ROW_TOO_LARGE',
        detail: 'The table of row "T1" of section "S 0" is too large for one record, and a table cannot be split.',
      },
    ])
  })
})
