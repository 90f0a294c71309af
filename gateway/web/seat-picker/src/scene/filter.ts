import type { PickerHall, PickerSeat } from '../types.ts'

export interface Filter {
  /** All-in, minor units; null: whichever price. */
  readonly priceMax: number | null
  /** Names; empty: all. */
  readonly categories: ReadonlySet<string>
  readonly accessible: boolean
}

export const NO_FILTER: Filter = { priceMax: null, categories: new Set(), accessible: false }

/** A companion's seat is one beside a wheelchair's place: who looks for the one needs the other. */
const ACCESSIBLE_TYPES = new Set(['wheelchair', 'companion'])

export const isAccessible = ({ type }: Pick<PickerSeat, 'type'>): boolean => ACCESSIBLE_TYPES.has(type)

export const isFiltering = ({ priceMax, categories, accessible }: Filter): boolean => priceMax !== null || categories.size > 0 || accessible

/** Whether a seat is what is looked for. A seat without a price is none of those below one. */
export function matches(filter: Filter, seat: Pick<PickerSeat, 'category' | 'type'>, price: number | null): boolean {
  if (filter.accessible && !isAccessible(seat)) return false
  if (filter.categories.size > 0 && !filter.categories.has(seat.category)) return false
  return filter.priceMax === null || (price !== null && price <= filter.priceMax)
}

/** The different prices from the lowest on. */
export function pricesOf({ categories }: PickerHall): readonly number[] {
  return [...new Set(categories.flatMap(({ price }) => (price === null ? [] : [price])))].sort((a, b) => a - b)
}
