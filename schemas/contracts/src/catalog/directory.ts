import type { EpochMillis, PerformanceId, SeatIndex, SeatMapId, SectionId, VenueId } from '../ids.ts'
import type { TableSale } from '../seats.ts'
import type {
  Address,
  CatalogEvent,
  Category,
  DraftedSection,
  MapSeat,
  PerformanceTerms,
  Price,
  SeatMapDrafted,
  SectionSummary,
  StandingArea,
} from './messages.ts'

export interface Venue {
  readonly venueId: VenueId
  readonly organisation: string
  readonly name: string
  readonly timeZone: string
  readonly address: Address
}

export interface MappedSeat extends MapSeat {
  readonly row: string
}

/** A row as drawn. Its seats follow those of the row before it in the section. */
export interface MappedRow {
  readonly label: string
  readonly table: TableSale
  readonly seatCount: number
}

export interface MapSection extends SectionSummary {
  readonly rows: readonly MappedRow[]
  /** By seat index; empty for a standing area. */
  readonly seats: readonly MappedSeat[]
  readonly standing: StandingArea | null
}

export interface SeatLocation {
  readonly section: MapSection
  readonly index: SeatIndex
}

/** A published seat map never changes; a new drawing of the hall is a new version with a new id. */
export interface SeatMap {
  readonly seatMapId: SeatMapId
  readonly organisation: string
  readonly venueId: VenueId
  readonly version: number
  readonly name: string
  readonly categories: readonly Category[]
  /** Null: the middle of the drawing's upper edge. */
  readonly focalPoint: { readonly x: number; readonly y: number } | null
  readonly sections: ReadonlyMap<SectionId, MapSection>
  readonly capacity: number
  readonly locate: (seatId: string) => SeatLocation | undefined
}

export interface Performance {
  readonly performanceId: PerformanceId
  readonly organisation: string
  readonly venueId: VenueId
  readonly seatMapId: SeatMapId
  readonly name: string
  readonly startsAtMs: EpochMillis
  readonly endsAtMs: EpochMillis | null
  readonly currency: string
  readonly sections: readonly SectionSummary[]
  readonly revision: number
  readonly priceRevision: number
  readonly terms: PerformanceTerms
  /** `opening` until every section answered. */
  readonly status: 'opening' | 'scheduled'
  /** Every price list that a hold may have locked, by its revision. */
  readonly priceLists: ReadonlyMap<number, readonly Price[]>
}

/** What the catalog's log says, for services that look things up: a fold of its events that never refuses one. */
export interface Directory {
  apply(event: CatalogEvent): void
  venue(id: string): Venue | undefined
  seatMap(id: string): SeatMap | undefined
  performance(id: string): Performance | undefined
  /** In the order in which they were scheduled. */
  performances(): Iterable<Performance>
}

interface Draft {
  readonly drafted: SeatMapDrafted
  readonly drawn: Map<SectionId, { readonly rows: MappedRow[]; readonly seats: MappedSeat[] }>
}

export function createDirectory(): Directory {
  const venues = new Map<string, Venue>()
  const drafts = new Map<string, Draft>()
  const seatMaps = new Map<string, SeatMap>()
  const performances = new Map<string, Performance>()

  function revise(performanceId: PerformanceId, change: Partial<Performance>): void {
    const performance = performances.get(performanceId)
    if (performance !== undefined) performances.set(performanceId, { ...performance, ...change })
  }

  return {
    venue: (id) => venues.get(id),
    seatMap: (id) => seatMaps.get(id),
    performance: (id) => performances.get(id),
    performances: () => performances.values(),
    apply(event) {
      switch (event.type) {
        case 'VenueCreated':
          venues.set(event.venueId, event)
          return
        case 'SeatMapDrafted':
          drafts.set(event.seatMapId, { drafted: event, drawn: new Map() })
          return
        case 'SeatMapPartAdded': {
          const draft = drafts.get(event.seatMapId)
          if (draft === undefined) return
          const section = draft.drawn.get(event.sectionId) ?? { rows: [], seats: [] }
          for (const { label, table, seats } of event.rows) {
            section.rows.push({ label, table, seatCount: seats.length })
            for (const seat of seats) section.seats.push({ ...seat, row: label })
          }
          draft.drawn.set(event.sectionId, section)
          return
        }
        case 'SeatMapPublished': {
          const draft = drafts.get(event.seatMapId)
          if (draft === undefined) return
          drafts.delete(event.seatMapId)
          seatMaps.set(event.seatMapId, seatMapOf(draft, event.version, event.sections))
          return
        }
        case 'PerformanceScheduled':
          performances.set(event.performanceId, {
            ...event,
            status: 'opening',
            priceLists: new Map([[event.priceRevision, event.terms.prices]]),
          })
          return
        case 'PerformanceRevised': {
          const { revision, priceRevision, terms } = event
          const known = performances.get(event.performanceId)?.priceLists
          revise(event.performanceId, {
            revision,
            priceRevision,
            terms,
            priceLists: new Map([...(known ?? []), [priceRevision, terms.prices]]),
          })
          return
        }
        case 'SectionOpeningRecorded':
          return
        case 'PerformanceOpened':
          revise(event.performanceId, { status: 'scheduled' })
          return
        default:
          event satisfies never
      }
    },
  }
}

function seatMapOf({ drafted, drawn }: Draft, version: number, published: readonly SectionSummary[]): SeatMap {
  const sections = new Map<SectionId, MapSection>()
  const standing = new Map(drafted.sections.map((section: DraftedSection) => [section.sectionId, section.standing]))
  let capacity = 0
  for (const summary of published) {
    const { sectionId, seatCount } = summary
    const { rows = [], seats = [] } = drawn.get(sectionId) ?? {}
    sections.set(sectionId, { ...summary, rows, seats, standing: standing.get(sectionId) ?? null })
    capacity += seatCount
  }
  let locations: Map<string, SeatLocation> | undefined // Made at the first look-up: most maps in a log are old ones.
  return {
    seatMapId: drafted.seatMapId,
    organisation: drafted.organisation,
    venueId: drafted.venueId,
    version,
    name: drafted.name,
    categories: drafted.categories,
    focalPoint: drafted.focalPoint,
    sections,
    capacity,
    locate(seatId) {
      if (locations === undefined) {
        locations = new Map()
        for (const section of sections.values())
          for (const [index, seat] of section.seats.entries()) locations.set(seat.seatId, { section, index: index as SeatIndex })
      }
      return locations.get(seatId)
    },
  }
}

/** The price of a category in a list, in minor units; undefined when the list has none. */
export function priceOf(prices: readonly Price[], category: string): number | undefined {
  return prices.find((price) => price.category === category && price.ticketType === '')?.amount
}
