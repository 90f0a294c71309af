import { type AvroSchema, arrayOf, nullable, record } from '../avro.ts'
import { CONTEXTS, type Context } from '../topics.ts'
import type { PublicEventsOf } from './events.ts'

type Fields = Parameters<typeof record>[2]

/** `v1` is the name of the topics' contract, which every later version of a schema keeps. */
const namespaceOf = (context: Context): string => `cavea.v1.${context}`

/** With the logical type, so that a warehouse makes a time of it. */
const time: AvroSchema = { type: 'long', logicalType: 'timestamp-millis' }

const ORIGIN = {
  eventId: 'string',
  occurredAt: time,
  organisation: 'string',
  commandId: 'string',
  correlationId: 'string',
  actorKind: 'string',
} as const

/** A named type may be spelt out once in a schema, so each use is made anew and only in the schema that needs it. */
function typesOf(context: Context) {
  const define = (name: string, fields: Fields): AvroSchema => record(namespaceOf(context), name, fields)
  const seat = { seatId: 'string', row: 'string', number: 'string', category: 'string' } as const
  return {
    event: (name: string, fields: Fields): AvroSchema => define(name, { ...ORIGIN, ...fields }),
    seats: arrayOf(define('Seat', seat)),
    pricedSeats: arrayOf(define('PricedSeat', { ...seat, amount: nullable('long') })),
    drawnSeats: arrayOf(define('DrawnSeat', { ...seat, type: 'string' })),
    conflicts: arrayOf(define('Conflict', { ...seat, reason: 'string', since: time, mayFreeAt: nullable(time) })),
    sections: arrayOf(define('Section', { sectionId: 'string', name: 'string', seatCount: 'int', standing: 'boolean' })),
    prices: arrayOf(define('Price', { category: 'string', ticketType: 'string', amount: 'long' })),
    address: define('Address', { street: 'string', city: 'string', postalCode: 'string', country: 'string' }),
    terms: define('SaleTerms', {
      saleStartsAt: nullable(time),
      saleEndsAt: nullable(time),
      holdTtlMs: 'long',
      extensionMs: 'long',
      holdMaxMs: 'long',
      seatsPerHoldMax: 'int',
      purchaseLimit: nullable('int'),
      sectionLimit: nullable('int'),
      orphanRule: 'string',
    }),
    define,
  }
}

const inSection = { performanceId: 'string', sectionId: 'string', section: 'string', stream: 'string' } as const

function rejected(context: Context): AvroSchema {
  const { event, seats, conflicts } = typesOf(context)
  return event('CommandRejected', {
    commandType: 'string',
    code: 'string',
    ...inSection,
    holdId: 'string',
    quantity: nullable('int'),
    seats,
    conflicts,
    limit: nullable('int'),
    have: nullable('int'),
    asked: nullable('int'),
    opensAt: nullable(time),
    closedAt: nullable(time),
    revision: nullable('int'),
    extensionsLeft: nullable('int'),
    step: 'string',
  })
}

type SchemasOf<Of extends Context> = Readonly<Record<PublicEventsOf[Of]['type'], AvroSchema>>

function catalogSchemas(): SchemasOf<'catalog'> {
  const { event, sections, prices, address, terms } = typesOf('catalog')
  const revised = { revision: 'int', terms, currency: 'string', priceRevision: 'int', prices } as const
  return {
    VenueCreated: event('VenueCreated', { venueId: 'string', name: 'string', timeZone: 'string', address }),
    SeatMapPublished: event('SeatMapPublished', {
      seatMapId: 'string',
      venueId: 'string',
      version: 'int',
      name: 'string',
      capacity: 'int',
      categories: arrayOf('string'),
      sections,
    }),
    PerformanceScheduled: event('PerformanceScheduled', {
      performanceId: 'string',
      venueId: 'string',
      seatMapId: 'string',
      name: 'string',
      startsAt: time,
      endsAt: nullable(time),
      capacity: 'int',
      sections,
      ...revised,
    }),
    PerformanceRevised: event('PerformanceRevised', { performanceId: 'string', ...revised }),
    PerformanceOpened: event('PerformanceOpened', { performanceId: 'string' }),
    CommandRejected: rejected('catalog'),
  }
}

