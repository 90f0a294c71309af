import { cheapestSelection, fewestParts, fewestTogether, type Search } from './cheapest-selection.ts'
import { COST_PER_PITCH, type SectionLayout } from './layout.ts'
import { distanceBetween } from './row-order.ts'

/** Stretches of two or more adjacent seats that may be taken, in slot order: what a part can be cut from. */
interface Stretches {
  readonly start: readonly number[]
  readonly length: readonly number[]
  /** By row, and one more: its first stretch. */
  readonly ofRow: Int32Array
}

/** A place to gather around: the search adds up how far seats are from it. */
interface Anchor {
  readonly row: number
  readonly x: number
  readonly y: number
  /** Parts and reach that a split around it would need, guessed cheaply; the least is the best. */
  readonly guess: number
}

/** Fewer parts outweigh everything else. */
const COST_PER_PART = 2 ** 32
/** So many of the best-looking places are searched exactly. */
const ANCHORS_MAX = 6
/** The guess looks at so many of the nearest stretches. */
const STRETCHES_GUESSED_MAX = 12
/** Being close to each other counts four times as much as being close to the focal point. */
const FOCAL_SHARE = 4

/**
 * Splits a group over neighbouring rows with nobody alone: parts of two or more adjacent seats, all in one row and the rows
 * nearest to it, in as few parts as any such place of the section allows (exactly), and compact and near the focal point
 * (by the sum of the seats' distances, around the best of a few places). Undefined exactly when there is no such split.
 */
export function splitOverRows(
  layout: SectionLayout,
  free: Uint8Array,
  takeable: Uint8Array,
  quantity: number,
  orphans: 'allowed' | 'none',
): readonly number[] | undefined {
  if (quantity < 4) return undefined
  const stretches = stretchesOf(layout, takeable)
  const bags = layout.rowsNear
  const partsAtLeast = bags.map((rows) => partsByLength(stretches, rows, quantity))

  const rules = { free, takeable, mayStayAlone: layout.mayStayAlone, quantity, orphans, partMin: 2 as const }
  let best: { slots: readonly number[]; cost: number } | undefined
  const searched = new Set<number>()
  const search = ({ row, x, y }: Omit<Anchor, 'guess'>): void => {
    searched.add(row)
    const found = cheapestSelection({
      ...rules,
      ranges: rangesOf(layout, bags[row] ?? []),
      costOf: (slot) => costAround(layout, slot, x, y),
      costPerPart: COST_PER_PART,
    })
    if (found !== undefined && (best === undefined || found.cost < best.cost)) best = found
  }
  for (const anchor of bestAnchors(layout, stretches, bags, partsAtLeast, quantity)) search(anchor)
  // Sparing single seats can need more parts than the lengths tell, or be impossible: then every place that could be better is looked at.
  const byParts = bags.map((_, row) => row).sort((a, b) => (partsAtLeast[a] ?? 0) - (partsAtLeast[b] ?? 0) || a - b)
  let partsIn: Float64Array | undefined
  for (const row of byParts) {
    const parts = best === undefined ? Number.POSITIVE_INFINITY : Math.floor(best.cost / COST_PER_PART)
    if ((partsAtLeast[row] ?? 0) >= parts) break
    if (searched.has(row)) continue
    partsIn ??= fewestParts({ ...rules, ranges: rangesOf(layout, [...bags.keys()]) })
    if (fewestTogether(partsIn, bags[row] ?? [], quantity) >= parts) continue
    search({ row, x: layout.centreX[row] ?? 0, y: layout.centreY[row] ?? 0 })
  }
  return best?.slots
}

/** The slots of rows, for a search; `rows` ascend. */
export const rangesOf = ({ rowStart }: SectionLayout, rows: readonly number[]): Search['ranges'] =>
  rows.map((row) => ({ from: rowStart[row] ?? 0, to: rowStart[row + 1] ?? 0 }))

/** What a seat costs a group that gathers around a point: its distance from there, and a quarter of its focal cost. */
export function costAround(layout: SectionLayout, slot: number, x: number, y: number): number {
  const away = distanceBetween(layout.x[slot] ?? 0, layout.y[slot] ?? 0, x, y)
  return Math.round(away * COST_PER_PITCH) + focalShareOf(layout, slot)
}

export const focalShareOf = ({ focalCost }: SectionLayout, slot: number): number => Math.floor((focalCost[slot] ?? 0) / FOCAL_SHARE)

function stretchesOf({ rowCount, rowStart }: SectionLayout, takeable: Uint8Array): Stretches {
  const start: number[] = []
  const length: number[] = []
  const ofRow = new Int32Array(rowCount + 1)
  for (let row = 0; row < rowCount; row++) {
    ofRow[row] = start.length
    let count = 0
    // A row ends with a border, so no stretch is left open.
    for (let slot = rowStart[row] ?? 0; slot < (rowStart[row + 1] ?? 0); slot++) {
      if (takeable[slot] === 1) {
        count++
        continue
      }
      if (count >= 2) {
        start.push(slot - count)
        length.push(count)
      }
      count = 0
    }
  }
  ofRow[rowCount] = start.length
  return { start, length, ofRow }
}

