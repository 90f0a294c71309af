import type { SeatIndex } from '@cavea/contracts/ids'
import type { BestAvailableStep, OrphanRule } from '@cavea/contracts/seats'
import { cheapestSelection } from './cheapest-selection.ts'
import { COMPANION, freeSlots, RESTRICTED_VIEW, type SectionLayout, STANDARD, seatsIn, VIP, WHEELCHAIR } from './layout.ts'
import { orphanedSlots } from './orphan-rule.ts'
import { costAround, focalShareOf, splitOverRows } from './split-rows.ts'

export interface Wish {
  /** How many seats, at least one. */
  readonly quantity: number
  /** Indexes of the categories to choose from; all when absent. */
  readonly categories?: ReadonlySet<number>
  /** For a party with a wheelchair: at least one wheelchair place, and all the others side by side with it. */
  readonly accessible?: boolean
}

export interface Best {
  /** In order of rows and along them. */
  readonly seats: readonly SeatIndex[]
  readonly step: BestAvailableStep
}

interface Found {
  readonly slots: readonly number[]
  readonly step: BestAvailableStep
}

const SEATS = (1 << STANDARD) | (1 << RESTRICTED_VIEW) | (1 << VIP)
const WITH_COMPANIONS = SEATS | (1 << COMPANION)
const ACCESSIBLE = (1 << WHEELCHAIR) | (1 << COMPANION)
const EVERY_TYPE = WITH_COMPANIONS | ACCESSIBLE

/** Outweighs every distance: a wheelchair place more than needed is taken only where there is no other way. */
const COST_OF_SPARE_WHEELCHAIR = 2 ** 32
/** So many free seats, the nearest to the focal point, are tried as the place to gather around. */
const GATHERINGS_MAX = 12

/**
 * The best free seats of a section for a wish; undefined when there are none that the wish and the rule allow. Pure and
 * deterministic: it depends on where seats lie and which are free, not on how they are numbered. `isFree` is asked once per
 * seat; a hold that lapsed counts as free. Each step is tried only when those before it found nothing:
 *
 * 1. `adjacent-no-orphan`: side by side in one run, leaving no single empty seat; the least sum of focal costs. A table that is
 *    sold whole is found only here, as the place of a party that fills it.
 * 2. `adjacent`: the same, single empty seats or not. Not when the rule is strict.
 * 3. `split-rows`: in parts of two or more over neighbouring rows, see `splitOverRows`. Strict leaves no single seat; lenient
 *    only when there is no such split without; off does not look.
 * 4. `any`: the free seats that are nearest to one of them and to the focal point, under the same rule.
 *
 * Ties go to the lower row number, then to the seats nearer the row's start (its left end, as drawn).
 *
 * An ordinary wish takes ordinary seats through all four steps first. Only when they fail are companion seats looked at as
 * well, and at last wheelchair places. An accessible wish looks for wheelchair places and companion seats first, then for
 * seats of any type beside them, with as few wheelchair places as possible, and goes no further than step 2.
 *
 * Whatever is found under a rule, `judgeChoice` accepts under the same rule from a buyer who chooses it.
 */
export function bestAvailable(
  layout: SectionLayout,
  isFree: (seat: SeatIndex) => boolean,
  wish: Wish,
  orphanRule: OrphanRule,
): Best | undefined {
  const { quantity, accessible = false } = wish
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > layout.seatCount) return undefined
  const free = freeSlots(layout, isFree)
  let lastCount = 0
  for (const types of accessible ? [ACCESSIBLE, EVERY_TYPE] : [SEATS, WITH_COMPANIONS, EVERY_TYPE]) {
    const { takeable, count } = takeableSlots(layout, free, types, wish)
    if (count < quantity || count === lastCount) continue // No more than what was looked at already.
    lastCount = count
    const found =
      bestWindow(layout, free, takeable, quantity, accessible, orphanRule) ??
      (accessible
        ? undefined
        : (split(layout, free, takeable, quantity, orphanRule) ?? gather(layout, free, takeable, quantity, orphanRule)))
    if (found !== undefined) return { seats: seatsIn(layout, found.slots), step: found.step }
  }
  return undefined
}

/** Free seats that the wish may get. Those of a whole table are among them only where the party would fill it. */
function takeableSlots(
  layout: SectionLayout,
  free: Uint8Array,
  types: number,
  { quantity, categories }: Wish,
): { takeable: Uint8Array; count: number } {
  const { slotCount, type, category, wholeTables, rowStart } = layout
  const takeable = new Uint8Array(slotCount)
  let count = 0
  for (let slot = 0; slot < slotCount; slot++) {
    if (free[slot] !== 1 || ((types >> (type[slot] ?? 0)) & 1) === 0) continue
    if (categories !== undefined && !categories.has(category[slot] ?? 0)) continue
    takeable[slot] = 1
    count++
  }
  for (const row of wholeTables) {
    const [from, to] = [rowStart[row] ?? 0, (rowStart[row + 1] ?? 0) - 1]
    const chairs = takeable.subarray(from, to).reduce((sum, chair) => sum + chair, 0)
    if (chairs === quantity && to - from === quantity) continue
    takeable.fill(0, from, to)
    count -= chairs
  }
  return { takeable, count }
}

