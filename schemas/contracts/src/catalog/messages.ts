import type { EpochMillis, PerformanceId, SeatMapId, SectionId, VenueId } from '../ids.ts'
import type { OrphanRule, SeatType, TableSale } from '../seats.ts'

export interface Address {
  readonly street: string
  readonly city: string
  readonly postalCode: string
  /** ISO 3166-1 alpha-2. */
  readonly country: string
}

export interface Category {
  readonly name: string
  /** `#rrggbb`, or empty. */
  readonly color: string
}

export interface MapSeat {
  readonly seatId: string
  readonly number: string
  /** In the drawing's own units, from its top left corner. */
  readonly x: number
  readonly y: number
  readonly category: string
  readonly type: SeatType
  /** Whether an aisle is between this seat and the next one of its row; null: the distance between them tells. */
  readonly aisleAfter: boolean | null
  /** Fields of the imported plan that mean nothing to Cavea, as JSON text; empty when there were none. */
  readonly extras: string
}

export interface MapRow {
  readonly label: string
  readonly table: TableSale
  readonly seats: readonly MapSeat[]
  readonly extras: string
}

/** Where people stand: as many as its section counts, of one category. In the drawing's own units; null: it was not drawn. */
export interface StandingArea {
  readonly category: string
  readonly bounds: { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | null
}

/** A section as the manifest and a performance list it. Seat indexes run over its rows in their order. */
export interface SectionSummary {
  readonly sectionId: SectionId
  readonly name: string
  /** Seats, or places to stand. */
  readonly seatCount: number
  /** Streams that the places of a standing area are spread over, see `streamsOf`; 0: a section with seats. */
  readonly shards: number
  /** From the middle of the section to the focal point, in the drawing's units, rounded. */
  readonly focalDistance: number
}

export interface DraftedSection {
  readonly sectionId: SectionId
  readonly name: string
  readonly seatCount: number
  /** Null: a section with seats. */
  readonly standing: StandingArea | null
  readonly extras: string
}

export interface Price {
  readonly category: string
  /** Empty for the category's ordinary price. */
  readonly ticketType: string
  /** Minor units of the currency. */
  readonly amount: number
}

/** What an organiser may change after a performance was scheduled. */
export interface PerformanceTerms {
  readonly saleStartsAtMs: EpochMillis | null
  readonly saleEndsAtMs: EpochMillis | null
  readonly holdTtlMs: number
  readonly extensionMs: number
  readonly holdMaxMs: number
  readonly seatsPerHoldMax: number
  /** Seats that one buyer may have in the performance; null: no limit. */
  readonly purchaseLimit: number | null
  /** Seats that one buyer may have in each section; null: no limit. */
  readonly sectionLimit: number | null
  readonly orphanRule: OrphanRule
  readonly prices: readonly Price[]
}

export interface CreateVenue {
  readonly type: 'CreateVenue'
  readonly name: string
  readonly timeZone: string
  readonly address: Address
}
/** Starts a seat map, whose parts follow one by one so that no record grows past its limit. */
export interface DraftSeatMap {
  readonly type: 'DraftSeatMap'
  readonly venueId: VenueId
  readonly name: string
  readonly categories: readonly Category[]
  readonly sections: readonly DraftedSection[]
  /** What the audience looks at, in the drawing's units; null: the middle of the drawing's upper edge. */
  readonly focalPoint: { readonly x: number; readonly y: number } | null
  readonly parts: number
  readonly extras: string
}
export interface AddSeatMapPart {
  readonly type: 'AddSeatMapPart'
  readonly seatMapId: SeatMapId
  /** From 0; parts of a section come in the order of its rows. */
  readonly part: number
  readonly sectionId: SectionId
  readonly rows: readonly MapRow[]
}
/** The manifest: refused unless every part is there. Until then the map does not exist to anybody. */
export interface PublishSeatMap {
  readonly type: 'PublishSeatMap'
  readonly seatMapId: SeatMapId
}
export interface SchedulePerformance {
  readonly type: 'SchedulePerformance'
  readonly seatMapId: SeatMapId
  readonly name: string
  readonly startsAtMs: EpochMillis
  readonly endsAtMs: EpochMillis | null
  readonly currency: string
  readonly terms: PerformanceTerms
}
export interface RevisePerformance {
  readonly type: 'RevisePerformance'
  readonly performanceId: PerformanceId
  /** The revision that the change was made on; null: whatever it is. */
  readonly onRevision: number | null
  readonly terms: PerformanceTerms
}
export interface RecordSectionOpened {
  readonly type: 'RecordSectionOpened'
  readonly performanceId: PerformanceId
  readonly sectionId: SectionId
}
export interface CatalogTick {
  readonly type: 'Tick'
}

export type CatalogCommand =
  | CreateVenue
  | DraftSeatMap
  | AddSeatMapPart
  | PublishSeatMap
  | SchedulePerformance
  | RevisePerformance
  | RecordSectionOpened
  | CatalogTick

export interface VenueCreated {
  readonly type: 'VenueCreated'
  readonly venueId: VenueId
  readonly organisation: string
  readonly name: string
  readonly timeZone: string
  readonly address: Address
}
export interface SeatMapDrafted {
  readonly type: 'SeatMapDrafted'
  readonly seatMapId: SeatMapId
  readonly organisation: string
  readonly venueId: VenueId
  readonly name: string
  readonly categories: readonly Category[]
  readonly sections: readonly DraftedSection[]
  readonly focalPoint: { readonly x: number; readonly y: number } | null
  readonly parts: number
  readonly extras: string
}
export interface SeatMapPartAdded {
  readonly type: 'SeatMapPartAdded'
  readonly seatMapId: SeatMapId
  readonly part: number
  readonly sectionId: SectionId
  readonly rows: readonly MapRow[]
}
export interface SeatMapPublished {
  readonly type: 'SeatMapPublished'
  readonly seatMapId: SeatMapId
  readonly venueId: VenueId
  /** From 1, per venue. */
  readonly version: number
  readonly sections: readonly SectionSummary[]
}
export interface PerformanceScheduled {
  readonly type: 'PerformanceScheduled'
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
}
export interface PerformanceRevised {
  readonly type: 'PerformanceRevised'
  readonly performanceId: PerformanceId
  readonly sections: readonly SectionSummary[]
  readonly revision: number
  readonly priceRevision: number
  readonly terms: PerformanceTerms
}
export interface SectionOpeningRecorded {
  readonly type: 'SectionOpeningRecorded'
  readonly performanceId: PerformanceId
  readonly sectionId: SectionId
}
/** Every section answered: seats can be held. */
export interface PerformanceOpened {
  readonly type: 'PerformanceOpened'
  readonly performanceId: PerformanceId
}

export type CatalogEvent =
  | VenueCreated
  | SeatMapDrafted
  | SeatMapPartAdded
  | SeatMapPublished
  | PerformanceScheduled
  | PerformanceRevised
  | SectionOpeningRecorded
  | PerformanceOpened
