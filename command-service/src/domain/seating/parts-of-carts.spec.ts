import type { Actor } from '@cavea/contracts/envelope'
import { epochMillis, type HoldId, holdIdOf } from '@cavea/contracts/ids'
import type { ForCart, HoldBestAvailable, HoldSeats, PartRefused, SeatsHeld } from '@cavea/contracts/seating/messages'
import { at, specification } from '../specification.ts'
import { seating } from './decider.ts'
import {
  ANNA,
  BERND,
  commandNamed,
  extended,
  held,
  holdNamed,
  holdSeats,
  newHold,
  ORGANISER,
  opened,
  PLACE,
  released,
  SYSTEM,
  seatsOf,
  sold,
  TTL_MS,
} from './examples.ts'

const given = specification(seating)
const open = at(1, opened())
const UNTIL = 500 + TTL_MS
const CART: HoldId = holdIdOf(epochMillis(400), { kind: 'cart', bucket: 7 }, commandNamed('cart'))
const FOR_ANNA: ForCart = { cartId: CART, attempt: 3, buyerKind: 'buyer', buyer: ANNA.id }
const asking = (actor: Actor, ms = 500) => ({ actor, at: ms })
const seatsForCart = (...seats: readonly number[]): HoldSeats => ({ ...holdSeats(...seats), cart: FOR_ANNA })
const best = (quantity: number, wish: Partial<HoldBestAvailable> = {}): HoldBestAvailable => ({
  type: 'HoldBestAvailable',
  ...PLACE,
  quantity,
  atLeast: quantity,
  worstStep: 'any',
  categories: [],
  accessible: false,
  cart: FOR_ANNA,
  ...wish,
})
const part = (holdId: HoldId, seats: readonly number[], change: Partial<SeatsHeld> = {}): SeatsHeld =>
  held(holdId, seats, UNTIL, { extensionsLeft: 0, cartId: CART, attempt: 3, ...change })
const refused: PartRefused = { type: 'PartRefused', ...PLACE, cartId: CART, attempt: 3 }
const PART = holdNamed('part', 500)
const hasPart = at(500, part(PART, [4, 5]))
const LONG_AFTER = 10 * TTL_MS

