import assert from 'node:assert/strict'
import type { OrphanRule } from '@cavea/contracts/seats'
import { type DrawingOptions, draw } from './drawn-rows.ts'
import { judgeChoice, orphansLeftBy } from './orphan-rule.ts'

/** The seats that the choice `#` leaves alone, marked. */
function leaves(rows: readonly string[], choice: readonly string[]): readonly string[] {
  const { layout, isFree, marked, show } = draw(rows)
  return show(orphansLeftBy(layout, isFree, marked(choice)))
}

function judge(rows: readonly string[], choice: readonly string[], rule: OrphanRule, options: DrawingOptions = {}) {
  const { layout, isFree, marked, show } = draw(rows, options)
  const judgement = judgeChoice(layout, isFree, marked(choice), rule)
  if (judgement.outcome === 'fine') return 'fine'
  return { orphans: show(judgement.orphans), alternative: judgement.alternative === null ? null : show(judgement.alternative) }
}

describe('A single empty seat', () => {
  it('is one that loses its last free neighbour in the run', () => {
    assert.deepEqual(leaves(['....'], ['.##.']), ['#..#'])
    assert.deepEqual(leaves(['X...'], ['X.##']), ['X#..'])
    assert.deepEqual(leaves(['.....'], ['##...']), ['.....'])
  })

  it('is none when it was alone before', () => {
    assert.deepEqual(leaves(['.X..'], ['.X##']), ['.X..'])
  })

  it('is none when it is beside a seat that was taken already', () => {
    assert.deepEqual(leaves(['X.'], ['#.']), ['X.'])
  })

  it('is left at an aisle too, and a seat across the aisle is no company', () => {
    assert.deepEqual(leaves(['...|..'], ['##.|..']), ['..#|..'])
    assert.deepEqual(leaves(['..|..'], ['..|##']), ['..|..'])
  })

  it('is named once when it stands between two seats of the choice', () => {
    assert.deepEqual(leaves(['.....'], ['##.##']), ['..#..'])
    assert.deepEqual(leaves(['...'], ['#.#']), ['.#.'])
  })

  it('counts whatever its type, unless it is a wheelchair place, whose people often come alone', () => {
    assert.deepEqual(leaves(['..c', '..r'], ['##c', '##r']), ['..#', '..#'])
    assert.deepEqual(leaves(['..w'], ['##w']), ['..w'])
    assert.deepEqual(leaves(['.w..'], ['.#..']), ['#w..'])
  })

  it('is none while a wheelchair place beside it is free', () => {
    assert.deepEqual(leaves(['...w'], ['##.w']), ['...w'])
  })

  it('is none at a table, where nobody sits alone', () => {
    assert.deepEqual(leaves(['(...)', '[...]'], ['(##.)', '[...]']), ['(...)', '[...]'])
  })

  it('is left at an aisle that the map names, and not across a gap that it closes', () => {
    assert.deepEqual(leaves(['...!..'], ['##.!..']), ['..#!..'])
    assert.deepEqual(leaves(['..._..'], ['##._..']), ['..._..'])
  })
})

describe('The orphan rule', () => {
  it('refuses nothing when it is off', () => {
    assert.equal(judge(['....'], ['.##.'], 'off'), 'fine')
  })

  it('accepts what leaves no single seat', () => {
    assert.equal(judge(['....'], ['##..'], 'lenient'), 'fine')
    assert.equal(judge(['....'], ['##..'], 'strict'), 'fine')
  })

  it('names the seats left alone and the nearest selection that leaves none', () => {
    assert.deepEqual(judge(['.....X', '......'], ['.##..X', '......'], 'lenient'), {
      orphans: ['#....X', '......'],
      alternative: ['##...X', '......'],
    })
  })

  it('looks in the same row first, then elsewhere', () => {
    assert.deepEqual(judge(['...|....X', '...|.....'], ['##.|....X', '...|.....'], 'lenient'), {
      orphans: ['..#|....X', '...|.....'],
      alternative: ['...|##..X', '...|.....'],
    })
    assert.deepEqual(judge(['...', '....'], ['##.', '....'], 'lenient'), { orphans: ['..#', '....'], alternative: ['...', '##..'] })
  })

  it('is satisfied, when lenient, where nothing as good leaves none', () => {
    assert.equal(judge(['...'], ['##.'], 'lenient'), 'fine')
  })

  it('does not send friends side by side to scattered seats when lenient, and does so rather than nothing when strict', () => {
    const rows = ['...X.X.']
    assert.equal(judge(rows, ['##.X.X.'], 'lenient'), 'fine')
    assert.deepEqual(judge(rows, ['##.X.X.'], 'strict'), { orphans: ['..#X.X.'], alternative: ['#..X#X.'] })
  })

  it('refuses when strict even where there is no alternative', () => {
    assert.deepEqual(judge(['...'], ['##.'], 'strict'), { orphans: ['..#'], alternative: null })
  })

  it('stays in the categories of the choice and leaves accessible places alone', () => {
    assert.equal(judge(['...|..'], ['##.|..'], 'lenient', { categories: ['aaa|bb'] }), 'fine')
    assert.equal(judge(['...|wc'], ['##.|wc'], 'lenient'), 'fine')
  })

  it('keeps those together, when lenient, who sit in rows near each other', () => {
    const far = ['X...X', 'X...X', ...Array.from({ length: 4 }, () => 'XXXXX')]
    const choice = ['X##.X', 'X##.X', ...far.slice(2)]
    assert.equal(judge([...far, '..XXX', '....X'], [...choice, '..XXX', '....X'], 'lenient') === 'fine', false)
    assert.equal(judge([...far, '..XXX'], [...choice, '..XXX'], 'lenient'), 'fine')
  })

  it('leaves whole tables out of its alternatives, and chairs at others in', () => {
    assert.equal(judge(['...', '[..]'], ['##.', '[..]'], 'lenient'), 'fine')
    assert.deepEqual(judge(['...', '(...)'], ['##.', '(...)'], 'lenient'), { orphans: ['..#', '(...)'], alternative: ['...', '(##.)'] })
  })

  it('keeps a whole table of the choice', () => {
    assert.deepEqual(judge(['....', '[..]'], ['.##.', '[##]'], 'strict'), {
      orphans: ['#..#', '[..]'],
      alternative: ['##..', '[##]'],
    })
  })

  it('keeps the wheelchair place of the choice where it is', () => {
    assert.deepEqual(judge(['..w...'], ['.##...'], 'lenient'), { orphans: ['#.w...'], alternative: ['..##..'] })
  })
})
