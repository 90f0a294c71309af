export const MUST_TAKE = 2

/** What to look for. Arrays are by slot of a `SectionLayout`. */
export interface Search {
  readonly free: Uint8Array
  /** 0: must be left, 1: may be taken, `MUST_TAKE`. */
  readonly takeable: Uint8Array
  /** 1: an empty seat here is none that must not stay alone. */
  readonly mayStayAlone: Uint8Array
  /** Which slots to look at: whole rows, each from its first slot up to the next row's, in ascending order. */
  readonly ranges: readonly { readonly from: number; readonly to: number }[]
  /** Whole and not negative, so that sums are exact. */
  readonly costOf: (slot: number) => number
  readonly quantity: number
  readonly orphans: 'allowed' | 'none'
  /** 2: nobody sits alone. */
  readonly partMin: 1 | 2
  /** Any number when absent. */
  readonly partsMax?: number
  /** Added for each part, a part being a longest row of taken seats that are adjacent. */
  readonly costPerPart: number
}

export interface Selection {
  /** In ascending order. */
  readonly slots: readonly number[]
  readonly cost: number
}

// What stands left of the next slot: something taken already, one empty seat that must not stay alone, an empty seat that
// has company (or was alone before), a part that is too short yet, a part that may end here.
const [CLOSED, LONE, OPEN, SHORT, PART] = [0, 1, 2, 3, 4]
const STATES = 5
const BREAK = -1
const NEVER = Number.POSITIVE_INFINITY

/**
 * The cheapest selection, exactly, or undefined when there is none: dynamic programming along the slots, over how many seats
 * and parts are taken and what stands on the left. Takes time in free seats × quantity × parts (× 1 without `partsMax`).
 * Of equally cheap ones it keeps the one it meets first, which depends on slots alone.
 */
export function cheapestSelection(search: Search): Selection | undefined {
  const { quantity, ranges } = search
  const items = itemsOf(search, ranges)
  const parts = partsOf(search)
  const width = (quantity + 1) * parts * STATES
  const costs = new Float64Array(width)
  const cameFrom = new Uint8Array(items.length * width)
  pass(search, items, quantity, costs, cameFrom)

  let part = 0
  for (let other = 1; other < parts; other++)
    if ((costs[(quantity * parts + other) * STATES] ?? 0) < (costs[(quantity * parts + part) * STATES] ?? 0)) part = other
  const cost = costs[(quantity * parts + part) * STATES] ?? NEVER
  if (cost === NEVER) return undefined

  const slots: number[] = []
  let count = quantity
  let state: number = CLOSED
  for (let item = items.length - 1; item >= 0; item--) {
    const from = cameFrom[item * width + (count * parts + part) * STATES + state] ?? CLOSED
    if (state === SHORT || state === PART) {
      slots.push(items[item] ?? 0)
      count--
      if (search.partsMax !== undefined && (from === CLOSED || from === OPEN)) part--
    }
    state = from
  }
  return { slots: slots.reverse(), cost }
}

/**
 * For each range and in it for each count from 0 to `quantity`: the fewest parts in which so many can be taken there;
 * infinite when they cannot.
 */
export function fewestParts(rules: Omit<Search, 'costOf' | 'costPerPart' | 'partsMax'>): Float64Array {
  const { free, takeable, mayStayAlone, ranges, quantity, orphans, partMin } = rules
  const search: Search = { free, takeable, mayStayAlone, ranges, quantity, orphans, partMin, costOf: () => 0, costPerPart: 1 }
  const fewest = new Float64Array(ranges.length * (quantity + 1))
  const costs = new Float64Array((quantity + 1) * STATES)
  // At worst a break follows each slot.
  const cameFrom = new Uint8Array(2 * Math.max(0, ...ranges.map(({ from, to }) => to - from)) * costs.length)
  for (const [at, range] of ranges.entries()) {
    pass(search, itemsOf(search, [range]), 0, costs, cameFrom)
    for (let count = 0; count <= quantity; count++) fewest[at * (quantity + 1) + count] = costs[count * STATES + CLOSED] ?? NEVER
  }
  return fewest
}

/** The fewest parts for so many over several of the ranges, by what `fewestParts` found; infinite when there are none. */
export function fewestTogether(partsIn: Float64Array, ranges: readonly number[], quantity: number): number {
  const fewest = new Float64Array(quantity + 1).fill(NEVER)
  fewest[0] = 0
  // In place from the highest count down, so that each range counts once.
  for (const range of ranges)
    for (let count = quantity; count > 0; count--) {
      let least = (fewest[count] ?? NEVER) + (partsIn[range * (quantity + 1)] ?? NEVER)
      for (let here = 1; here <= count; here++)
        least = Math.min(least, (fewest[count - here] ?? NEVER) + (partsIn[range * (quantity + 1) + here] ?? NEVER))
      fewest[count] = least
    }
  return fewest[quantity] ?? NEVER
}

