import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Fault, ParseResult, PlanSeat, SeatMapPlan } from './plan.ts'
import { parsePretixPlan } from './pretix.ts'
import { writePretixPlan } from './pretix-writer.ts'

type Loose = Record<string, unknown>

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../../test/fixtures/${name}`, import.meta.url), 'utf8'))
}

function planOf(result: ParseResult): SeatMapPlan {
  assert.equal(result.outcome, 'parsed', JSON.stringify(result))
  return result.plan
}

function faultsOf(result: ParseResult): readonly Fault[] {
  assert.equal(result.outcome, 'faulty')
  return result.faults
}

function seatsOf(plan: SeatMapPlan): readonly PlanSeat[] {
  return plan.sections.flatMap((section) => section.rows.flatMap((row) => row.seats))
}

function seat(id: string, more: Loose = {}): Loose {
  return { seat_guid: id, seat_number: id, position: { x: 0, y: 0 }, category: 'A', ...more }
}

function plan(seats: readonly unknown[], more: Loose = {}): Loose {
  const zones = [{ name: 'Stalls', position: { x: 0, y: 0 }, rows: [{ row_number: '1', seats }] }]
  return { name: 'Hall', size: { width: 10, height: 10 }, categories: [{ name: 'A' }], zones, ...more }
}

describe('A pretix seating plan', () => {
  it('gives the sections, rows and seats of the sample with absolute positions', () => {
    const result = parsePretixPlan(fixture('seating-plan.json'))
    const parsed = planOf(result)
    assert.deepEqual(result.outcome === 'parsed' && result.warnings.map((warning) => warning.code), ['AREA_WITHOUT_CAPACITY'])
    assert.deepEqual(
      parsed.sections.map((section) => [section.sectionId, section.name, section.rows.map((row) => row.label).join('')]),
      [
        ['stalls', 'Stalls', 'ABCD'],
        ['balcony', 'Balcony', 'AB'],
      ],
    )
    assert.deepEqual(parsed.sections[0]?.rows[1]?.seats[1], {
      seatId: 'Stalls-B-2',
      number: '2',
      x: 85,
      y: 152,
      category: 'Stalls',
      type: 'standard',
    })
  })

  it('is the same after being written and read again, with everything it had beside the seats', () => {
    for (const name of ['seating-plan.json', 'concert-hall.json']) {
      const once = parsePretixPlan(fixture(name))
      const again = parsePretixPlan(JSON.parse(JSON.stringify(writePretixPlan(planOf(once)))))
      assert.deepEqual(planOf(again), planOf(once))
      assert.deepEqual(parsePretixPlan(writePretixPlan(planOf(again))), again)
    }
  })

  it('keeps what a zone draws relative to itself in its place, however fine that place is', () => {
    const rows = [{ row_number: '1', seats: [seat('a', { position: { x: 0.875, y: 0 } })] }]
    for (const position of [{ x: 0.125, y: -3.3333 }, { x: -0, y: 1e6 }, undefined]) {
      const zones = [{ name: 'Z', position, rows, areas: [{ shape: 'text' }] }]
      const once = planOf(parsePretixPlan(plan([], { zones })))
      const written = JSON.parse(JSON.stringify(writePretixPlan(once))) as { readonly zones: readonly Loose[] }
      assert.deepEqual(written.zones[0]?.['position'], position === undefined ? { x: 0, y: 0 } : { x: position.x + 0, y: position.y })
      assert.deepEqual(planOf(parsePretixPlan(written)), once)
    }
  })

  it('makes two sections of two zones with the same name and says so', () => {
    const result = parsePretixPlan(fixture('concert-hall.json'))
    assert.deepEqual(
      planOf(result).sections.map((section) => section.sectionId),
      ['stalls-parkett', 'balcony', 'balcony-2', 'choir'],
    )
    assert(result.outcome === 'parsed' && result.warnings.some((warning) => warning.code === 'SECTION_NAME_REPEATED'))
  })

  it('keeps unknown fields and lists each once with the number of its places', () => {
    const result = parsePretixPlan(fixture('concert-hall.json'))
    assert(result.outcome === 'parsed')
    const unknown = result.warnings.filter((warning) => warning.code === 'UNKNOWN_FIELD')
    assert.deepEqual(
      unknown.map((warning) => warning.detail.split(':')[0]),
      [
        'categories[].description (1 category)',
        'zones[].rows[].seats[].accessible (3 seats)',
        'zones[].floor (3 zones)',
        'zones[].rows[].curve (6 rows)',
        'zones[].rows[].seats[].obstructed (18 seats)',
        'zones[].rows[].seats[].note (18 seats)',
        'background (1 plan)',
      ],
    )
    assert.deepEqual(result.plan.sections[1]?.rows[0]?.extras?.['curve'], { angle: 12.5, radius: 300 })
    assert.deepEqual(result.plan.extras?.['background'], { image: null, opacity: 0.4 })
  })

  it('keeps a zone without seats as scenery and gives it no section', () => {
    const result = parsePretixPlan(fixture('concert-hall.json'))
    assert(result.outcome === 'parsed')
    assert.equal(result.warnings.find((warning) => warning.code === 'ZONE_WITHOUT_SEATS')?.pointer, '/zones/0')
    const scenery = result.plan.extras?.['zones']
    assert(Array.isArray(scenery) && scenery.length === 1)
  })

  it('rounds positions that were added up to 2 decimals', () => {
    const zones = [
      {
        name: 'Z',
        position: { x: 0.1, y: -0.001 },
        rows: [{ row_number: '1', position: { x: 0.2, y: 0 }, seats: [seat('a', { position: { x: 1.005, y: 0 } })] }],
      },
    ]
    const [first] = seatsOf(planOf(parsePretixPlan(plan([], { zones }))))
    assert.equal(first?.x, 1.31)
    assert(Object.is(first.y, 0))
  })

  it('reads numbers where the format wants text, with one warning for each field', () => {
    const result = parsePretixPlan(plan([seat('a', { seat_number: 1 }), seat('b', { seat_number: 2 })]))
    assert.deepEqual(
      seatsOf(planOf(result)).map((each) => each.number),
      ['1', '2'],
    )
    assert(result.outcome === 'parsed')
    assert.deepEqual(
      result.warnings.map((warning) => warning.detail.split(':')[0]),
      ['zones[].rows[].seats[].seat_number (2 seats)'],
    )
  })

  it('names a zone by its zone_id or its place when it has no name', () => {
    const zones = [
      { zone_id: 'left', rows: [{ row_number: '1', seats: [seat('a')] }] },
      { name: ' ', rows: [{ row_number: '1', seats: [seat('b')] }] },
    ]
    assert.deepEqual(
      planOf(parsePretixPlan(plan([], { zones }))).sections.map((section) => section.name),
      ['left', 'Section 2'],
    )
  })

  it('accepts several seats without a number in one row, with a warning', () => {
    const result = parsePretixPlan(plan([seat('a', { seat_number: '' }), seat('b', { seat_number: '' })]))
    assert(result.outcome === 'parsed')
    assert.deepEqual(
      result.warnings.map((warning) => warning.code),
      ['SEAT_WITHOUT_NUMBER'],
    )
  })

  it('accepts the same row and number in different zones, and one row drawn as two blocks', () => {
    const zones = ['Left', 'Right'].map((name) => ({
      name,
      position: { x: 0, y: 0 },
      rows: [
        { row_number: '1', seats: [seat(`${name}-1`, { seat_number: '1' })] },
        { row_number: '1', seats: [seat(`${name}-2`, { seat_number: '2' })] },
      ],
    }))
    assert.equal(seatsOf(planOf(parsePretixPlan(plan([], { zones })))).length, 4)
  })

  it('lists every fault at once, each with its place', () => {
    const faults = faultsOf(
      parsePretixPlan(
        plan([
          seat('a'),
          seat('a', { seat_number: '2' }),
          seat('b', { seat_number: 'a' }),
          seat('c', { category: 'Loge' }),
          seat('d', { category: '' }),
          seat('e', { seat_guid: ' ' }),
          seat('f', { seat_guid: undefined }),
          seat('g', { position: { x: Number.POSITIVE_INFINITY, y: 0 } }),
          seat('h', { position: undefined }),
          seat('i', { seat_number: 'x'.repeat(201) }),
          seat('j', { seat_guid: 'y'.repeat(101) }),
          seat('k', { seat_number: 'a\u0007' }),
          'not a seat',
        ]),
      ),
    )
    assert.deepEqual(
      faults.map((fault) => [fault.pointer.replace('/zones/0/rows/0/seats/', ''), fault.code]),
      [
        ['1/seat_guid', 'DUPLICATE_SEAT_ID'],
        ['2/seat_number', 'DUPLICATE_SEAT_LABEL'],
        ['3/category', 'UNKNOWN_CATEGORY'],
        ['4/category', 'BLANK'],
        ['5/seat_guid', 'BLANK'],
        ['6/seat_guid', 'MISSING'],
        ['7/position', 'POSITION_NOT_A_NUMBER'],
        ['8/position', 'POSITION_MISSING'],
        ['9/seat_number', 'TOO_LONG'],
        ['10/seat_guid', 'TOO_LONG'],
        ['11/seat_number', 'UNPRINTABLE_CHARACTER'],
        ['12', 'NOT_AN_OBJECT'],
      ],
    )
    assert.equal(
      faults[0]?.detail,
      'The seat id "a" is used twice: at zone "Stalls", row "1", seat "a", and again at zone "Stalls", row "1", seat "2".',
    )
  })

  it('refuses a plan without any seat, and documents that are no plan', () => {
    assert.deepEqual(
      faultsOf(parsePretixPlan(plan([]))).map((fault) => fault.code),
      ['NO_SEATS'],
    )
    for (const json of [null, 1, 'plan', [], true]) {
      assert.deepEqual(
        faultsOf(parsePretixPlan(json)).map((fault) => fault.code),
        ['NOT_A_PLAN'],
      )
    }
  })

  it('counts the faults after the hundredth instead of listing them', () => {
    const faults = faultsOf(
      parsePretixPlan(plan(Array.from({ length: 250 }, (_, index) => seat(`s${index.toString()}`, { category: 'no' })))),
    )
    assert.equal(faults.length, 101)
    assert.deepEqual(faults.at(-1), { pointer: '', code: 'MORE_FAULTS', detail: 'And 150 more.' })
  })

  it('refuses what is too large', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => seat(`s${index.toString()}`))
    const codes = (json: unknown) => faultsOf(parsePretixPlan(json)).map((fault) => fault.code)
    assert.deepEqual(codes(plan(many(20_001))), ['TOO_MANY_SEATS_IN_SECTION'])
    const categories = Array.from({ length: 501 }, (_, index) => ({ name: index === 0 ? 'A' : index.toString() }))
    assert(codes(plan([seat('a')], { categories })).includes('TOO_MANY_CATEGORIES'))
    const zones = Array.from({ length: 1_001 }, (_, index) => ({ name: 'Z', rows: [{ row_number: '1', seats: [seat(index.toString())] }] }))
    assert.deepEqual(codes(plan([], { zones })), ['TOO_MANY_SECTIONS'])
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level += 1) deep = [deep]
    assert.deepEqual(codes(plan([seat('a', { deep })])), ['EXTRA_FIELD_TOO_DEEP'])
    assert.deepEqual(codes(plan([seat('a', { note: 'x'.repeat(5_000) })])), ['EXTRA_FIELD_TOO_LARGE'])
  })

  it('drops fields that would change a prototype, at any depth', () => {
    const text = JSON.stringify(plan([seat('a', { own: { x: 1 } })])).replaceAll('"x":1', '"__proto__":{"polluted":true}')
    const result = parsePretixPlan(JSON.parse(text.replace('"seat_guid"', '"__proto__":{"polluted":true},"seat_guid"')))
    const [first] = seatsOf(planOf(result))
    assert.deepEqual(first?.extras, { own: {} })
    assert.equal(Object.getPrototypeOf(first.extras?.['own']), Object.prototype)
    assert(result.outcome === 'parsed' && result.warnings.some((warning) => warning.code === 'FIELD_DROPPED'))
  })

  it('leaves out a colour that could carry more than a colour', () => {
    const result = parsePretixPlan(plan([seat('a')], { categories: [{ name: 'A', color: 'url(//example.org/a)' }] }))
    assert.deepEqual(planOf(result).categories, [{ name: 'A' }])
  })

  it('is written with what it can carry of a plan: tables as rows, and standing areas as scenery', () => {
    const chair = { seatId: 'a', number: '1', x: 50, y: 60, category: 'A', type: 'standard' as const }
    const seated: SeatMapPlan = {
      name: 'Hall',
      categories: [{ name: 'A' }],
      sections: [{ sectionId: 'tables', name: 'Tables', rows: [{ label: 'T1', seats: [chair, { ...chair, seatId: 'b', number: '2' }] }] }],
    }
    const bounds = { x: 10, y: 20.5, width: 300.4, height: 0.2 }
    const written = writePretixPlan({
      ...seated,
      focalPoint: { x: 0, y: 0 },
      sections: [
        ...seated.sections.map((section) => ({
          ...section,
          rows: section.rows.map((row) => ({ ...row, table: 'whole' as const })),
        })),
        {
          sectionId: 'floor',
          name: 'Floor',
          rows: [],
          standing: { capacity: 400, category: 'A', bounds },
          extras: { position: { x: 4, y: 2 } },
        },
        { sectionId: 'bar', name: 'Bar', rows: [], standing: { capacity: 20, category: 'A' } },
      ],
    })
    const area = {
      shape: 'rectangle',
      position: { x: 6, y: 18.5 },
      rectangle: { width: 300, height: 1 },
      text: { text: 'Floor', position: { x: 150, y: 0.5 } },
    }
    const zones = [
      { name: 'Floor', position: { x: 4, y: 2 }, rows: [], areas: [area] },
      { name: 'Bar', position: { x: 0, y: 0 }, rows: [], areas: [] },
    ]
    assert.deepEqual((written['zones'] as readonly unknown[]).slice(1), zones)
    assert.deepEqual(written['size'], { width: 341, height: 90 })
    assert.deepEqual(planOf(parsePretixPlan(JSON.parse(JSON.stringify(written)))), { ...seated, extras: { size: written['size'], zones } })
  })
})
