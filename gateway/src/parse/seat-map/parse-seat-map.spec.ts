import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { parseCaveaPlan, writeCaveaPlan } from './cavea.ts'
import { parseCsvPlan } from './csv.ts'
import { parseSeatMap, UnsupportedMediaTypeError } from './parse-seat-map.ts'
import { type ParseResult, PLAN_LIMITS, type SeatMapPlan } from './plan.ts'
import { parsePretixPlan } from './pretix.ts'
import { writePretixPlan } from './pretix-writer.ts'

const PRETIX = readFileSync(new URL('../../../../test/fixtures/seating-plan.json', import.meta.url), 'utf8')
const HALL = readFileSync(new URL('../../../../test/fixtures/concert-hall.json', import.meta.url), 'utf8')

function planOf(result: ParseResult): SeatMapPlan {
  assert.equal(result.outcome, 'parsed', JSON.stringify(result))
  return result.plan
}

/** What every result promises, whatever was read. */
function assertSound(result: ParseResult): void {
  if (result.outcome === 'faulty') {
    assert(result.faults.length > 0 && result.faults.length <= PLAN_LIMITS.faultsMax + 1)
    return
  }
  const { plan, warnings } = result
  assert(warnings.length <= PLAN_LIMITS.warningsMax + 1)
  const rows = plan.sections.flatMap((section) => section.rows)
  const seats = rows.flatMap((row) => row.seats)
  const areas = plan.sections.flatMap(({ standing }) => standing ?? [])
  assert(seats.length + areas.length > 0)
  assert.equal(new Set(seats.map((seat) => seat.seatId)).size, seats.length)
  assert.equal(new Set(plan.sections.map((section) => section.sectionId)).size, plan.sections.length)
  assert(plan.sections.every((section) => section.rows.length > 0 === (section.standing === undefined)))
  assert(rows.every((row) => row.seats.length > 0 && (row.table === undefined || row.seats.length <= PLAN_LIMITS.chairsPerTableMax)))
  assert(rows.every(({ table, seats }) => seats.every((seat, at) => seat.aisleAfter === undefined || (!table && at < seats.length - 1))))
  assert(areas.every(({ capacity }) => Number.isInteger(capacity) && capacity > 0 && capacity <= PLAN_LIMITS.capacityMax))
  assert(areas.every(({ bounds }) => bounds === undefined || (bounds.width > 0 && bounds.height > 0)))
  const categories = new Set(plan.categories.map((category) => category.name))
  assert(areas.every((area) => categories.has(area.category)))
  assert(seats.every((seat) => categories.has(seat.category) && Number.isFinite(seat.x) && Number.isFinite(seat.y)))
  assert.deepEqual(planOf(parseCaveaPlan(JSON.parse(JSON.stringify(writeCaveaPlan(plan))))), plan)
  assert.equal(JSON.stringify({}), '{}')
}

/** The plan with everything in it that pretix's format has no word for. */
function furnished(plan: SeatMapPlan): SeatMapPlan {
  const bounds = { x: 0, y: 0, width: 200, height: 100 }
  const category = plan.categories[0]?.name ?? ''
  const seat = { number: '', x: 0, y: 0, category, type: 'vip' as const }
  const rows = [
    { label: 'T1', table: 'whole' as const, seats: ['t1', 't2'].map((seatId) => ({ ...seat, seatId })) },
    { label: 'A', seats: ['a1', 'a2', 'a3'].map((seatId, at) => ({ ...seat, seatId, ...(at < 2 ? { aisleAfter: at === 0 } : {}) })) },
  ]
  return {
    ...plan,
    focalPoint: { x: 500, y: 0 },
    sections: [
      { sectionId: 'tables', name: 'Tables', rows },
      { sectionId: 'floor', name: 'Floor', rows: [], standing: { capacity: 400, category, bounds } },
      ...plan.sections,
    ],
  }
}

type Step = readonly [depth: number, choice: number]

/** Puts `value` somewhere into a copy of `json`, or removes what is there. */
function mutate(json: unknown, steps: readonly Step[], value: unknown, action: 'replace' | 'remove' | 'repeat'): unknown {
  const copy = structuredClone(json)
  for (const [depth, choice] of steps) {
    let owner = copy
    for (let level = 0; level <= depth; level += 1) {
      if (typeof owner !== 'object' || owner === null) break
      const members = owner as Record<string, unknown>
      const keys = Object.keys(members)
      const key = keys[(choice + level * 7) % Math.max(keys.length, 1)]
      if (key === undefined) break
      const next = members[key]
      if (level < depth && typeof next === 'object' && next !== null) {
        owner = next
        continue
      }
      if (action === 'replace') members[key] = value
      else if (action === 'repeat') {
        if (Array.isArray(owner)) owner.push(structuredClone(next))
      } else if (Array.isArray(owner)) owner.splice(Number(key), 1)
      else delete members[key]
      break
    }
  }
  return copy
}

