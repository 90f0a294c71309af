import type { SeatIndex } from '@cavea/contracts/ids'
import type { OrphanRule } from '@cavea/contracts/seats'
import fc from 'fast-check'
import type { Wish } from './best-available.ts'
import { between, type Drawing, type DrawnSeat, draw } from './drawn-rows.ts'
import { COMPANION, RESTRICTED_VIEW, WHEELCHAIR } from './layout.ts'

/**
 * Halls so small that every choice of seats can be looked at. What makes a choice good is told from the drawing alone:
 * nothing here knows slots, layouts or costs of the code under test.
 */
export interface Hall {
  readonly drawing: Drawing
  readonly wish: Wish
  readonly rule: OrphanRule
  /** The seats side by side with each seat. */
  readonly beside: ReadonlyMap<DrawnSeat, readonly DrawnSeat[]>
  /** Each row with the rows near it. */
  readonly near: readonly ReadonlySet<number>[]
}

export interface Choice {
  /** In order of rows and along them. */
  readonly seats: readonly DrawnSeat[]
  /** Sizes of the parts, a part being seats of the choice side by side. */
  readonly parts: readonly number[]
  readonly orphans: readonly DrawnSeat[]
  readonly cost: number
}

const FREE_MAX = 11
const NEAR_ROWS = 4
const SEAT = /[.a-z]/gi

const run = (marks: string, minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom(...marks), { minLength, maxLength }).map((seats) => seats.join(''))
const freeIn = (rows: readonly string[]): number => rows.join('').match(/[.a-z]/g)?.length ?? 0

const ROW = fc
  .array(fc.tuple(run('......XXXXXrwcWC', 1, 7), fc.constantFrom('|', '|', '!', '_')), { minLength: 1, maxLength: 3 })
  .map((runs) => runs.map(([seats, gap], at) => (at === runs.length - 1 ? seats : seats + gap)).join(''))
  // The pitch is the median gap: a row with as many wide gaps as narrow ones has none to speak of.
  .filter((row) => {
    const wide = row.match(/[|_]/g)?.length ?? 0
    return wide === 0 || (row.match(SEAT)?.length ?? 0) - 1 - wide > wide
  })
const TABLE = fc.oneof(
  run('...Xwc', 1, 5).map((chairs) => `(${chairs})`),
  run('......wX', 1, 4).map((chairs) => `[${chairs}]`),
)
const SMALL = fc
  .array(fc.oneof({ weight: 3, arbitrary: ROW }, { weight: 1, arbitrary: TABLE }), { minLength: 1, maxLength: 4 })
  .filter((rows) => freeIn(rows) <= FREE_MAX && rows.some((row) => /[.a-z]!?[.a-z]/i.test(row)))
/** Rows and tables of one width, so that the near rows are simply those with the nearest numbers. */
const TALL = fc
  .integer({ min: 3, max: 5 })
  .chain((width) => {
    const row = run('.......XXXXXXXXXXXXXXwc', width, width)
    const table = run('.XXX', width, width).map((chairs) => `[${chairs}]`)
    return fc.array(fc.oneof({ weight: 5, arbitrary: row }, { weight: 1, arbitrary: table }), { minLength: 6, maxLength: 9 })
  })
  .filter((rows) => freeIn(rows) <= FREE_MAX)

const sceneOf = (rows: fc.Arbitrary<string[]>) =>
  fc.record({
    rows,
    letters: fc.array(fc.constantFrom('a', 'a', 'a', 'b'), { minLength: 60, maxLength: 60 }),
    shuffle: fc.array(fc.nat(), { minLength: 60, maxLength: 60 }),
    focal: fc.record({ x: fc.constantFrom(0, 2.5, 6), y: fc.constantFrom(-3, 0, 4) }),
    wish: fc.record({
      quantity: fc.integer({ min: 1, max: 7 }),
      only: fc.constantFrom(null, null, [0], [1]),
      accessible: fc.constantFrom(false, false, true),
    }),
    rule: fc.constantFrom<OrphanRule>('off', 'lenient', 'strict'),
  })
/** Up to four rows, tables and overrides among them. */
export const SMALL_SCENE = sceneOf(SMALL)
/** Up to nine rows, so that not all of them are near each other. */
export const TALL_SCENE = sceneOf(TALL)
export type Scene = typeof SMALL_SCENE extends fc.Arbitrary<infer Value> ? Value : never

