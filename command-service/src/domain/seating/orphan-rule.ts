import type { SeatIndex } from '@cavea/contracts/ids'
import type { OrphanRule } from '@cavea/contracts/seats'
import { cheapestSelection, fewestParts, fewestTogether, MUST_TAKE, type Search, type Selection } from './cheapest-selection.ts'
import { COMPANION, COST_PER_PITCH, freeSlots, type SectionLayout, seatsIn, WHEELCHAIR, WHOLE_TABLE } from './layout.ts'
import { distanceBetween } from './row-order.ts'
import { rangesOf } from './split-rows.ts'

export type Judgement =
  | { readonly outcome: 'fine' }
  | { readonly outcome: 'orphan'; readonly orphans: readonly SeatIndex[]; readonly alternative: readonly SeatIndex[] | null }

/** Above any sum of distances, below where sums of them stop being exact. */
const COST_OF_A_MOVE = 2 ** 26
const COST_OF_ANOTHER_ROW = 2 ** 38
const DISTANCE_COST_MAX = 2 ** 16

/**
 * The single empty seats that a choice newly creates, in order of rows and along them: seats that are free and not chosen,
 * have no free neighbour once the choice is taken, and had one before. A neighbour is the next seat in the same run, of
 * whatever category or type. A chair at a table and a wheelchair place are never among them, see `mayStayAlone`. `chosen`
 * are seats of the section that are free.
 */
export function orphansLeftBy(
  layout: SectionLayout,
  isFree: (seat: SeatIndex) => boolean,
  chosen: readonly SeatIndex[],
): readonly SeatIndex[] {
  const slots = chosen.map((seat) => layout.slotOf[seat] ?? 0)
  return seatsIn(
    layout,
    orphanedSlots(layout, slots, (slot) => {
      const [seat] = seatsIn(layout, [slot])
      return seat !== undefined && seat >= 0 && isFree(seat)
    }),
  )
}

/** The same by slots; `isFree` answers no for a border. */
export function orphanedSlots({ mayStayAlone }: SectionLayout, slots: readonly number[], isFree: (slot: number) => boolean): number[] {
  const taken = new Set(slots)
  const staysFree = (slot: number): boolean => !taken.has(slot) && isFree(slot)
  const orphans = new Set<number>()
  for (const slot of slots)
    for (const beside of [slot - 1, slot + 1]) {
      if (mayStayAlone[beside] === 1 || !staysFree(beside) || staysFree(beside - 1) || staysFree(beside + 1)) continue
      if (isFree(beside - 1) || isFree(beside + 1)) orphans.add(beside)
    }
  return [...orphans].sort((a, b) => a - b)
}

/**
 * Judges seats that a buyer chose, all of them free. *Lenient* refuses only what could have been avoided: when the section has
 * another selection that leaves no single seat and is as good. As good means as many seats, of categories that the choice
 * has, in no more parts, in neighbouring rows if the choice is, nobody alone unless somebody is in the choice, and no
 * wheelchair place, companion seat or table sold whole more or less than those of the choice. So friends who sit together are
 * never sent apart, and whatever best available hands out would also pass when chosen by hand: it has looked for the
 * selections that this rule would offer. *Strict* refuses every single seat left.
 *
 * The alternative is the nearest such selection: the fewest seats outside the choice's rows, then the fewest seats that the
 * choice has not, then the least distance from the choice. Strict looks on in any number of parts when there is none as good;
 * null when there is none at all.
 */
export function judgeChoice(
  layout: SectionLayout,
  isFree: (seat: SeatIndex) => boolean,
  chosen: readonly SeatIndex[],
  rule: OrphanRule,
): Judgement {
  if (rule === 'off') return { outcome: 'fine' }
  const orphans = orphansLeftBy(layout, isFree, chosen)
  if (orphans.length === 0) return { outcome: 'fine' }
  const alternative = alternativeTo(layout, freeSlots(layout, isFree), chosen, rule)
  if (alternative === null && rule === 'lenient') return { outcome: 'fine' }
  return { outcome: 'orphan', orphans, alternative }
}

