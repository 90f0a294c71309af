import type { DraftedSection, MapRow, SectionSummary } from '@cavea/contracts/catalog/messages'
import { type SectionId, seatIndex } from '@cavea/contracts/ids'
import type { SectionGeometry } from '@cavea/contracts/seating/messages'
import { SEAT_TYPES } from '@cavea/contracts/seats'
import { shardsFor } from '@cavea/contracts/streams'

/** Columns by seat index, as the parts of a seat map bring them, and what the map says of aisles and tables. */
export type SeatColumns = Omit<SectionGeometry, 'categories' | 'focalX' | 'focalY'>

export const NO_SEATS: SeatColumns = { row: [], x: [], y: [], category: [], type: [], aisles: [], joined: [], tables: [], wholeTables: [] }

const PER_UNIT = 100

/** The columns with these rows behind them. Categories that the map does not list count as its first. */
export function withRows(columns: SeatColumns, rows: readonly MapRow[], categories: readonly string[]): SeatColumns {
  const firstRow = (columns.row.at(-1) ?? -1) + 1
  const firstSeat = columns.row.length
  const seats = rows.flatMap((row, at) => row.seats.map((seat) => ({ ...seat, row: firstRow + at })))
  const overridden = (by: boolean) => seats.flatMap(({ aisleAfter }, at) => (aisleAfter === by ? [seatIndex(firstSeat + at)] : []))
  const rowsSold = (as: MapRow['table']) => rows.flatMap(({ table }, at) => (table === as ? [firstRow + at] : []))
  return {
    row: [...columns.row, ...seats.map((seat) => seat.row)],
    x: [...columns.x, ...seats.map((seat) => Math.round(seat.x * PER_UNIT))],
    y: [...columns.y, ...seats.map((seat) => Math.round(seat.y * PER_UNIT))],
    category: [...columns.category, ...seats.map((seat) => Math.max(0, categories.indexOf(seat.category)))],
    type: [...columns.type, ...seats.map((seat) => SEAT_TYPES.indexOf(seat.type))],
    aisles: [...columns.aisles, ...overridden(true)],
    joined: [...columns.joined, ...overridden(false)],
    tables: [...columns.tables, ...rowsSold('chairs')],
    wholeTables: [...columns.wholeTables, ...rowsSold('whole')],
  }
}

/** A point in hundredths of the drawing's unit. */
interface Point {
  readonly x: number
  readonly y: number
}

export interface Drawn {
  readonly sections: readonly DraftedSection[]
  readonly focalPoint: Point | null
  readonly seatsOf: ReadonlyMap<SectionId, SeatColumns>
}

/** What the audience looks at. A drawing that does not say has its stage, by custom, at its top: the middle of its upper edge. */
export function focalPointOf({ sections, focalPoint, seatsOf }: Drawn): Pick<SectionGeometry, 'focalX' | 'focalY'> {
  if (focalPoint !== null) return { focalX: Math.round(focalPoint.x * PER_UNIT), focalY: Math.round(focalPoint.y * PER_UNIT) }
  let [left, right, top] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  const reach = (x: number, y: number): void => {
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
  }
  for (const { x, y } of seatsOf.values()) for (const [seat, at] of x.entries()) reach(at, y[seat] ?? 0)
  for (const { standing } of sections) {
    if (!standing?.bounds) continue
    const { x, y, width } = standing.bounds
    reach(x * PER_UNIT, y * PER_UNIT)
    reach((x + width) * PER_UNIT, y * PER_UNIT)
  }
  return Number.isFinite(left) ? { focalX: Math.round((left + right) / 2), focalY: Math.round(top) } : { focalX: 0, focalY: 0 }
}

/** The sections of a finished drawing, as its manifest lists them. */
export function summariesOf(drawn: Drawn): readonly SectionSummary[] {
  const { focalX, focalY } = focalPointOf(drawn)
  return drawn.sections.map(({ sectionId, name, seatCount, standing }) => {
    const middle = middleOf(standing?.bounds ?? null, drawn.seatsOf.get(sectionId))
    const focalDistance = middle === undefined ? 0 : Math.round(Math.hypot(middle.x - focalX, middle.y - focalY) / PER_UNIT)
    return { sectionId, name, seatCount, shards: standing === null ? 0 : shardsFor(seatCount), focalDistance }
  })
}

function middleOf(bounds: NonNullable<DraftedSection['standing']>['bounds'], columns: SeatColumns | undefined): Point | undefined {
  if (bounds !== null) return { x: (bounds.x + bounds.width / 2) * PER_UNIT, y: (bounds.y + bounds.height / 2) * PER_UNIT }
  if (columns === undefined || columns.x.length === 0) return undefined
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  return { x: mean(columns.x), y: mean(columns.y) }
}
