import type { Performance, Venue } from '@cavea/contracts/catalog/directory'
import { rfc3339, rfc3339OrNull } from './values.ts'

/** What the web client draws a page from. It stands in the page, and is served alone to a client that is there already. */
export interface PageData {
  readonly status: 200 | 404
  readonly performances?: readonly PerformanceCard[]
  readonly performance?: PerformanceCard
}

export interface PerformanceCard {
  readonly performanceId: string
  readonly name: string
  /** `opening` until it can be sold, then `scheduled`. */
  readonly status: string
  readonly startsAt: string
  readonly endsAt: string | null
  readonly saleStartsAt: string | null
  readonly saleEndsAt: string | null
  readonly currency: string
  /** By category, in minor units. */
  readonly prices: readonly { readonly category: string; readonly amount: number }[]
  readonly capacity: number
  /** Null when it is not known at the moment. */
  readonly available: number | null
  readonly venue: VenueCard
}

export interface VenueCard {
  readonly name: string
  readonly timeZone: string
  readonly street: string
  readonly postalCode: string
  readonly city: string
  readonly country: string
}

export function performanceCard(performance: Performance, venue: Venue | undefined, available: number | null): PerformanceCard {
  const { performanceId, name, status, currency, terms, sections } = performance
  const { street = '', postalCode = '', city = '', country = '' } = venue?.address ?? {}
  return {
    performanceId,
    name,
    status,
    startsAt: rfc3339(performance.startsAtMs),
    endsAt: rfc3339OrNull(performance.endsAtMs),
    saleStartsAt: rfc3339OrNull(terms.saleStartsAtMs),
    saleEndsAt: rfc3339OrNull(terms.saleEndsAtMs),
    currency,
    prices: terms.prices.filter(({ ticketType }) => ticketType === '').map(({ category, amount }) => ({ category, amount })),
    capacity: sections.reduce((places, { seatCount }) => places + seatCount, 0),
    available,
    venue: { name: venue?.name ?? '', timeZone: venue?.timeZone ?? 'UTC', street, postalCode, city, country },
  }
}
