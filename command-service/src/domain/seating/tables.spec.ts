import assert from 'node:assert/strict'
import { seatIndex } from '@cavea/contracts/ids'
import { draw } from './drawn-rows.ts'
import { brokenTables } from './tables.ts'

function missing(rows: readonly string[], choice: readonly string[]): readonly string[] {
  const { layout, marked, show } = draw(rows)
  return show(brokenTables(layout, marked(choice)))
}

describe('A table that is sold whole', () => {
  it('is broken by a choice that has some of its chairs, and the others are named', () => {
    assert.deepEqual(missing(['[....]', '[..]'], ['[.##.]', '[..]']), ['[#..#]', '[..]'])
    assert.deepEqual(missing(['[...]', '[..]'], ['[#..]', '[.#]']), ['[.##]', '[#.]'])
  })

  it('is not broken when it is taken whole or left alone', () => {
    assert.deepEqual(missing(['[...]', '[..]', '...'], ['[###]', '[..]', '#..']), ['[...]', '[..]', '...'])
  })

  it('is broken even where the other chairs are taken', () => {
    assert.deepEqual(missing(['[X..]'], ['[X##]']), ['[#..]'])
  })

  it('is not to be found among rows, and tables that are sold by the chair', () => {
    assert.deepEqual(missing(['...', '(...)', '[..]'], ['#..', '(#..)', '[..]']), ['...', '(...)', '[..]'])
    assert.deepEqual(missing(['...', '(...)'], ['#..', '(#..)']), ['...', '(...)'])
  })

  it('has its chairs named in the order of their indexes', () => {
    const { layout } = draw(['[..]', '[...]'], { numbering: [3, 4, 0, 1, 2] })
    assert.deepEqual(brokenTables(layout, [4, 1].map(seatIndex)), [0, 2, 3])
    assert.deepEqual(brokenTables(layout, []), [])
  })
})
