import assert from 'node:assert/strict'
import { type Choice, choose, chooseMany, type Standing } from './choosing.ts'

const STANDINGS: Readonly<Record<string, Standing>> = {
  a: 'available',
  b: 'available',
  c: 'available',
  held: 'held',
  old: 'unknown',
  mine: 'mine',
}

function given(selected: readonly string[] = [], more: Partial<Choice> = {}): Choice {
  return {
    selected: new Set(selected),
    quantityMax: 2,
    mode: 'choose',
    standingOf: (seatId) => STANDINGS[seatId] ?? 'blocked',
    isForSale: (seatId) => seatId !== 'c',
    ...more,
  }
}

describe('Choosing a seat', () => {
  it('selects a free one and removes a selected one, whatever became of it', () => {
    assert.deepEqual(choose('a', given(['b'])), { outcome: 'selected', selected: new Set(['b', 'a']) })
    assert.deepEqual(choose('b', given(['a', 'b'])), { outcome: 'removed', selected: new Set(['a']) })
    assert.deepEqual(choose('held', given(['held'])), { outcome: 'removed', selected: new Set() })
  })

  it('refuses what is taken, what is not known and what has no price, and says which it is', () => {
    assert.deepEqual(
      ['held', 'old', 'mine', 'c'].map((seatId) => choose(seatId, given())),
      (['held', 'unknown', 'mine', 'blocked'] as const).map((standing) => ({ outcome: 'unavailable', standing })),
    )
  })

  it('selects no more than it may', () => {
    assert.deepEqual(choose('a', given(['x', 'y'])), { outcome: 'full' })
  })

  it('lets an organiser block what nobody can buy', () => {
    assert.equal(choose('c', given([], { mode: 'block' })).outcome, 'selected')
  })
})

describe('Choosing many seats', () => {
  it('adds those that are free up to the limit, in their order', () => {
    assert.deepEqual(chooseMany(['held', 'a', 'b', 'c'], given([], { quantityMax: 2 })), new Set(['a', 'b']))
  })

  it('removes them when all of them are selected already, and touches no others', () => {
    assert.deepEqual(chooseMany(['a', 'b', 'held'], given(['a', 'b', 'c'], { quantityMax: 9 })), new Set(['c']))
    assert.deepEqual(chooseMany(['a', 'b'], given(['a'], { quantityMax: 9 })), new Set(['a', 'b']))
    assert.deepEqual(chooseMany(['held'], given(['a'])), new Set(['a']))
  })
})
