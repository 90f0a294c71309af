import assert from 'node:assert/strict'
import { epochMillis } from '@cavea/contracts/ids'
import type { SeatingCommand, SeatingEvent } from '@cavea/contracts/seating/messages'
import { at, type Recorded, specification } from '../specification.ts'
import { seating } from './decider.ts'
import {
  ANNA,
  BERND,
  blocked,
  blockNamed,
  blockSeats,
  commandNamed,
  expired,
  extended,
  GEOMETRY,
  held,
  holdNamed,
  newBlock,
  ORGANISER,
  opened,
  PLACE,
  released,
  SEAT_COUNT,
  SYSTEM,
  seatsOf,
  sold,
  TERMS,
  TTL_MS,
  unblocked,
} from './examples.ts'

const given = specification(seating)
const open = at(1, opened())
const STRANGER = { organisation: 'org_circus' } as const

/** Anna holds seats 1 and 2 from 100 until 1,100. */
const HOLD = holdNamed('anna', 100)
const END = 100 + TTL_MS
const annaHolds = at(100, held(HOLD, [1, 2], END))
const annaBought = at(200, sold(HOLD, 1, 2))
const annaReleased = at(200, released(HOLD, 1, 2))
const annaLapsed = at(END, expired(HOLD, 1, 2))

const extend: SeatingCommand = { type: 'ExtendHold', holdId: HOLD }
const release: SeatingCommand = { type: 'ReleaseHold', holdId: HOLD }
const sell: SeatingCommand = { type: 'SellHold', holdId: HOLD }

describe('Extending a hold', () => {
  it('moves its end by the extension, and uses one up', () => {
    given(open, annaHolds)
      .when(extend, { actor: ANNA, at: 500 })
      .then(extended(HOLD, END + 400, 1))
  })

  it('is capped by the longest life of a hold', () => {
    given(open, annaHolds, at(300, extended(HOLD, END + 400, 1)))
      .when(extend, { actor: ANNA, at: 500 })
      .then(extended(HOLD, 100 + TERMS.holdMaxMs, 0))
  })

  it('is refused when it would gain nothing, and uses nothing up', () => {
    const before = [at(1, opened({ extensions: 5 })), at(100, held(HOLD, [1, 2], 1_700, { extensionsLeft: 5 }))]
    given(...before)
      .when(extend, { actor: ANNA, at: 500 })
      .thenRejected({ code: 'HOLD_NOT_EXTENDABLE', extensionsLeft: 5 })
  })

  it('is refused when all extensions are used up', () => {
    given(open, at(100, held(HOLD, [1], END, { extensionsLeft: 0 })))
      .when(extend, { actor: ANNA, at: 500 })
      .thenRejected({ code: 'HOLD_NOT_EXTENDABLE', extensionsLeft: 0 })
  })

  it('is possible in the last millisecond and not in the millisecond of expiry', () => {
    given(open, annaHolds)
      .when(extend, { actor: ANNA, at: END - 1 })
      .then(extended(HOLD, END + 400, 1))
    given(open, annaHolds)
      .when(extend, { actor: ANNA, at: END })
      .thenRejected({ code: 'HOLD_EXPIRED' }, expired(HOLD, 1, 2))
  })

  it('is refused for what was sold, released or recorded as expired', () => {
    given(open, annaHolds, annaBought).when(extend, { actor: ANNA, at: 500 }).thenRejected({ code: 'HOLD_SOLD' })
    given(open, annaHolds, annaReleased).when(extend, { actor: ANNA, at: 500 }).thenRejected({ code: 'HOLD_RELEASED' })
    given(open, annaHolds, annaLapsed).when(extend, { actor: ANNA, at: 2_000 }).thenRejected({ code: 'HOLD_EXPIRED' })
  })
})

