import type { HoldId, SectionId } from '@cavea/contracts/ids'
import { epochMillis, seatIndex } from '@cavea/contracts/ids'
import type { SeatConflict } from '@cavea/contracts/rejections'
import { at, specification } from '../specification.ts'
import { seating } from './decider.ts'
import {
  ANNA,
  BERND,
  blocked,
  blockNamed,
  commandNamed,
  expired,
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
  TERMS,
  TTL_MS,
} from './examples.ts'

const given = specification(seating)
const open = at(1, opened())
const conflict = (seat: number, reason: SeatConflict['reason'], sinceMs: number, mayFreeAtMs: number | null = null): SeatConflict => ({
  seat: seatIndex(seat),
  reason,
  sinceMs: epochMillis(sinceMs),
  mayFreeAtMs: mayFreeAtMs === null ? null : epochMillis(mayFreeAtMs),
})

const BALCONY = 'balcony' as SectionId

/** Anna holds seats 1 and 2 from 100 until 1,100. */
const HOLD = holdNamed('anna', 100)
const annaHolds = at(100, held(HOLD, [1, 2], 100 + TTL_MS))
const END = 100 + TTL_MS

describe('Holding seats', () => {
  it('holds free seats until the time to live is over, at the current price list', () => {
    given(open)
      .when(holdSeats(3, 4), { actor: ANNA, at: 500 })
      .then(held(newHold(500), [3, 4], 500 + TTL_MS))
  })

  it('is for buyers of every organisation, since they belong to none', () => {
    given(open)
      .when(holdSeats(3, 4), { actor: ANNA, at: 500, organisation: '' })
      .then(held(newHold(500), [3, 4], 500 + TTL_MS))
  })

  it('tells the sections of one performance apart', () => {
    const both = [open, at(2, { ...opened(), sectionId: BALCONY })]
    for (const sectionId of [PLACE.sectionId, BALCONY])
      given(...both, annaHolds)
        .when({ ...holdSeats(3), sectionId }, { actor: ANNA, at: 500 })
        .then({ ...held(newHold(500, sectionId), [3], 1_500), sectionId })
    given(...both, annaHolds)
      .when({ ...holdSeats(1), sectionId: BALCONY }, { actor: BERND, at: 500 })
      .then({ ...held(newHold(500, BALCONY), [1], 1_500, { buyer: BERND.id }), sectionId: BALCONY })
  })

  it('never holds longer than the maximum, however long the time to live', () => {
    given(at(1, opened({ holdTtlMs: 10_000, holdMaxMs: 1_600 })))
      .when(holdSeats(3), { actor: ANNA, at: 500 })
      .then(held(newHold(500), [3], 2_100))
  })

  it('takes the terms of the last revision for new holds', () => {
    const terms = { ...TERMS, priceRevision: 9, holdTtlMs: 50, extensions: 0 }
    given(open, at(2, { type: 'SectionRevised', ...PLACE, revision: 2, terms }))
      .when(holdSeats(3), { actor: ANNA, at: 500 })
      .then(held(newHold(500), [3], 550, { priceRevision: 9, extensionsLeft: 0 }))
  })

  it('rejects a section that was never opened', () => {
    const elsewhere = { ...holdSeats(1), sectionId: 'balcony' as SectionId }
    given(open).when(elsewhere, { actor: ANNA, at: 500 }).thenRejected({ code: 'SECTION_NOT_OPEN' })
    given().when(holdSeats(1), { actor: ANNA, at: 500 }).thenRejected({ code: 'SECTION_NOT_OPEN' })
  })

  it('rejects no seats, a seat named twice, and seats that the section does not have', () => {
    for (const seats of [[], [1, 1], [12], [-1], [1.5], [Number.NaN], [0, 12]])
      given(open)
        .when(holdSeats(...seats), { actor: ANNA, at: 500 })
        .thenRejected({ code: 'SEAT_NOT_FOUND' })
  })

  it('knows the first and the last seat', () => {
    given(open)
      .when(holdSeats(0, 11), { actor: ANNA, at: 500 })
      .then(held(newHold(500), [0, 11], 1_500))
  })

  it('holds all or nothing, and says of every seat in the way why, since when and until when', () => {
    const hold = holdNamed('sold', 100)
    given(open, annaHolds, at(110, held(hold, [3], 1_110)), at(120, sold(hold, 3)), at(130, blocked(blockNamed('stage', 130), 5)))
      .when(holdSeats(0, 2, 3, 5), { actor: BERND, at: 500 })
      .thenRejected({
        code: 'SEAT_UNAVAILABLE',
        conflicts: [conflict(2, 'held', 100, END), conflict(3, 'sold', 120), conflict(5, 'blocked', 130)],
      })
  })

  it('rejects a second hold of the same buyer on a seat that he holds', () => {
    given(open, annaHolds)
      .when(holdSeats(1), { actor: ANNA, at: 500 })
      .thenRejected({ code: 'SEAT_UNAVAILABLE', conflicts: [conflict(1, 'held', 100, END)] })
  })

  it('names the later expiry after an extension, and still since when the seat was held', () => {
    given(open, annaHolds, at(300, extended(HOLD, 1_500, 1)))
      .when(holdSeats(1), { actor: BERND, at: 1_499 })
      .thenRejected({ code: 'SEAT_UNAVAILABLE', conflicts: [conflict(1, 'held', 100, 1_500)] })
  })

  it('finds a seat held in the last millisecond before the expiry, and free in the very millisecond, with the lapse recorded first', () => {
    given(open, annaHolds)
      .when(holdSeats(2), { actor: BERND, at: END - 1 })
      .thenRejected({ code: 'SEAT_UNAVAILABLE', conflicts: [conflict(2, 'held', 100, END)] })
    given(open, annaHolds)
      .when(holdSeats(2), { actor: BERND, at: END })
      .then(expired(HOLD, 1, 2), held(newHold(END), [2], END + TTL_MS, { buyer: BERND.id }))
  })

  it('records a lapse once, however many of its seats are asked for', () => {
    given(open, annaHolds)
      .when(holdSeats(1, 2, 3), { actor: ANNA, at: END })
      .then(expired(HOLD, 1, 2), held(newHold(END), [1, 2, 3], END + TTL_MS))
  })

  it('records the lapses that it met also when another seat is in the way', () => {
    given(open, annaHolds, at(900, held(holdNamed('bernd', 900), [4], 1_900, { buyer: BERND.id })))
      .when(holdSeats(1, 4), { actor: ANNA, at: END })
      .thenRejected({ code: 'SEAT_UNAVAILABLE', conflicts: [conflict(4, 'held', 900, 1_900)] }, expired(HOLD, 1, 2))
  })

  it('gives out seats again that were released', () => {
    given(open, annaHolds, at(200, released(HOLD, 1, 2)))
      .when(holdSeats(1), { actor: BERND, at: 300 })
      .then(held(newHold(300), [1], 1_300, { buyer: BERND.id }))
  })
})

