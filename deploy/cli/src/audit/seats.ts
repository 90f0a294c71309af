const SHOWN_MAX = 12

export const seatList = (seats: readonly number[]): string =>
  `${seats.slice(0, SHOWN_MAX).join(', ')}${seats.length > SHOWN_MAX ? ', …' : ''}`

/** Whether both name the same seats, each once, in whatever order. */
export function areSameSeats(seats: readonly number[], others: readonly number[]): boolean {
  const set = new Set(others)
  return seats.length === set.size && new Set(seats).size === set.size && seats.every((seat) => set.has(seat))
}
