import { boundsOf, centreOf, distance, type Point, type Rect } from './geometry.ts'

/** A table to draw between the seats around it. */
export interface Table {
  readonly x: number
  readonly y: number
  /** Half its extent. */
  readonly halfWidth: number
  readonly halfHeight: number
  readonly isRound: boolean
}

const SEATS_MAX = 24
/** Between two neighbours around the middle, in radians: with a wider gap the seats are a row and surround nothing. */
const GAP_MAX = Math.PI * 0.78
const ROUNDNESS_MAX = 1.25
/** Of the seats' distance: less room than this between them is none for a table, but seats of a box. */
const LEAST = 0.18

/** The table that a row's seats stand around; undefined of seats that surround nothing, or too much. */
export function tableAmong(seats: readonly Point[], pitch: number): Table | undefined {
  if (seats.length < 3 || seats.length > SEATS_MAX) return undefined
  const bounds = boundsOf(seats.map(({ x, y }) => ({ x, y, width: 0, height: 0 }))) as Rect
  const middle = centreOf(bounds)
  const distances = seats.map((seat) => distance(seat, middle))
  const [near, far] = [Math.min(...distances), Math.max(...distances)]
  if (near < pitch * 0.4 || far > pitch * (1 + seats.length / 2) || !surround(seats, middle)) return undefined
  const inset = pitch * 0.55
  const isRound = far / near <= ROUNDNESS_MAX
  const halfWidth = isRound ? near - inset : bounds.width / 2 - inset
  const halfHeight = isRound ? near - inset : bounds.height / 2 - inset
  if (Math.min(halfWidth, halfHeight) < pitch * LEAST) return undefined
  return { ...middle, halfWidth, halfHeight, isRound }
}

function surround(seats: readonly Point[], middle: Point): boolean {
  const angles = seats.map(({ x, y }) => Math.atan2(y - middle.y, x - middle.x)).sort((a, b) => a - b)
  return angles.every((angle, at) => {
    const next = angles[at + 1] ?? (angles[0] ?? 0) + 2 * Math.PI
    return next - angle <= GAP_MAX
  })
}
