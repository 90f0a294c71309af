import type { CatalogEvent, Category, DraftedSection, PerformanceTerms, SectionSummary } from '@cavea/contracts/catalog/messages'
import type { PerformanceId, SeatMapId, SectionId, VenueId } from '@cavea/contracts/ids'
import type { SectionGeometry } from '@cavea/contracts/seating/messages'
import { streamsOf } from '@cavea/contracts/streams'
import { focalPointOf, NO_SEATS, type SeatColumns, withRows } from './geometry.ts'

export interface VenueView {
  readonly organisation: string
  /** How many versions of its seat map were published. */
  readonly mapVersions: number
}

export interface DraftView {
  readonly organisation: string
  readonly venueId: VenueId
  readonly categories: readonly Category[]
  readonly sections: readonly DraftedSection[]
  readonly focalPoint: { readonly x: number; readonly y: number } | null
  readonly parts: number
  /** The next part must be this one: they come in order. */
  readonly nextPart: number
  /** Seats that came so far, by section. */
  readonly seatsOf: ReadonlyMap<SectionId, SeatColumns>
}

export interface SeatMapView {
  readonly organisation: string
  readonly venueId: VenueId
  readonly categories: readonly string[]
  readonly sections: readonly SectionSummary[]
  /** What sections that open on this map are told of their seats. */
  readonly geometry: ReadonlyMap<SectionId, SectionGeometry>
}

export interface PerformanceView {
  readonly organisation: string
  readonly seatMapId: SeatMapId
  readonly sections: readonly SectionSummary[]
  readonly revision: number
  readonly priceRevision: number
  readonly terms: PerformanceTerms
  /** Sections, and shards of standing areas, that have not answered yet; empty when the performance is open. */
  readonly opening: ReadonlySet<SectionId>
}

export interface CatalogView {
  readonly venues: ReadonlyMap<VenueId, VenueView>
  readonly drafts: ReadonlyMap<SeatMapId, DraftView>
  readonly seatMaps: ReadonlyMap<SeatMapId, SeatMapView>
  readonly performances: ReadonlyMap<PerformanceId, PerformanceView>
}

export interface CatalogState extends CatalogView {
  readonly venues: Map<VenueId, VenueView>
  readonly drafts: Map<SeatMapId, DraftView>
  readonly seatMaps: Map<SeatMapId, SeatMapView>
  readonly performances: Map<PerformanceId, PerformanceView>
}

/** Uploads that were never finished are forgotten, the oldest first. */
export const DRAFTS_MAX = 64

export const initialState = (): CatalogState => ({ venues: new Map(), drafts: new Map(), seatMaps: new Map(), performances: new Map() })

/** Folds one recorded event in place. It throws only when the log contradicts itself. */
export function evolve(state: CatalogState, event: CatalogEvent): void {
  switch (event.type) {
    case 'VenueCreated':
      state.venues.set(event.venueId, { organisation: event.organisation, mapVersions: 0 })
      return
    case 'SeatMapDrafted': {
      const { organisation, venueId, categories, sections, focalPoint, parts } = event
      const seatsOf = new Map<SectionId, SeatColumns>()
      state.drafts.set(event.seatMapId, { organisation, venueId, categories, sections, focalPoint, parts, nextPart: 0, seatsOf })
      for (const oldest of state.drafts.keys()) if (state.drafts.size > DRAFTS_MAX) state.drafts.delete(oldest)
      return
    }
    case 'SeatMapPartAdded': {
      const draft = known(state.drafts.get(event.seatMapId), event.seatMapId)
      const names = draft.categories.map((category) => category.name)
      const columns = withRows(draft.seatsOf.get(event.sectionId) ?? NO_SEATS, event.rows, names)
      const seatsOf = new Map(draft.seatsOf).set(event.sectionId, columns)
      state.drafts.set(event.seatMapId, { ...draft, nextPart: event.part + 1, seatsOf })
      return
    }
    case 'SeatMapPublished': {
      const draft = known(state.drafts.get(event.seatMapId), event.seatMapId)
      const { organisation, categories, seatsOf } = draft
      const venue = known(state.venues.get(event.venueId), event.venueId)
      state.drafts.delete(event.seatMapId)
      state.venues.set(event.venueId, { ...venue, mapVersions: event.version })
      const names = categories.map((category) => category.name)
      const focal = focalPointOf(draft)
      const geometry = new Map(
        event.sections.map(({ sectionId }) => [sectionId, { ...(seatsOf.get(sectionId) ?? NO_SEATS), categories: names, ...focal }]),
      )
      state.seatMaps.set(event.seatMapId, { organisation, venueId: event.venueId, categories: names, sections: event.sections, geometry })
      return
    }
    case 'PerformanceScheduled': {
      const { organisation, seatMapId, sections, revision, priceRevision, terms } = event
      const opening = new Set(sections.flatMap(streamsOf).map((stream) => stream.sectionId))
      state.performances.set(event.performanceId, { organisation, seatMapId, sections, revision, priceRevision, terms, opening })
      return
    }
    case 'PerformanceRevised': {
      const performance = known(state.performances.get(event.performanceId), event.performanceId)
      const { revision, priceRevision, terms } = event
      state.performances.set(event.performanceId, { ...performance, revision, priceRevision, terms })
      return
    }
    case 'SectionOpeningRecorded': {
      const performance = known(state.performances.get(event.performanceId), event.performanceId)
      const opening = new Set(performance.opening)
      opening.delete(event.sectionId)
      state.performances.set(event.performanceId, { ...performance, opening })
      return
    }
    case 'PerformanceOpened':
      return // Follows from the sections that answered.
    default:
      event satisfies never
  }
}

function known<Value>(value: Value | undefined, id: string): Value {
  if (value === undefined) throw new Error(`The log speaks of ${id}, which it never made.`)
  return value
}

const byId = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

/** Canonical JSON: the catalog is small, and a person may want to read it. Drafts keep the order in which they came. */
export function encodeState(view: CatalogView): Buffer {
  return Buffer.from(
    JSON.stringify({
      venues: [...view.venues].sort(byId),
      drafts: [...view.drafts].map(([id, draft]) => [id, { ...draft, seatsOf: [...draft.seatsOf].sort(byId) }]),
      seatMaps: [...view.seatMaps].sort(byId).map(([id, map]) => [id, { ...map, geometry: [...map.geometry].sort(byId) }]),
      performances: [...view.performances]
        .sort(byId)
        .map(([id, performance]) => [id, { ...performance, opening: [...performance.opening].sort() }]),
    }),
  )
}

interface Stored {
  venues: [VenueId, VenueView][]
  drafts: [SeatMapId, Omit<DraftView, 'seatsOf'> & { seatsOf: [SectionId, SeatColumns][] }][]
  seatMaps: [SeatMapId, Omit<SeatMapView, 'geometry'> & { geometry: [SectionId, SectionGeometry][] }][]
  performances: [PerformanceId, Omit<PerformanceView, 'opening'> & { opening: SectionId[] }][]
}

export function decodeState(bytes: Buffer): CatalogState {
  const stored = JSON.parse(bytes.toString()) as Stored
  return {
    venues: new Map(stored.venues),
    drafts: new Map(stored.drafts.map(([id, draft]) => [id, { ...draft, seatsOf: new Map(draft.seatsOf) }])),
    seatMaps: new Map(stored.seatMaps.map(([id, map]) => [id, { ...map, geometry: new Map(map.geometry) }])),
    performances: new Map(stored.performances.map(([id, performance]) => [id, { ...performance, opening: new Set(performance.opening) }])),
  }
}