function seatingSchemas(): SchemasOf<'seating'> {
  const { event, seats, pricedSeats, drawnSeats, terms } = typesOf('seating')
  const locked = { currency: 'string', priceRevision: 'int' } as const
  const ended = { ...inSection, holdId: 'string', quantity: 'int', seats } as const
  const setAside = { ...inSection, blockId: 'string', quantity: 'int', seats } as const
  return {
    SectionOpened: event('SectionOpened', {
      ...inSection,
      revision: 'int',
      priceRevision: 'int',
      terms,
      seatCount: 'int',
      seats: drawnSeats,
    }),
    SectionRevised: event('SectionRevised', { ...inSection, revision: 'int', priceRevision: 'int', terms }),
    SeatsHeld: event('SeatsHeld', {
      ...inSection,
      holdId: 'string',
      cartId: 'string',
      buyer: 'string',
      quantity: 'int',
      seats: pricedSeats,
      ...locked,
      expiresAt: time,
      extensionsLeft: 'int',
      step: 'string',
    }),
    HoldExtended: event('HoldExtended', { ...inSection, holdId: 'string', expiresAt: time, extensionsLeft: 'int' }),
    HoldReleased: event('HoldReleased', ended),
    HoldExpired: event('HoldExpired', ended),
    SeatsSold: event('SeatsSold', { ...inSection, holdId: 'string', quantity: 'int', seats: pricedSeats, ...locked }),
    SeatsBlocked: event('SeatsBlocked', setAside),
    SeatsUnblocked: event('SeatsUnblocked', setAside),
    CommandRejected: rejected('seating'),
  }
}

function cartSchemas(): SchemasOf<'cart'> {
  const { event, seats, pricedSeats, define } = typesOf('cart')
  const part = define('CartPart', { holdId: 'string', sectionId: 'string', section: 'string', stream: 'string', seats: pricedSeats })
  const ofParts = { performanceId: 'string', holdId: 'string', currency: 'string', quantity: 'int', parts: arrayOf(part) } as const
  const due = { expiresAt: time, extensionsLeft: 'int' } as const
  return {
    CartOpened: event('CartOpened', {
      performanceId: 'string',
      holdId: 'string',
      buyer: 'string',
      quantity: 'int',
      categories: arrayOf('string'),
      accessible: 'boolean',
      standing: 'boolean',
      seats,
    }),
    CartHeld: event('CartHeld', { ...ofParts, buyer: 'string', ...due }),
    CartRefused: event('CartRefused', { ...ofParts, code: 'string' }),
    CartExtended: event('CartExtended', { ...ofParts, ...due }),
    CartReleased: event('CartReleased', ofParts),
    CartExpired: event('CartExpired', ofParts),
    CartSold: event('CartSold', ofParts),
    CommandRejected: rejected('cart'),
  }
}

/** One Avro record per public event. The compiler asks for a schema when an event is added. */
export const PUBLIC_SCHEMAS: { readonly [Of in Context]: SchemasOf<Of> } = {
  catalog: catalogSchemas(),
  seating: seatingSchemas(),
  cart: cartSchemas(),
}

export const publicSubjectOf = (context: Context, type: string): string => `public.${context}.${type}`
export const publicTopicOf = (context: Context, prefix = ''): string => `${prefix}public.${context}.v1`

/** Every public subject with its newest schema, as it is registered and as `avro/` keeps its history. */
export const PUBLIC_SUBJECTS: ReadonlyMap<string, AvroSchema> = new Map<string, AvroSchema>(
  CONTEXTS.flatMap((context) =>
    Object.entries(PUBLIC_SCHEMAS[context]).map(([type, schema]): [string, AvroSchema] => [publicSubjectOf(context, type), schema]),
  ),
)