describe('Releasing a hold', () => {
  it('frees its seats', () => {
    given(open, annaHolds)
      .when(release, { actor: ANNA, at: END - 1 })
      .then(released(HOLD, 1, 2))
  })

  it('again writes nothing', () => {
    given(open, annaHolds, annaReleased).when(release, { actor: ANNA, at: 500 }).thenNothing()
  })

  it('comes too late in the millisecond of expiry: the lapse is recorded instead', () => {
    given(open, annaHolds)
      .when(release, { actor: ANNA, at: END })
      .thenRejected({ code: 'HOLD_EXPIRED' }, expired(HOLD, 1, 2))
    given(open, annaHolds, annaLapsed).when(release, { actor: ANNA, at: END }).thenRejected({ code: 'HOLD_EXPIRED' })
  })

  it('is refused for sold seats, by whomever', () => {
    for (const actor of [ANNA, ORGANISER, SYSTEM])
      given(open, annaHolds, annaBought).when(release, { actor, at: 500 }).thenRejected({ code: 'HOLD_SOLD' })
  })
})

describe('Selling a hold', () => {
  it('is for the organiser and for the system, never for a buyer', () => {
    for (const actor of [ORGANISER, SYSTEM])
      given(open, annaHolds)
        .when(sell, { actor, at: 500 })
        .then(sold(HOLD, 1, 2))
    given(open, annaHolds).when(sell, { actor: ANNA, at: 500 }).thenRejected({ code: 'NOT_PERMITTED' })
  })

  it('again writes nothing', () => {
    given(open, annaHolds, annaBought).when(sell, { actor: SYSTEM, at: 500 }).thenNothing()
  })

  it('is possible in the last millisecond and not in the millisecond of expiry', () => {
    given(open, annaHolds)
      .when(sell, { actor: SYSTEM, at: END - 1 })
      .then(sold(HOLD, 1, 2))
    given(open, annaHolds)
      .when(sell, { actor: SYSTEM, at: END })
      .thenRejected({ code: 'HOLD_EXPIRED' }, expired(HOLD, 1, 2))
  })

  it('is refused for what was released or recorded as expired', () => {
    given(open, annaHolds, annaReleased).when(sell, { actor: SYSTEM, at: 500 }).thenRejected({ code: 'HOLD_RELEASED' })
    given(open, annaHolds, annaLapsed).when(sell, { actor: SYSTEM, at: 2_000 }).thenRejected({ code: 'HOLD_EXPIRED' })
  })

  it('is for good: sold seats do not lapse', () => {
    given(open, annaHolds, annaBought).when({ type: 'Tick' }, { actor: SYSTEM, at: 1e9 }).thenNothing()
    given(open, annaHolds, annaBought).when(sell, { actor: SYSTEM, at: 1e9 }).thenNothing()
  })
})

describe('A hold of somebody else', () => {
  it('does not exist to another buyer, whether it lives, lapsed, was sold or ended', () => {
    for (const command of [extend, release])
      for (const more of [[], [annaBought], [annaReleased], [annaLapsed]])
        for (const ms of [500, END])
          given(open, annaHolds, ...more)
            .when(command, { actor: BERND, at: ms })
            .thenRejected({ code: 'HOLD_NOT_FOUND' })
  })

  it('does not exist to the organiser of another organisation', () => {
    for (const command of [extend, release, sell])
      for (const more of [[], [annaBought], [annaReleased], [annaLapsed]])
        given(open, annaHolds, ...more)
          .when(command, { actor: ORGANISER, at: 500, ...STRANGER })
          .thenRejected({ code: 'HOLD_NOT_FOUND' })
  })

  it("may be extended and released by the seats' own organiser", () => {
    given(open, annaHolds)
      .when(release, { actor: ORGANISER, at: 500 })
      .then(released(HOLD, 1, 2))
    given(open, annaHolds)
      .when(extend, { actor: ORGANISER, at: 500 })
      .then(extended(HOLD, 1_500, 1))
  })
})

