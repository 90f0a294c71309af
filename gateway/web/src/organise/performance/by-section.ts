import type { PickerHall } from '@cavea/seat-picker/types.ts'

/** As many as one request may name. */
const SEATS_MAX = 1_000

export interface SectionSeats {
  /** Its name. */
  readonly section: string
  readonly seatIds: readonly string[]
}

/** The seats by their sections, in the order of the hall, in portions that one request may have. */
export function bySection({ sections }: PickerHall, selected: ReadonlySet<string>): readonly SectionSeats[] {
  return sections.flatMap(({ name, seats }) => {
    const seatIds = seats.filter(({ seatId }) => selected.has(seatId)).map(({ seatId }) => seatId)
    return Array.from({ length: Math.ceil(seatIds.length / SEATS_MAX) }, (_, at) => {
      return { section: name, seatIds: seatIds.slice(at * SEATS_MAX, (at + 1) * SEATS_MAX) }
    })
  })
}