describe('The same hold again, after the memory of its id was lost', () => {
  const again = { actor: ANNA, at: 5_000, commandId: commandNamed('anna') }

  it('writes nothing while the hold lives, or has lapsed without a record', () => {
    given(open, annaHolds)
      .when(holdSeats(1, 2), { ...again, at: 200 })
      .thenNothing()
    given(open, annaHolds).when(holdSeats(1, 2), again).thenNothing()
  })

  it('writes nothing after it was sold, released or recorded as expired', () => {
    given(open, annaHolds, at(200, sold(HOLD, 1, 2)))
      .when(holdSeats(1, 2), again)
      .thenNothing()
    given(open, annaHolds, at(200, released(HOLD, 1, 2)))
      .when(holdSeats(1, 2), again)
      .thenNothing()
    given(open, annaHolds, at(END, expired(HOLD, 1, 2)))
      .when(holdSeats(1, 2), again)
      .thenNothing()
  })
})

describe('Limits', () => {
  it('lets a buyer hold as many seats as the limit says and not one more', () => {
    given(open)
      .when(holdSeats(0, 1, 2, 3), { actor: ANNA, at: 500 })
      .then(held(newHold(500), [0, 1, 2, 3], 1_500))
    given(open)
      .when(holdSeats(0, 1, 2, 3, 4), { actor: ANNA, at: 500 })
      .thenRejected({ code: 'SEATS_PER_HOLD', limit: 4, asked: 5 })
  })

  it('counts what a buyer holds and has bought against his limit, to the very seat', () => {
    const bought = holdNamed('bought', 50)
    const before = [at(1, opened({ purchaseLimit: 4 })), at(50, held(bought, [6], 1_050)), at(60, sold(bought, 6)), annaHolds]
    given(...before)
      .when(holdSeats(3), { actor: ANNA, at: 500 })
      .then(held(newHold(500), [3], 1_500))
    given(...before)
      .when(holdSeats(3, 4), { actor: ANNA, at: 500 })
      .thenRejected({ code: 'PURCHASE_LIMIT', limit: 4, have: 3, asked: 2 })
    given(...before)
      .when(holdSeats(3, 4), { actor: BERND, at: 500 })
      .then(held(newHold(500), [3, 4], 1_500, { buyer: BERND.id }))
  })

  it('counts what a buyer has in one section against the limit of sections, to the very seat', () => {
    const before = [at(1, opened({ sectionLimit: 3, purchaseLimit: null })), annaHolds]
    given(...before)
      .when(holdSeats(3), { actor: ANNA, at: 500 })
      .then(held(newHold(500), [3], 1_500))
    given(...before)
      .when(holdSeats(3, 4), { actor: ANNA, at: 500 })
      .thenRejected({ code: 'SECTION_LIMIT', limit: 3, have: 2, asked: 2 })
  })

  it('leaves what lapsed on other seats to the tick where no limit has to count it', () => {
    given(open, annaHolds)
      .when(holdSeats(3), { actor: ANNA, at: END })
      .then(held(newHold(END), [3], END + TTL_MS))
  })

  it('records what lapsed on other seats of the same buyer and section alone', () => {
    const balcony = at(1, { ...opened(), sectionId: BALCONY })
    const elsewhere = at(50, held(holdNamed('elsewhere', 50), [7], 60, { sectionId: BALCONY }))
    const bernds = at(50, held(holdNamed('bernd', 50), [5], 60, { buyer: BERND.id }))
    given(at(1, opened({ purchaseLimit: 2 })), balcony, elsewhere, bernds, annaHolds)
      .when(holdSeats(3, 4), { actor: ANNA, at: END })
      .then(expired(HOLD, 1, 2), held(newHold(END), [3, 4], END + TTL_MS))
  })

  it('does not count released holds', () => {
    given(at(1, opened({ purchaseLimit: 2 })), annaHolds, at(200, released(HOLD, 1, 2)))
      .when(holdSeats(3, 4), { actor: ANNA, at: 500 })
      .then(held(newHold(500), [3, 4], 1_500))
  })

  it('does not count a hold from the very millisecond in which it lapsed, and records that it lapsed', () => {
    const before = [at(1, opened({ purchaseLimit: 2 })), annaHolds]
    given(...before)
      .when(holdSeats(3), { actor: ANNA, at: END - 1 })
      .thenRejected({ code: 'PURCHASE_LIMIT', limit: 2, have: 2, asked: 1 })
    given(...before)
      .when(holdSeats(3, 4), { actor: ANNA, at: END })
      .then(expired(HOLD, 1, 2), held(newHold(END), [3, 4], END + TTL_MS))
    given(...before)
      .when(holdSeats(3, 4, 5), { actor: ANNA, at: END })
      .thenRejected({ code: 'PURCHASE_LIMIT', limit: 2, have: 0, asked: 3 }, expired(HOLD, 1, 2))
  })

  it("does not take another buyer's lapsed seats off the count", () => {
    const bernds = holdNamed('bernd', 50)
    given(at(1, opened({ purchaseLimit: 2 })), at(50, held(bernds, [5], 60, { buyer: BERND.id })), annaHolds)
      .when(holdSeats(5), { actor: ANNA, at: 500 })
      .thenRejected({ code: 'PURCHASE_LIMIT', limit: 2, have: 2, asked: 1 }, expired(bernds, 5))
  })

  it('does not bind the organiser', () => {
    given(at(1, opened({ purchaseLimit: 1, seatsPerHoldMax: 1, saleStartsAtMs: epochMillis(9_000) })))
      .when(holdSeats(0, 1, 2), { actor: ORGANISER, at: 500 })
      .then(held(newHold(500), [0, 1, 2], 1_500, { buyer: ORGANISER.id }))
  })

  it("does not let another organisation's organiser hold seats past every limit", () => {
    given(open).when(holdSeats(0), { actor: ORGANISER, at: 500, organisation: 'org_circus' }).thenRejected({ code: 'NOT_PERMITTED' })
  })
})

