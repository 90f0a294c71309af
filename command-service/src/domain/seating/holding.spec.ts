import type { Actor } from '@cavea/contracts/envelope'
import type { HoldBestAvailable } from '@cavea/contracts/seating/messages'
import { at, specification } from '../specification.ts'
import { seating } from './decider.ts'
import {
  ANNA,
  BERND,
  blocked,
  blockNamed,
  expired,
  GEOMETRY,
  held,
  holdNamed,
  holdSeats,
  newHold,
  ORGANISER,
  opened,
  PLACE,
  seatsOf,
  TTL_MS,
} from './examples.ts'

const given = specification(seating)
const open = at(1, opened())
const UNTIL = 500 + TTL_MS
const best = (quantity: number, wish: Partial<HoldBestAvailable> = {}): HoldBestAvailable => ({
  type: 'HoldBestAvailable',
  ...PLACE,
  quantity,
  atLeast: quantity,
  worstStep: 'any',
  categories: [],
  accessible: false,
  cart: null,
  ...wish,
})
const asking = (actor: Actor) => ({ actor, at: 500 })

/** Bernd has 2 and 3 of the one row of twelve, whose first seat is nearest to the stage. */
const BERNDS = holdNamed('bernd', 100)
const berndHolds = at(100, held(BERNDS, [2, 3], 100 + TTL_MS, { buyer: BERND.id }))

describe('Best available', () => {
  it('takes the seats side by side that are nearest to the stage, and says by which step', () => {
    given(open)
      .when(best(3), asking(ANNA))
      .then(held(newHold(500), [0, 1, 2], UNTIL, { step: 'adjacent-no-orphan' }))
  })

  it('goes farther rather than leave a single seat between', () => {
    given(open, berndHolds)
      .when(best(1), asking(ANNA))
      .then(held(newHold(500), [4], UNTIL, { step: 'adjacent-no-orphan' }))
    given(open, berndHolds)
      .when(best(2), asking(ANNA))
      .then(held(newHold(500), [0, 1], UNTIL, { step: 'adjacent-no-orphan' }))
  })

  it('counts the seats of a lapsed hold as free, and records the lapse first', () => {
    given(open, berndHolds)
      .when(best(4), { actor: ANNA, at: 100 + TTL_MS })
      .then(expired(BERNDS, 2, 3), held(newHold(100 + TTL_MS), [0, 1, 2, 3], 100 + 2 * TTL_MS, { step: 'adjacent-no-orphan' }))
  })

  it('splits a group where it does not fit side by side, and leaves nobody alone', () => {
    given(open, at(2, blocked(blockNamed('desk', 2), 3, 4, 5, 8, 9, 10, 11)))
      .when(best(4), asking(ANNA))
      .then(held(newHold(500), [0, 1, 6, 7], UNTIL, { step: 'split-rows' }))
  })

  it('has nothing where there are not enough seats, none of the category, or no place for a wheelchair', () => {
    given(open, at(2, blocked(blockNamed('desk', 2), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)))
      .when(best(3), asking(ANNA))
      .thenRejected({ code: 'NOT_ENOUGH_SEATS', asked: 3, have: 2 })
    given(open)
      .when(best(2, { categories: ['Balcony'] }), asking(ANNA))
      .thenRejected({ code: 'NOT_ENOUGH_SEATS', asked: 2, have: 0 })
    given(open)
      .when(best(1, { accessible: true }), asking(ANNA))
      .thenRejected({ code: 'NOT_ENOUGH_SEATS', asked: 1, have: 12 })
  })

  it('keeps to the category that is wished, also where it says how many seats there are', () => {
    const category = GEOMETRY.category.map((_, seat) => (seat < 6 ? 0 : 1))
    const twoCategories = at(1, { ...opened(), geometry: { ...GEOMETRY, categories: ['Premium', 'Stalls'], category } })
    given(twoCategories)
      .when(best(2, { categories: ['Stalls'] }), asking(ANNA))
      .then(held(newHold(500), [6, 7], UNTIL, { step: 'adjacent-no-orphan' }))
    given(twoCategories, at(2, blocked(blockNamed('desk', 2), 7, 8, 9, 10, 11)))
      .when(best(2, { categories: ['Stalls'] }), asking(ANNA))
      .thenRejected({ code: 'NOT_ENOUGH_SEATS', asked: 2, have: 1 })
  })

  it('counts what it found against the limits, or what was wished where it found nothing', () => {
    const threeLeft = at(2, blocked(blockNamed('desk', 2), 0, 1, 2, 3, 4, 5, 6, 7, 8))
    given(at(1, opened({ purchaseLimit: 3 })), threeLeft)
      .when(best(4, { atLeast: 1 }), asking(ANNA))
      .then(held(newHold(500), [9, 10, 11], UNTIL, { step: 'adjacent-no-orphan' }))
    given(at(1, opened({ purchaseLimit: 3 })), threeLeft)
      .when(best(4), asking(ANNA))
      .thenRejected({ code: 'PURCHASE_LIMIT', limit: 3, have: 0, asked: 4 })
  })

  it('keeps the limits of holds that are chosen by hand', () => {
    given(open).when(best(5), asking(ANNA)).thenRejected({ code: 'SEATS_PER_HOLD', limit: 4, asked: 5 })
    given(at(1, opened({ purchaseLimit: 2 })))
      .when(best(3), asking(ANNA))
      .thenRejected({ code: 'PURCHASE_LIMIT', limit: 2, have: 0, asked: 3 })
    given(open)
      .when(best(5), asking(ORGANISER))
      .then(held(newHold(500), [0, 1, 2, 3, 4], UNTIL, { buyer: ORGANISER.id, step: 'adjacent-no-orphan' }))
  })
})

