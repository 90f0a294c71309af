import type { Scene } from '../scene/scene.ts'

/** The seats of a row by index, from one side to the other. */
export interface RowSeats {
  readonly label: string
  readonly seats: readonly number[]
}

type SeatNames = { readonly seats: readonly { readonly row: string; readonly number: string }[] }

const TYPE_AHEAD_MS = 1_200

/** The rows of a section in the order of the hall; what has the same name is one row. */
export function gridOf(scene: Scene, section: number): readonly RowSeats[] {
  const rows = new Map<string, number[]>()
  for (const { label, first, count } of scene.sections[section]?.rows ?? []) {
    const seats = rows.get(label) ?? []
    for (let seat = first; seat < first + count; seat++) seats.push(seat)
    rows.set(label, seats)
  }
  return [...rows].map(([label, seats]) => ({ label, seats }))
}

/** The seat that a key leads to; undefined of a key that leads nowhere. With Control, Home and End are those of the grid. */
export function step(rows: readonly RowSeats[], from: number, key: string, isFar: boolean): number | undefined {
  const rowAt = rows.findIndex(({ seats }) => seats.includes(from))
  const row = rows[rowAt]
  if (row === undefined) return undefined
  const at = row.seats.indexOf(from)
  const inRow = (other: RowSeats | undefined): number | undefined => other?.seats[Math.min(at, other.seats.length - 1)]
  switch (key) {
    case 'ArrowRight':
      return row.seats[at + 1] ?? rows[rowAt + 1]?.seats[0] ?? from
    case 'ArrowLeft':
      return row.seats[at - 1] ?? rows[rowAt - 1]?.seats.at(-1) ?? from
    case 'ArrowDown':
      return inRow(rows[rowAt + 1]) ?? from
    case 'ArrowUp':
      return inRow(rows[rowAt - 1]) ?? from
    case 'Home':
      return (isFar ? rows[0] : row)?.seats[0]
    case 'End':
      return (isFar ? rows.at(-1) : row)?.seats.at(-1)
    case 'PageDown':
      return inRow(rows[Math.min(rows.length - 1, rowAt + 5)])
    case 'PageUp':
      return inRow(rows[Math.max(0, rowAt - 5)])
    default:
      return undefined
  }
}

export type TypeAhead = (key: string, rows: readonly RowSeats[], names: SeatNames) => number | undefined

/**
 * Finds the seat whose row and number begin with what was typed in one go, as `C12`; spaces and signs between do not count.
 * Answers undefined where nothing does, and for keys that are no character. A space is none: it selects.
 */
export function createTypeAhead(nowMs: () => number): TypeAhead {
  let typed = ''
  let lastMs = Number.NEGATIVE_INFINITY
  return (key, rows, { seats }) => {
    if ([...key].length !== 1 || !/[\p{L}\p{N}]/u.test(key)) return undefined
    const now = nowMs()
    typed = (now - lastMs > TYPE_AHEAD_MS ? '' : typed) + key.toLowerCase()
    lastMs = now
    const found = find(typed, rows, seats)
    if (found !== undefined) return found
    typed = key.toLowerCase() // It was the beginning of another name.
    return find(typed, rows, seats)
  }
}

function find(typed: string, rows: readonly RowSeats[], seats: SeatNames['seats']): number | undefined {
  let close: number | undefined
  for (const { label, seats: indexes } of rows)
    for (const index of indexes) {
      const name = (label + (seats[index]?.number ?? '')).toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
      if (name === typed) return index // C1 is meant by "c1", though C10 begins so too.
      if (close === undefined && name.startsWith(typed)) close = index
    }
  return close
}
