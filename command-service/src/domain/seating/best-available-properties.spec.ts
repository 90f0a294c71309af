import assert from 'node:assert/strict'
import { type SeatIndex, seatIndex } from '@cavea/contracts/ids'
import type { OrphanRule } from '@cavea/contracts/seats'
import fc from 'fast-check'
import { bestAvailable, type Wish } from './best-available.ts'
import { type Drawing, type DrawnSeat, draw } from './drawn-rows.ts'
import { COMPANION, RESTRICTED_VIEW, WHEELCHAIR } from './layout.ts'
import { judgeChoice, orphansLeftBy } from './orphan-rule.ts'

const SEATS_MAX = 12

/** One possible choice, described from the drawing alone: nothing here knows slots, layouts or costs of the code under test. */
interface Choice {
  readonly seats: readonly DrawnSeat[]
  /** Sizes of the parts, a part being seats of the choice side by side. */
  readonly parts: readonly number[]
  readonly orphans: readonly DrawnSeat[]
  readonly cost: number
}

const beside = (drawing: Drawing, { row, column }: DrawnSeat): DrawnSeat[] =>
  drawing.seats.filter((other) => other.row === row && Math.abs(other.column - column) === 1)

function describeChoice(drawing: Drawing, seats: readonly DrawnSeat[]): Choice {
  const isChosen = (seat: DrawnSeat): boolean => seats.includes(seat)
  const parts: number[] = []
  for (const seat of seats) {
    const joins = beside(drawing, seat).some((other) => isChosen(other) && other.column < seat.column)
    if (joins) parts.push((parts.pop() ?? 0) + 1)
    else parts.push(1)
  }
  const orphans = drawing.seats.filter((seat) => {
    if (!seat.free || isChosen(seat)) return false
    const company = beside(drawing, seat).filter(({ free }) => free)
    return company.length > 0 && company.every(isChosen)
  })
  const cost = seats.reduce((sum, { column, row, type }) => {
    const [dx, dy] = [column - drawing.focal.x, row - drawing.focal.y]
    return sum + Math.round(Math.sqrt(dx * dx + dy * dy) * 16) + (type === RESTRICTED_VIEW ? 48 : 0)
  }, 0)
  return { seats, parts, orphans, cost }
}

/** Every choice of so many of the seats. */
function choicesOf(drawing: Drawing, from: readonly DrawnSeat[], quantity: number): Choice[] {
  const found: Choice[] = []
  for (let mask = 0; mask < 1 << from.length; mask++) {
    const seats = from.filter((_, at) => (mask >> at) & 1)
    if (seats.length === quantity) found.push(describeChoice(drawing, seats))
  }
  return found
}

const isAdjacent = ({ parts }: Choice): boolean => parts.length === 1
const isSplit = ({ parts }: Choice): boolean => parts.every((size) => size >= 2)
const isWhole = ({ orphans }: Choice): boolean => orphans.length === 0
const isOrdinary = ({ type }: DrawnSeat): boolean => type !== WHEELCHAIR && type !== COMPANION
const isAccessible = (seat: DrawnSeat): boolean => !isOrdinary(seat)

