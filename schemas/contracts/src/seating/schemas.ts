import { type AvroSchema, arrayOf, nullable, record } from '../avro.ts'
import type { SeatingCommand, SeatingEvent } from './messages.ts'

const NAMESPACE = 'cavea.seating'
const inSection = { performanceId: 'string', sectionId: 'string' } as const
const seats = arrayOf('int')

const TERMS = record(NAMESPACE, 'SectionTerms', {
  priceRevision: 'int',
  saleStartsAtMs: nullable('long'),
  saleEndsAtMs: nullable('long'),
  holdTtlMs: 'long',
  extensionMs: 'long',
  extensions: 'int',
  holdMaxMs: 'long',
  seatsPerHoldMax: 'int',
  purchaseLimit: nullable('int'),
  sectionLimit: nullable('int'),
  orphanRule: 'string',
})

const ints = arrayOf('int')
const GEOMETRY = record(NAMESPACE, 'SectionGeometry', {
  row: ints,
  x: ints,
  y: ints,
  categories: arrayOf('string'),
  category: ints,
  type: ints,
  focalX: 'int',
  focalY: 'int',
  aisles: ints,
  joined: ints,
  tables: ints,
  wholeTables: ints,
})

const FOR_CART = record(NAMESPACE, 'ForCart', { cartId: 'string', attempt: 'int', buyerKind: 'string', buyer: 'string' })

const define = (name: string, fields: Parameters<typeof record>[2]): AvroSchema => record(NAMESPACE, name, fields)

/** One Avro record per message type. The compiler asks for a schema when a message is added. */
export const SEATING_SCHEMAS: Readonly<Record<SeatingCommand['type'] | SeatingEvent['type'], AvroSchema>> = {
  OpenSection: define('OpenSection', { ...inSection, revision: 'int', seatCount: 'int', terms: TERMS, geometry: GEOMETRY }),
  ReviseSection: define('ReviseSection', { ...inSection, revision: 'int', terms: TERMS }),
  HoldSeats: define('HoldSeats', { ...inSection, seats, cart: nullable(FOR_CART) }),
  HoldBestAvailable: define('HoldBestAvailable', {
    ...inSection,
    quantity: 'int',
    atLeast: 'int',
    worstStep: 'string',
    categories: arrayOf('string'),
    accessible: 'boolean',
    cart: nullable(FOR_CART),
  }),
  ExtendHold: define('ExtendHold', { holdId: 'string' }),
  ExtendPart: define('ExtendPart', { holdId: 'string', expiresAtMs: 'long' }),
  ReleaseHold: define('ReleaseHold', { holdId: 'string' }),
  SellHold: define('SellHold', { holdId: 'string' }),
  BlockSeats: define('BlockSeats', { ...inSection, seats, note: 'string' }),
  UnblockSeats: define('UnblockSeats', { blockId: 'string' }),
  Tick: define('Tick', {}),
  SectionOpened: define('SectionOpened', {
    ...inSection,
    organisation: 'string',
    revision: 'int',
    seatCount: 'int',
    terms: TERMS,
    geometry: GEOMETRY,
  }),
  SectionRevised: define('SectionRevised', { ...inSection, revision: 'int', terms: TERMS }),
  SeatsHeld: define('SeatsHeld', {
    ...inSection,
    holdId: 'string',
    buyer: 'string',
    seats,
    expiresAtMs: 'long',
    extensionsLeft: 'int',
    priceRevision: 'int',
    step: 'string',
    cartId: 'string',
    attempt: 'int',
  }),
  PartRefused: define('PartRefused', { ...inSection, cartId: 'string', attempt: 'int' }),
  HoldExtended: define('HoldExtended', { ...inSection, holdId: 'string', expiresAtMs: 'long', extensionsLeft: 'int' }),
  HoldReleased: define('HoldReleased', { ...inSection, holdId: 'string', seats }),
  HoldExpired: define('HoldExpired', { ...inSection, holdId: 'string', seats }),
  SeatsSold: define('SeatsSold', { ...inSection, holdId: 'string', seats, priceRevision: 'int' }),
  SeatsBlocked: define('SeatsBlocked', { ...inSection, blockId: 'string', seats, note: 'string' }),
  SeatsUnblocked: define('SeatsUnblocked', { ...inSection, blockId: 'string', seats }),
}
