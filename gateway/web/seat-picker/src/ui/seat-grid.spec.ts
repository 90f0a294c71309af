import assert from 'node:assert/strict'
import { createTypeAhead, type RowSeats, step } from './seat-grid.ts'

// Row A has seats 0 to 3, row B 4 and 5, row C 6 to 17, which are its numbers 1 to 12.
const ROWS: readonly RowSeats[] = [
  { label: 'A', seats: [0, 1, 2, 3] },
  { label: 'B', seats: [4, 5] },
  { label: 'C', seats: Array.from({ length: 12 }, (_, at) => at + 6) },
]
const NAMES = { seats: ROWS.flatMap(({ label, seats }) => seats.map((_, at) => ({ row: label, number: String(at + 1) }))) }

describe('The list of seats', () => {
  it('is walked by arrows, over the ends of its rows', () => {
    assert.deepEqual(
      ['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp'].map((key) => step(ROWS, 4, key, false)),
      [5, 3, 6, 0],
    )
    assert.deepEqual([step(ROWS, 3, 'ArrowDown', false), step(ROWS, 17, 'ArrowRight', false), step(ROWS, 0, 'ArrowUp', false)], [5, 17, 0])
  })

  it('goes to the ends of a row, and with Control to those of the section', () => {
    assert.deepEqual([step(ROWS, 8, 'Home', false), step(ROWS, 8, 'End', false)], [6, 17])
    assert.deepEqual([step(ROWS, 8, 'Home', true), step(ROWS, 0, 'End', true)], [0, 17])
    assert.equal(step(ROWS, 8, 'x', false), undefined)
  })

  it('goes to the seat whose name is typed, the exact one first', () => {
    let now = 0
    const type = createTypeAhead(() => now)
    const typed = (text: string): number | undefined => {
      now += 10_000
      return [...text].reduce<number | undefined>((_, key) => type(key, ROWS, NAMES), undefined)
    }
    assert.deepEqual([typed('c'), typed('C1'), typed('c12'), typed('b2'), typed('x')], [6, 6, 17, 5, undefined])
  })

  it('begins anew after a pause, and where what was typed leads nowhere', () => {
    let now = 0
    const type = createTypeAhead(() => now)
    assert.equal(type('a', ROWS, NAMES), 0)
    now = 5_000
    assert.equal(type('b', ROWS, NAMES), 4)
    assert.equal(type('c', ROWS, NAMES), 6)
    assert.equal(type('ArrowDown', ROWS, NAMES), undefined)
    assert.equal(type(' ', ROWS, NAMES), undefined)
  })
})