describe('A part of a cart', () => {
  it('is held for the buyer of the cart, and says of which try it is', () => {
    given(open)
      .when(seatsForCart(4, 5), asking(SYSTEM))
      .then(part(newHold(500), [4, 5]))
    given(open)
      .when(best(2), asking(SYSTEM))
      .then(part(newHold(500), [0, 1], { step: 'adjacent-no-orphan' }))
  })

  it('is asked for by nobody but a cart', () => {
    for (const actor of [ANNA, ORGANISER]) given(open).when(seatsForCart(4), asking(actor)).thenRejected({ code: 'NOT_PERMITTED' })
  })

  it('is refused with an event beside the reason, so that the cart hears of it', () => {
    given(open, at(100, held(holdNamed('bernd', 100), [5], 100 + TTL_MS, { buyer: BERND.id })))
      .when(seatsForCart(4, 5), asking(SYSTEM))
      .thenRejected(
        {
          code: 'SEAT_UNAVAILABLE',
          conflicts: [{ seat: seatsOf(5)[0] as never, reason: 'held', sinceMs: epochMillis(100), mayFreeAtMs: epochMillis(100 + TTL_MS) }],
        },
        refused,
      )
    given().when(seatsForCart(4), asking(SYSTEM)).thenRejected({ code: 'SECTION_NOT_OPEN' }, refused)
  })

  it('keeps to the terms of sale for its buyer, as a hold of the buyer would', () => {
    given(at(1, opened({ saleStartsAtMs: epochMillis(900) })))
      .when(seatsForCart(4), asking(SYSTEM))
      .thenRejected({ code: 'SALE_NOT_OPEN', opensAtMs: epochMillis(900), closedAtMs: null }, refused)
    given(at(1, opened({ sectionLimit: 1 })))
      .when(seatsForCart(4, 5), asking(SYSTEM))
      .thenRejected({ code: 'SECTION_LIMIT', limit: 1, have: 0, asked: 2 }, refused)
    given(at(1, opened({ orphanRule: 'strict' })))
      .when(seatsForCart(1, 2), asking(SYSTEM))
      .thenRejected({ code: 'ORPHAN_SEAT', seats: seatsOf(0), alternative: seatsOf(2, 3) }, refused)
    given(at(1, opened({ orphanRule: 'strict' })))
      .when({ ...holdSeats(1, 2), cart: { ...FOR_ANNA, buyerKind: 'organiser', buyer: ORGANISER.id } }, asking(SYSTEM))
      .then(part(newHold(500), [1, 2], { buyer: ORGANISER.id }))
    given(open)
      .when(
        { ...holdSeats(1, 2), cart: { ...FOR_ANNA, buyerKind: 'organiser', buyer: 'acct_stranger' } },
        { ...asking(SYSTEM), organisation: 'org_circus' },
      )
      .thenRejected({ code: 'NOT_PERMITTED' }, refused)
  })

  it('takes fewer seats where the cart would have fewer, and says how many there were where it would not', () => {
    const nearlyFull = at(100, held(holdNamed('bernd', 100), [0, 1, 2, 3, 4, 5, 6, 7, 8], LONG_AFTER, { buyer: BERND.id }))
    given(open, nearlyFull)
      .when(best(4, { atLeast: 1 }), asking(SYSTEM))
      .then(part(newHold(500), [9, 10, 11], { step: 'adjacent-no-orphan' }))
    given(open, nearlyFull).when(best(4), asking(SYSTEM)).thenRejected({ code: 'NOT_ENOUGH_SEATS', asked: 4, have: 3 }, refused)
  })

  it('says by which step it could be had where a later one is not wanted', () => {
    const inTheMiddle = at(100, held(holdNamed('bernd', 100), [3, 4, 5, 6, 7, 8], LONG_AFTER, { buyer: BERND.id }))
    given(open, inTheMiddle)
      .when(best(4, { worstStep: 'adjacent' }), asking(SYSTEM))
      .thenRejected({ code: 'SEATS_NOT_TOGETHER', asked: 4, have: 6, step: 'split-rows' }, refused)
    given(open, inTheMiddle)
      .when(best(4, { worstStep: 'split-rows' }), asking(SYSTEM))
      .then(part(newHold(500), [0, 1, 9, 10], { step: 'split-rows' }))
  })

  it('does not end by itself: its seats are taken until the cart says otherwise', () => {
    given(open, hasPart).when({ type: 'Tick' }, asking(SYSTEM, LONG_AFTER)).thenNothing()
    given(open, hasPart)
      .when(holdSeats(5), asking(BERND, LONG_AFTER))
      .thenRejected({
        code: 'SEAT_UNAVAILABLE',
        conflicts: [{ seat: seatsOf(5)[0] as never, reason: 'held', sinceMs: epochMillis(500), mayFreeAtMs: epochMillis(UNTIL) }],
      })
    given(open, hasPart)
      .when({ type: 'SellHold', holdId: PART }, asking(SYSTEM, LONG_AFTER))
      .then(sold(PART, 4, 5))
  })

  it('is extended, released and sold by its cart', () => {
    const later = epochMillis(UNTIL + 400)
    given(open, hasPart)
      .when({ type: 'ExtendPart', holdId: PART, expiresAtMs: later }, asking(SYSTEM))
      .then(extended(PART, later, 0))
    given(open, hasPart)
      .when({ type: 'ReleaseHold', holdId: PART }, asking(SYSTEM))
      .then(released(PART, 4, 5))
    given(open, hasPart, at(600, released(PART, 4, 5)))
      .when({ type: 'ReleaseHold', holdId: PART }, asking(SYSTEM, 700))
      .thenNothing()
    given(open, hasPart, at(600, sold(PART, 4, 5)))
      .when({ type: 'SellHold', holdId: PART }, asking(SYSTEM, 700))
      .thenNothing()
  })

  it('does not exist to its buyer, to the organiser, or to anybody else', () => {
    for (const actor of [ANNA, ORGANISER, BERND])
      for (const type of ['ExtendHold', 'ReleaseHold'] as const)
        given(open, hasPart).when({ type, holdId: PART }, asking(actor)).thenRejected({ code: 'HOLD_NOT_FOUND' })
    given(open, hasPart).when({ type: 'SellHold', holdId: PART }, asking(ORGANISER)).thenRejected({ code: 'HOLD_NOT_FOUND' })
  })

  it('counts towards the limits of its buyer', () => {
    given(at(1, opened({ purchaseLimit: 3 })), hasPart)
      .when(holdSeats(0, 1), asking(ANNA))
      .thenRejected({ code: 'PURCHASE_LIMIT', limit: 3, have: 2, asked: 2 })
  })

  it('is no hold that somebody could extend as a part', () => {
    const own = holdNamed('own', 500)
    given(open, at(500, held(own, [4], UNTIL)))
      .when({ type: 'ExtendPart', holdId: own, expiresAtMs: epochMillis(UNTIL + 1) }, asking(SYSTEM))
      .thenRejected({ code: 'NOT_PERMITTED' })
  })
})
