import type { MapRow } from '@cavea/contracts/catalog/messages'
import type { SectionGeometry } from '@cavea/contracts/seating/messages'
import { SEAT_TYPES } from '@cavea/contracts/seats'

/** Columns by seat index, as the parts of a seat map bring them. */
export type SeatColumns = Pick<SectionGeometry, 'row' | 'x' | 'y' | 'category' | 'type'>

export const NO_SEATS: SeatColumns = { row: [], x: [], y: [], category: [], type: [] }

const PER_UNIT = 100

/** The columns with these rows behind them. Categories that the map does not list count as its first. */
export function withRows(columns: SeatColumns, rows: readonly MapRow[], categories: readonly string[]): SeatColumns {
  const firstRow = (columns.row.at(-1) ?? -1) + 1
  const seats = rows.flatMap((row, at) => row.seats.map((seat) => ({ ...seat, row: firstRow + at })))
  return {
    row: [...columns.row, ...seats.map((seat) => seat.row)],
    x: [...columns.x, ...seats.map((seat) => Math.round(seat.x * PER_UNIT))],
    y: [...columns.y, ...seats.map((seat) => Math.round(seat.y * PER_UNIT))],
    category: [...columns.category, ...seats.map((seat) => Math.max(0, categories.indexOf(seat.category)))],
    type: [...columns.type, ...seats.map((seat) => SEAT_TYPES.indexOf(seat.type))],
  }
}

/** Drawings say nothing of the stage, and by custom have it at their top: the best seats are nearest to its middle. */
export function focalPointOf(sections: Iterable<SeatColumns>): Pick<SectionGeometry, 'focalX' | 'focalY'> {
  let [left, right, top] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (const { x, y } of sections) {
    for (const at of x) {
      left = Math.min(left, at)
      right = Math.max(right, at)
    }
    for (const at of y) top = Math.min(top, at)
  }
  return Number.isFinite(left) ? { focalX: Math.round((left + right) / 2), focalY: top } : { focalX: 0, focalY: 0 }
}