describe('The sale window', () => {
  const window = { saleStartsAtMs: epochMillis(500), saleEndsAtMs: epochMillis(600) }
  const refusal = { code: 'SALE_NOT_OPEN', opensAtMs: window.saleStartsAtMs, closedAtMs: window.saleEndsAtMs } as const
  const open = at(1, opened(window))

  it('opens in its first millisecond', () => {
    given(open).when(holdSeats(1), { actor: ANNA, at: 499 }).thenRejected(refusal)
    given(open)
      .when(holdSeats(1), { actor: ANNA, at: 500 })
      .then(held(newHold(500), [1], 1_500))
  })

  it('is closed from its end on', () => {
    given(open)
      .when(holdSeats(1), { actor: ANNA, at: 599 })
      .then(held(newHold(599), [1], 1_599))
    given(open).when(holdSeats(1), { actor: ANNA, at: 600 }).thenRejected(refusal)
  })

  it('may have only one side', () => {
    given(at(1, opened({ saleEndsAtMs: epochMillis(600) })))
      .when(holdSeats(1), { actor: ANNA, at: 2 })
      .then(held(newHold(2), [1], 1_002))
    given(at(1, opened({ saleStartsAtMs: epochMillis(500) })))
      .when(holdSeats(1), { actor: ANNA, at: 1e12 })
      .then(held(newHold(1e12), [1], 1e12 + TTL_MS))
  })

  it('does not end a hold: it can be extended, sold and released after its end', () => {
    const hold = holdNamed('anna', 590)
    const annaHolds = at(590, held(hold, [1], 1_590))
    given(open, annaHolds).when({ type: 'SellHold', holdId: hold }, { actor: SYSTEM, at: 700 }).then(sold(hold, 1))
    given(open, annaHolds).when({ type: 'ReleaseHold', holdId: hold }, { actor: ANNA, at: 700 }).then(released(hold, 1))
    given(open, annaHolds)
      .when({ type: 'ExtendHold', holdId: hold }, { actor: ANNA, at: 700 })
      .then(extended(hold, 1_990, 1))
  })
})

