import assert from 'node:assert/strict'
import type { Actor } from '@cavea/contracts/envelope'
import { epochMillis, type SectionId } from '@cavea/contracts/ids'
import type { HoldBestAvailable, SectionTerms } from '@cavea/contracts/seating/messages'
import fc from 'fast-check'
import { at, givenOf, specification } from '../specification.ts'
import { seating } from './decider.ts'
import {
  ANNA,
  BERND,
  commandNamed,
  expired,
  GEOMETRY,
  held,
  holdNamed,
  holdSeats,
  newHold,
  opened,
  PLACE,
  released,
  SYSTEM,
  TTL_MS,
} from './examples.ts'

const given = specification(seating)
const PLACES = 6
const NOWHERE = { ...GEOMETRY, row: [], x: [], y: [], category: [], type: [] }
const floor = (terms: Partial<SectionTerms> = {}, seatCount = PLACES) => ({ ...opened(terms), seatCount, geometry: NOWHERE })
const open = at(1, floor())
const UNTIL = 500 + TTL_MS
const asking = (actor: Actor, ms = 500) => ({ actor, at: ms })
const places = (quantity: number, atLeast = quantity): HoldBestAvailable => ({
  type: 'HoldBestAvailable',
  ...PLACE,
  quantity,
  atLeast,
  worstStep: 'any',
  categories: [],
  accessible: false,
  cart: null,
})
const BERNDS = holdNamed('bernd', 100)

describe('A standing area', () => {
  it('gives its lowest free places, and fills the gaps that others leave', () => {
    given(open)
      .when(places(3), asking(ANNA))
      .then(held(newHold(500), [0, 1, 2], UNTIL))
    given(open, at(100, held(BERNDS, [0, 1], UNTIL, { buyer: BERND.id })))
      .when(places(2), asking(ANNA))
      .then(held(newHold(500), [2, 3], UNTIL))
    const first = holdNamed('first', 50)
    given(open, at(50, held(first, [0, 1], UNTIL)), at(100, held(BERNDS, [2, 3], UNTIL)), at(200, released(first, 0, 1)))
      .when(places(4), asking(ANNA))
      .then(held(newHold(500), [0, 1, 4, 5], UNTIL))
  })

  it('gives all or says how many there are', () => {
    given(open, at(100, held(BERNDS, [0, 1, 2], UNTIL, { buyer: BERND.id })))
      .when(places(4), asking(ANNA))
      .thenRejected({ code: 'NOT_ENOUGH_SEATS', asked: 4, have: 3 })
  })

  it('gives places of a hold that has just lapsed, after recording that it did', () => {
    given(open, at(100, held(BERNDS, [0, 1, 2], 400, { buyer: BERND.id })))
      .when(places(4), asking(ANNA))
      .then(expired(BERNDS, 0, 1, 2), held(newHold(500), [3, 4, 5, 0], UNTIL))
  })

  it('gives no places of holds that lapsed in another area', () => {
    const elsewhere = { sectionId: 'gallery' as SectionId }
    const lapsed = at(100, held(BERNDS, [0, 1, 2], 400, elsewhere))
    given(open, at(1, { ...floor(), ...elsewhere }), at(100, held(holdNamed('full', 100), [0, 1, 2, 3], UNTIL)), lapsed)
      .when(places(4), asking(ANNA))
      .thenRejected({ code: 'NOT_ENOUGH_SEATS', asked: 4, have: 2 })
  })

  it('knows no single empty seat, whatever the rule of its performance', () => {
    given(at(1, floor({ orphanRule: 'strict' })))
      .when(places(1), asking(ANNA))
      .then(held(newHold(500), [0], UNTIL))
    given(at(1, floor({ orphanRule: 'strict' })))
      .when(holdSeats(1), asking(ANNA))
      .then(held(newHold(500), [1], UNTIL))
  })

  it('has its places once, whatever comes and goes', () => {
    const step = fc.record({
      what: fc.constantFrom('hold', 'release', 'sell', 'tick'),
      quantity: fc.integer({ min: 1, max: 4 }),
      which: fc.nat(30),
      afterMs: fc.nat(400),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const state = seating.initialState()
        seating.evolve(state, floor({}, 12), epochMillis(1))
        let now = 1
        for (const [at, { what, quantity, which, afterMs }] of steps.entries()) {
          now += afterMs
          const holds = [...state.holds.values()]
          const holdId = holds[which % Math.max(1, holds.length)]?.holdId ?? BERNDS
          const command =
            what === 'hold'
              ? places(quantity)
              : what === 'tick'
                ? ({ type: 'Tick' } as const)
                : ({ type: what === 'sell' ? 'SellHold' : 'ReleaseHold', holdId } as const)
          const actor = what === 'hold' ? ANNA : SYSTEM
          const asked = givenOf(command.type, { actor, at: now, commandId: commandNamed(`step ${at}`) })
          const free = countFree(state, now)
          const { events, rejection } = seating.decide(command, state, asked)
          if (what === 'hold') assert.equal(rejection === null, quantity <= free, `${quantity} of ${free}`)
          for (const event of events) seating.evolve(state, event, asked.now) // Throws where a place would have two owners.
        }
      }),
    )
  })
})

function countFree(state: ReturnType<typeof seating.initialState>, now: number): number {
  const taken = [...state.holds.values()].filter((hold) => hold.status === 'sold' || hold.expiresAtMs > now)
  return 12 - taken.reduce((sum, { seats }) => sum + seats.length, 0)
}