export function hallOf(scene: Scene, shuffled = false): Hall {
  const { rows, letters, focal, rule } = scene
  const { quantity, accessible, only } = scene.wish
  const categories = rows.map((row, at) => [...row].map((_, column) => letters[(at * 13 + column) % letters.length]).join(''))
  const drawing = draw(rows, { categories, focal, ...(shuffled ? { numbering: renumbered(scene) } : {}) })
  const beside = new Map(drawing.seats.map((seat): [DrawnSeat, DrawnSeat[]] => [seat, []]))
  for (const [index, seat] of drawing.seats.entries()) {
    const next = drawing.seats[index + 1]
    if (next?.row !== seat.row || !/^_*$/.test(between(rows, seat, next))) continue
    beside.get(seat)?.push(next)
    beside.get(next)?.push(seat)
  }
  const wish: Wish = { quantity, accessible, ...(only === null ? {} : { categories: new Set(only) }) }
  return { drawing, wish, rule, beside, near: rows.map((_, row) => rowsNear(drawing, row)) }
}

/** Other numbers for the seats, as far as a map can give them: chairs keep their order, and so do seats around an override. */
function renumbered({ rows, shuffle }: Scene): number[] {
  let count = 0
  const blocks = rows.map((row, at) => {
    const seats = Array.from({ length: row.match(SEAT)?.length ?? 0 }, () => count++)
    if (/[([]/.test(row)) return { at, seats }
    if (/[!_]/.test(row)) return { at, seats: (shuffle[at] ?? 0) % 2 === 0 ? seats : seats.toReversed() }
    return { at, seats: seats.toSorted((a, b) => (shuffle[a] ?? 0) - (shuffle[b] ?? 0) || b - a) }
  })
  const order = blocks.toSorted((a, b) => (shuffle[a.at] ?? 0) - (shuffle[b.at] ?? 0) || b.at - a.at).flatMap(({ seats }) => seats)
  const numbering: number[] = []
  for (const [number, seat] of order.entries()) numbering[seat] = number
  return numbering
}

function rowsNear({ seats }: Drawing, row: number): Set<number> {
  const isWhole = (other: number): boolean => seats.some((seat) => seat.row === other && seat.table === 'whole')
  if (isWhole(row)) return new Set([row])
  const middle = (other: number): number => {
    const columns = seats.filter((seat) => seat.row === other).map(({ column }) => column)
    return columns.reduce((sum, column) => sum + column, 0) / columns.length
  }
  const away = (other: number): number => Math.hypot(middle(other) - middle(row), other - row)
  const others = [...new Set(seats.map((seat) => seat.row))].filter((other) => other !== row && !isWhole(other))
  return new Set([row, ...others.sort((a, b) => away(a) - away(b) || a - b).slice(0, NEAR_ROWS)])
}

export function describeChoice({ drawing, beside }: Hall, seats: readonly DrawnSeat[]): Choice {
  const isChosen = (seat: DrawnSeat): boolean => seats.includes(seat)
  const parts: number[] = []
  for (const seat of seats) {
    const joins = beside.get(seat)?.some((other) => isChosen(other) && other.column < seat.column)
    if (joins) parts.push((parts.pop() ?? 0) + 1)
    else parts.push(1)
  }
  const orphans = drawing.seats.filter((seat) => {
    if (!seat.free || isChosen(seat) || seat.table !== '' || seat.type === WHEELCHAIR) return false
    const company = beside.get(seat)?.filter(({ free }) => free) ?? []
    return company.length > 0 && company.every(isChosen)
  })
  const cost = seats.reduce((sum, { column, row, type }) => {
    const [dx, dy] = [column - drawing.focal.x, row - drawing.focal.y]
    return sum + Math.round(Math.sqrt(dx * dx + dy * dy) * 16) + (type === RESTRICTED_VIEW ? 48 : 0)
  }, 0)
  return { seats, parts, orphans, cost }
}

/** Every choice of so many of the seats. */
export function choicesOf(hall: Hall, from: readonly DrawnSeat[], quantity: number): Choice[] {
  const found: Choice[] = []
  const choose = (chosen: readonly DrawnSeat[], at: number): void => {
    if (chosen.length === quantity) found.push(describeChoice(hall, chosen))
    else for (const [index, seat] of from.slice(at).entries()) choose([...chosen, seat], at + index + 1)
  }
  choose([], 0)
  return found
}

export const isAdjacent = ({ parts }: Choice): boolean => parts.length === 1
export const isWhole = ({ orphans }: Choice): boolean => orphans.length === 0
export const isOrdinary = ({ type }: DrawnSeat): boolean => type !== WHEELCHAIR && type !== COMPANION
/** Whether its rows are one row and rows near it. */
export const isTogether = ({ near }: Hall, { seats }: Choice): boolean => near.some((rows) => seats.every(({ row }) => rows.has(row)))

export const seatsOf = ({ drawing }: Hall, indexes: readonly SeatIndex[]): DrawnSeat[] =>
  drawing.seats.filter(({ seat }) => indexes.includes(seat))
export const indexesOf = ({ seats }: Choice): SeatIndex[] => seats.map(({ seat }) => seat)
