import assert from 'node:assert/strict'
import { deserialize, serialize } from 'node:v8'
import { type BlockId, epochMillis, type HoldId, type PerformanceId, type SectionId, seatIndex } from '@cavea/contracts/ids'
import type { SeatingEvent, SeatsHeld, SectionTerms } from '@cavea/contracts/seating/messages'
import fc from 'fast-check'
import { NO_GEOMETRY } from '../testing/scripted-hall.ts'
import { CLOSED_HOLD_KEPT_MS } from './closed-holds.ts'
import { createSeatState, SEAT_STATUSES, type SeatState, type SeatStateOptions } from './seat-state.ts'

const PERFORMANCE = 'perf_1' as PerformanceId
const STALLS = 'stalls' as SectionId
const AT_MS = epochMillis(1_790_000_000_000)
const SEATS = 6
const inStalls = { performanceId: PERFORMANCE, sectionId: STALLS }
const seatsOf = (...seats: number[]) => seats.map(seatIndex)

const opened = (seatCount = SEATS, revision = 1): SeatingEvent => ({
  type: 'SectionOpened',
  ...inStalls,
  organisation: 'org_default',
  revision,
  seatCount,
  terms: {} as SectionTerms,
  geometry: NO_GEOMETRY,
})
const held = (holdId: string, ...seats: number[]): SeatsHeld => ({
  type: 'SeatsHeld',
  ...inStalls,
  holdId: holdId as HoldId,
  buyer: 'buyer_1',
  seats: seatsOf(...seats),
  expiresAtMs: epochMillis(AT_MS + 600_000),
  extensionsLeft: 1,
  priceRevision: 3,
  step: '',
  cartId: '',
  attempt: 0,
})
const CART = 'hold_of_a_cart' as HoldId
const heldForCart = (holdId: string, ...seats: number[]): SeatingEvent => ({ ...held(holdId, ...seats), cartId: CART, attempt: 1 })
const ofHold = (type: 'HoldReleased' | 'HoldExpired' | 'SeatsSold', holdId: string, ...seats: number[]): SeatingEvent =>
  ({
    type,
    ...inStalls,
    holdId: holdId as HoldId,
    seats: seatsOf(...seats),
    ...(type === 'SeatsSold' ? { priceRevision: 3 } : {}),
  }) as SeatingEvent
const ofBlock = (type: 'SeatsBlocked' | 'SeatsUnblocked', ...seats: number[]): SeatingEvent => {
  const block = { ...inStalls, blockId: 'block_1' as BlockId, seats: seatsOf(...seats) }
  return type === 'SeatsBlocked' ? { type, ...block, note: '' } : { type, ...block }
}

function given(...decisions: readonly (readonly SeatingEvent[])[]): SeatState {
  return givenWith({}, ...decisions)
}
function givenWith(options: SeatStateOptions, ...decisions: readonly (readonly SeatingEvent[])[]): SeatState {
  const state = createSeatState(options)
  for (const events of decisions) state.apply(events, AT_MS)
  return state
}

function seen(state: SeatState): { readonly statuses: string; readonly counts: readonly number[]; readonly version: number } {
  const section = state.section(PERFORMANCE, STALLS)
  assert.ok(section)
  const letters = SEAT_STATUSES.map((status) => status.charAt(0))
  return {
    statuses: Array.from(section.status, (code) => letters[code] ?? '?').join(''),
    counts: Array.from(section.counts),
    version: section.version,
  }
}

