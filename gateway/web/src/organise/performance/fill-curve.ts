import type { Counts } from '../data/answers.ts'

/** As they are drawn and named, in this order. */
export const CURVES = ['sold', 'held', 'blocked', 'available'] as const
export type Curve = (typeof CURVES)[number]

/** What was free, held, sold and blocked at a moment. */
export interface Moment extends Counts {
  readonly atMs: number
}

/** Changes closer together are one point: nobody sees them apart. */
const STEP_MS = 1_000
/** Hours of a busy sale. When there are more, every second one of the older half goes. */
const MOMENTS_MAX = 2_000

/** The curve with what is now. A stretch without change is its two ends. */
export function grow(curve: readonly Moment[], now: Moment): readonly Moment[] {
  const [before, last] = [curve.at(-2), curve.at(-1)]
  if (last === undefined) return [now]
  if (now.atMs < last.atMs) return curve
  const isFlat = before !== undefined && isSame(before, last) && isSame(last, now)
  const isClose = before !== undefined && now.atMs - before.atMs < STEP_MS
  const kept = isFlat || isClose ? curve.slice(0, -1) : curve
  return thin([...kept, now])
}

function thin(curve: readonly Moment[]): readonly Moment[] {
  if (curve.length <= MOMENTS_MAX) return curve
  const half = MOMENTS_MAX / 2
  return curve.filter((_, at) => at >= half || at % 2 === 0)
}

/** What was recorded, and after it what was seen since. */
export function join(recorded: readonly Moment[], seen: readonly Moment[]): readonly Moment[] {
  const lastMs = recorded.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY
  return [...recorded, ...seen.filter(({ atMs }) => atMs > lastMs)]
}

/** So many of them at most, evenly, with the first and the last. */
export function some(curve: readonly Moment[], count: number): readonly Moment[] {
  if (curve.length <= count) return curve
  return Array.from({ length: count }, (_, at) => curve[Math.round((at * (curve.length - 1)) / (count - 1))]).filter(
    (moment) => moment !== undefined,
  )
}

const isSame = (a: Counts, b: Counts): boolean =>
  a.available === b.available && a.held === b.held && a.sold === b.sold && a.blocked === b.blocked

export function sumOf(sections: readonly Counts[]): Counts {
  const sum = { available: 0, held: 0, sold: 0, blocked: 0 }
  for (const { available, held, sold, blocked } of sections) {
    sum.available += available
    sum.held += held
    sum.sold += sold
    sum.blocked += blocked
  }
  return sum
}