describe('Reading a seat map', () => {
  it('picks the format by the media type, and for application/json by the fields', () => {
    const pretix = planOf(parseSeatMap('application/vnd.pretix.seating-plan+json', PRETIX))
    const own = JSON.stringify(writeCaveaPlan(pretix))
    assert.deepEqual(planOf(parseSeatMap('application/json; charset=utf-8', PRETIX)), pretix)
    assert.deepEqual(planOf(parseSeatMap('Application/JSON', `\ufeff${own}`)), pretix)
    assert.deepEqual(planOf(parseSeatMap('application/vnd.cavea.seat-map+json', own)), pretix)
    assert.equal(planOf(parseSeatMap('text/csv; header=present', 'section,row,number\nA,1,1\n', { name: 'Hall' })).name, 'Hall')
    const neither = parseSeatMap('application/json', '{"rows":[]}')
    assert(neither.outcome === 'faulty' && neither.faults[0]?.code === 'UNKNOWN_FORMAT')
  })

  it('refuses other media types by an error with a code', () => {
    for (const mediaType of ['', 'text/plain', 'application/xml', 'application/geo+json']) {
      assert.throws(
        () => parseSeatMap(mediaType, '{}'),
        (error) => error instanceof UnsupportedMediaTypeError && error.code === 'UNSUPPORTED_MEDIA_TYPE',
      )
    }
  })

  it('says line and column of the first mistake in malformed JSON', () => {
    const places: readonly (readonly [text: string, place: string])[] = [
      ['', 'line 1, column 1, the document ends where a value'],
      ['{\n  "name": "x",\n}', 'line 3, column 1, "}" was found where a key'],
      ['{\n  "name" "x"}', 'line 2, column 10, "\\"" was found where a colon'],
      ['[1, 2', 'line 1, column 6, the document ends where a comma or ]'],
      ['{"a": 1} x', 'line 1, column 10, "x" was found where the end'],
      ['{"a": tru}', 'line 1, column 7, "t" was found where a value'],
      ['["a\nb"]', 'line 1, column 2, "\\"" was found where text that ends'],
    ]
    for (const [text, place] of places) {
      const result = parseSeatMap('application/json', text)
      assert(result.outcome === 'faulty' && result.faults[0]?.code === 'MALFORMED_JSON')
      assert(result.faults[0].detail.includes(place), result.faults[0].detail)
    }
  })

  it('finds a mistake in every text that is not JSON, and in none that is', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', '}', ']', ',', '"', ':', '\\', 'x', '\u0000'), (json, at, insertion) => {
        const offset = at % (json.length + 1)
        const text = json.slice(0, offset) + insertion + json.slice(offset + (insertion === '' ? 1 : 0))
        const result = parseSeatMap('application/json', text)
        assert(result.outcome === 'faulty')
        let isJson = true
        try {
          JSON.parse(text)
        } catch {
          isJson = false
        }
        assert.equal(result.faults[0]?.code === 'MALFORMED_JSON', !isJson)
      }),
    )
  })

  it('answers any JSON value with a plan or faults and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (json) => {
        assertSound(parsePretixPlan(json))
        assertSound(parseCaveaPlan(json))
      }),
    )
  })

  it('answers any text with a plan or faults and never throws', () => {
    const cell = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('A', '1', '', '"', '1,5', '"a,b"', '__proto__', 'whole', 'chairs'))
    const line = fc.array(cell, { maxLength: 6 }).map((cells) => cells.join(','))
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n', '\r'), (lines, end) => {
        assertSound(parseCsvPlan(['section,row,number,x,y', ...lines].join(end), { name: 'Hall' }))
        assertSound(parseCsvPlan(['section,row,number,capacity,table', ...lines].join(end), { name: 'Hall' }))
        assertSound(parseCsvPlan(['section,capacity', ...lines].join(end), { name: 'Hall' }))
        assertSound(parseCsvPlan(lines.join(end), { name: 'Hall' }))
      }),
    )
  })

  it('answers any mutation of a valid plan with a plan or faults and never throws', () => {
    const pretix: unknown = JSON.parse(HALL)
    const own: unknown = JSON.parse(JSON.stringify(writeCaveaPlan(furnished(planOf(parsePretixPlan(pretix))))))
    const steps = fc.array(fc.tuple(fc.nat(7), fc.nat(40)), { minLength: 1, maxLength: 3 })
    const action = fc.constantFrom('replace' as const, 'remove' as const, 'repeat' as const)
    fc.assert(
      fc.property(steps, fc.jsonValue(), action, (path, value, what) => {
        const mutant = parsePretixPlan(mutate(pretix, path, value, what))
        assertSound(mutant)
        assertSound(parseCaveaPlan(mutate(own, path, value, what)))
        if (mutant.outcome === 'parsed') {
          const again = parsePretixPlan(JSON.parse(JSON.stringify(writePretixPlan(mutant.plan))))
          const { size, ...extras } = mutant.plan.extras ?? {}
          const { size: sizeAgain, ...extrasAgain } = planOf(again).extras ?? {}
          assert(size === undefined || sizeAgain !== undefined)
          assert.deepEqual({ ...planOf(again), extras: extrasAgain }, { ...mutant.plan, extras })
        }
      }),
    )
  })
})
