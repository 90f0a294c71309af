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
})
