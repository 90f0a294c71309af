import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parseCaveaPlan, writeCaveaPlan } from './cavea.ts'
import { parseCsvPlan } from './csv.ts'
import type { SeatMapPlan } from './plan.ts'
import { parsePretixPlan } from './pretix.ts'

function written(plan: SeatMapPlan): unknown {
  return JSON.parse(JSON.stringify(writeCaveaPlan(plan)))
}

function minimal(seat: Record<string, unknown> = {}, section: Record<string, unknown> = {}): unknown {
  const seats = [{ seatId: 's1', number: '1', x: 1, y: 2, category: 'A', ...seat }]
  return {
    name: 'Hall',
    categories: [{ name: 'A', color: '#abc' }],
    sections: [{ name: 'Main Floor', rows: [{ label: '1', seats }], ...section }],
  }
}

function faultsOf(json: unknown): readonly (readonly [string, string])[] {
  const result = parseCaveaPlan(json)
  assert.equal(result.outcome, 'faulty')
  return result.faults.map((fault) => [fault.pointer, fault.code])
}

describe("Cavea's own seat map format", () => {
  it('carries every plan that another format gave, without loss', () => {
    const fixture = readFileSync(new URL('../../../../test/fixtures/concert-hall.json', import.meta.url), 'utf8')
    const csv = 'section,row,number,type,note\nA,1,1,wheelchair,x\nA,1,2,companion,\nA,1,3,vip,\nA,1,4,restricted-view,\n'
    for (const result of [parsePretixPlan(JSON.parse(fixture)), parseCsvPlan(csv, { name: 'Hall' })]) {
      assert(result.outcome === 'parsed')
      assert.deepEqual(parseCaveaPlan(written(result.plan)), { outcome: 'parsed', plan: result.plan, warnings: [] })
    }
  })

  it('makes a section id from the name, a seat type, and nothing else that is absent', () => {
    const result = parseCaveaPlan(minimal())
    assert(result.outcome === 'parsed')
    assert.equal(result.plan.sections[0]?.sectionId, 'main-floor')
    assert.equal(result.plan.sections[0].rows[0]?.seats[0]?.type, 'standard')
  })

  it('never gives a made section id that a later section names itself', () => {
    const seat = (seatId: string) => ({ seatId, number: seatId, x: 0, y: 0, category: 'A' })
    const section = (seatId: string, more: Record<string, unknown>) => ({
      name: 'Box',
      rows: [{ label: '', seats: [seat(seatId)] }],
      ...more,
    })
    const sections = [section('1', {}), section('2', { sectionId: 'box' }), section('3', {})]
    const result = parseCaveaPlan({ name: 'Hall', categories: [{ name: 'A' }], sections })
    assert(result.outcome === 'parsed')
    assert.deepEqual(
      result.plan.sections.map((each) => each.sectionId),
      ['box-2', 'box', 'box-3'],
    )
  })

  it('refuses fields it does not know, wherever they are', () => {
    assert.deepEqual(faultsOf(minimal({ colour: 'red' }, { 'a/b': 1 })), [
      ['/sections/0/a~1b', 'UNKNOWN_FIELD'],
      ['/sections/0/rows/0/seats/0/colour', 'UNKNOWN_FIELD'],
    ])
    assert.deepEqual(faultsOf(JSON.parse(JSON.stringify(minimal()).replace('"seatId"', '"__proto__":{},"seatId"'))), [
      ['/sections/0/rows/0/seats/0/__proto__', 'UNKNOWN_FIELD'],
    ])
  })

  it('takes no number for text, no text for a number, and no type of its own making', () => {
    assert.deepEqual(faultsOf(minimal({ number: 1, x: '1', y: null, type: 'throne', category: 'B' }, { sectionId: 'Main Floor' })), [
      ['/sections/0/sectionId', 'NOT_A_SECTION_ID'],
      ['/sections/0/rows/0/seats/0/number', 'NOT_TEXT'],
      ['/sections/0/rows/0/seats/0/category', 'UNKNOWN_CATEGORY'],
      ['/sections/0/rows/0/seats/0/x', 'POSITION_NOT_A_NUMBER'],
      ['/sections/0/rows/0/seats/0/y', 'POSITION_NOT_A_NUMBER'],
      ['/sections/0/rows/0/seats/0/type', 'UNKNOWN_SEAT_TYPE'],
    ])
  })

  it('refuses sections without rows, rows without seats, and what is listed twice', () => {
    const seats = [
      { seatId: 's', number: '1', x: 0, y: 0, category: 'A' },
      { seatId: 's', number: '2', x: 0, y: 0, category: 'A' },
      { seatId: 't', number: '1', x: 0, y: 0, category: 'A' },
    ]
    const sections = [
      { sectionId: 'a', name: 'A', rows: [] },
      { sectionId: 'a', name: 'B', rows: [{ label: '1', seats: [] }] },
      { name: 'C', rows: [{ label: '1', seats }] },
    ]
    assert.deepEqual(faultsOf({ name: 'Hall', categories: [{ name: 'A' }, { name: 'A' }], sections }), [
      ['/categories/1/name', 'DUPLICATE_CATEGORY'],
      ['/sections/1/sectionId', 'DUPLICATE_SECTION_ID'],
      ['/sections/0/rows', 'EMPTY_SECTION'],
      ['/sections/1/rows/0/seats', 'EMPTY_ROW'],
      ['/sections/2/rows/0/seats/1/seatId', 'DUPLICATE_SEAT_ID'],
      ['/sections/2/rows/0/seats/2/number', 'DUPLICATE_SEAT_LABEL'],
    ])
  })

  it('reads standing areas, tables, overrides of aisles and the focal point', () => {
    const seat = (seatId: string, more: Record<string, unknown> = {}) => ({ seatId, number: seatId, x: 1, y: 1, category: 'A', ...more })
    const bounds = { x: -10.004, y: 5, width: 30, height: 0.014 }
    const result = parseCaveaPlan({
      name: 'Hall',
      focalPoint: { x: 1.005, y: -3 },
      categories: [{ name: 'A' }],
      sections: [
        { name: 'Floor', standing: { capacity: 5_000, category: 'A', bounds } },
        { name: 'Bar', rows: [], standing: { capacity: 1, category: ' A ', bounds: null } },
        { name: 'Stalls', rows: [{ label: '1', seats: [seat('1', { aisleAfter: true }), seat('2', { aisleAfter: false }), seat('3')] }] },
        { name: 'Tables', rows: ['chairs', 'whole', null].map((table, n) => ({ label: `T${n}`, table, seats: [seat(`t${n}`)] })) },
      ],
    })
    assert(result.outcome === 'parsed')
    const { focalPoint, sections } = result.plan
    assert.deepEqual(focalPoint, { x: 1, y: -3 })
    assert.deepEqual(sections.slice(0, 2), [
      {
        sectionId: 'floor',
        name: 'Floor',
        rows: [],
        standing: { capacity: 5_000, category: 'A', bounds: { x: -10, y: 5, width: 30, height: 0.01 } },
      },
      { sectionId: 'bar', name: 'Bar', rows: [], standing: { capacity: 1, category: 'A' } },
    ])
    assert.deepEqual(
      sections[2]?.rows[0]?.seats.map(({ aisleAfter }) => aisleAfter),
      [true, false, undefined],
    )
    assert.deepEqual(
      sections[3]?.rows.map(({ table }) => table),
      ['chairs', 'whole', undefined],
    )
  })

  it('takes a plan of standing areas alone, and none without any seat or place', () => {
    const plan = { name: 'Club', categories: [{ name: 'A' }] }
    const club = parseCaveaPlan({ ...plan, sections: [{ name: 'Floor', standing: { capacity: 400, category: 'A' } }] })
    assert.equal(club.outcome, 'parsed')
    assert.deepEqual(faultsOf({ ...plan, sections: [] }), [['/sections', 'NO_SEATS']])
  })

  it('refuses a section that is both seats and a standing area, and one that is neither', () => {
    const standing = { capacity: 1, category: 'A' }
    assert.deepEqual(faultsOf(minimal({}, { standing })), [['/sections/0', 'ROWS_AND_STANDING']])
    assert.deepEqual(faultsOf(minimal({}, { rows: null })), [['/sections/0', 'NEITHER_ROWS_NOR_STANDING']])
    const result = parseCaveaPlan(minimal({}, { standing }))
    assert(result.outcome === 'faulty')
    assert.equal(result.faults[0]?.detail, 'The section "Main Floor" has both rows and a standing area; make two sections of it.')
  })

  it('refuses standing areas of no size, without a category or with bounds that enclose nothing', () => {
    const areas = [
      { capacity: 0, category: 'A' },
      { capacity: 1.5, category: 'B' },
      { capacity: 200_001, bounds: { x: 0, y: 0, width: 0, height: -1 } },
      { capacity: '9', category: 'A', bounds: { x: 2e6, y: 0, width: 0.004, height: 1, radius: 1 } },
      { capacity: 9, category: 'A', bounds: [], people: 9 },
      'many',
    ]
    const sections = areas.map((standing, n) => ({ name: `S${n}`, standing }))
    const json = { name: 'Hall', focalPoint: { x: 'left', y: 0 }, categories: [{ name: 'A' }], sections }
    assert.deepEqual(faultsOf(json), [
      ['/focalPoint', 'POSITION_NOT_A_NUMBER'],
      ['/sections/0/standing/capacity', 'NOT_A_CAPACITY'],
      ['/sections/1/standing/capacity', 'NOT_A_CAPACITY'],
      ['/sections/1/standing/category', 'UNKNOWN_CATEGORY'],
      ['/sections/2/standing/capacity', 'NOT_A_CAPACITY'],
      ['/sections/2/standing/category', 'MISSING'],
      ['/sections/2/standing/bounds/width', 'NOT_A_SIZE'],
      ['/sections/2/standing/bounds/height', 'NOT_A_SIZE'],
      ['/sections/3/standing/capacity', 'NOT_A_CAPACITY'],
      ['/sections/3/standing/bounds/radius', 'UNKNOWN_FIELD'],
      ['/sections/3/standing/bounds', 'POSITION_NOT_A_NUMBER'],
      ['/sections/3/standing/bounds/width', 'NOT_A_SIZE'],
      ['/sections/4/standing/people', 'UNKNOWN_FIELD'],
      ['/sections/4/standing/bounds', 'NOT_AN_OBJECT'],
      ['/sections/5/standing', 'NOT_AN_OBJECT'],
    ])
    const result = parseCaveaPlan(json)
    assert(result.outcome === 'faulty')
    assert.equal(result.faults[1]?.detail, 'The capacity of the standing area of section "S0" must be a whole number from 1 to 200,000.')
  })

  it('counts the places of a plan, and says once where they become too many', () => {
    const plan = (areas: number) => ({
      name: 'Festival',
      categories: [{ name: 'A' }],
      sections: Array.from({ length: areas }, (_, n) => ({ name: `F${n}`, standing: { capacity: 200_000, category: 'A' } })),
    })
    assert.equal(parseCaveaPlan(plan(5)).outcome, 'parsed')
    assert.deepEqual(faultsOf(plan(7)), [['/sections/5/standing/capacity', 'TOO_MANY_PLACES']])
  })

  it('refuses tables of another kind or too large for one record, and aisles where there can be none', () => {
    const seats = (count: number, more: Record<string, unknown> = {}) =>
      Array.from({ length: count }, (_, n) => ({ seatId: `${count}-${n}`, number: `${n}`, x: 0, y: 0, category: 'A', ...more }))
    const rows = [
      { label: 'a', table: 'round', seats: seats(1) },
      { label: 'b', table: 'whole', seats: seats(101) },
      { label: 'c', table: 'chairs', seats: seats(2, { aisleAfter: false }) },
      { label: 'd', seats: seats(3, { aisleAfter: true }) },
      { label: 'e', seats: seats(4, { aisleAfter: 'yes' }).slice(0, 1) },
      { label: 'f', table: 'whole', seats: seats(100) },
    ]
    const json = minimal({}, { rows })
    assert.deepEqual(faultsOf(json), [
      ['/sections/0/rows/0/table', 'UNKNOWN_TABLE_SALE'],
      ['/sections/0/rows/1/seats', 'TOO_MANY_CHAIRS'],
      ['/sections/0/rows/2/seats/0/aisleAfter', 'AISLE_AT_TABLE'],
      ['/sections/0/rows/2/seats/1/aisleAfter', 'AISLE_AT_TABLE'],
      ['/sections/0/rows/3/seats/2/aisleAfter', 'AISLE_AFTER_LAST'],
      ['/sections/0/rows/4/seats/0/aisleAfter', 'NOT_TRUE_OR_FALSE'],
    ])
    const result = parseCaveaPlan(json)
    assert(result.outcome === 'faulty')
    assert.deepEqual(
      [result.faults[1]?.detail, result.faults[4]?.detail],
      [
        'The table of section "Main Floor", row "b" has 101 chairs; a table may have 100.',
        'The aisleAfter of section "Main Floor", row "d", seat no. 3 must be left out: it is the last seat that its row lists.',
      ],
    )
  })
})
