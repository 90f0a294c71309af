import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { DrawnSeat } from './drawn-rows.ts'
import { judgeChoice, orphansLeftBy } from './orphan-rule.ts'
import {
  type Choice,
  choicesOf,
  describeChoice,
  type Hall,
  hallOf,
  indexesOf,
  isAdjacent,
  isOrdinary,
  isTogether,
  isWhole,
  type Scene,
  SMALL_SCENE,
  seatsOf,
  TALL_SCENE,
} from './small-halls.spec.ts'

const RUNS = { numRuns: 1_500, seed: 6 }

/** What a choice keeps, whatever it might have instead. */
const isKept = (seat: DrawnSeat): boolean => !isOrdinary(seat) || seat.table === 'whole'

/** As good as the choice: what lenient would refuse it for. */
function isAsGood(hall: Hall, choice: Choice, other: Choice): boolean {
  return (
    other.parts.length <= choice.parts.length &&
    (!isTogether(hall, choice) || isTogether(hall, other)) &&
    (choice.parts.includes(1) || !other.parts.includes(1)) &&
    isLike(choice, other)
  )
}

/** Leaves no single seat either, and keeps what the choice keeps. */
const isLike = (choice: Choice, other: Choice): boolean =>
  isWhole(other) &&
  other.seats.every((seat) => !isKept(seat) || choice.seats.includes(seat)) &&
  choice.seats.every((seat) => !isKept(seat) || other.seats.includes(seat))

/** How far an alternative is: seats in other rows, seats that the choice has not, distance in sixteenths of a pitch. */
function distanceFrom(choice: Choice, other: Choice): number[] {
  const moved = other.seats.filter((seat) => !choice.seats.includes(seat))
  const away = (a: DrawnSeat): number =>
    Math.min(...choice.seats.map((b) => Math.round(Math.sqrt((a.column - b.column) ** 2 + (a.row - b.row) ** 2) * 16)))
  const elsewhere = moved.filter(({ row }) => !choice.seats.some((seat) => seat.row === row))
  return [elsewhere.length, moved.length, moved.reduce((sum, seat) => sum + away(seat), 0)]
}

const compare = (a: readonly number[], b: readonly number[]): number => a.reduce((order, value, at) => order || value - (b[at] ?? 0), 0)

/** Some seats of a hall that are free: side by side, or here and there. */
function choiceIn(hall: Hall, { shuffle, wish: { quantity, accessible } }: Scene): Choice {
  const free = hall.drawing.seats.filter((seat) => seat.free)
  const shuffled = free.toSorted((a, b) => (shuffle[a.seat] ?? 0) - (shuffle[b.seat] ?? 0))
  const together = accessible ? [] : choicesOf(hall, free, Math.min(quantity, 4)).filter(isAdjacent)
  const picked = accessible ? shuffled.slice(0, quantity) : (together[(shuffle[0] ?? 0) % together.length]?.seats ?? [])
  return describeChoice(
    hall,
    hall.drawing.seats.filter((seat) => picked.includes(seat)),
  )
}

/** How the rule judged the choice; empty: there was nothing to judge. */
function assertJudged(hall: Hall, choice: Choice): string {
  if (choice.seats.length === 0) return ''
  const { drawing, rule } = hall
  const indexes = indexesOf(choice)
  const orphans = choice.orphans.map(({ seat }) => seat)
  assert.deepEqual(orphansLeftBy(drawing.layout, drawing.isFree, indexes), orphans)
  const judged = judgeChoice(drawing.layout, drawing.isFree, indexes, rule)
  const categories = new Set(choice.seats.map(({ category }) => category))
  const others = choicesOf(
    hall,
    drawing.seats.filter(({ free, category }) => free && categories.has(category)),
    choice.seats.length,
  )
  const asGood = others.filter((other) => isAsGood(hall, choice, other))
  const refused = choice.orphans.length > 0 && (rule === 'strict' || (rule === 'lenient' && asGood.length > 0))
  assert.equal(judged.outcome, refused ? 'orphan' : 'fine', drawing.show(indexes).join('\n'))
  if (judged.outcome === 'fine') return `${rule} fine`
  assert.deepEqual(judged.orphans, orphans)
  const right = asGood.length > 0 ? asGood : others.filter((other) => isLike(choice, other))
  assert.equal(judged.alternative === null, right.length === 0)
  if (judged.alternative !== null) {
    const alternative = describeChoice(hall, seatsOf(hall, judged.alternative))
    assert.ok(
      right.some(({ seats }) => seats.length === alternative.seats.length && seats.every((seat) => alternative.seats.includes(seat))),
    )
    const nearest = right.map((other) => distanceFrom(choice, other)).sort(compare)[0]
    assert.deepEqual(distanceFrom(choice, alternative), nearest)
  }
  return `${rule} orphan`
}

describe('The orphan rule, beside every choice there is in a small hall', () => {
  it('refuses what the rule says, names the seats left alone, and the nearest selection that leaves none', () => {
    const outcomes = new Set<string>()
    fc.assert(
      fc.property(SMALL_SCENE, (scene) => {
        const hall = hallOf(scene)
        outcomes.add(assertJudged(hall, choiceIn(hall, scene)))
      }),
      RUNS,
    )
    for (const outcome of ['lenient fine', 'lenient orphan', 'off fine', 'strict fine', 'strict orphan']) assert.ok(outcomes.has(outcome))
  })

  it('does not send those who sit in rows near each other farther apart', () => {
    const outcomes = new Set<string>()
    fc.assert(
      fc.property(TALL_SCENE, (scene) => {
        const hall = hallOf(scene)
        const choice = choiceIn(hall, { ...scene, wish: { ...scene.wish, accessible: true } })
        outcomes.add(`${assertJudged(hall, choice)}, ${isTogether(hall, choice) ? 'together' : 'apart'}`)
      }),
      { ...RUNS, numRuns: 500 },
    )
    for (const outcome of ['lenient fine', 'lenient orphan'])
      for (const where of ['together', 'apart']) assert.ok(outcomes.has(`${outcome}, ${where}`))
  })

  it('never misses a chair at a table or a wheelchair place', () => {
    fc.assert(
      fc.property(SMALL_SCENE, (scene) => {
        const hall = hallOf(scene)
        const { layout, isFree } = hall.drawing
        for (const seat of seatsOf(hall, orphansLeftBy(layout, isFree, indexesOf(choiceIn(hall, scene))))) {
          assert.equal(seat.table, '')
          assert.notEqual(hall.drawing.lines[seat.row]?.[seat.at], 'w')
        }
      }),
      { ...RUNS, numRuns: 300 },
    )
  })
})