/** How many numbers of parts are told apart. */
const partsOf = ({ partsMax, quantity }: Search): number => (partsMax === undefined ? 1 : Math.min(partsMax, quantity) + 1)

/**
 * Fills in, by count, part and state, the least costs at the end, where all is `CLOSED`; and by item, too, the state before
 * it on the cheapest way there. Counts that cannot reach `atLeast` any more are left out on the way.
 */
function pass(search: Search, items: readonly number[], atLeast: number, costs: Float64Array, cameFrom: Uint8Array): void {
  const { free, takeable, quantity, partMin, costPerPart } = search
  const counted = search.partsMax !== undefined
  const parts = partsOf(search)
  const width = (quantity + 1) * parts * STATES
  const oneMore = parts * STATES
  const oneMorePart = counted ? oneMore + STATES : oneMore
  costs.fill(NEVER)
  costs[CLOSED] = 0
  let reached = 0
  let toCome = 0
  for (const slot of items) if (slot !== BREAK && takeable[slot] !== 0) toCome++

  for (let item = 0; item < items.length; item++) {
    const slot = items[item] ?? BREAK
    const taking = slot === BREAK ? 0 : (takeable[slot] ?? 0)
    const price = taking === 0 ? 0 : search.costOf(slot)
    const mayStayAlone = search.orphans === 'allowed' || search.mayStayAlone[slot] === 1 || (free[slot - 1] !== 1 && free[slot + 1] !== 1)
    if (taking !== 0) {
      toCome--
      if (reached < quantity) reached++
    }
    // In place from the highest count down: a count is reached from itself and from one less.
    for (let count = reached; count >= Math.max(0, atLeast - toCome); count--)
      for (let part = 0; part < parts; part++) {
        const at = (count * parts + part) * STATES
        const note = item * width + at
        const closed = costs[at + CLOSED] ?? NEVER
        const lone = costs[at + LONE] ?? NEVER
        const open = costs[at + OPEN] ?? NEVER
        const ended = costs[at + PART] ?? NEVER
        if (slot === BREAK) {
          const least = Math.min(closed, open, ended)
          costs[at + CLOSED] = least
          cameFrom[note + CLOSED] = least === closed ? CLOSED : least === open ? OPEN : PART
          costs[at + LONE] = costs[at + OPEN] = costs[at + SHORT] = costs[at + PART] = NEVER
          continue
        }

        let nextLone = NEVER
        let nextOpen = NEVER
        if (taking !== MUST_TAKE) {
          const first = Math.min(closed, ended)
          nextOpen = Math.min(lone, open)
          cameFrom[note + OPEN] = nextOpen === lone ? LONE : OPEN
          if (!mayStayAlone) {
            nextLone = first
            cameFrom[note + LONE] = first === closed ? CLOSED : PART
          } else if (first < nextOpen) {
            nextOpen = first
            cameFrom[note + OPEN] = first === closed ? CLOSED : PART
          }
        }

        let nextShort = NEVER
        let nextPart = NEVER
        if (taking !== 0 && count > 0) {
          const short = costs[at - oneMore + SHORT] ?? NEVER
          const longer = costs[at - oneMore + PART] ?? NEVER
          nextPart = Math.min(short, longer) + price
          cameFrom[note + PART] = short < longer ? SHORT : PART
          if (!counted || part > 0) {
            const afterClosed = costs[at - oneMorePart + CLOSED] ?? NEVER
            const afterOpen = costs[at - oneMorePart + OPEN] ?? NEVER
            const begun = Math.min(afterClosed, afterOpen) + price + costPerPart
            const from = afterClosed <= afterOpen ? CLOSED : OPEN
            if (partMin === 2) {
              nextShort = begun
              cameFrom[note + SHORT] = from
            } else if (begun < nextPart) {
              nextPart = begun
              cameFrom[note + PART] = from
            }
          }
        }
        costs[at + CLOSED] = NEVER
        costs[at + LONE] = nextLone
        costs[at + OPEN] = nextOpen
        costs[at + SHORT] = nextShort
        costs[at + PART] = nextPart
      }
  }
}

/** The free slots, with one break after each stretch of them: what is taken for good only matters as a wall. */
function itemsOf({ free }: Search, ranges: Search['ranges']): number[] {
  const items: number[] = []
  let afterFree = false
  for (const { from, to } of ranges)
    for (let slot = from; slot < to; slot++) {
      const isFree = free[slot] === 1
      if (isFree) items.push(slot)
      else if (afterFree) items.push(BREAK)
      afterFree = isFree
    }
  if (afterFree) items.push(BREAK)
  return items
}
