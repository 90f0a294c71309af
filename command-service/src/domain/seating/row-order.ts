/** Where the seats of one row lie, by the row's own count: the canonical order that the caller gives. */
interface Points {
  readonly x: readonly number[]
  readonly y: readonly number[]
}

/** Rows longer than this are not walked seat by seat, which takes quadratic time. */
const WALKED_SEATS_MAX = 500
/** A walk from neighbour to neighbour replaces the order along the main direction only when it is clearly shorter. */
const CLEARLY_SHORTER = 0.9

/** Only square roots, which IEEE 754 rounds exactly: a decision must replay alike on every machine and version. */
export function distanceBetween(ax: number, ay: number, bx: number, by: number): number {
  return Math.sqrt((ax - bx) * (ax - bx) + (ay - by) * (ay - by))
}

/**
 * The order of a row's seats along the row, as positions in `points`. It is the order along the row's main direction
 * (its principal axis, so slanted and curved rows are fine), left to right, top to bottom when the row is upright. A
 * row that bends back on itself (a horseshoe, a box of two lines) is walked from an end, nearest neighbour by nearest.
 */
export function orderAlongRow(points: Points): number[] {
  const along = projections(points)
  const straight = along.map((_, at) => at).sort((a, b) => (along[a] ?? 0) - (along[b] ?? 0) || a - b)
  if (straight.length < 4 || straight.length > WALKED_SEATS_MAX) return straight
  // A walk from anywhere ends at an end of the row, where the second starts; round a horseshoe it jumps from end to end instead.
  const first = walk(points, 0)
  const second = walk(points, first.at(-1) ?? 0)
  const walked = [first, second, openedAtWidest(points, first), openedAtWidest(points, second)].reduce((best, path) =>
    lengthOf(points, path) < lengthOf(points, best) ? path : best,
  )
  if (lengthOf(points, walked) >= lengthOf(points, straight) * CLEARLY_SHORTER) return straight
  const backwards = (along[walked[0] ?? 0] ?? 0) > (along[walked.at(-1) ?? 0] ?? 0)
  return backwards ? walked.reverse() : walked
}

function projections({ x, y }: Points): number[] {
  const meanX = x.reduce((sum, value) => sum + value, 0) / x.length
  const meanY = y.reduce((sum, value) => sum + value, 0) / y.length
  let xx = 0
  let xy = 0
  let yy = 0
  for (let at = 0; at < x.length; at++) {
    const dx = (x[at] ?? 0) - meanX
    const dy = (y[at] ?? 0) - meanY
    xx += dx * dx
    xy += dx * dy
    yy += dy * dy
  }
  const larger = (xx + yy + Math.sqrt((xx - yy) * (xx - yy) + 4 * xy * xy)) / 2
  // Of the two forms of the eigenvector, the one that does not cancel out.
  let [dirX, dirY] = xx >= yy ? [larger - yy, xy] : [xy, larger - xx]
  if (dirX === 0 && dirY === 0) dirX = 1
  if (dirX < 0 || (dirX === 0 && dirY < 0)) {
    dirX = -dirX
    dirY = -dirY
  }
  return x.map((value, at) => (value - meanX) * dirX + ((y[at] ?? 0) - meanY) * dirY)
}

function walk({ x, y }: Points, from: number): number[] {
  const seen = new Uint8Array(x.length)
  const path = [from]
  seen[from] = 1
  for (let here = from; path.length < x.length; path.push(here)) {
    let nearest = -1
    let nearestAway = Number.POSITIVE_INFINITY
    for (let at = 0; at < x.length; at++) {
      if (seen[at] === 1) continue
      const away = distanceBetween(x[here] ?? 0, y[here] ?? 0, x[at] ?? 0, y[at] ?? 0)
      if (away < nearestAway) {
        nearest = at
        nearestAway = away
      }
    }
    here = nearest
    seen[here] = 1
  }
  return path
}

/** Closes a path to a ring and opens it again where it jumps farthest. */
function openedAtWidest({ x, y }: Points, path: readonly number[]): number[] {
  let widest = 0
  let start = 0
  for (const [at, here] of path.entries()) {
    const before = path.at(at - 1) ?? 0
    const away = distanceBetween(x[before] ?? 0, y[before] ?? 0, x[here] ?? 0, y[here] ?? 0)
    if (away <= widest) continue
    widest = away
    start = at
  }
  return [...path.slice(start), ...path.slice(0, start)]
}

function lengthOf({ x, y }: Points, order: readonly number[]): number {
  let length = 0
  for (let at = 1; at < order.length; at++) {
    const [a, b] = [order[at - 1] ?? 0, order[at] ?? 0]
    length += distanceBetween(x[a] ?? 0, y[a] ?? 0, x[b] ?? 0, y[b] ?? 0)
  }
  return length
}