function alternativeTo(
  layout: SectionLayout,
  free: Uint8Array,
  chosen: readonly SeatIndex[],
  rule: OrphanRule,
): readonly SeatIndex[] | null {
  const slots = chosen.map((seat) => layout.slotOf[seat] ?? 0).sort((a, b) => a - b)
  const taken = new Set(slots)
  const rows = new Set(slots.map((slot) => layout.rowOf[slot] ?? 0))
  const { partsMax, partMin } = shapeOf(slots, taken)
  const costOf = (slot: number): number => {
    if (taken.has(slot)) return 0
    let nearest = DISTANCE_COST_MAX
    for (const other of slots) {
      const away = distanceBetween(layout.x[slot] ?? 0, layout.y[slot] ?? 0, layout.x[other] ?? 0, layout.y[other] ?? 0)
      nearest = Math.min(nearest, Math.round(away * COST_PER_PITCH))
    }
    return nearest + COST_OF_A_MOVE + (rows.has(layout.rowOf[slot] ?? 0) ? 0 : COST_OF_ANOTHER_ROW)
  }
  const all: Search = {
    free,
    takeable: takeableLike(layout, free, slots, taken),
    mayStayAlone: layout.mayStayAlone,
    ranges: [{ from: 0, to: layout.slotCount }],
    costOf,
    quantity: slots.length,
    orphans: 'none',
    partMin,
    partsMax,
    costPerPart: 0,
  }
  // A selection inside the choice's rows is nearer than any other, and most often there is one.
  const ascending = [...rows].sort((a, b) => a - b)
  const { partsMax: _, ...scattered } = { ...all, partMin: 1 as const }
  const found =
    cheapestSelection({ ...all, ranges: rangesOf(layout, ascending) }) ??
    (partsMax > 1 && isTogether(layout, ascending) ? cheapestTogether(layout, all, partsMax) : cheapestSelection(all)) ??
    (rule === 'strict' ? cheapestSelection(scattered) : undefined)
  return found === undefined ? null : seatsIn(layout, found.slots)
}

/** Whether all these rows are some row and its neighbours: where best available would look for parts of one group. */
const isTogether = (layout: SectionLayout, rows: readonly number[]): boolean =>
  layout.rowsNear.some((near) => rows.every((row) => near.includes(row)))

/** The cheapest selection that is all in some row and its neighbours; those that have none are passed over cheaply. */
function cheapestTogether(layout: SectionLayout, search: Search, partsMax: number): Selection | undefined {
  const kept = new Set<number>()
  for (const [slot, taking] of search.takeable.entries()) if (taking === MUST_TAKE) kept.add(layout.rowOf[slot] ?? 0)
  const partsIn = fewestParts({ ...search, ranges: rangesOf(layout, [...layout.rowsNear.keys()]) })
  let best: Selection | undefined
  for (const near of layout.rowsNear) {
    if ([...kept].some((other) => !near.includes(other))) continue
    if (fewestTogether(partsIn, near, search.quantity) > partsMax) continue
    const found = cheapestSelection({ ...search, ranges: rangesOf(layout, near) })
    if (found !== undefined && (best === undefined || found.cost < best.cost)) best = found
  }
  return best
}

function shapeOf(slots: readonly number[], taken: ReadonlySet<number>): { partsMax: number; partMin: 1 | 2 } {
  const partsMax = slots.filter((slot) => !taken.has(slot - 1)).length
  const somebodyAlone = slots.some((slot) => !taken.has(slot - 1) && !taken.has(slot + 1))
  return { partsMax, partMin: somebodyAlone ? 1 : 2 }
}

function takeableLike(layout: SectionLayout, free: Uint8Array, slots: readonly number[], taken: ReadonlySet<number>): Uint8Array {
  const categories = new Set(slots.map((slot) => layout.category[slot] ?? 0))
  return free.map((isFree, slot) => {
    const type = layout.type[slot]
    const isKept = type === WHEELCHAIR || type === COMPANION || layout.kind[layout.rowOf[slot] ?? 0] === WHOLE_TABLE
    if (isKept) return taken.has(slot) ? MUST_TAKE : 0
    return isFree === 1 && categories.has(layout.category[slot] ?? 0) ? 1 : 0
  })
}
