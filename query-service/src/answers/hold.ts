import { type MapSection, type Performance, priceOf } from '@cavea/contracts/catalog/directory'
import type { HoldView } from '../application/seat-state.ts'
import { money, rfc3339 } from './values.ts'

/**
 * A hold with its seats' labels and the prices that it locked. Undefined when the catalog as read so far does not know
 * all of it yet.
 */
export function holdAnswer(hold: HoldView, performance: Performance, section: MapSection): object | undefined {
  const prices = performance.priceLists.get(hold.priceRevision)
  if (prices === undefined) return undefined
  let total = 0
  const seats = hold.seats.flatMap((index) => {
    const seat = section.seats[index]
    if (seat === undefined) return []
    const { seatId, row, number, category } = seat
    const amount = priceOf(prices, category) ?? 0
    total += amount
    return [{ seatId, section: section.name, row, number, category, price: money(amount, performance.currency) }]
  })
  return {
    holdId: hold.holdId,
    performanceId: hold.performanceId,
    sectionId: hold.sectionId,
    status: hold.status,
    seats,
    total: money(total, performance.currency),
    expiresAt: rfc3339(hold.expiresAtMs),
    extensionsLeft: hold.extensionsLeft,
  }
}
