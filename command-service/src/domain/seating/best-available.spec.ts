import assert from 'node:assert/strict'
import type { OrphanRule } from '@cavea/contracts/seats'
import { bestAvailable, type Wish } from './best-available.ts'
import { type DrawingOptions, draw } from './drawn-rows.ts'

interface Asked extends DrawingOptions, Omit<Wish, 'categories'> {
  /** The categories to choose from. */
  readonly only?: readonly number[]
  readonly rule?: OrphanRule
}

/** The step that was used, then the rows with the seats found; nothing when there are none. */
function best(rows: readonly string[], asked: Asked): readonly string[] {
  const { quantity, accessible = false, only, rule = 'lenient' } = asked
  const { layout, isFree, show } = draw(rows, asked)
  const wish: Wish = { quantity, accessible, ...(only === undefined ? {} : { categories: new Set(only) }) }
  const found = bestAvailable(layout, isFree, wish, rule)
  return found === undefined ? [] : [found.step, ...show(found.seats)]
}

describe('Best available', () => {
  it('takes adjacent seats nearest to the focal point', () => {
    assert.deepEqual(best(['.......', '.......'], { quantity: 3 }), ['adjacent-no-orphan', '..###..', '.......'])
    assert.deepEqual(best(['.......', '.......'], { quantity: 3, focal: { x: 6, y: 5 } }), ['adjacent-no-orphan', '.......', '....###'])
  })

  it('rather sits farther away than leave a single seat', () => {
    assert.deepEqual(best(['....', '......'], { quantity: 3 }), ['adjacent-no-orphan', '....', '###...'])
  })

  it('leaves a single seat where there is no other way, unless the rule is strict', () => {
    for (const rule of ['off', 'lenient'] as const) assert.deepEqual(best(['....'], { quantity: 3, rule }), ['adjacent', '###.'])
    assert.deepEqual(best(['....'], { quantity: 3, rule: 'strict' }), [])
  })

  it('takes the lower row, then the seats nearer its start, when two places are alike', () => {
    assert.deepEqual(best(['....'], { quantity: 2, focal: { x: 1.5, y: -3 } }), ['adjacent-no-orphan', '##..'])
    assert.deepEqual(best(['..', 'XX', '..'], { quantity: 2, focal: { x: 0.5, y: 1 } }), ['adjacent-no-orphan', '##', 'XX', '..'])
  })

  it('never seats a group across an aisle', () => {
    assert.deepEqual(best(['..|..', '...|.'], { quantity: 3 }), ['adjacent-no-orphan', '..|..', '###|.'])
    assert.deepEqual(best(['..|.'], { quantity: 3 }), ['any', '##|#'])
  })

  it('splits a group over neighbouring rows with nobody alone, in as few parts as possible', () => {
    assert.deepEqual(best(['X...X', 'XX..X'], { quantity: 5 }), ['split-rows', 'X###X', 'XX##X'])
    assert.deepEqual(best(['X...X', 'XX...'], { quantity: 4 }).slice(0, 1), ['split-rows'])
    assert.deepEqual(best(['..X...X..', '...X..XXX'], { quantity: 6 }), ['split-rows', '..X###X..', '###X..XXX'])
  })

  it('keeps the parts of a split close to each other', () => {
    assert.deepEqual(best(['..X.X.X.X.X..', '.X.X.X.X.X...', '.X.X.X.X.X.X.'], { quantity: 4, rule: 'off' }), [
      'split-rows',
      '..X.X.X.X.X##',
      '.X.X.X.X.X##.',
      '.X.X.X.X.X.X.',
    ])
  })

  it('does not call it a split when the rows are far apart', () => {
    const rows = ['..', 'XX', 'XX', 'XX', 'XX', 'XX', 'XX', 'XX', '..']
    assert.equal(best(rows, { quantity: 4 })[0], 'any')
    assert.equal(best(['..', 'XX', '..'], { quantity: 4 })[0], 'split-rows')
  })

  it('spares a single seat in a split where it can', () => {
    assert.deepEqual(best(['X...X', 'X..X..'], { quantity: 4 }), ['split-rows', 'X...X', 'X##X##'])
    assert.deepEqual(best(['X...X', 'X..XXX'], { quantity: 4, rule: 'strict' }), [])
    assert.equal(best(['X...X', 'X..XXX'], { quantity: 4 })[0], 'split-rows')
  })

  it('finds the only split that spares single seats, however many places look better', () => {
    const rows = [...Array.from({ length: 14 }, () => 'X...X'), 'XX..X', 'XX..X']
    const [step, ...shown] = best(rows, { quantity: 4, rule: 'strict' })
    assert.equal(step, 'split-rows')
    assert.deepEqual(shown.slice(-2), ['XX##X', 'XX##X'])
  })

  it('finds the split in the fewest parts that spares single seats, however many places look better', () => {
    const rows = [...Array.from({ length: 14 }, () => 'X.....X'), 'XX....X']
    for (const rule of ['lenient', 'strict'] as const) {
      const [step, ...shown] = best(rows, { quantity: 9, rule })
      assert.equal(step, 'split-rows')
      assert.deepEqual(
        shown.filter((line) => line.includes('#')),
        ['X#####X', 'XX####X'],
      )
    }
  })

  it('takes any free seats at last, close together', () => {
    assert.deepEqual(best(['.X.X.X.'], { quantity: 2, focal: { x: 6, y: -1 } }), ['any', '.X.X#X#'])
    assert.deepEqual(best(['.X...X.'], { quantity: 2, rule: 'strict' }), ['any', '#X#..X.'])
  })

  it('finds nothing where too few are free', () => {
    assert.deepEqual(best(['.XX.'], { quantity: 3 }), [])
    assert.deepEqual(best([], { quantity: 1 }), [])
    assert.deepEqual(best(['..'], { quantity: 0 }), [])
  })

  it('stays in the categories asked for, and spares seats of others all the same', () => {
    assert.deepEqual(
      best(['......'], { quantity: 2, categories: ['aaabbb'], only: [1] }),
      ['adjacent-no-orphan', '...##.'].with(1, '....##'),
    )
    assert.deepEqual(best(['..X..'], { quantity: 2, categories: ['aaabb'], only: [2] }), [])
  })

  it('takes seats with a restricted view after others at a similar distance', () => {
    assert.deepEqual(best(['rr', '..'], { quantity: 2 }), ['adjacent-no-orphan', 'rr', '##'])
    assert.deepEqual(best(['rr', 'XX', 'XX', 'XX', '..'], { quantity: 2 }), ['adjacent-no-orphan', '##', 'XX', 'XX', 'XX', '..'])
  })

  it('leaves wheelchair places and companion seats alone while other seats will do, even scattered ones', () => {
    assert.deepEqual(best(['wccw', '.X.X'], { quantity: 2 }), ['any', 'wccw', '#X#X'])
    assert.deepEqual(best(['wccw', 'XX.X'], { quantity: 2 }), ['adjacent-no-orphan', 'w##w', 'XX.X'])
    assert.deepEqual(best(['wXXw', 'XX.X'], { quantity: 2 })[0], 'any')
  })

  it('seats a party with a wheelchair together, on as few wheelchair places as possible', () => {
    assert.deepEqual(best(['ww.cwc'], { quantity: 2, accessible: true }), ['adjacent-no-orphan', 'ww.c##'])
    assert.deepEqual(best(['.wc...'], { quantity: 4, accessible: true }), ['adjacent-no-orphan', '####..'])
    assert.deepEqual(best(['w.'], { quantity: 1, accessible: true }), ['adjacent', '#.'])
  })

  it('finds no accessible seats where the party would be apart or without a wheelchair place', () => {
    assert.deepEqual(best(['w|c', '....'], { quantity: 2, accessible: true }), [])
    assert.deepEqual(best(['Wc..'], { quantity: 2, accessible: true }), [])
  })

  it('may leave a wheelchair place alone, but no companion seat', () => {
    assert.deepEqual(best(['.w'], { quantity: 1, rule: 'strict' }), ['adjacent-no-orphan', '#w'])
    assert.deepEqual(best(['.c'], { quantity: 1, rule: 'strict' }), [])
  })

  it('keeps to the aisles that the map names, and to neighbours that it names across a gap', () => {
    assert.deepEqual(best(['..!..', '....'], { quantity: 4 }), ['adjacent-no-orphan', '..!..', '####'])
    assert.deepEqual(best(['.._..'], { quantity: 4 }), ['adjacent-no-orphan', '##_##'])
    assert.deepEqual(best(['.._..'], { quantity: 3, rule: 'strict' }), [])
  })

  it('seats a group side by side at a table, whatever it leaves there', () => {
    assert.deepEqual(best(['(....)'], { quantity: 3, rule: 'strict' }), ['adjacent-no-orphan', '(###.)'])
    assert.deepEqual(best(['....', '(....)'], { quantity: 3, rule: 'strict' }), ['adjacent-no-orphan', '....', '(###.)'])
    assert.deepEqual(best(['(.X..)', '(..X.)'], { quantity: 4 }), ['split-rows', '(.X##)', '(##X.)'])
  })

  it('gives a table that is sold whole to a party that fills it', () => {
    assert.deepEqual(best(['......', '[....]', '[....]'], { quantity: 4, focal: { x: 1.5, y: 2 } }), [
      'adjacent-no-orphan',
      '......',
      '[....]',
      '[####]',
    ])
    assert.deepEqual(best(['......', '[....]'], { quantity: 4 }), ['adjacent-no-orphan', '####..', '[....]'])
    assert.deepEqual(best(['[...w]'], { quantity: 4, accessible: true }), ['adjacent-no-orphan', '[####]'])
  })

  it('never breaks such a table, nor takes it for a larger party', () => {
    for (const quantity of [1, 2, 3, 5, 8]) assert.deepEqual(best(['[....]', '[....]'], { quantity, rule: 'off' }), [])
    assert.deepEqual(best(['[X...]'], { quantity: 3, rule: 'off' }), [])
    assert.deepEqual(best(['[....]'], { quantity: 4, categories: ['_aaaa_'], only: [0] }), ['adjacent-no-orphan', '[####]'])
    assert.deepEqual(best(['[....]'], { quantity: 4, categories: ['_aaab_'], only: [0] }), [])
    assert.deepEqual(best(['..XXX', '[...]', 'XXX..'], { quantity: 4 }), ['split-rows', '##XXX', '[...]', 'XXX##'])
  })
})
