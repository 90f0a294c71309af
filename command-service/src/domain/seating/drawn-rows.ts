import { type SeatIndex, seatIndex } from '@cavea/contracts/ids'
import type { TableSale } from '@cavea/contracts/seats'
import { COMPANION, layoutOf, RESTRICTED_VIEW, type SectionLayout, STANDARD, VIP, WHEELCHAIR } from './layout.ts'

/** A seat as it was drawn: its row is the line; neighbours are one column apart unless a mark between them says otherwise. */
export interface DrawnSeat {
  readonly seat: SeatIndex
  readonly row: number
  readonly column: number
  /** Its place among the characters of the line. */
  readonly at: number
  readonly table: TableSale
  readonly category: number
  readonly type: number
  readonly free: boolean
}

export interface Drawing {
  readonly lines: readonly string[]
  readonly layout: SectionLayout
  readonly seats: readonly DrawnSeat[]
  readonly focal: { readonly x: number; readonly y: number }
  readonly isFree: (seat: SeatIndex) => boolean
  /** The drawing with `#` where these seats are. */
  readonly show: (seats: readonly SeatIndex[] | undefined) => readonly string[]
  /** The seats that are `#` in such a drawing. */
  readonly marked: (lines: readonly string[]) => SeatIndex[]
}

export interface DrawingOptions {
  /** A letter for each seat, in lines like those of the seats: `a` is category 0. */
  readonly categories?: readonly string[]
  readonly focal?: { readonly x: number; readonly y: number }
  readonly aisleGap?: number
  /** The index of the first drawn seat, of the second … */
  readonly numbering?: readonly number[]
}

const TYPES: Readonly<Record<string, number>> = { '.': STANDARD, x: STANDARD, w: WHEELCHAIR, c: COMPANION, r: RESTRICTED_VIEW, v: VIP }
const TABLES: Readonly<Record<string, TableSale>> = { '(': 'chairs', '[': 'whole' }
/** These take no room between the seats. */
const MARKS = '![]()'

/**
 * A section from tiny drawn rows, the front one first: `.` is free and `X` taken; `w`, `c`, `r`, `v` are wheelchair, companion,
 * restricted view and VIP, capital when taken; `|` is an aisle. Where the map overrides distances, `!` is an aisle between
 * seats that stand close, and `_` room between seats that are neighbours all the same. `(…)` is a table whose chairs are sold
 * one by one, `[…]` one that is sold whole. The stage is three rows before the first, at its middle.
 */
export function draw(lines: readonly string[], options: DrawingOptions = {}): Drawing {
  const places = lines.flatMap((line, row) => placesOf(line).map((place) => ({ ...place, row })))
  const seats = places.map((place, index): DrawnSeat => {
    const category = (options.categories?.[place.row]?.charCodeAt(place.at) ?? 97) - 97
    return { ...place, category, seat: seatIndex(options.numbering?.[index] ?? index) }
  })
  const byIndex = seats.toSorted((a, b) => a.seat - b.seat)
  const focal = options.focal ?? { x: (Math.max(0, ...lines.map(widthOf)) - 1) / 2, y: -3 }
  const rowsSold = (as: TableSale): number[] => [...lines.keys()].filter((row) => tableOf(lines[row] ?? '') === as)
  const layout = layoutOf(
    {
      row: byIndex.map(({ row }) => row),
      x: byIndex.map(({ column }) => column),
      y: byIndex.map(({ row }) => row),
      category: byIndex.map(({ category }) => category),
      type: byIndex.map(({ type }) => type),
      aisles: overridden(lines, seats, '!'),
      joined: overridden(lines, seats, '_'),
      tables: rowsSold('chairs'),
      wholeTables: rowsSold('whole'),
    },
    { focal, ...(options.aisleGap === undefined ? {} : { aisleGap: options.aisleGap }) },
  )
  return {
    lines,
    layout,
    seats,
    focal,
    isFree: (seat) => byIndex[seat]?.free === true,
    show: (chosen = []) => {
      const shown = lines.map((line) => [...line])
      for (const { seat, row, at } of seats) if (chosen.includes(seat)) shown[row]?.splice(at, 1, '#')
      return shown.map((line) => line.join(''))
    },
    marked: (drawn) => seats.filter(({ row, at }) => drawn[row]?.[at] === '#').map(({ seat }) => seat),
  }
}

/** What is drawn between a seat and the next one of its line. */
export function between(lines: readonly string[], one: DrawnSeat, next: DrawnSeat): string {
  return lines[one.row]?.slice(one.at + 1, next.at) ?? ''
}

const tableOf = (line: string): TableSale => TABLES[line[0] ?? ''] ?? ''
const widthOf = (line: string): number => [...line].filter((mark) => !MARKS.includes(mark)).length

function placesOf(line: string): Pick<DrawnSeat, 'at' | 'column' | 'table' | 'type' | 'free'>[] {
  return [...line].flatMap((mark, at) => {
    const type = TYPES[mark.toLowerCase()]
    if (type === undefined) return []
    return [{ at, column: widthOf(line.slice(0, at)), table: tableOf(line), type, free: mark === mark.toLowerCase() }]
  })
}

/** A map speaks of the gap after a seat, up to the one listed next: both must be numbered so. */
function overridden(lines: readonly string[], seats: readonly DrawnSeat[], mark: string): number[] {
  return seats.flatMap((seat, index) => {
    const next = seats[index + 1]
    if (next?.row !== seat.row || !between(lines, seat, next).includes(mark)) return []
    if (Math.abs(seat.seat - next.seat) !== 1) throw new RangeError(`No map can say “${mark}” of seats ${seat.seat} and ${next.seat}.`)
    return [Math.min(seat.seat, next.seat)]
  })
}
