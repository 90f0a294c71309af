import type { CatalogCommand, CatalogEvent, PerformanceTerms, Price } from '@cavea/contracts/catalog/messages'
import type { Actor } from '@cavea/contracts/envelope'
import { commandIdOf, epochMillis, type PerformanceId, performanceIdOf, type SectionId, seatMapIdOf, venueIdOf } from '@cavea/contracts/ids'
import { at, ORGANISATION } from '../specification.ts'

/** What specifications of the catalog speak of: a hall of two sections and three seats, its venue, and a performance there. */
export const ORGANISER: Actor = { kind: 'organiser', id: 'acct_olga' }
export const SYSTEM: Actor = { kind: 'system', id: 'record-section-opened' }
export const BUYER: Actor = { kind: 'buyer', id: 'buyer_anna' }

const VENUE = venueIdOf(epochMillis(1), commandIdOf('venue'))
const MAP = seatMapIdOf(epochMillis(2), commandIdOf('map'))
export const PERFORMANCE = performanceIdOf(epochMillis(9), commandIdOf('performance'))
export const STALLS = 'stalls' as SectionId
export const BALCONY = 'balcony' as SectionId

const address = { street: 'Ring 1', city: 'Wien', postalCode: '1010', country: 'AT' }
export const venue: CatalogEvent = {
  type: 'VenueCreated',
  venueId: VENUE,
  organisation: ORGANISATION,
  name: 'Opera',
  timeZone: 'Europe/Vienna',
  address,
}
const sections = [
  { sectionId: STALLS, name: 'Stalls', seatCount: 2, standing: null, extras: '{}' },
  { sectionId: BALCONY, name: 'Balcony', seatCount: 1, standing: null, extras: '' },
]
// The middle of the stalls is the focal point; the only seat of the balcony is half a unit beside it.
export const summaries = sections.map(({ sectionId, name, seatCount }, at) => ({
  sectionId,
  name,
  seatCount,
  shards: 0,
  focalDistance: at,
}))
const categories = ['A', 'B'].map((name) => ({ name, color: '#000000' }))
const plan = { venueId: VENUE, name: 'Hall', categories, sections, focalPoint: null, parts: 2, extras: '' }
export const drafted: CatalogEvent = { type: 'SeatMapDrafted', seatMapId: MAP, organisation: ORGANISATION, ...plan }

const part = (number: number, sectionId: SectionId, seats: number) => ({
  seatMapId: MAP,
  part: number,
  sectionId,
  rows: [
    {
      label: '1',
      table: '' as const,
      seats: Array.from({ length: seats }, (_, n) => {
        return {
          seatId: `${sectionId}-${n}`,
          number: `${n}`,
          x: n,
          y: 0,
          category: 'A',
          type: 'standard',
          aisleAfter: null,
          extras: '',
        } as const
      }),
      extras: '',
    },
  ],
})
export const added = (...args: Parameters<typeof part>): CatalogEvent => ({ type: 'SeatMapPartAdded', ...part(...args) })
export const published: CatalogEvent = { type: 'SeatMapPublished', seatMapId: MAP, venueId: VENUE, version: 1, sections: summaries }
export const HALL = [at(1, venue), at(2, drafted), at(3, added(0, STALLS, 2)), at(4, added(1, BALCONY, 1))]
export const MAPPED = [...HALL, at(5, published)]

export const price = (category: string, amount: number, ticketType = ''): Price => ({ category, ticketType, amount })
export const PRICES = [price('A', 9_000), price('B', 5_000), price('A', 4_500, 'student')]
export const TERMS: PerformanceTerms = {
  saleStartsAtMs: epochMillis(100),
  saleEndsAtMs: null,
  holdTtlMs: 600_000,
  extensionMs: 300_000,
  holdMaxMs: 900_000,
  seatsPerHoldMax: 8,
  purchaseLimit: null,
  sectionLimit: null,
  orphanRule: 'off',
  prices: PRICES,
}
const occasion = { seatMapId: MAP, name: 'Norma', startsAtMs: epochMillis(9_000), endsAtMs: null, currency: 'EUR' }
export const scheduled = (performanceId: PerformanceId, terms = TERMS): CatalogEvent => ({
  type: 'PerformanceScheduled',
  performanceId,
  organisation: ORGANISATION,
  venueId: VENUE,
  ...occasion,
  sections: summaries,
  revision: 1,
  priceRevision: 1,
  terms,
})
export const SCHEDULED = [...MAPPED, at(9, scheduled(PERFORMANCE))]

export const createVenue: CatalogCommand = { type: 'CreateVenue', name: 'Opera', timeZone: 'Europe/Vienna', address }
export const draft: CatalogCommand = { type: 'DraftSeatMap', ...plan }
export const addPart = (...args: Parameters<typeof part>): CatalogCommand => ({ type: 'AddSeatMapPart', ...part(...args) })
export const publish: CatalogCommand = { type: 'PublishSeatMap', seatMapId: MAP }
export const schedule = (terms = TERMS): CatalogCommand => ({ type: 'SchedulePerformance', ...occasion, terms })
export const revise = (terms: PerformanceTerms, onRevision: number | null = null): CatalogCommand => ({
  type: 'RevisePerformance',
  performanceId: PERFORMANCE,
  onRevision,
  terms,
})
export const sectionOpened = (sectionId: SectionId): CatalogCommand => ({
  type: 'RecordSectionOpened',
  performanceId: PERFORMANCE,
  sectionId,
})