describe('The price list that a hold locks', () => {
  it('stays the one of its moment, whatever is revised later', () => {
    const before = [
      open,
      annaHolds,
      at(200, { type: 'SectionRevised', ...PLACE, revision: 2, terms: { ...TERMS, priceRevision: 4 } } as const),
    ]
    given(...before)
      .when(holdSeats(5), { actor: ANNA, at: 300 })
      .then(held(newHold(300), [5], 1_300, { priceRevision: 4 }))
    given(...before)
      .when({ type: 'ExtendHold', holdId: HOLD }, { actor: ANNA, at: 300 })
      .then(extended(HOLD, 1_500, 1))
  })
})

describe('What names a hold that never was', () => {
  it('is rejected alike by extend, release and sell', () => {
    const holdId = holdNamed('nobody', 1) as HoldId
    for (const type of ['ExtendHold', 'ReleaseHold', 'SellHold'] as const)
      given(open, annaHolds).when({ type, holdId }, { actor: ORGANISER, at: 500 }).thenRejected({ code: 'HOLD_NOT_FOUND' })
  })

  it('knows a hold by what derives from its command, so that its time need not be remembered', () => {
    const sameCommandAtAnotherTime = holdNamed('anna', 999)
    given(open, annaHolds)
      .when({ type: 'ReleaseHold', holdId: sameCommandAtAnotherTime }, { actor: ANNA, at: 500 })
      .then({ ...released(HOLD), seats: seatsOf(1, 2) })
  })
})
