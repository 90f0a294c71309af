import type { PickerHall, SeatStatus } from '@cavea/seat-picker/types.ts'
import type { SeatDecision } from '../data/answers.ts'

/** What a seat was at a moment, by the decisions about it in their order. Before the first it was free. */
export function statusAt(decisions: readonly SeatDecision[], atMs: number): SeatStatus {
  let status: SeatStatus = 'available'
  for (const decision of decisions) {
    if (Date.parse(decision.at) > atMs) break
    status = decision.status ?? status
  }
  return status
}

/** Whether the decisions do not have yet what made the seat what it is now. */
export const isBehind = (decisions: readonly SeatDecision[], now: SeatStatus): boolean =>
  statusAt(decisions, Number.POSITIVE_INFINITY) !== now

/** The moments at which any of the seats became something else, in order, each once. */
export function momentsOf(histories: Iterable<readonly SeatDecision[]>): readonly number[] {
  const moments = new Set<number>()
  for (const decisions of histories) for (const { at, status } of decisions) if (status !== null) moments.add(Date.parse(at))
  return [...moments].sort((a, b) => a - b)
}

/** How far around a seat the past can be shown: each seat's decisions are asked for by themselves. */
export interface Surroundings {
  readonly extent: 'hall' | 'section' | 'row' | 'seat'
  /** The part of the hall that is shown. */
  readonly hall: PickerHall
}

/** The largest of hall, section and row that has no more than `seatsMax` seats. */
export function surroundingsOf(hall: PickerHall, seatId: string, seatsMax: number): Surroundings {
  const seated = hall.sections.filter(({ standing }) => !standing)
  const total = seated.reduce((sum, { seats }) => sum + seats.length, 0)
  if (total <= seatsMax) return { extent: 'hall', hall: seated.length === hall.sections.length ? hall : { ...hall, sections: seated } }
  const section = seated.find(({ seats }) => seats.some((seat) => seat.seatId === seatId))
  const seat = section?.seats.find((each) => each.seatId === seatId)
  if (section === undefined || seat === undefined) return { extent: 'seat', hall: { ...hall, sections: [] } }
  const part = (extent: Surroundings['extent'], seats: typeof section.seats): Surroundings => {
    return { extent, hall: { ...hall, focalPoint: null, sections: [{ ...section, seats, capacity: seats.length }] } }
  }
  if (section.seats.length <= seatsMax) return part('section', section.seats)
  const row = section.seats.filter((each) => each.row === seat.row)
  return row.length <= seatsMax ? part('row', row) : part('seat', [seat])
}

export const seatIdsOf = ({ sections }: PickerHall): readonly string[] => sections.flatMap(({ seats }) => seats.map(({ seatId }) => seatId))
