import assert from 'node:assert/strict'
import { parseCsvPlan } from './csv.ts'
import type { ParseResult, SeatMapPlan } from './plan.ts'

const options = { name: 'Hall' }

function planOf(result: ParseResult): SeatMapPlan {
  assert.equal(result.outcome, 'parsed', JSON.stringify(result))
  return result.plan
}

function faultsOf(text: string): readonly (readonly [string, string])[] {
  const result = parseCsvPlan(text, options)
  assert.equal(result.outcome, 'faulty')
  return result.faults.map((fault) => [fault.pointer, fault.code])
}

describe('A seat map as CSV', () => {
  it('needs no more than section, row and number: ids, places and categories follow from them', () => {
    const plan = planOf(parseCsvPlan('section,row,number\nStalls,A,1\nStalls,A,2\nStalls,B,1\nBalcony,A,1\n', options))
    const seat = { category: 'Stalls', type: 'standard' }
    assert.deepEqual(plan, {
      name: 'Hall',
      categories: [{ name: 'Stalls' }, { name: 'Balcony' }],
      sections: [
        {
          sectionId: 'stalls',
          name: 'Stalls',
          rows: [
            {
              label: 'A',
              seats: [
                { seatId: 'Stalls-A-1', number: '1', x: 0, y: 0, ...seat },
                { seatId: 'Stalls-A-2', number: '2', x: 25, y: 0, ...seat },
              ],
            },
            { label: 'B', seats: [{ seatId: 'Stalls-B-1', number: '1', x: 0, y: 32, ...seat }] },
          ],
        },
        {
          sectionId: 'balcony',
          name: 'Balcony',
          rows: [{ label: 'A', seats: [{ seatId: 'Balcony-A-1', number: '1', x: 0, y: 96, ...seat, category: 'Balcony' }] }],
        },
      ],
    })
  })

  it('reads what a spreadsheet in Europe saves: byte order mark, semicolons, CRLF, decimal commas, other names', () => {
    const text =
      '\ufeffZone;Row;Seat Number;seat_guid;X;Y;Price Category;Seat type\r\n"Rang 1; Süd";1;5;r1;12,5;-3;Gold;Restricted View\r\n;;;;;;;\r\n'
    const plan = planOf(parseCsvPlan(text, options))
    assert.equal(plan.sections[0]?.sectionId, 'rang-1-sud')
    assert.equal(plan.sections[0].name, 'Rang 1; Süd')
    assert.deepEqual(plan.sections[0].rows[0]?.seats, [
      { seatId: 'r1', number: '5', x: 12.5, y: -3, category: 'Gold', type: 'restricted-view' },
    ])
  })

  it('reads tabs, mixed line ends, doubled quotation marks and rows in any order', () => {
    const plan = planOf(parseCsvPlan('section\trow\tnumber\r\n"The ""Pit"""\tA\t1\nBox\tA\t1\r"The ""Pit"""\tA\t2', options))
    assert.deepEqual(
      plan.sections.map((section) => [section.sectionId, section.rows[0]?.seats.map((seat) => seat.seatId)]),
      [
        ['the-pit', ['The "Pit"-A-1', 'The "Pit"-A-2']],
        ['box', ['Box-A-1']],
      ],
    )
  })

  it('keeps other columns in the seats and lists each once', () => {
    const result = parseCsvPlan('section,row,number,note,__proto__\nA,1,1,aisle,x\nA,1,2,,x\nA,1,3,aisle,x\n', options)
    assert(result.outcome === 'parsed')
    assert.deepEqual(
      result.plan.sections[0]?.rows[0]?.seats.map((seat) => seat.extras),
      [{ note: 'aisle' }, undefined, { note: 'aisle' }],
    )
    assert.deepEqual(
      result.warnings.map((warning) => [warning.pointer, warning.code, warning.detail.split(':')[0]]),
      [
        ['/line/2/note', 'UNKNOWN_FIELD', 'column.note (2 seats)'],
        ['/line/2/__proto__', 'FIELD_DROPPED', 'column.__proto__ (3 seats)'],
      ],
    )
  })

  it('lists every fault with its line', () => {
    const header = 'section,row,number,seat_id,x,y,type\n'
    assert.deepEqual(
      faultsOf(
        `${header},A,1,a,0,0,\nS,A,2,b,0,0,throne\nS,A,3,b,0,0,\nS,A,2,c,0,0,\nS,A,4,d,east,0,\nS,A,5,e,,,\nS,A,6,f,1,,\nS,A,7,g,0,0,,x\n`,
      ),
      [
        ['/line/2', 'BLANK'],
        ['/line/3', 'UNKNOWN_SEAT_TYPE'],
        ['/line/4', 'DUPLICATE_SEAT_ID'],
        ['/line/5', 'DUPLICATE_SEAT_LABEL'],
        ['/line/6', 'POSITION_NOT_A_NUMBER'],
        ['/line/8', 'POSITION_MISSING'],
        ['/line/9', 'TOO_MANY_CELLS'],
        ['/line/7', 'POSITION_MISSING'],
      ],
    )
  })

  it('names both lines of a seat id that two places share', () => {
    const result = parseCsvPlan('section,row,number\nA-1,B,2\nA,1-B,2\n', options)
    assert(result.outcome === 'faulty')
    assert.match(result.faults[0]?.detail ?? '', /"A-1-B-2" is used twice: at line 2 \(section "A-1".*and again at line 3/)
  })

  it('says which line has an unfinished or a misplaced quotation mark', () => {
    assert.deepEqual(faultsOf('section,row,number\nA,1,1\nA,1,"2\nA,1,3\n'), [['/line/3', 'MALFORMED_CSV']])
    assert.deepEqual(faultsOf('section,row,number\nA,1,1\nA,1,2"x\n'), [['/line/3', 'MALFORMED_CSV']])
  })

  it('refuses a file without a usable header, or without seats', () => {
    assert.deepEqual(faultsOf(''), [['', 'NO_HEADER']])
    assert.deepEqual(faultsOf('Stalls,A,1\nStalls,A,2\n'), [['/line/1', 'MISSING_COLUMN']])
    assert.deepEqual(faultsOf('section,zone,row,number\nA,A,1,1\n'), [['/line/1', 'DUPLICATE_COLUMN']])
    assert.deepEqual(faultsOf('section,row,number,x\nA,1,1,3\n'), [['/line/1', 'MISSING_COLUMN']])
    assert.deepEqual(faultsOf('section,row,number\n'), [['', 'NO_SEATS']])
  })

  it('stops at the limits of a plan', () => {
    const header = 'section,row,number\n'
    const lines = (count: number, line: (index: string) => string) =>
      Array.from({ length: count }, (_, index) => line(index.toString())).join('\n')
    assert.deepEqual(faultsOf(header + lines(20_001, (n) => `A,1,${n}`)), [['/line/20002', 'TOO_MANY_SEATS_IN_SECTION']])
    assert.deepEqual(faultsOf(header + lines(1_002, (n) => `${n},1,1`)).slice(-1), [['/line/502', 'TOO_MANY_CATEGORIES']])
    assert.deepEqual(faultsOf(`section,row,number,category\n${lines(1_002, (n) => `${n},1,1,Z`)}`), [['/line/1002', 'TOO_MANY_SECTIONS']])
  })

  it('reads a line with a capacity as a standing area, and rows with a word in the column table as tables', () => {
    const text = [
      'section,row,number,category,table,Standing Capacity,note',
      'Floor,,,Standing,,5000,low ceiling',
      'Tables,T1,1,Gold, WHOLE ,,',
      'Tables,T1,2,Gold,,,by the wall',
      'Tables,T2,1,Gold,,,',
      'Tables,T2,2,Gold,chairs,,',
      'Tables,3,1,Gold,,,',
      'Bar,,,,,20,',
    ].join('\n')
    const result = parseCsvPlan(text, options)
    const { categories, sections } = planOf(result)
    assert.deepEqual(
      categories.map(({ name }) => name),
      ['Standing', 'Gold', 'Bar'],
    )
    assert.deepEqual(
      [sections[0], sections[2]],
      [
        {
          sectionId: 'floor',
          name: 'Floor',
          rows: [],
          standing: { capacity: 5_000, category: 'Standing' },
          extras: { note: 'low ceiling' },
        },
        { sectionId: 'bar', name: 'Bar', rows: [], standing: { capacity: 20, category: 'Bar' } },
      ],
    )
    assert.deepEqual(
      sections[1]?.rows.map(({ label, table, seats }) => [label, table, seats.map(({ y }) => y)]),
      [
        ['T1', 'whole', [0, 0]],
        ['T2', 'chairs', [32, 32]],
        ['3', undefined, [64]],
      ],
    )
    assert(result.outcome === 'parsed')
    assert.deepEqual(
      result.warnings.map(({ pointer, detail }) => [pointer, detail.split(':')[0]]),
      [
        ['/line/2/note', 'standing area column.note (1 section)'],
        ['/line/4/note', 'column.note (1 seat)'],
      ],
    )
  })

  it('needs no columns for seats where people only stand, and never asks a standing area for a position', () => {
    assert.deepEqual(planOf(parseCsvPlan('section;capacity\nFloor;400\nGallery;120\n', options)).sections, [
      { sectionId: 'floor', name: 'Floor', rows: [], standing: { capacity: 400, category: 'Floor' } },
      { sectionId: 'gallery', name: 'Gallery', rows: [], standing: { capacity: 120, category: 'Gallery' } },
    ])
    assert.equal(parseCsvPlan('section,row,number,x,y,capacity\nA,1,1,5,5,\nFloor,,,,,9\n', options).outcome, 'parsed')
    assert.deepEqual(faultsOf('section,row,capacity\nFloor,,400\n'), [['/line/1', 'MISSING_COLUMN']])
    assert.deepEqual(faultsOf('section,capacity\nFloor,\n'), [['/line/2', 'SEAT_OR_CAPACITY_MISSING']])
  })

  it('refuses what mixes seats and standing areas, with the lines that do', () => {
    const text = [
      'section,row,number,x,capacity,y,table',
      'A,1,1,0,,0,',
      'A,,,,10,,',
      'B,,,,10,,',
      'B,,,,12,,',
      'B,1,1,1,,1,',
      'B,1,2,2,,2,',
      'C,1,7,,10,,whole',
      'D,,,,"1,000",,',
      'E,,,,0,,',
      ',,,,5,,',
      'F,,,3,,,',
    ].join('\n')
    assert.deepEqual(faultsOf(text), [
      ['/line/3', 'SEATS_AND_CAPACITY'],
      ['/line/5', 'DUPLICATE_CAPACITY'],
      ['/line/6', 'SEATS_AND_CAPACITY'],
      ['/line/8', 'SEAT_WITH_CAPACITY'],
      ['/line/9', 'NOT_A_CAPACITY'],
      ['/line/10', 'NOT_A_CAPACITY'],
      ['/line/11', 'BLANK'],
      ['/line/12', 'SEAT_OR_CAPACITY_MISSING'],
    ])
    const result = parseCsvPlan(text, options)
    assert(result.outcome === 'faulty')
    assert.deepEqual(
      [0, 1, 3].map((at) => result.faults[at]?.detail),
      [
        'The section "A" has a capacity in line 3 and a seat in line 2; give the standing area a section of its own.',
        'The section "B" has a capacity in line 4 and again in line 5; every standing area is a section of its own.',
        'Line 8 has a capacity, so it is a standing area and not a seat: leave row, number, table empty.',
      ],
    )
  })

  it('refuses a table that is sold in two ways, in an unknown way, or is too large', () => {
    const header = 'section,row,number,table\n'
    assert.deepEqual(faultsOf(`${header}A,1,1,whole\nA,1,2,chairs\nA,2,1,chairs\nA,3,1,Table 7\n`), [
      ['/line/3', 'TABLE_CONFLICT'],
      ['/line/5', 'UNKNOWN_TABLE_SALE'],
    ])
    const chairs = (count: number) => Array.from({ length: count }, (_, n) => `A,1,${n},whole`).join('\n')
    assert.equal(parseCsvPlan(header + chairs(100), options).outcome, 'parsed')
    assert.deepEqual(faultsOf(header + chairs(102)), [['/line/102', 'TOO_MANY_CHAIRS']])
  })
})
