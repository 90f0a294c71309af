import type { CatalogEvent, PerformanceTerms, SectionSummary } from '@cavea/contracts/catalog/messages'
import { CATALOGUE, CATALOGUE_TABLES, PERFORMANCES, PRICES, SEAT_CATEGORIES, VENUES } from '@cavea/contracts/read-models/catalogue'
import { searchText } from '@cavea/contracts/read-models/search-text'
import type { Change, Projection } from '../../application/projection.ts'

/** What is on, where, and what its seats cost: for search, and for reports to count by. */
export const catalogue: Projection = {
  name: CATALOGUE,
  version: 1,
  store: 'tables',
  tables: CATALOGUE_TABLES,
  project: { catalog: ({ events }) => events.flatMap(changesOf) },
}

function changesOf(event: CatalogEvent): readonly Change[] {
  switch (event.type) {
    case 'VenueCreated': {
      const { venueId, organisation, name, timeZone, address } = event
      const words = { name_words: searchText(name), city_words: searchText(address.city) }
      const set = { organisation, name: kept(name), ...words, time_zone: timeZone, city: kept(address.city), country: address.country }
      return [{ table: VENUES.name, key: [venueId], set }]
    }
    case 'SeatMapDrafted':
      return event.sections.flatMap(({ sectionId, standing }) =>
        standing === null ? [] : [seatCategories(event.seatMapId, sectionId, 0, { categories: [], standing: kept(standing.category) })],
      )
    case 'SeatMapPartAdded': {
      const categories = event.rows.flatMap(({ seats }) => seats.map(({ category }) => kept(category)))
      return [seatCategories(event.seatMapId, event.sectionId, event.part, { categories })]
    }
    case 'SeatMapPublished':
      return []
    case 'PerformanceScheduled': {
      const { performanceId, organisation, venueId, seatMapId, name, startsAtMs, endsAtMs, currency } = event
      return [
        {
          table: PERFORMANCES.name,
          key: [performanceId],
          set: {
            organisation,
            venue_id: venueId,
            seat_map_id: seatMapId,
            name: kept(name),
            name_words: searchText(name),
            status: 'opening',
            starts_at: startsAtMs,
            ends_at: endsAtMs,
            currency,
            ...revisionOf(event),
          },
        },
        ...pricesOf(event),
      ]
    }
    case 'PerformanceRevised':
      return [{ table: PERFORMANCES.name, key: [event.performanceId], set: revisionOf(event) }, ...pricesOf(event)]
    case 'SectionOpeningRecorded':
      return []
    case 'PerformanceOpened':
      return [{ table: PERFORMANCES.name, key: [event.performanceId], set: { status: 'scheduled' } }]
    default:
      return event satisfies never
  }
}

interface Revision {
  readonly performanceId: string
  readonly sections: readonly SectionSummary[]
  readonly revision: number
  readonly priceRevision: number
  readonly terms: PerformanceTerms
}

const revisionOf = ({ sections, revision, priceRevision, terms }: Revision): Change['set'] => ({
  sale_starts_at: terms.saleStartsAtMs,
  sale_ends_at: terms.saleEndsAtMs,
  capacity: sections.reduce((seats, { seatCount }) => seats + seatCount, 0),
  revision,
  price_revision: priceRevision,
})

const pricesOf = ({ performanceId, priceRevision, terms }: Revision): readonly Change[] =>
  terms.prices.map(({ category, ticketType, amount }) => {
    return { table: PRICES.name, key: [performanceId, priceRevision, kept(category), kept(ticketType)], set: { amount } }
  })

const seatCategories = (seatMapId: string, sectionId: string, part: number, set: Change['set']): Change => {
  return { table: SEAT_CATEGORIES.name, key: [seatMapId, sectionId, part], set }
}

/** No database takes a zero byte in a text, and a name with one should not be missing for it. */
const kept = (text: string): string => text.replaceAll('\0', '')
