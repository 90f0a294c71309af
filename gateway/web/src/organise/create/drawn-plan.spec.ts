import assert from 'node:assert/strict'
import { drawPlan } from './drawn-plan.ts'

const json = (plan: object) => drawPlan({ name: 'File', kind: 'json', text: JSON.stringify(plan) })
const csv = (...lines: readonly string[]) => drawPlan({ name: 'File', kind: 'csv', text: lines.join('\n') })

describe('A plan that is drawn before anybody accepted it', () => {
  const PRETIX = {
    name: 'Hall',
    categories: [{ name: 'Best', color: '#123456' }],
    zones: [
      {
        name: 'Stalls',
        position: { x: 100, y: 10 },
        rows: [
          {
            row_number: 'A',
            position: { x: 5, y: 20 },
            seats: [
              { seat_guid: 'A-1', seat_number: '1', position: { x: 1, y: 2 }, category: 'Best' },
              { seat_guid: 'A-1', seat_number: 2, position: { x: 26, y: 2 }, category: 'Unknown' },
              { seat_guid: 'A-3', seat_number: '3', position: { x: 'left', y: 2 }, category: 'Best' },
            ],
          },
        ],
      },
    ],
  }

  it("adds up pretix's positions, and leaves out a seat that has none", () => {
    const seats = json(PRETIX)?.hall.sections[0]?.seats ?? []
    assert.deepEqual(
      seats.map(({ seatId, x, y, number }) => [seatId, x, y, number]),
      [
        ['/zones/0/rows/0/seats/0', 106, 32, '1'],
        ['/zones/0/rows/0/seats/1', 131, 32, '2'],
      ],
    )
  })

  it('draws a category that the plan does not list', () => {
    assert.deepEqual(json(PRETIX)?.hall.categories, [
      { name: 'Best', color: '#123456', price: null },
      { name: 'Unknown', color: null, price: null },
    ])
  })

  it('finds the seat of a fault in one of its fields, and all seats of one in their row', () => {
    const plan = json(PRETIX)
    assert.deepEqual(plan?.seatsAt('/zones/0/rows/0/seats/1/seat_guid'), ['/zones/0/rows/0/seats/1'])
    assert.deepEqual(plan?.seatsAt('/zones/0/rows/0'), ['/zones/0/rows/0/seats/0', '/zones/0/rows/0/seats/1'])
    assert.deepEqual(plan?.seatsAt('/categories/3'), [])
    assert.deepEqual(plan?.seatsAt(''), [])
  })

  it('reads our own format with its standing areas', () => {
    const hall = json({
      name: 'Club',
      sections: [
        { name: 'Row', rows: [{ label: 'A', seats: [{ seatId: 'a', number: '1', x: 0, y: 0, category: 'Seat', type: 'wheelchair' }] }] },
        { name: 'Floor', standing: { capacity: 80, category: 'Floor', bounds: { x: 0, y: 50, width: 100, height: 40 } } },
      ],
    })?.hall
    assert.equal(hall?.sections[0]?.seats[0]?.type, 'wheelchair')
    assert.deepEqual(hall?.sections[1]?.bounds, { x: 0, y: 50, width: 100, height: 40 })
  })

  it('lays a CSV file without positions out in rows, and names its lines', () => {
    const plan = csv('Zone;Row;Seat', 'Parquet;A;1', 'Parquet;A;2', '', '"Par""quet";B;1')
    assert.deepEqual(
      plan?.hall.sections.map(({ name, seats }) => [name, seats.map(({ seatId, x }) => [seatId, x])]),
      [
        [
          'Parquet',
          [
            ['/line/2', 0],
            ['/line/3', 25],
          ],
        ],
        ['Par"quet', [['/line/5', 0]]],
      ],
    )
    assert.deepEqual(plan?.seatsAt('/line/3'), ['/line/3'])
  })

  for (const [what, text] of [
    ['no JSON', '{"zones": ['],
    ['a plan without seats', '{"zones": []}'],
    ['a list', '[1, 2]'],
  ] as const)
    it(`is not drawn when it is ${what}`, () => assert.equal(drawPlan({ name: 'x', kind: 'json', text }), undefined))
})
