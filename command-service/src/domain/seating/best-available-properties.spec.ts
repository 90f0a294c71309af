import assert from 'node:assert/strict'
import fc from 'fast-check'
import { bestAvailable } from './best-available.ts'
import type { DrawnSeat } from './drawn-rows.ts'
import { WHEELCHAIR } from './layout.ts'
import { judgeChoice } from './orphan-rule.ts'
import {
  type Choice,
  choicesOf,
  describeChoice,
  type Hall,
  hallOf,
  isAdjacent,
  isOrdinary,
  isTogether,
  isWhole,
  type Scene,
  SMALL_SCENE,
  seatsOf,
  TALL_SCENE,
} from './small-halls.spec.ts'
import { brokenTables } from './tables.ts'

const RUNS = { numRuns: 1_500, seed: 6 }

const fromBenches = ({ seats }: Choice): boolean => seats.every(({ table }) => table !== 'whole')
/** A table that is sold whole is a choice by itself, or none. */
const fromBenchesOrTable = ({ drawing }: Hall, choice: Choice): boolean =>
  fromBenches(choice) || drawing.seats.filter(({ row }) => row === choice.seats[0]?.row).length === choice.seats.length

/** The choices that would be right answers, and their step. */
function rightAnswers(hall: Hall): { step: string; choices: Choice[] } | undefined {
  const { drawing, wish, rule } = hall
  const inCategory = drawing.seats.filter(({ free, category }) => free && wish.categories?.has(category) !== false)
  const passes = wish.accessible
    ? [inCategory.filter((seat) => !isOrdinary(seat)), inCategory]
    : [inCategory.filter(isOrdinary), inCategory.filter(({ type }) => type !== WHEELCHAIR), inCategory]
  const wheelchairs = ({ seats }: Choice): number => seats.filter(({ type }) => type === WHEELCHAIR).length
  for (const seats of passes) {
    const all = choicesOf(hall, seats, wish.quantity).filter((choice) => !wish.accessible || wheelchairs(choice) > 0)
    const adjacent = all.filter((choice) => isAdjacent(choice) && fromBenchesOrTable(hall, choice))
    for (const [step, choices] of [
      ['adjacent-no-orphan', adjacent.filter(isWhole)],
      ['adjacent', rule === 'strict' ? [] : adjacent],
    ] as const) {
      const fewest = wish.accessible ? Math.min(...choices.map(wheelchairs)) : 0
      const fitting = choices.filter((choice) => !wish.accessible || wheelchairs(choice) === fewest)
      const least = Math.min(...fitting.map(({ cost }) => cost))
      // Seats are listed by row and column, so the first of the nearest is the one that wins ties.
      const first = fitting
        .filter(({ cost }) => cost === least)
        .sort((a, b) => drawing.seats.indexOf(a.seats[0] as DrawnSeat) - drawing.seats.indexOf(b.seats[0] as DrawnSeat))
        .slice(0, 1)
      if (first.length > 0) return { step, choices: first }
    }
    if (wish.accessible) continue
    const scattered = all.filter(fromBenches)
    for (const [step, choices] of [
      ['split-rows', scattered.filter((choice) => choice.parts.every((size) => size >= 2) && isTogether(hall, choice))],
      ['any', scattered],
    ] as const) {
      const whole = choices.filter(isWhole)
      const allowed = rule === 'strict' || (rule === 'lenient' && whole.length > 0) ? whole : choices
      const fewest = step === 'any' ? 0 : Math.min(...allowed.map(({ parts }) => parts.length))
      const right = step === 'any' ? allowed : allowed.filter(({ parts }) => parts.length === fewest)
      if (right.length > 0) return { step, choices: right }
    }
  }
  return undefined
}

