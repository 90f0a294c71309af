import type { PickerHall, PickerSeat } from '@cavea/seat-picker/types.ts'

export interface NamedSeat {
  readonly seatId: string
  readonly section: string
  readonly row: string
  readonly number: string
  readonly category: string
  /** Minor units; null: not for sale. */
  readonly price: number | null
}

/** Finds seats by their ids, with what they are called and cost. */
export function seatBook(hall: PickerHall): ReadonlyMap<string, NamedSeat> {
  const prices = new Map(hall.categories.map(({ name, price }) => [name, price]))
  const book = new Map<string, NamedSeat>()
  for (const section of hall.sections)
    for (const seat of section.seats) book.set(seat.seatId, namedSeat(seat, section.name, prices.get(seat.category) ?? null))
  return book
}

const namedSeat = ({ seatId, row, number, category }: PickerSeat, section: string, price: number | null): NamedSeat => ({
  ...{ seatId, section, row, number, category },
  price,
})