describe('Blocking seats', () => {
  it('takes free seats out of the sale, for their organiser alone', () => {
    given(open)
      .when(blockSeats(7, 8), { actor: ORGANISER, at: 500 })
      .then(blocked(newBlock(500), 7, 8))
    for (const asking of [{ actor: ANNA }, { actor: SYSTEM }, { actor: ORGANISER, ...STRANGER }])
      given(open)
        .when(blockSeats(7), { ...asking, at: 500 })
        .thenRejected({ code: 'NOT_PERMITTED' })
  })

  it('blocks all or nothing, and tells every conflict', () => {
    given(open, annaHolds, at(120, blocked(blockNamed('stage', 120), 5)))
      .when(blockSeats(0, 1, 5), { actor: ORGANISER, at: 500 })
      .thenRejected({
        code: 'SEAT_UNAVAILABLE',
        conflicts: [
          { seat: seatsOf(1)[0] as never, reason: 'held', sinceMs: epochMillis(100), mayFreeAtMs: epochMillis(END) },
          { seat: seatsOf(5)[0] as never, reason: 'blocked', sinceMs: epochMillis(120), mayFreeAtMs: null },
        ],
      })
  })

  it('records first what lapsed on the seats', () => {
    given(open, annaHolds)
      .when(blockSeats(2), { actor: ORGANISER, at: END })
      .then(expired(HOLD, 1, 2), blocked(newBlock(END), 2))
  })

  it('again, after the memory of its id was lost, writes nothing', () => {
    given(open, at(100, blocked(blockNamed('stage', 100), 7)))
      .when(blockSeats(7), { actor: ORGANISER, at: 900, commandId: commandNamed('stage') })
      .thenNothing()
  })

  it('rejects unknown sections, no seats, doubled seats and seats out of range', () => {
    given().when(blockSeats(1), { actor: ORGANISER, at: 5 }).thenRejected({ code: 'SECTION_NOT_OPEN' })
    for (const seats of [[], [1, 1], [SEAT_COUNT], [-1]])
      given(open)
        .when(blockSeats(...seats), { actor: ORGANISER, at: 5 })
        .thenRejected({ code: 'SEAT_NOT_FOUND' })
  })
})

describe('Unblocking seats', () => {
  const block = blockNamed('stage', 100)
  const unblock: SeatingCommand = { type: 'UnblockSeats', blockId: block }

  it('gives them back to the sale, for their organiser alone', () => {
    const before = [open, at(100, blocked(block, 7, 8))]
    given(...before)
      .when(unblock, { actor: ORGANISER, at: 500 })
      .then(unblocked(block, 7, 8))
    for (const asking of [{ actor: ANNA }, { actor: SYSTEM }, { actor: ORGANISER, ...STRANGER }])
      given(...before)
        .when(unblock, { ...asking, at: 500 })
        .thenRejected({ code: 'BLOCK_NOT_FOUND' })
  })

  it('finds no block that never was or is gone', () => {
    given(open).when(unblock, { actor: ORGANISER, at: 500 }).thenRejected({ code: 'BLOCK_NOT_FOUND' })
    given(open, at(100, blocked(block, 7)), at(200, unblocked(block, 7)))
      .when(unblock, { actor: ORGANISER, at: 500 })
      .thenRejected({ code: 'BLOCK_NOT_FOUND' })
  })
})

