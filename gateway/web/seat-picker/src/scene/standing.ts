import type { Point, Rect } from './geometry.ts'

interface Area {
  readonly capacity: number
}

const CELLS = 48
/** A hole between seats that is smaller, as a share of the hall, is an aisle and no floor. */
const HOLE_SHARE_MIN = 0.04
const INSET = 0.06
/** Of a hall without seats, in its own units. */
const ALONE = { width: 900, height: 600 }

/**
 * Where to draw standing areas that the plan gives no place: in the hole that the seats leave, as an arena has it, or else
 * below them. They share it by their capacity, in their order.
 */
export function layOutAreas(areas: readonly Area[], seats: readonly Point[], hall: Rect | undefined): readonly Rect[] {
  if (areas.length === 0) return []
  if (hall === undefined) return split({ x: 0, y: 0, ...ALONE }, areas)
  const hole = holeIn(seats, hall)
  if (hole !== undefined) return split(hole, areas)
  const height = Math.max(hall.height, hall.width / 2) * 0.28
  const width = Math.max(hall.width, height * areas.length)
  return split({ x: hall.x + (hall.width - width) / 2, y: hall.y + hall.height + height * 0.3, width, height }, areas)
}

function split(whole: Rect, areas: readonly Area[]): readonly Rect[] {
  const isWide = whole.width >= whole.height
  // By the root, so that a small area beside a large one can still be read and hit.
  const weights = areas.map(({ capacity }) => Math.sqrt(Math.max(1, capacity)))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const gap = (isWide ? whole.width : whole.height) * (areas.length > 1 ? 0.02 : 0)
  const room = (isWide ? whole.width : whole.height) - gap * (areas.length - 1)
  let at = isWide ? whole.x : whole.y
  return weights.map((weight) => {
    const length = (room * weight) / total
    const rect = isWide ? { ...whole, x: at, width: length } : { ...whole, y: at, height: length }
    at += length + gap
    return rect
  })
}

/** The largest rectangle without a seat of which every part has seats on at least three of its four sides. */
function holeIn(seats: readonly Point[], hall: Rect): Rect | undefined {
  const [cellWidth, cellHeight] = [hall.width / CELLS, hall.height / CELLS]
  if (cellWidth <= 0 || cellHeight <= 0) return undefined
  const taken = new Uint8Array(CELLS * CELLS)
  const cell = (at: number, from: number, size: number): number => Math.min(CELLS - 1, Math.max(0, Math.floor((at - from) / size)))
  for (const { x, y } of seats) taken[cell(y, hall.y, cellHeight) * CELLS + cell(x, hall.x, cellWidth)] = 1
  const isFree = (column: number, row: number): boolean => taken[row * CELLS + column] === 0 && sidesWithSeats(taken, column, row) >= 3

  const heights = new Int32Array(CELLS)
  let best: { readonly column: number; readonly row: number; readonly columns: number; readonly rows: number } | undefined
  for (let row = 0; row < CELLS; row++) {
    for (let column = 0; column < CELLS; column++) heights[column] = isFree(column, row) ? (heights[column] ?? 0) + 1 : 0
    for (let left = 0; left < CELLS; left++) {
      let rows = CELLS
      for (let right = left; right < CELLS && (heights[right] ?? 0) > 0; right++) {
        rows = Math.min(rows, heights[right] ?? 0)
        const columns = right - left + 1
        if (best === undefined || columns * rows > best.columns * best.rows) best = { column: left, row: row - rows + 1, columns, rows }
      }
    }
  }
  if (best === undefined || best.columns * best.rows < HOLE_SHARE_MIN * CELLS * CELLS) return undefined
  const [width, height] = [best.columns * cellWidth, best.rows * cellHeight]
  const inset = INSET * Math.min(width, height)
  return {
    x: hall.x + best.column * cellWidth + inset,
    y: hall.y + best.row * cellHeight + inset,
    width: width - 2 * inset,
    height: height - 2 * inset,
  }
}

function sidesWithSeats(taken: Uint8Array, column: number, row: number): number {
  let sides = 0
  for (const [stepX, stepY] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const)
    for (let [x, y] = [column + stepX, row + stepY]; x >= 0 && x < CELLS && y >= 0 && y < CELLS; x += stepX, y += stepY)
      if (taken[y * CELLS + x] === 1) {
        sides++
        break
      }
  return sides
}