/** The choices that would be right answers, and their step. */
function rightAnswers(drawing: Drawing, wish: Wish, rule: OrphanRule): { step: string; choices: Choice[] } | undefined {
  const inCategory = drawing.seats.filter(({ free, category }) => free && wish.categories?.has(category) !== false)
  const passes = wish.accessible
    ? [inCategory.filter(isAccessible), inCategory]
    : [inCategory.filter(isOrdinary), inCategory.filter(({ type }) => type !== WHEELCHAIR), inCategory]
  const wheelchairs = ({ seats }: Choice): number => seats.filter(({ type }) => type === WHEELCHAIR).length
  for (const seats of passes) {
    const all = choicesOf(drawing, seats, wish.quantity).filter((choice) => !wish.accessible || wheelchairs(choice) > 0)
    const adjacent = all.filter(isAdjacent)
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
    for (const [step, choices] of [
      ['split-rows', all.filter(isSplit)],
      ['any', all],
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

const MARKS = fc.constantFrom(...'......XXXXXrwcWC')
const ROW = fc
  .array(fc.array(MARKS, { minLength: 1, maxLength: 7 }), { minLength: 1, maxLength: 3 })
  // The pitch is the median gap: a row with as many aisles as neighbours has none to speak of.
  .filter((runs) => runs.length === 1 || runs.reduce((pairs, run) => pairs + run.length - 1, 0) > runs.length)
  .map((runs) => runs.map((run) => run.join('')).join('|'))
const HALL = fc
  .array(ROW, { minLength: 1, maxLength: 4 })
  .filter((rows) => rows.join('').replaceAll('|', '').length <= SEATS_MAX && rows.some((row) => /[^|]{2}/.test(row)))
const SCENE = fc.record({
  rows: HALL,
  letters: fc.array(fc.constantFrom('a', 'a', 'a', 'b'), { minLength: 60, maxLength: 60 }),
  shuffle: fc.array(fc.nat(), { minLength: SEATS_MAX, maxLength: SEATS_MAX }),
  focal: fc.record({ x: fc.constantFrom(0, 2.5, 6), y: fc.constantFrom(-3, 0, 4) }),
  wish: fc.record({
    quantity: fc.integer({ min: 1, max: 7 }),
    only: fc.constantFrom(null, null, [0], [1]),
    accessible: fc.constantFrom(false, false, true),
  }),
  rule: fc.constantFrom<OrphanRule>('off', 'lenient', 'strict'),
})
type Scene = typeof SCENE extends fc.Arbitrary<infer Value> ? Value : never

function stage({ rows, letters, focal, wish: { quantity, only, accessible }, shuffle }: Scene, shuffled = false) {
  const categories = rows.map((row, at) => [...row].map((_, column) => letters[(at * 13 + column) % letters.length]).join(''))
  const count = rows.join('').replaceAll('|', '').length
  const numbering = Array.from({ length: count }, (_, at) => at)
  if (shuffled) numbering.sort((a, b) => (shuffle[a] ?? 0) - (shuffle[b] ?? 0) || b - a)
  const drawing = draw(rows, { categories, focal, numbering })
  const wish: Wish = { quantity, accessible, ...(only === null ? {} : { categories: new Set(only) }) }
  return { drawing, wish }
}

const seatsOf = (drawing: Drawing, indexes: readonly SeatIndex[]): DrawnSeat[] => drawing.seats.filter(({ seat }) => indexes.includes(seat))
const indexesOf = ({ seats }: Choice): SeatIndex[] => seats.map(({ seat }) => seat)
const RUNS = { numRuns: 1_500 }

describe('Best available, beside every choice there is in a small hall', () => {
  it('finds seats exactly when there are any, by the first step that can, and the best ones side by side', () => {
    const steps = new Map<string, number>()
    fc.assert(
      fc.property(SCENE, (scene) => {
        const { drawing, wish } = stage(scene)
        const found = bestAvailable(drawing.layout, drawing.isFree, wish, scene.rule)
        const right = rightAnswers(drawing, wish, scene.rule)
        assert.equal(found?.step, right?.step)
        if (found === undefined || right === undefined) return
        assert.equal(found.seats.length, wish.quantity)
        const answer = describeChoice(drawing, seatsOf(drawing, found.seats))
        assert.ok(
          right.choices.some(
            (choice) => choice.seats.length === answer.seats.length && choice.seats.every((seat) => answer.seats.includes(seat)),
          ),
          `${drawing.show(found.seats).join('\n')}\nis not among the right answers`,
        )
        if (scene.rule === 'strict') assert.deepEqual(answer.orphans, [])
        steps.set(found.step, (steps.get(found.step) ?? 0) + 1)
      }),
      RUNS,
    )
    assert.equal(steps.size, 4, 'the halls drawn did not need every step')
  })

  it('answers alike when asked again, and when the seats are numbered otherwise', () => {
    fc.assert(
      fc.property(SCENE, (scene) => {
        const { drawing, wish } = stage(scene)
        const other = stage(scene, true).drawing
        const once = bestAvailable(drawing.layout, drawing.isFree, wish, scene.rule)
        assert.deepEqual(bestAvailable(drawing.layout, drawing.isFree, wish, scene.rule), once)
        const renumbered = bestAvailable(other.layout, other.isFree, wish, scene.rule)
        assert.equal(renumbered?.step, once?.step)
        assert.deepEqual(other.show(renumbered?.seats), drawing.show(once?.seats))
      }),
      { numRuns: 500 },
    )
  })

  it('hands out nothing side by side, and nothing at last, that the same rule would refuse to a buyer who chooses it', () => {
    fc.assert(
      fc.property(SCENE, (scene) => {
        const { drawing, wish } = stage(scene)
        const found = bestAvailable(drawing.layout, drawing.isFree, wish, scene.rule)
        if (found === undefined || (found.step === 'split-rows' && scene.rule === 'lenient')) return
        if (wish.accessible === true && found.step === 'adjacent') return // Its party may be seated elsewhere; the choice may not.
        assert.equal(judgeChoice(drawing.layout, drawing.isFree, found.seats, scene.rule).outcome, 'fine')
      }),
      { numRuns: 500 },
    )
  })
})

/** As good as the choice: what lenient would refuse it for. */
function isAsGood(choice: Choice, other: Choice): boolean {
  const kept = (seat: DrawnSeat): boolean => !isAccessible(seat) || choice.seats.includes(seat)
  return (
    isWhole(other) &&
    other.parts.length <= choice.parts.length &&
    (choice.parts.includes(1) || !other.parts.includes(1)) &&
    other.seats.every(kept) &&
    choice.seats.every((seat) => isOrdinary(seat) || other.seats.includes(seat))
  )
}

/** How far an alternative is: seats in other rows, seats that the choice has not, distance in sixteenths of a pitch. */
function distanceFrom(choice: Choice, other: Choice): number[] {
  const moved = other.seats.filter((seat) => !choice.seats.includes(seat))
  const away = (a: DrawnSeat): number =>
    Math.min(...choice.seats.map((b) => Math.round(Math.sqrt((a.column - b.column) ** 2 + (a.row - b.row) ** 2) * 16)))
  const elsewhere = moved.filter(({ row }) => !choice.seats.some((seat) => seat.row === row))
  return [elsewhere.length, moved.length, moved.reduce((sum, seat) => sum + away(seat), 0)]
}

const compare = (a: readonly number[], b: readonly number[]): number => a.reduce((order, value, at) => order || value - (b[at] ?? 0), 0)

describe('The orphan rule, beside every choice there is in a small hall', () => {
  it('refuses what the rule says, names the seats left alone, and the nearest selection that leaves none', () => {
    const outcomes = new Set<string>()
    fc.assert(
      fc.property(SCENE, (scene) => {
        const { drawing } = stage(scene)
        const free = drawing.seats.filter((seat) => seat.free)
        const shuffled = free.toSorted((a, b) => (scene.shuffle[a.seat] ?? 0) - (scene.shuffle[b.seat] ?? 0))
        const together = choicesOf(drawing, free, Math.min(scene.wish.quantity, 4)).filter(isAdjacent)
        const picked = scene.wish.accessible
          ? shuffled.slice(0, scene.wish.quantity)
          : (together[(scene.shuffle[0] ?? 0) % together.length]?.seats ?? [])
        const choice = describeChoice(
          drawing,
          drawing.seats.filter((seat) => picked.includes(seat)),
        )
        if (choice.seats.length === 0) return
        const indexes = indexesOf(choice)
        assert.deepEqual(
          orphansLeftBy(drawing.layout, drawing.isFree, indexes),
          choice.orphans.map(({ seat }) => seat),
        )
        const judged = judgeChoice(drawing.layout, drawing.isFree, indexes, scene.rule)
        const categories = new Set(choice.seats.map(({ category }) => category))
        const others = choicesOf(
          drawing,
          free.filter((seat) => categories.has(seat.category)),
          choice.seats.length,
        )
        const asGood = others.filter((other) => isAsGood(choice, other))
        const loose: Choice = { ...choice, parts: choice.seats.map(() => 1) }
        const right = asGood.length > 0 || scene.rule !== 'strict' ? asGood : others.filter((other) => isAsGood(loose, other))
        const refused = choice.orphans.length > 0 && (scene.rule === 'strict' || (scene.rule === 'lenient' && asGood.length > 0))
        assert.equal(judged.outcome, refused ? 'orphan' : 'fine')
        outcomes.add(`${scene.rule} ${judged.outcome}`)
        if (judged.outcome === 'fine') return
        assert.deepEqual(judged.orphans, indexesOf({ ...choice, seats: choice.orphans }))
        assert.equal(judged.alternative === null, right.length === 0)
        if (judged.alternative === null) return
        const alternative = describeChoice(drawing, seatsOf(drawing, judged.alternative))
        assert.ok(isAsGood(asGood.length > 0 ? choice : loose, alternative))
        assert.ok(alternative.seats.every((seat) => seat.free && categories.has(seat.category)))
        const nearest = right.map((other) => distanceFrom(choice, other)).sort(compare)[0]
        assert.deepEqual(distanceFrom(choice, alternative), nearest)
      }),
      RUNS,
    )
    assert.deepEqual([...outcomes].sort(), ['lenient fine', 'lenient orphan', 'off fine', 'strict fine', 'strict orphan'])
  })
})

describe('Best available in a section of 1,000 seats', () => {
  it('says how long it takes at every fill', function () {
    this.timeout(60_000)
    const random = numbersFrom(7)
    const hall = draw(Array.from({ length: 40 }, () => `${'.'.repeat(6)}|${'.'.repeat(13)}|${'.'.repeat(6)}`))
    const patterns: [string, (seat: number) => boolean][] = [0, 0.3, 0.5, 0.7, 0.9, 0.97].map((fill) => [
      `${fill * 100} % taken`,
      () => random() >= fill,
    ])
    patterns.push(['every third taken', (seat) => seat % 3 !== 0], ['every second taken', (seat) => seat % 2 !== 0])
    for (const [name, isFreeAt] of patterns) {
      const free = Array.from({ length: 1_000 }, (_, seat) => isFreeAt(seat))
      const times = [2, 4, 9].map((quantity) => {
        const tried = (['lenient', 'strict'] as const).map((rule) => {
          const laps = Array.from({ length: 41 }, () => {
            const before = performance.now()
            const found = bestAvailable(hall.layout, (seat) => free[seat] === true, { quantity }, rule)
            return { ms: performance.now() - before, step: found?.step ?? 'none' }
          }).sort((a, b) => a.ms - b.ms)
          return `${(laps[20]?.ms ?? 0).toFixed(3)} ms ${laps[20]?.step}`
        })
        return `${quantity} seats ${tried.join(' / ')}`
      })
      console.log(`      ${name}: ${times.join(', ')}`)
    }
    assert.equal(hall.layout.seatCount, 1_000)
    assert.ok(bestAvailable(hall.layout, (seat) => seat === seatIndex(5) || seat === seatIndex(4), { quantity: 2 }, 'strict'))
  })
})

/** Numbers from 0 to 1 that are the same on every run (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