describe('Opening and revising a section', () => {
  const opening: SeatingCommand = { type: 'OpenSection', ...PLACE, revision: 1, seatCount: SEAT_COUNT, terms: TERMS, geometry: GEOMETRY }
  const revising = (revision: number, priceRevision = 4): SeatingCommand => ({
    type: 'ReviseSection',
    ...PLACE,
    revision,
    terms: { ...TERMS, priceRevision },
  })

  it('opens it for the organisation of the command', () => {
    given().when(opening, { actor: SYSTEM, at: 5 }).then(opened())
  })

  it('twice writes nothing, also when the section was revised since', () => {
    given(open).when(opening, { actor: SYSTEM, at: 5 }).thenNothing()
    given(open, at(2, { type: 'SectionRevised', ...PLACE, revision: 2, terms: TERMS }))
      .when(opening, { actor: SYSTEM, at: 5 })
      .thenNothing()
  })

  it('takes later revisions only', () => {
    const second = at(2, { type: 'SectionRevised', ...PLACE, revision: 3, terms: TERMS } as const)
    given(open, second)
      .when(revising(4), { actor: SYSTEM, at: 5 })
      .then({ type: 'SectionRevised', ...PLACE, revision: 4, terms: { ...TERMS, priceRevision: 4 } })
    given(open, second).when(revising(3), { actor: SYSTEM, at: 5 }).thenNothing()
    given(open, second).when(revising(2), { actor: SYSTEM, at: 5 }).thenNothing()
  })

  it('does not revise what is not open', () => {
    given().when(revising(2), { actor: SYSTEM, at: 5 }).thenRejected({ code: 'SECTION_NOT_OPEN' })
  })

  it('is the system’s alone', () => {
    for (const actor of [ANNA, ORGANISER])
      for (const command of [opening, revising(2)]) given(open).when(command, { actor, at: 5 }).thenRejected({ code: 'NOT_PERMITTED' })
  })
})

describe('A tick', () => {
  it('expires what lapsed at its time or before, the earliest first, and nothing else', () => {
    const [first, second, third] = [holdNamed('1', 100), holdNamed('2', 100), holdNamed('3', 100)]
    given(open, at(100, held(second, [2], 300)), at(100, held(first, [1], 200)), at(100, held(third, [3], 301)))
      .when({ type: 'Tick' }, { actor: SYSTEM, at: 300 })
      .then(expired(first, 1), expired(second, 2))
  })

  it('expires a hold that lapses after another one was extended past it', () => {
    const bernds = holdNamed('bernd', 110)
    given(open, annaHolds, at(110, held(bernds, [3], END + 10)), at(300, extended(HOLD, END + 400, 1)))
      .when({ type: 'Tick' }, { actor: SYSTEM, at: END + 10 })
      .then(expired(bernds, 3))
  })

  it('too early records nothing', () => {
    given(open, annaHolds)
      .when({ type: 'Tick' }, { actor: SYSTEM, at: END - 1 })
      .thenNothing()
  })

  it('records at most 1,000 lapses, the earliest ones', () => {
    const names = Array.from({ length: 1_200 }, (_, n) => n)
    const holds = names.map((n) => at(100, held(holdNamed(`n${n}`, 100), [n], 5_000 - n)))
    given(at(1, { ...opened(), seatCount: 1_200 }), ...holds)
      .when({ type: 'Tick' }, { actor: SYSTEM, at: 5_000 })
      .then(
        ...names
          .slice(200)
          .reverse()
          .map((n) => expired(holdNamed(`n${n}`, 100), n)),
      )
  })
})

describe('What falls due next', () => {
  const dueAfter = (...events: readonly Recorded<SeatingEvent>[]): number | null => {
    const state = seating.initialState()
    for (const { atMs, event } of events) seating.evolve(state, event, atMs)
    return seating.nextDueMs(state)
  }

  it('is the end of the hold that ends first', () => {
    const bernds = at(110, held(holdNamed('bernd', 110), [3], END + 10))
    assert.equal(dueAfter(open, annaHolds, bernds), END)
    assert.equal(dueAfter(open, annaHolds, bernds, at(300, extended(HOLD, END + 400, 1))), END + 10)
    assert.equal(dueAfter(open, annaHolds, bernds, annaReleased), END + 10)
  })

  it('is nothing where nothing is held, and for parts of carts, which end with their cart', () => {
    assert.equal(dueAfter(open), null)
    for (const ended of [annaBought, annaReleased, annaLapsed]) assert.equal(dueAfter(open, annaHolds, ended), null)
    const part = held(HOLD, [1, 2], END, { cartId: holdNamed('cart', 90) })
    assert.equal(dueAfter(open, at(100, part), at(300, extended(HOLD, END + 400, 0))), null)
  })
})
