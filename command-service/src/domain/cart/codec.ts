import { arrayOf, record } from '@cavea/contracts/avro'
import type { CartPart } from '@cavea/contracts/cart/messages'
import { CART_PART, CART_SCHEMAS } from '@cavea/contracts/cart/schemas'
import avro from 'avsc'
import { addEnded, type EndedHold } from '../ended-holds.ts'
import { addCart, addOpening, type CartsState, type CartsView, initialState, type NewCart, type NewOpening } from './state.ts'

interface Stored {
  opening: NewOpening[]
  carts: NewCart[]
  ended: (EndedHold & { key: string })[]
}

const define = (name: string, fields: Parameters<typeof record>[2]) => record('cavea.cart.state', name, fields)

const STATE = avro.Type.forSchema(
  define('CartsState', {
    opening: arrayOf(
      define('Opening', {
        opened: CART_SCHEMAS.CartOpened, // Names the record of terms for what comes behind it.
        asked: define('Asked', { attempt: 'int', round: 'string', sectionId: 'string' }),
        parts: arrayOf(CART_PART),
        have: arrayOf(define('Have', { sectionId: 'string', seats: 'int' })),
        refused: arrayOf(define('Refused', { sectionId: 'string', have: 'int', step: 'string' })),
        expiresAtMs: 'long',
      } satisfies Record<keyof NewOpening, unknown>),
    ),
    carts: arrayOf(
      define('Cart', {
        holdId: 'string',
        performanceId: 'string',
        organisation: 'string',
        buyer: 'string',
        terms: 'cavea.cart.CartTerms',
        parts: arrayOf('cavea.cart.CartPart'),
        status: 'string',
        heldAtMs: 'long',
        expiresAtMs: 'long',
        extensionsLeft: 'int',
      } satisfies Record<keyof NewCart, unknown>),
    ),
    ended: arrayOf(define('EndedCart', { key: 'string', status: 'string', buyer: 'string', organisation: 'string', atMs: 'long' })),
  } satisfies Record<keyof Stored, unknown>) as avro.Schema,
)

/** Lists come in the order in which the log made them, which is the same for every replay: nothing to sort. */
export function encodeState(view: CartsView): Buffer {
  const stored: Stored = {
    opening: Array.from(view.opening.values(), ({ opened, asked, parts, have, refused, expiresAtMs }) => ({
      opened,
      asked,
      parts,
      have: Array.from(have, ([sectionId, seats]) => ({ sectionId, seats })),
      refused: Array.from(refused, ([sectionId, said]) => ({ sectionId, ...said })),
      expiresAtMs,
    })),
    carts: [...view.carts.values()],
    ended: Array.from(view.ended, ([key, ended]) => ({ key, ...ended })),
  }
  return STATE.toBuffer(stored)
}

export function decodeState(bytes: Buffer): CartsState {
  const stored = STATE.fromBuffer(bytes) as Stored
  const state = initialState()
  for (const opening of stored.opening) addOpening(state, { ...opening, parts: plain(opening.parts) })
  for (const held of stored.carts) addCart(state, { ...held, parts: plain(held.parts) })
  for (const { key, ...ended } of stored.ended) addEnded(state.ended, key, ended)
  return state
}

/** Decisions repeat the parts, and what is decided from a snapshot is to be the same to the last detail, Avro's own class included. */
const plain = (parts: readonly CartPart[]): readonly CartPart[] => parts.map((part) => ({ ...part }))
