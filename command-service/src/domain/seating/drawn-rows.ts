import { type SeatIndex, seatIndex } from '@cavea/contracts/ids'
import { COMPANION, layoutOf, RESTRICTED_VIEW, type SectionLayout, STANDARD, VIP, WHEELCHAIR } from './layout.ts'

/** A seat as it was drawn: its row is the line, its column the character; neighbours are one column apart. */
export interface DrawnSeat {
  readonly seat: SeatIndex
  readonly row: number
  readonly column: number
  readonly category: number
  readonly type: number
  readonly free: boolean
}

export interface Drawing {
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

/**
 * A section from tiny drawn rows, the front one first: `.` is free and `X` taken; `w`, `c`, `r`, `v` are wheelchair, companion,
 * restricted view and VIP, capital when taken; `|` is an aisle. The stage is three rows before the first, at its middle.
 */
export function draw(lines: readonly string[], options: DrawingOptions = {}): Drawing {
  const places = lines.flatMap((line, row) =>
    [...line].flatMap((mark, column) => {
      const type = TYPES[mark.toLowerCase()]
      if (type === undefined) return []
      const category = (options.categories?.[row]?.charCodeAt(column) ?? 97) - 97
      return [{ row, column, category, type, free: mark === mark.toLowerCase() }]
    }),
  )
  const seats = places.map((place, at) => ({ ...place, seat: seatIndex(options.numbering?.[at] ?? at) }))
  const byIndex = [...seats].sort((a, b) => a.seat - b.seat)
  const focal = options.focal ?? { x: (Math.max(0, ...lines.map((line) => line.length)) - 1) / 2, y: -3 }
  const layout = layoutOf(
    {
      row: byIndex.map(({ row }) => row),
      x: byIndex.map(({ column }) => column),
      y: byIndex.map(({ row }) => row),
      category: byIndex.map(({ category }) => category),
      type: byIndex.map(({ type }) => type),
    },
    { focal, ...(options.aisleGap === undefined ? {} : { aisleGap: options.aisleGap }) },
  )
  return {
    layout,
    seats,
    focal,
    isFree: (seat) => byIndex[seat]?.free === true,
    show: (chosen = []) => {
      const shown = lines.map((line) => [...line])
      for (const { seat, row, column } of seats) if (chosen.includes(seat)) shown[row]?.splice(column, 1, '#')
      return shown.map((line) => line.join(''))
    },
    marked: (drawn) => seats.filter(({ row, column }) => drawn[row]?.[column] === '#').map(({ seat }) => seat),
  }
}