/** Which step it took; empty: none found any. */
function assertRight(scene: Scene): string {
  const hall = hallOf(scene)
  const { drawing, wish, rule } = hall
  const found = bestAvailable(drawing.layout, drawing.isFree, wish, rule)
  const right = rightAnswers(hall)
  assert.equal(found?.step, right?.step)
  if (found === undefined || right === undefined) return ''
  assert.equal(found.seats.length, wish.quantity)
  const answer = describeChoice(hall, seatsOf(hall, found.seats))
  assert.ok(
    right.choices.some((choice) => choice.seats.every((seat) => answer.seats.includes(seat))),
    `${drawing.show(found.seats).join('\n')}\nis not among the right answers`,
  )
  if (rule === 'strict') assert.deepEqual(answer.orphans, [])
  return found.step
}

describe('Best available, beside every choice there is in a small hall', () => {
  it('finds seats exactly when there are any, by the first step that can, and the best ones side by side', () => {
    const steps = new Set<string>()
    fc.assert(
      fc.property(SMALL_SCENE, (scene) => {
        steps.add(assertRight(scene))
      }),
      RUNS,
    )
    assert.equal(steps.size, 5, 'the halls drawn did not need every step')
  })

  it('splits a group over rows that are near each other, where a hall has others as well', () => {
    const steps = new Set<string>()
    fc.assert(
      fc.property(TALL_SCENE, (scene) => {
        steps.add(assertRight({ ...scene, wish: { quantity: 4 + (scene.wish.quantity % 3), only: null, accessible: false } }))
      }),
      { ...RUNS, numRuns: 500 },
    )
    for (const step of ['split-rows', 'any', '']) assert.ok(steps.has(step), `the halls drawn did not need “${step}”`)
  })

  it('takes a whole table for a party that fills it, and never a part of one', () => {
    let taken = 0
    fc.assert(
      fc.property(SMALL_SCENE, (scene) => {
        const hall = hallOf(scene)
        const { layout, isFree } = hall.drawing
        const found = bestAvailable(layout, isFree, hall.wish, hall.rule)
        if (found === undefined) return
        assert.deepEqual(brokenTables(layout, found.seats), [])
        if (seatsOf(hall, found.seats).some(({ table }) => table === 'whole')) taken++
      }),
      RUNS,
    )
    assert.ok(taken > 0, 'no hall drawn had a table that fits')
  })

  it('answers alike when asked again, and when the seats are numbered otherwise', () => {
    fc.assert(
      fc.property(SMALL_SCENE, (scene) => {
        const { drawing, wish, rule } = hallOf(scene)
        const other = hallOf(scene, true).drawing
        const once = bestAvailable(drawing.layout, drawing.isFree, wish, rule)
        assert.deepEqual(bestAvailable(drawing.layout, drawing.isFree, wish, rule), once)
        const renumbered = bestAvailable(other.layout, other.isFree, wish, rule)
        assert.equal(renumbered?.step, once?.step)
        assert.deepEqual(other.show(renumbered?.seats), drawing.show(once?.seats))
      }),
      { ...RUNS, numRuns: 500 },
    )
  })

  it('hands out nothing that the same rule would refuse to a buyer who chooses it', () => {
    const left = new Set<string>()
    fc.assert(
      fc.property(fc.oneof(SMALL_SCENE, TALL_SCENE), (scene) => {
        const hall = hallOf(scene)
        const { layout, isFree, show } = hall.drawing
        const found = bestAvailable(layout, isFree, hall.wish, hall.rule)
        if (found === undefined) return
        const judged = judgeChoice(layout, isFree, found.seats, hall.rule)
        assert.equal(judged.outcome, 'fine', show(found.seats).join('\n'))
        if (!isWhole(describeChoice(hall, seatsOf(hall, found.seats)))) left.add(`${hall.rule} ${found.step}`)
      }),
      { ...RUNS, numRuns: 4_000 },
    )
    // Where nothing could have been avoided, a single seat is left and not held against anybody.
    for (const step of ['adjacent', 'split-rows', 'any']) assert.ok(left.has(`lenient ${step}`), `no single seat left by “${step}”`)
  })
})
