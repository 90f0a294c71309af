import type { CatalogEvent, DraftedSection, SectionSummary } from '@cavea/contracts/catalog/messages'
import type { Actor } from '@cavea/contracts/envelope'
import { commandIdOf, epochMillis, performanceIdOf, type SectionId, seatMapIdOf, venueIdOf } from '@cavea/contracts/ids'
import { at, ORGANISATION, specification } from '../specification.ts'
import { catalog } from './decider.ts'

const given = specification(catalog)
const SYSTEM: Actor = { kind: 'system', id: 'record-section-opened' }
const ORGANISER: Actor = { kind: 'organiser', id: 'acct_olga' }
const VENUE = venueIdOf(epochMillis(1), commandIdOf('venue'))
const MAP = seatMapIdOf(epochMillis(2), commandIdOf('map'))
const PERFORMANCE = performanceIdOf(epochMillis(9), commandIdOf('performance'))

const venue: CatalogEvent = {
  type: 'VenueCreated',
  venueId: VENUE,
  organisation: ORGANISATION,
  name: 'Club',
  timeZone: 'Europe/Vienna',
  address: { street: 'Ring 1', city: 'Wien', postalCode: '1010', country: 'AT' },
}
const floor: DraftedSection = {
  sectionId: 'floor' as SectionId,
  name: 'Floor',
  seatCount: 1_500,
  standing: { category: 'A', bounds: { x: -50, y: 100, width: 100, height: 40 } },
  extras: '',
}
const gallery: DraftedSection = {
  ...floor,
  sectionId: 'gallery' as SectionId,
  name: 'Gallery',
  seatCount: 80,
  standing: { category: 'A', bounds: null },
}
const drafted: CatalogEvent = {
  type: 'SeatMapDrafted',
  seatMapId: MAP,
  organisation: ORGANISATION,
  venueId: VENUE,
  name: 'Club',
  categories: [{ name: 'A', color: '' }],
  sections: [floor, gallery],
  focalPoint: { x: 0, y: 0 },
  parts: 0,
  extras: '',
}
const summaries: SectionSummary[] = [
  { sectionId: floor.sectionId, name: 'Floor', seatCount: 1_500, shards: 2, focalDistance: 120 },
  { sectionId: gallery.sectionId, name: 'Gallery', seatCount: 80, shards: 1, focalDistance: 0 },
]
const published: CatalogEvent = { type: 'SeatMapPublished', seatMapId: MAP, venueId: VENUE, version: 1, sections: summaries }
const scheduled: CatalogEvent = {
  type: 'PerformanceScheduled',
  performanceId: PERFORMANCE,
  organisation: ORGANISATION,
  venueId: VENUE,
  seatMapId: MAP,
  name: 'Late set',
  startsAtMs: epochMillis(9_000),
  endsAtMs: null,
  currency: 'EUR',
  sections: summaries,
  revision: 1,
  priceRevision: 1,
  terms: {
    saleStartsAtMs: null,
    saleEndsAtMs: null,
    holdTtlMs: 1,
    extensionMs: 1,
    holdMaxMs: 1,
    seatsPerHoldMax: 1,
    purchaseLimit: null,
    sectionLimit: null,
    orphanRule: 'off',
    prices: [{ category: 'A', ticketType: '', amount: 1 }],
  },
}

describe('A seat map with standing areas', () => {
  it('is published without any seat, with as many shards as its areas need and how far they are from what people look at', () => {
    given(at(1, venue), at(2, drafted)).when({ type: 'PublishSeatMap', seatMapId: MAP }, { actor: ORGANISER, at: 5 }).then(published)
  })

  it('opens a performance when the last shard of the last area has answered', () => {
    const opening = (stream: string) => ({ performanceId: PERFORMANCE, sectionId: stream as SectionId })
    const answered = (stream: string): CatalogEvent => ({ type: 'SectionOpeningRecorded', ...opening(stream) })
    const made = [at(1, venue), at(2, drafted), at(5, published), at(9, scheduled), at(10, answered('floor~0'))]
    given(...made)
      .when({ type: 'RecordSectionOpened', ...opening('gallery~0') }, { actor: SYSTEM, at: 11 })
      .then(answered('gallery~0'))
    given(...made, at(11, answered('gallery~0')))
      .when({ type: 'RecordSectionOpened', ...opening('floor~1') }, { actor: SYSTEM, at: 12 })
      .then(answered('floor~1'), { type: 'PerformanceOpened', performanceId: PERFORMANCE })
    given(...made)
      .when({ type: 'RecordSectionOpened', ...opening('floor') }, { actor: SYSTEM, at: 11 })
      .thenNothing()
  })
})