/** Slides a window of `quantity` slots over the section, once, and keeps the best with and without a single seat left beside it. */
function bestWindow(
  { slotCount, focalCost, type, mayStayAlone }: SectionLayout,
  free: Uint8Array,
  takeable: Uint8Array,
  quantity: number,
  accessible: boolean,
  orphanRule: OrphanRule,
): Found | undefined {
  const best = [-1, -1]
  const leastCost = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  let length = 0
  let sum = 0
  let wheelchairs = 0
  for (let slot = 0; slot < slotCount; slot++) {
    if (takeable[slot] !== 1) {
      length = sum = wheelchairs = 0
      continue
    }
    length++
    sum += focalCost[slot] ?? 0
    if (type[slot] === WHEELCHAIR) wheelchairs++
    if (length > quantity) {
      sum -= focalCost[slot - quantity] ?? 0
      if (type[slot - quantity] === WHEELCHAIR) wheelchairs--
    }
    if (length < quantity || (accessible && wheelchairs === 0)) continue
    const start = slot - quantity + 1
    const cost = accessible ? sum + (wheelchairs - 1) * COST_OF_SPARE_WHEELCHAIR : sum
    // Where the seat beside is free it is no border, so there is a slot beyond it.
    const orphan =
      (free[start - 1] === 1 && free[start - 2] !== 1 && mayStayAlone[start - 1] !== 1) ||
      (free[slot + 1] === 1 && free[slot + 2] !== 1 && mayStayAlone[slot + 1] !== 1)
        ? 1
        : 0
    if (cost >= (leastCost[orphan] ?? 0)) continue
    leastCost[orphan] = cost
    best[orphan] = start
  }
  const [without = -1, withOrphan = -1] = best
  const slotsFrom = (start: number) => Array.from({ length: quantity }, (_, at) => start + at)
  if (without >= 0) return { slots: slotsFrom(without), step: 'adjacent-no-orphan' }
  return withOrphan >= 0 && orphanRule !== 'strict' ? { slots: slotsFrom(withOrphan), step: 'adjacent' } : undefined
}

function split(layout: SectionLayout, free: Uint8Array, takeable: Uint8Array, quantity: number, orphanRule: OrphanRule): Found | undefined {
  const whole = orphanRule === 'off' ? undefined : splitOverRows(layout, free, takeable, quantity, 'none')
  const slots = whole ?? (orphanRule === 'strict' ? undefined : splitOverRows(layout, free, takeable, quantity, 'allowed'))
  return slots === undefined ? undefined : { slots, step: 'split-rows' }
}

function gather(
  layout: SectionLayout,
  free: Uint8Array,
  takeable: Uint8Array,
  quantity: number,
  orphanRule: OrphanRule,
): Found | undefined {
  const nearest = { cost: new Float64Array(quantity), slot: new Int32Array(quantity) }
  let best: { slots: readonly number[]; anchor: number; cost: number } | undefined
  const candidates = layout.focalOrder.filter((slot) => takeable[slot] === 1)
  for (const anchor of candidates.subarray(0, GATHERINGS_MAX)) {
    const cost = gatherAround(layout, candidates, anchor, nearest)
    if (best === undefined || cost < best.cost) best = { slots: [...nearest.slot].sort((a, b) => a - b), anchor, cost }
  }
  if (best === undefined) return undefined
  const { anchor, slots } = best
  if (orphanRule === 'off' || orphanedSlots(layout, slots, (slot) => free[slot] === 1).length === 0) return { slots, step: 'any' }
  const whole = cheapestSelection({
    free,
    takeable,
    mayStayAlone: layout.mayStayAlone,
    ranges: [{ from: 0, to: layout.slotCount }],
    costOf: (slot) => costAround(layout, slot, layout.x[anchor] ?? 0, layout.y[anchor] ?? 0),
    quantity,
    orphans: 'none',
    partMin: 1,
    costPerPart: 0,
  })
  if (whole !== undefined) return { slots: whole.slots, step: 'any' }
  return orphanRule === 'lenient' ? { slots, step: 'any' } : undefined
}

/** Puts the cheapest seats around the anchor into `nearest`, which is as long as the group, and answers their cost. */
function gatherAround(
  layout: SectionLayout,
  candidates: Int32Array,
  anchor: number,
  nearest: { readonly cost: Float64Array; readonly slot: Int32Array },
): number {
  const { cost, slot } = nearest
  const x = layout.x[anchor] ?? 0
  const y = layout.y[anchor] ?? 0
  cost.fill(Number.POSITIVE_INFINITY)
  for (const candidate of candidates) {
    let at = cost.length - 1
    // Candidates come nearest to the focal point first, and that part of their cost alone is too much from here on.
    if (focalShareOf(layout, candidate) >= (cost[at] ?? 0)) break
    const price = costAround(layout, candidate, x, y)
    if (price >= (cost[at] ?? 0)) continue
    for (; at > 0 && price < (cost[at - 1] ?? 0); at--) {
      cost[at] = cost[at - 1] ?? 0
      slot[at] = slot[at - 1] ?? 0
    }
    cost[at] = price
    slot[at] = candidate
  }
  return cost.reduce((sum, price) => sum + price, 0)
}
