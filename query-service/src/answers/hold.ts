import type { HeldArea, HeldSeat, Money } from '@cavea/contracts/answers'
import { type MapSection, type Performance, priceOf, type SeatMap } from '@cavea/contracts/catalog/directory'
import { sectionOfStream } from '@cavea/contracts/streams'
import type { HoldStatus } from '../application/seat-state.ts'
import { money, rfc3339 } from './values.ts'

/** A hold as clients see it. It looks the same in one section and in several, for seats and for places to stand. */
export interface HoldAnswer {
  readonly holdId: string
  readonly performanceId: string
  /** Only when all is in one section. Of a standing area it is the area's, whichever of its shards it is. */
  readonly sectionId?: string
  readonly status: HoldStatus
  /** In the order in which they were granted. Places to stand are not here. */
  readonly seats: readonly HeldSeat[]
  /** Seats and places together. */
  readonly quantity: number
  /** Places to stand, those of one area and one price together. */
  readonly areas: readonly HeldArea[]
  readonly total: Money
  readonly expiresAt: string
  readonly extensionsLeft: number
}

/** A hold in one section has one part, a cart one per stream. */
export interface HoldToAnswer {
  readonly holdId: string
  readonly performanceId: string
  readonly status: HoldStatus
  readonly parts: readonly HeldPart[]
  readonly expiresAtMs: number
  readonly extensionsLeft: number
}

export interface HeldPart {
  /** The section's, or its shard's. */
  readonly sectionId: string
  readonly seats: readonly number[]
  /** The price list that it locked: parts may have locked different ones. */
  readonly priceRevision: number
}

/** Undefined when the catalog as read so far does not know all of it yet. */
export function holdAnswer(hold: HoldToAnswer, performance: Performance, map: SeatMap): HoldAnswer | undefined {
  const seats: HeldSeat[] = []
  const areas = new Map<string, HeldArea>()
  const sectionIds = new Set<string>()
  for (const part of hold.parts) {
    const section = map.sections.get(sectionOfStream(part.sectionId))
    const prices = performance.priceLists.get(part.priceRevision)
    if (section === undefined || prices === undefined) return undefined
    const priceIn = (category: string): Money => money(priceOf(prices, category) ?? 0, performance.currency)
    sectionIds.add(section.sectionId)
    if (section.standing === null) seats.push(...heldSeats(part, section, priceIn))
    else {
      const { sectionId, name, standing } = section
      const price = priceIn(standing.category)
      const key = `${sectionId}/${price.amount}`
      const quantity = (areas.get(key)?.quantity ?? 0) + part.seats.length
      areas.set(key, { sectionId, name, category: standing.category, quantity, price })
    }
  }
  const [sectionId] = sectionIds
  const places = [...areas.values()]
  return {
    holdId: hold.holdId,
    performanceId: hold.performanceId,
    ...(sectionId !== undefined && sectionIds.size === 1 && { sectionId }),
    status: hold.status,
    seats,
    quantity: sum(places, ({ quantity }) => quantity) + seats.length,
    areas: places,
    total: money(
      sum(places, ({ quantity, price }) => quantity * price.amount) + sum(seats, ({ price }) => price.amount),
      performance.currency,
    ),
    expiresAt: rfc3339(hold.expiresAtMs),
    extensionsLeft: hold.extensionsLeft,
  }
}

function heldSeats({ seats }: HeldPart, section: MapSection, priceIn: (category: string) => Money): readonly HeldSeat[] {
  return seats.flatMap((index) => {
    const seat = section.seats[index]
    if (seat === undefined) return []
    const { seatId, row, number, category } = seat
    return [{ seatId, section: section.name, row, number, category, price: priceIn(category) }]
  })
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