describe('The seat state', () => {
  it('shows a section that opened with all its seats available', () => {
    assert.deepEqual(seen(given([opened()])), { statuses: 'aaaaaa', counts: [6, 0, 0, 0], version: 1 })
  })

  it('shows seats held, then sold, with their hold', () => {
    const state = given([opened()], [held('hold_1', 1, 2)])
    assert.deepEqual(seen(state), { statuses: 'ahhaaa', counts: [4, 2, 0, 0], version: 2 })
    assert.equal(state.hold('hold_1')?.status, 'held')
    state.apply([ofHold('SeatsSold', 'hold_1', 1, 2)], AT_MS)
    assert.deepEqual(seen(state), { statuses: 'assaaa', counts: [4, 0, 2, 0], version: 3 })
    assert.deepEqual(state.hold('hold_1'), {
      holdId: 'hold_1',
      cartId: '',
      ...inStalls,
      seats: [1, 2],
      buyer: 'buyer_1',
      status: 'sold',
      expiresAtMs: AT_MS + 600_000,
      extensionsLeft: 1,
      priceRevision: 3,
    })
  })

  it('frees the seats of a released and of an expired hold, and still knows both holds', () => {
    const state = given(
      [opened()],
      [held('hold_1', 0)],
      [held('hold_2', 1)],
      [ofHold('HoldReleased', 'hold_1', 0)],
      [ofHold('HoldExpired', 'hold_2', 1)],
    )
    assert.deepEqual(seen(state).counts, [6, 0, 0, 0])
    assert.deepEqual([state.hold('hold_1')?.status, state.hold('hold_2')?.status], ['released', 'expired'])
  })

  it('takes the seats of a part as those of any hold, and knows its cart', () => {
    const state = given([opened()], [heldForCart('part_1', 1, 2)])
    assert.equal(seen(state).statuses, 'ahhaaa')
    assert.equal(state.hold('part_1')?.cartId, CART)
    state.apply([ofHold('HoldReleased', 'part_1', 1, 2)], AT_MS)
    assert.equal(seen(state).statuses, 'aaaaaa')
  })

  it('sees no change in a part that was refused', () => {
    const state = given([opened()], [held('hold_1', 0)])
    const before = state.toColumns()
    state.apply([{ type: 'PartRefused', ...inStalls, cartId: CART, attempt: 2 }], AT_MS)
    assert.deepEqual(state.toColumns(), before)
  })

  it('blocks and unblocks seats', () => {
    const state = given([opened()], [ofBlock('SeatsBlocked', 4, 5)])
    assert.deepEqual(seen(state), { statuses: 'aaaabb', counts: [4, 0, 0, 2], version: 2 })
    state.apply([ofBlock('SeatsUnblocked', 4)], AT_MS)
    assert.equal(seen(state).statuses, 'aaaaab')
  })

  it('gives an extended hold its new expiry without a new version of the section', () => {
    const state = given([opened()], [held('hold_1', 0)])
    const expiresAtMs = epochMillis(AT_MS + 1_200_000)
    state.apply([{ type: 'HoldExtended', ...inStalls, holdId: 'hold_1' as HoldId, expiresAtMs, extensionsLeft: 0 }], AT_MS)
    assert.deepEqual([state.hold('hold_1')?.expiresAtMs, state.hold('hold_1')?.extensionsLeft, seen(state).version], [expiresAtMs, 0, 2])
  })

  it('counts a decision once, however many events it has', () => {
    const state = given([opened()], [held('hold_1', 0)], [ofHold('HoldExpired', 'hold_1', 0), held('hold_2', 0)])
    assert.deepEqual(seen(state), { statuses: 'haaaaa', counts: [5, 1, 0, 0], version: 3 })
  })

  it('keeps what it knows when a section opens once more, and takes its new revision', () => {
    const state = given([opened()], [held('hold_1', 0)], [opened(SEATS, 2)])
    assert.deepEqual(seen(state), { statuses: 'haaaaa', counts: [5, 1, 0, 0], version: 2 })
    assert.equal(state.section(PERFORMANCE, STALLS)?.revision, 2)
  })

  it('refuses no fact: seats beyond the section, holds and sections it never heard of', () => {
    const state = given([held('early', 0)], [opened()], [held('hold_1', 5, 6, 99)], [ofHold('SeatsSold', 'unheard', 0)])
    assert.equal(seen(state).statuses, 'saaaah')
    assert.equal(state.hold('early')?.sectionId, STALLS)
  })

  it('forgets a released hold after 24 hours of log time, and never a sold one', () => {
    const state = given(
      [opened()],
      [held('released', 0)],
      [held('sold', 1)],
      [ofHold('SeatsSold', 'sold', 1)],
      [ofHold('HoldReleased', 'released', 0)],
    )
    state.apply([held('later', 2)], epochMillis(AT_MS + CLOSED_HOLD_KEPT_MS - 1))
    assert.ok(state.hold('released'))
    state.apply([held('latest', 3)], epochMillis(AT_MS + CLOSED_HOLD_KEPT_MS))
    assert.equal(state.hold('released'), undefined)
    assert.equal(state.hold('sold')?.status, 'sold')
  })

  it('keeps no more closed holds than it may, the youngest', () => {
    const state = givenWith({ closedHoldsMax: 3 }, [opened()])
    for (let hold = 0; hold < 5_000; hold++) {
      state.apply([held(`hold_${hold}`, 0)], AT_MS)
      state.apply([ofHold('HoldReleased', `hold_${hold}`, 0)], AT_MS)
    }
    assert.equal(state.holdCount(), 3)
    assert.deepEqual(
      [4_996, 4_997, 4_999].map((hold) => state.hold(`hold_${hold}`)?.status),
      [undefined, 'released', 'released'],
    )
  })

  const seats = fc.array(fc.nat(SEATS + 1), { minLength: 0, maxLength: 4 })
  const holdName = fc.nat(5).map((name) => `hold_${name}`)
  const anyEvent: fc.Arbitrary<SeatingEvent> = fc.oneof(
    fc.tuple(holdName, seats).map(([name, some]) => held(name, ...some)),
    fc.tuple(holdName, seats).map(([name, some]) => heldForCart(name, ...some)),
    fc
      .tuple(fc.constantFrom('HoldReleased', 'HoldExpired', 'SeatsSold'), holdName, seats)
      .map(([type, name, some]) => ofHold(type, name, ...some)),
    fc.tuple(fc.constantFrom('SeatsBlocked', 'SeatsUnblocked'), seats).map(([type, some]) => ofBlock(type, ...some)),
    fc.nat(8).map((seatCount) => opened(seatCount)),
  )
  const anyDecisions = fc.array(fc.array(anyEvent, { maxLength: 3 }), { maxLength: 60 })

  it('never loses a seat, whatever the events: available, held, sold and blocked add up to the capacity', () => {
    fc.assert(
      fc.property(anyDecisions, (decisions) => {
        const state = givenWith({ closedHoldsMax: 2 }, [opened()])
        let version = 1
        for (const events of decisions) {
          state.apply(events, AT_MS)
          const section = state.section(PERFORMANCE, STALLS)
          assert.ok(section)
          const recounted = SEAT_STATUSES.map((_, code) => Array.from(section.status).filter((status) => status === code).length)
          assert.deepEqual(Array.from(section.counts), recounted)
          assert.equal(
            recounted.reduce((sum, count) => sum + count, 0),
            section.capacity,
          )
          assert.ok(section.version >= version && section.version <= version + 1)
          version = section.version
        }
      }),
    )
  })

  it('goes on from its written form as if it had never stopped', () => {
    fc.assert(
      fc.property(anyDecisions, anyDecisions, (before, after) => {
        const uninterrupted = givenWith({ closedHoldsMax: 2 }, [opened()], ...before)
        const from = deserialize(serialize(uninterrupted.toColumns())) as ReturnType<SeatState['toColumns']>
        const resumed = createSeatState({ closedHoldsMax: 2, from })
        for (const events of after) {
          uninterrupted.apply(events, AT_MS)
          resumed.apply(events, AT_MS)
        }
        assert.deepEqual(resumed.toColumns(), uninterrupted.toColumns())
      }),
    )
  })
})