/** The fewest parts of two or more that the lengths allow, single seats or not; infinite when they allow none. */
function partsByLength({ length, ofRow }: Stretches, rows: readonly number[], quantity: number): number {
  const ofLength = new Int32Array(quantity + 1)
  for (const row of rows)
    for (let at = ofRow[row] ?? 0; at < (ofRow[row + 1] ?? 0); at++) {
      const usable = Math.min(length[at] ?? 0, quantity)
      ofLength[usable] = (ofLength[usable] ?? 0) + 1
    }
  let missing = quantity
  let parts = 0
  let longest = 0
  for (let usable = quantity; usable >= 2 && missing > 0; usable--) {
    const used = Math.min(ofLength[usable] ?? 0, Math.ceil(missing / usable))
    if (used > 0 && longest === 0) longest = usable
    missing -= used * usable
    parts += used
  }
  // A last part of one borrows a seat from a part of three; pairs have none to give.
  if (missing > 0 || (longest === 2 && quantity % 2 === 1)) return Number.POSITIVE_INFINITY
  return parts
}

function bestAnchors(
  layout: SectionLayout,
  stretches: Stretches,
  bags: readonly (readonly number[])[],
  partsAtLeast: readonly number[],
  quantity: number,
): Anchor[] {
  const { start, length, ofRow } = stretches
  const fewest = Math.min(...partsAtLeast)
  const best: Anchor[] = []
  const middle = (at: number): number => (start[at] ?? 0) + ((length[at] ?? 0) >> 1)
  const nearest = { away: new Float64Array(STRETCHES_GUESSED_MAX), length: new Int32Array(STRETCHES_GUESSED_MAX), count: 0 }
  for (const [row, bag] of bags.entries()) {
    if (partsAtLeast[row] !== fewest || fewest === Number.POSITIVE_INFINITY) continue
    for (let of = ofRow[row] ?? 0; of < (ofRow[row + 1] ?? 0); of++) {
      const fromFocus = focalShareOf(layout, middle(of))
      const worst = best.length === ANCHORS_MAX ? (best.at(-1)?.guess ?? 0) : Number.POSITIVE_INFINITY
      if (fromFocus >= worst) continue
      const x = layout.x[middle(of)] ?? 0
      const y = layout.y[middle(of)] ?? 0
      nearest.count = 0
      for (const other of bag)
        for (let at = ofRow[other] ?? 0; at < (ofRow[other + 1] ?? 0); at++) {
          const slot = middle(at)
          insertNearest(nearest, distanceBetween(x, y, layout.x[slot] ?? 0, layout.y[slot] ?? 0), length[at] ?? 0)
        }
      const reach = reachOf(nearest, fewest, quantity)
      const guess = reach * COST_PER_PITCH + fromFocus
      if (guess >= worst) continue
      let at = best.length
      while (at > 0 && guess < (best[at - 1]?.guess ?? 0)) at--
      best.splice(at, 0, { row, x, y, guess })
      best.length = Math.min(best.length, ANCHORS_MAX)
    }
  }
  return best
}

interface Nearest {
  readonly away: Float64Array
  readonly length: Int32Array
  count: number
}

function insertNearest(nearest: Nearest, away: number, length: number): void {
  let at = nearest.count
  if (at === STRETCHES_GUESSED_MAX) {
    if (away >= (nearest.away[at - 1] ?? 0)) return
    at--
  } else nearest.count++
  for (; at > 0 && away < (nearest.away[at - 1] ?? 0); at--) {
    nearest.away[at] = nearest.away[at - 1] ?? 0
    nearest.length[at] = nearest.length[at - 1] ?? 0
  }
  nearest.away[at] = away
  nearest.length[at] = length
}

/** How far one must go until the longest `parts` stretches met hold the group; far away when the nearest do not. */
function reachOf(nearest: Nearest, parts: number, quantity: number): number {
  const longest: number[] = []
  let held = 0
  for (let at = 0; at < nearest.count; at++) {
    const length = nearest.length[at] ?? 0
    longest.push(length)
    held += length
    if (longest.length > parts) {
      let least = 0
      for (let other = 1; other < longest.length; other++) if ((longest[other] ?? 0) < (longest[least] ?? 0)) least = other
      held -= longest.splice(least, 1)[0] ?? 0
    }
    if (held >= quantity) return nearest.away[at] ?? 0
  }
  return 1_000 + (nearest.away[nearest.count - 1] ?? 0)
}