describe('The rule against single empty seats', () => {
  const lenient = at(1, opened({ orphanRule: 'lenient' }))
  const strict = at(1, opened({ orphanRule: 'strict' }))

  it('does not ask when it is off', () => {
    given(open)
      .when(holdSeats(1, 2), asking(ANNA))
      .then(held(newHold(500), [1, 2], UNTIL))
  })

  it('names the seat that would be left alone and a choice that leaves none', () => {
    for (const rule of [lenient, strict])
      given(rule)
        .when(holdSeats(1, 2), asking(ANNA))
        .thenRejected({ code: 'ORPHAN_SEAT', seats: seatsOf(0), alternative: seatsOf(2, 3) })
  })

  it('lets a choice pass that leaves none', () => {
    given(strict)
      .when(holdSeats(2, 3), asking(ANNA))
      .then(held(newHold(500), [2, 3], UNTIL))
  })

  it('gives way where it is lenient and nothing else is free, and never where it is strict', () => {
    const block = at(2, blocked(blockNamed('desk', 2), 3, 4, 5, 6, 7, 8, 9, 10, 11))
    given(lenient, block)
      .when(holdSeats(0, 1), asking(ANNA))
      .then(held(newHold(500), [0, 1], UNTIL))
    given(strict, block)
      .when(holdSeats(0, 1), asking(ANNA))
      .thenRejected({ code: 'ORPHAN_SEAT', seats: seatsOf(2), alternative: [] })
    given(strict, block).when(best(2), asking(ANNA)).thenRejected({ code: 'NOT_ENOUGH_SEATS', asked: 2, have: 3 })
  })

  it('does not bind the box office', () => {
    given(strict)
      .when(holdSeats(1, 2), asking(ORGANISER))
      .then(held(newHold(500), [1, 2], UNTIL, { buyer: ORGANISER.id }))
  })

  it('does not keep the box office from the only seats that are left', () => {
    const pairs = at(2, blocked(blockNamed('desk', 2), 2, 5, 8, 9, 10, 11))
    given(strict, pairs).when(best(3), asking(ANNA)).thenRejected({ code: 'NOT_ENOUGH_SEATS', asked: 3, have: 6 })
    given(strict, pairs)
      .when(best(3), asking(ORGANISER))
      .then(held(newHold(500), [0, 1, 3], UNTIL, { buyer: ORGANISER.id, step: 'any' }))
  })

  it('says first which seats are taken', () => {
    given(strict, berndHolds)
      .when(holdSeats(1, 2), asking(ANNA))
      .thenRejected({
        code: 'SEAT_UNAVAILABLE',
        conflicts: [{ seat: seatsOf(2)[0] as never, reason: 'held', sinceMs: 100 as never, mayFreeAtMs: (100 + TTL_MS) as never }],
      })
  })
})

describe('A table that is sold whole', () => {
  /** Eight seats in a row, and a table of four behind it. */
  const row = GEOMETRY.row.map((_, seat) => (seat < 8 ? 0 : 1))
  const withTable = at(1, { ...opened(), geometry: { ...GEOMETRY, row, wholeTables: [1] } })

  it('is not to be had in part, and the chairs that the choice lacks are named', () => {
    given(withTable)
      .when(holdSeats(9, 10), asking(ANNA))
      .thenRejected({ code: 'TABLE_SOLD_WHOLE', seats: seatsOf(8, 11) })
  })

  it('is to be had whole, and does not bind those who sit elsewhere', () => {
    for (const seats of [
      [8, 9, 10, 11],
      [1, 2],
    ])
      given(withTable)
        .when(holdSeats(...seats), asking(ANNA))
        .then(held(newHold(500), seats, UNTIL))
  })

  it('does not bind the box office', () => {
    given(withTable)
      .when(holdSeats(9, 10), asking(ORGANISER))
      .then(held(newHold(500), [9, 10], UNTIL, { buyer: ORGANISER.id }))
  })

  it('is first of all taken where somebody has it', () => {
    given(withTable, at(100, held(BERNDS, [9], 100 + TTL_MS, { buyer: BERND.id })))
      .when(holdSeats(9, 10), asking(ANNA))
      .thenRejected({
        code: 'SEAT_UNAVAILABLE',
        conflicts: [{ seat: seatsOf(9)[0] as never, reason: 'held', sinceMs: 100 as never, mayFreeAtMs: (100 + TTL_MS) as never }],
      })
  })
})
