import type { CatalogEvent, PerformanceTerms, Price, SectionSummary } from '@cavea/contracts/catalog/messages'
import { HALLS_TABLES, PERFORMANCES, SEAT_MAP_SECTIONS, SEAT_MAPS, VENUES } from '@cavea/contracts/read-models/halls'
import type { Value } from '@cavea/contracts/read-models/table'
import type { Change, Projection } from '../../application/projection.ts'

/** Venues, seat maps with their drawings, and performances, as documents. */
export const halls: Projection = {
  name: 'halls',
  version: 1,
  store: 'documents',
  tables: HALLS_TABLES,
  project: { catalog: ({ events }) => events.flatMap(changesOf) },
}

const venue = (id: string, set: Change['set']): Change => ({ table: VENUES.name, key: [id], set })
const seatMap = (id: string, set: Change['set']): Change => ({ table: SEAT_MAPS.name, key: [id], set })
const seatMapSection = (id: string, section: string, set: Change['set']): Change => {
  return { table: SEAT_MAP_SECTIONS.name, key: [id, section], set }
}
const performance = (id: string, set: Change['set']): Change => ({ table: PERFORMANCES.name, key: [id], set })

function changesOf(event: CatalogEvent): Change[] {
  switch (event.type) {
    case 'VenueCreated': {
      const { organisation, name, timeZone, address } = event
      return [venue(event.venueId, { organisation, name, time_zone: timeZone, address: { ...address } })]
    }
    case 'SeatMapDrafted': {
      const { seatMapId, organisation, venueId, name, extras } = event
      const categories = event.categories.map((category) => ({ ...category }))
      const focalPoint = event.focalPoint && { ...event.focalPoint }
      return [
        seatMap(seatMapId, { organisation, venue_id: venueId, name, status: 'draft', categories, focal_point: focalPoint, extras }),
        ...event.sections.map((section) => {
          const standing = section.standing && { category: section.standing.category, bounds: plain(section.standing.bounds) }
          const { name, seatCount, extras } = section
          return seatMapSection(seatMapId, section.sectionId, { name, seat_count: seatCount, standing, extras })
        }),
      ]
    }
    case 'SeatMapPartAdded': {
      const rows = event.rows.map((row) => ({ ...row, seats: row.seats.map((seat) => ({ ...seat })) }))
      return [seatMapSection(event.seatMapId, event.sectionId, { [`parts.${event.part}`]: rows })]
    }
    case 'SeatMapPublished':
      return [seatMap(event.seatMapId, { status: 'published', map_version: event.version, sections: summaries(event.sections) })]
    case 'PerformanceScheduled': {
      const { organisation, venueId, seatMapId, name, startsAtMs, endsAtMs, currency, sections } = event
      const what = { organisation, venue_id: venueId, seat_map_id: seatMapId, name, starts_at: startsAtMs, ends_at: endsAtMs, currency }
      return [performance(event.performanceId, { ...what, status: 'opening', sections: summaries(sections), ...revised(event) })]
    }
    case 'PerformanceRevised':
      return [performance(event.performanceId, revised(event))]
    case 'SectionOpeningRecorded':
      return []
    case 'PerformanceOpened':
      return [performance(event.performanceId, { status: 'scheduled' })]
    default:
      event satisfies never
      return []
  }
}

interface Revised {
  readonly revision: number
  readonly priceRevision: number
  readonly terms: PerformanceTerms
}

function revised({ revision, priceRevision, terms }: Revised): Change['set'] {
  const prices = terms.prices.map((price: Price) => ({ ...price }))
  return { revision, price_revision: priceRevision, terms: { ...terms, prices }, [`price_lists.${priceRevision}`]: prices }
}

const summaries = (sections: readonly SectionSummary[]): Value => sections.map((section) => ({ ...section }))

/** The interface of a message is no plain object to the compiler; a copy of it is. */
const plain = <Fields extends object>(fields: Fields | null) => fields && { ...fields }
