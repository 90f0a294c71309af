import { type AvroSchema, arrayOf, nullable, record } from '../avro.ts'
import type { CatalogCommand, CatalogEvent } from './messages.ts'

const NAMESPACE = 'cavea.catalog'
const define = (name: string, fields: Parameters<typeof record>[2]): AvroSchema => record(NAMESPACE, name, fields)

const ADDRESS = define('Address', { street: 'string', city: 'string', postalCode: 'string', country: 'string' })
const CATEGORY = define('Category', { name: 'string', color: 'string' })
const SUMMARY = define('SectionSummary', { sectionId: 'string', name: 'string', seatCount: 'int', shards: 'int', focalDistance: 'int' })
const BOUNDS = define('Bounds', { x: 'double', y: 'double', width: 'double', height: 'double' })
const STANDING = define('StandingArea', { category: 'string', bounds: nullable(BOUNDS) })
const DRAFTED = define('DraftedSection', {
  sectionId: 'string',
  name: 'string',
  seatCount: 'int',
  standing: nullable(STANDING),
  extras: 'string',
})
const POINT = define('Point', { x: 'double', y: 'double' })
const SEAT = define('MapSeat', {
  seatId: 'string',
  number: 'string',
  x: 'double',
  y: 'double',
  category: 'string',
  type: 'string',
  aisleAfter: nullable('boolean'),
  extras: 'string',
})
const ROW = define('MapRow', { label: 'string', table: 'string', seats: arrayOf(SEAT), extras: 'string' })
const PRICE = define('Price', { category: 'string', ticketType: 'string', amount: 'long' })
const TERMS = define('PerformanceTerms', {
  saleStartsAtMs: nullable('long'),
  saleEndsAtMs: nullable('long'),
  holdTtlMs: 'long',
  extensionMs: 'long',
  holdMaxMs: 'long',
  seatsPerHoldMax: 'int',
  purchaseLimit: nullable('int'),
  sectionLimit: nullable('int'),
  orphanRule: 'string',
  prices: arrayOf(PRICE),
})

const draft = {
  venueId: 'string',
  name: 'string',
  categories: arrayOf(CATEGORY),
  sections: arrayOf(DRAFTED),
  focalPoint: nullable(POINT),
  parts: 'int',
  extras: 'string',
} as const
const part = { seatMapId: 'string', part: 'int', sectionId: 'string', rows: arrayOf(ROW) } as const
const revision = { sections: arrayOf(SUMMARY), revision: 'int', priceRevision: 'int', terms: TERMS } as const
const occasion = { name: 'string', startsAtMs: 'long', endsAtMs: nullable('long'), currency: 'string' } as const

/** One Avro record per message type. The compiler asks for a schema when a message is added. */
export const CATALOG_SCHEMAS: Readonly<Record<CatalogCommand['type'] | CatalogEvent['type'], AvroSchema>> = {
  CreateVenue: define('CreateVenue', { name: 'string', timeZone: 'string', address: ADDRESS }),
  DraftSeatMap: define('DraftSeatMap', draft),
  AddSeatMapPart: define('AddSeatMapPart', part),
  PublishSeatMap: define('PublishSeatMap', { seatMapId: 'string' }),
  SchedulePerformance: define('SchedulePerformance', { seatMapId: 'string', ...occasion, terms: TERMS }),
  RevisePerformance: define('RevisePerformance', { performanceId: 'string', onRevision: nullable('int'), terms: TERMS }),
  RecordSectionOpened: define('RecordSectionOpened', { performanceId: 'string', sectionId: 'string' }),
  Tick: define('Tick', {}),
  VenueCreated: define('VenueCreated', { venueId: 'string', organisation: 'string', name: 'string', timeZone: 'string', address: ADDRESS }),
  SeatMapDrafted: define('SeatMapDrafted', { seatMapId: 'string', organisation: 'string', ...draft }),
  SeatMapPartAdded: define('SeatMapPartAdded', part),
  SeatMapPublished: define('SeatMapPublished', { seatMapId: 'string', venueId: 'string', version: 'int', sections: arrayOf(SUMMARY) }),
  PerformanceScheduled: define('PerformanceScheduled', {
    performanceId: 'string',
    organisation: 'string',
    venueId: 'string',
    seatMapId: 'string',
    ...occasion,
    ...revision,
  }),
  PerformanceRevised: define('PerformanceRevised', { performanceId: 'string', ...revision }),
  SectionOpeningRecorded: define('SectionOpeningRecorded', { performanceId: 'string', sectionId: 'string' }),
  PerformanceOpened: define('PerformanceOpened', { performanceId: 'string' }),
}
