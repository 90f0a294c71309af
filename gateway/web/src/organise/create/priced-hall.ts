import type { PickerHall } from '@cavea/seat-picker/types.ts'
import type { SeatMap } from '../data/answers.ts'

/** An imported map as the picker draws it, with the prices that are known; null: not yet. */
export function pricedHall(map: SeatMap, prices: ReadonlyMap<string, number | null>, currency: string): PickerHall {
  return {
    name: map.name,
    currency,
    focalPoint: map.focalPoint ?? null,
    categories: map.categories.map(({ name, color }) => ({ name, color: color ?? null, price: prices.get(name) ?? null })),
    sections: map.sections.map(({ sectionId, name, rows = [], standing }) => {
      const seats = rows.flatMap(({ label, seats: of }) => of.map((seat) => ({ ...seat, row: label })))
      return {
        ...{ sectionId, name, seats, standing: standing !== undefined },
        capacity: standing?.capacity ?? seats.length,
        bounds: standing?.bounds ?? null,
        ...(standing && { category: standing.category }),
      }
    }),
  }
}

/** Places by category, seats and standing ones alike. */
export function placesByCategory({ sections }: SeatMap): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  const add = (category: string, count: number): void => void places.set(category, (places.get(category) ?? 0) + count)
  for (const { rows = [], standing } of sections) {
    for (const { seats } of rows) for (const { category } of seats) add(category, 1)
    if (standing !== undefined) add(standing.category, standing.capacity)
  }
  return places
}
