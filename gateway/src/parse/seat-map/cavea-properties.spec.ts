import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseCaveaPlan, writeCaveaPlan } from './cavea.ts'
import { PLAN_LIMITS, type PlanRow, type PlanSection, SEAT_TYPES, type SeatMapPlan, TABLE_SALES } from './plan.ts'
import { isCleanText } from './text.ts'

const text = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .map((any) => any.trim())
  .filter((any) => isCleanText(any))
const name = text.filter((any) => any !== '')
const hundredths = (min: number, max: number) => fc.integer({ min, max }).map((n) => n / 100 + 0)
const position = hundredths(-PLAN_LIMITS.positionMax * 100, PLAN_LIMITS.positionMax * 100)
const size = hundredths(1, PLAN_LIMITS.positionMax * 100)
const extras = fc.constantFrom({ note: 'by the wall' }, { list: [1, { deep: null }], flag: false })

const seat = (category: fc.Arbitrary<string>) =>
  fc.record(
    { x: position, y: position, category, type: fc.constantFrom(...SEAT_TYPES), aisleAfter: fc.boolean(), extras },
    { requiredKeys: ['x', 'y', 'category', 'type'], noNullPrototype: true },
  )
const row = (category: fc.Arbitrary<string>) =>
  fc.record(
    { label: text, table: fc.constantFrom(...TABLE_SALES), seats: fc.array(seat(category), { minLength: 1, maxLength: 5 }), extras },
    { requiredKeys: ['label', 'seats'], noNullPrototype: true },
  )
const standing = (category: fc.Arbitrary<string>) =>
  fc.record(
    {
      capacity: fc.integer({ min: 1, max: PLAN_LIMITS.capacityMax }),
      category,
      bounds: fc.record({ x: position, y: position, width: size, height: size }, { noNullPrototype: true }),
    },
    { requiredKeys: ['capacity', 'category'], noNullPrototype: true },
  )

const seatedOrStanding = (category: fc.Arbitrary<string>) =>
  fc.oneof(
    fc.record(
      { sectionId: fc.constant(''), name, rows: fc.array(row(category), { minLength: 1, maxLength: 3 }), extras },
      { requiredKeys: ['sectionId', 'name', 'rows'], noNullPrototype: true },
    ),
    fc.record(
      { sectionId: fc.constant(''), name, rows: fc.constant([]), standing: standing(category), extras },
      { requiredKeys: ['sectionId', 'name', 'rows', 'standing'], noNullPrototype: true },
    ),
  )

type DrawnSection = Omit<PlanSection, 'rows'> & { readonly rows: readonly DrawnRow[] }
type DrawnRow = Omit<PlanRow, 'seats'> & { readonly seats: readonly Omit<PlanRow['seats'][number], 'seatId' | 'number'>[] }

/** Sections with ids, and seats with ids and numbers, that occur once; without the overrides that no plan has. */
function numbered(section: DrawnSection, at: number): PlanSection {
  const rows = section.rows.map(
    (drawn, rowAt): PlanRow => ({
      ...drawn,
      seats: drawn.seats.map(({ aisleAfter, ...others }, seatAt) => ({
        ...others,
        seatId: `${at}-${rowAt}-${seatAt}`,
        number: seatAt === 0 ? '' : `${rowAt}-${seatAt}`,
        ...(aisleAfter === undefined || drawn.table !== undefined || seatAt === drawn.seats.length - 1 ? {} : { aisleAfter }),
      })),
    }),
  )
  return { ...section, sectionId: `section-${at}`, rows }
}

const plan: fc.Arbitrary<SeatMapPlan> = fc.uniqueArray(name, { minLength: 1, maxLength: 4 }).chain((names) => {
  const category = fc.constantFrom(...names)
  return fc.record(
    {
      name,
      focalPoint: fc.record({ x: position, y: position }, { noNullPrototype: true }),
      categories: fc.tuple(
        ...names.map((each) =>
          fc.record(
            { name: fc.constant(each), color: fc.constantFrom('#abc', 'navy'), extras },
            { requiredKeys: ['name'], noNullPrototype: true },
          ),
        ),
      ),
      sections: fc.array(seatedOrStanding(category), { minLength: 1, maxLength: 4 }).map((sections) => sections.map(numbered)),
      extras,
    },
    { requiredKeys: ['name', 'categories', 'sections'], noNullPrototype: true },
  )
})

describe("Cavea's own seat map format, whatever the plan", () => {
  it('gives the same plan when what was written is read again', () => {
    fc.assert(
      fc.property(plan, (any) => {
        const written: unknown = JSON.parse(JSON.stringify(writeCaveaPlan(any)))
        assert.deepEqual(parseCaveaPlan(written), { outcome: 'parsed', plan: any, warnings: [] })
      }),
    )
  })

  it('reads a plan that JSON wrote field by field just as well', () => {
    fc.assert(
      fc.property(plan, (any) => {
        assert.deepEqual(parseCaveaPlan(JSON.parse(JSON.stringify(any))), { outcome: 'parsed', plan: any, warnings: [] })
      }),
    )
  })
})
