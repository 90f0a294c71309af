import { type AvroSchema, arrayOf, nullable, record } from '../avro.ts'
import { REJECTION } from '../rejection-schema.ts'
import type { CartCommand, CartEvent } from './messages.ts'

const NAMESPACE = 'cavea.cart'
const define = (name: string, fields: Parameters<typeof record>[2]): AvroSchema => record(NAMESPACE, name, fields)

const seats = arrayOf('int')
const TERMS = define('CartTerms', {
  holdTtlMs: 'long',
  extensionMs: 'long',
  extensions: 'int',
  holdMaxMs: 'long',
  seatsPerHoldMax: 'int',
  purchaseLimit: nullable('int'),
  sectionLimit: nullable('int'),
})
const CHOSEN = define('ChosenSeats', { sectionId: 'string', seats })
const CANDIDATE = define('Candidate', { sectionId: 'string', available: 'int', distance: 'int' })
export const CART_PART = define('CartPart', { holdId: 'string', sectionId: 'string', seats, step: 'string', priceRevision: 'int' })

const ofCart = { holdId: 'string', performanceId: 'string' } as const
const withParts = { ...ofCart, parts: arrayOf(CART_PART) } as const
const wish = {
  chosen: arrayOf(CHOSEN),
  candidates: arrayOf(CANDIDATE),
  standing: 'boolean',
  quantity: 'int',
  categories: arrayOf('string'),
  accessible: 'boolean',
} as const
const buyer = { buyerKind: 'string', buyer: 'string' } as const

/** One Avro record per message type. The compiler asks for a schema when a message is added. */
export const CART_SCHEMAS: Readonly<Record<CartCommand['type'] | CartEvent['type'], AvroSchema>> = {
  OpenCart: define('OpenCart', { performanceId: 'string', organisation: 'string', ...wish, terms: TERMS }),
  RecordPart: define('RecordPart', { cartId: 'string', performanceId: 'string', attempt: 'int', part: CART_PART, have: 'int' }),
  RecordRefusal: define('RecordRefusal', { cartId: 'string', attempt: 'int', sectionId: 'string', rejection: REJECTION }),
  ExtendCart: define('ExtendCart', { holdId: 'string' }),
  ReleaseCart: define('ReleaseCart', { holdId: 'string' }),
  SellCart: define('SellCart', { holdId: 'string' }),
  Tick: define('Tick', {}),
  CartOpened: define('CartOpened', { ...ofCart, openedBy: 'string', organisation: 'string', ...buyer, ...wish, terms: TERMS }),
  PartRequested: define('PartRequested', {
    ...ofCart,
    attempt: 'int',
    round: 'string',
    sectionId: 'string',
    seats,
    quantity: 'int',
    atLeast: 'int',
    worstStep: 'string',
    categories: arrayOf('string'),
    accessible: 'boolean',
    ...buyer,
  }),
  PartGranted: define('PartGranted', { ...ofCart, attempt: 'int', part: CART_PART, have: 'int' }),
  PartDenied: define('PartDenied', { ...ofCart, attempt: 'int', sectionId: 'string', code: 'string', have: 'int', step: 'string' }),
  CartOverdue: define('CartOverdue', { ...ofCart, openedBy: 'string', attempt: 'int', sectionId: 'string' }),
  PartReturned: define('PartReturned', { ...ofCart, part: CART_PART }),
  CartHeld: define('CartHeld', { ...withParts, buyer: 'string', organisation: 'string', expiresAtMs: 'long', extensionsLeft: 'int' }),
  CartRefused: define('CartRefused', withParts),
  CartExtended: define('CartExtended', { ...withParts, expiresAtMs: 'long', extensionsLeft: 'int' }),
  CartReleased: define('CartReleased', withParts),
  CartExpired: define('CartExpired', withParts),
  CartSold: define('CartSold', withParts),
}
