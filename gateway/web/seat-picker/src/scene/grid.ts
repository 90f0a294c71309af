import type { Point, Rect } from './geometry.ts'

/** Points in cells, so that those near a place are found without looking at all of them. */
export interface Grid {
  /** The index of the nearest point that is no farther away, or -1. */
  nearest(at: Point, distanceMax: number, accept?: (index: number) => boolean): number
  /** Visits the points in the rectangle, cell by cell. */
  inRect(rect: Rect, visit: (index: number) => void): void
}

const CELLS_PER_SIDE_MAX = 256
const POINTS_PER_CELL = 4

export function createGrid(x: ArrayLike<number>, y: ArrayLike<number>, bounds: Rect): Grid {
  const count = x.length
  const side = Math.min(CELLS_PER_SIDE_MAX, Math.max(1, Math.ceil(Math.sqrt(count / POINTS_PER_CELL))))
  const cellWidth = Math.max(bounds.width / side, Number.EPSILON)
  const cellHeight = Math.max(bounds.height / side, Number.EPSILON)
  const column = (at: number): number => Math.min(side - 1, Math.max(0, Math.floor((at - bounds.x) / cellWidth)))
  const line = (at: number): number => Math.min(side - 1, Math.max(0, Math.floor((at - bounds.y) / cellHeight)))

  const starts = new Int32Array(side * side + 1)
  const members = new Int32Array(count)
  const cellOf = new Int32Array(count)
  for (let index = 0; index < count; index++) {
    const cell = line(y[index] ?? 0) * side + column(x[index] ?? 0)
    cellOf[index] = cell
    starts[cell + 1] = (starts[cell + 1] ?? 0) + 1
  }
  for (let cell = 0; cell < side * side; cell++) starts[cell + 1] = (starts[cell + 1] ?? 0) + (starts[cell] ?? 0)
  const next = starts.slice()
  for (let index = 0; index < count; index++) {
    const cell = cellOf[index] ?? 0
    const at = next[cell] ?? 0
    members[at] = index
    next[cell] = at + 1
  }

  function inRect(rect: Rect, visit: (index: number) => void): void {
    const [right, bottom] = [rect.x + rect.width, rect.y + rect.height]
    const [firstColumn, lastColumn] = [column(rect.x), column(right)]
    for (let row = line(rect.y); row <= line(bottom); row++) {
      const end = starts[row * side + lastColumn + 1] ?? 0
      for (let at = starts[row * side + firstColumn] ?? 0; at < end; at++) {
        const index = members[at] ?? 0
        const [px, py] = [x[index] ?? 0, y[index] ?? 0]
        if (px >= rect.x && px <= right && py >= rect.y && py <= bottom) visit(index)
      }
    }
  }

  return {
    inRect,
    nearest(at, distanceMax, accept) {
      let [best, bestDistance] = [-1, distanceMax]
      inRect({ x: at.x - distanceMax, y: at.y - distanceMax, width: 2 * distanceMax, height: 2 * distanceMax }, (index) => {
        const away = Math.hypot((x[index] ?? 0) - at.x, (y[index] ?? 0) - at.y)
        if (away > bestDistance || (accept !== undefined && !accept(index))) return
        best = index
        bestDistance = away
      })
      return best
    },
  }
}
