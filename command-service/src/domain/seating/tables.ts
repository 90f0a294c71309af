import type { SeatIndex } from '@cavea/contracts/ids'
import { type SectionLayout, seatsIn, WHOLE_TABLE } from './layout.ts'

/**
 * The chairs that `seats` lacks of the tables sold whole that it touches, in order of their indexes; none: every such table
 * is left alone or taken whole. `seats` are seats of the section.
 */
export function brokenTables(layout: SectionLayout, seats: readonly SeatIndex[]): SeatIndex[] {
  const { kind, rowStart, rowOf, slotOf } = layout
  const chosen = new Set(seats)
  const touched = new Set(seats.map((seat) => rowOf[slotOf[seat] ?? 0] ?? 0))
  const slots: number[] = []
  for (const row of touched) {
    if (kind[row] !== WHOLE_TABLE) continue
    // A table is one run, from its row's first slot up to the border that ends it.
    for (let slot = rowStart[row] ?? 0; slot < (rowStart[row + 1] ?? 0) - 1; slot++) slots.push(slot)
  }
  return seatsIn(layout, slots)
    .filter((seat) => !chosen.has(seat))
    .sort((a, b) => a - b)
}
