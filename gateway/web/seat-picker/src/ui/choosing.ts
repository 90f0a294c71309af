import type { SeatPickerProps, SeatStatus } from '../types.ts'

/** What a seat is to who looks at it. `unknown`: it was not sold when the connection was lost. */
export type Standing = SeatStatus | 'unknown' | 'mine' | 'selected'

export interface Choice {
  readonly selected: ReadonlySet<string>
  readonly quantityMax: number
  readonly mode: NonNullable<SeatPickerProps['mode']>
  readonly standingOf: (seatId: string) => Standing
  /** Whether its category has a price: without one nobody can buy it, though an organiser can block it. */
  readonly isForSale: (seatId: string) => boolean
}

export type Chosen =
  | { readonly outcome: 'selected' | 'removed'; readonly selected: ReadonlySet<string> }
  | { readonly outcome: 'full' }
  | { readonly outcome: 'unavailable'; readonly standing: Standing }

/** What clicking a seat does. */
export function choose(seatId: string, { selected, quantityMax, mode, standingOf, isForSale }: Choice): Chosen {
  if (selected.has(seatId)) return { outcome: 'removed', selected: new Set([...selected].filter((each) => each !== seatId)) }
  const standing = standingOf(seatId)
  if (standing !== 'available') return { outcome: 'unavailable', standing }
  if (mode === 'choose' && !isForSale(seatId)) return { outcome: 'unavailable', standing: 'blocked' }
  if (selected.size >= quantityMax) return { outcome: 'full' }
  return { outcome: 'selected', selected: new Set([...selected, seatId]) }
}

/** What dragging over seats does: those that can be are added in their order, or all are removed when all were selected. */
export function chooseMany(seatIds: readonly string[], choice: Choice): ReadonlySet<string> {
  const { selected, quantityMax, standingOf } = choice
  const able = seatIds.filter((seatId) => selected.has(seatId) || standingOf(seatId) === 'available')
  if (able.length > 0 && able.every((seatId) => selected.has(seatId))) {
    const removed = new Set(able)
    return new Set([...selected].filter((seatId) => !removed.has(seatId)))
  }
  const next = new Set(selected)
  for (const seatId of able) if (next.size < quantityMax) next.add(seatId)
  return next
}
