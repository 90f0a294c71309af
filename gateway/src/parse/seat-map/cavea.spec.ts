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
})
