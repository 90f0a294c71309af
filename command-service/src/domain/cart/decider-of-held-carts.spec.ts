import assert from 'node:assert/strict'
import type { CartEvent, CartTerms } from '@cavea/contracts/cart/messages'
import { epochMillis } from '@cavea/contracts/ids'
import { at, type Recorded, specification } from '../specification.ts'
import { cart } from './decider.ts'
import {
  ANNA,
  askedForChosen,
  BERND,
  CART,
  CHOSEN,
  CHOSEN_PARTS,
  cartOf,
  cartOpened,
  commandNamed,
  granted,
  held,
  inTurn,
  OF_CART,
  ORGANISER,
  refused,
  SYSTEM,
  TERMS,
  TICK,
} from './examples.ts'
import { ANSWER_WITHIN_MS } from './state.ts'

const given = specification(cart)
const STRANGER = { organisation: 'org_circus' } as const
const [FIRST, SECOND, THIRD] = CHOSEN_PARTS as [never, never, never]
const WHOLE = { ...OF_CART, parts: CHOSEN_PARTS } as const

/** Anna's cart, which she has from 170 until 1,170. */
const HELD_MS = 170
const END = HELD_MS + TERMS.holdTtlMs
const opening = (terms: Partial<CartTerms> = {}) => [
  cartOpened(CHOSEN, terms),
  askedForChosen(1),
  granted(1, FIRST),
  askedForChosen(2),
  granted(2, SECOND),
  askedForChosen(3),
  granted(3, THIRD),
]
const annaHas = (terms: Partial<CartTerms> = {}, change: Partial<ReturnType<typeof held>> = {}) =>
  inTurn(...opening(terms), held(CHOSEN_PARTS, END, change))
const extended = (expiresAtMs: number, extensionsLeft: number) =>
  ({ type: 'CartExtended', ...WHOLE, expiresAtMs: epochMillis(expiresAtMs), extensionsLeft }) as const
const SOLD = { type: 'CartSold', ...WHOLE } as const
const RELEASED = { type: 'CartReleased', ...WHOLE } as const
const EXPIRED = { type: 'CartExpired', ...WHOLE } as const

const extend = { type: 'ExtendCart', holdId: CART } as const
const release = { type: 'ReleaseCart', holdId: CART } as const
const sell = { type: 'SellCart', holdId: CART } as const

describe('Extending a cart', () => {
  it('moves its end by the extension, with all its parts, and uses one up', () => {
    given(...annaHas())
      .when(extend, { actor: ANNA, at: 500 })
      .then(extended(END + 400, 1))
  })

  it('is capped by the longest life of a hold', () => {
    given(...annaHas(), at(300, extended(END + 400, 1)))
      .when(extend, { actor: ANNA, at: 500 })
      .then(extended(HELD_MS + TERMS.holdMaxMs, 0))
  })

  it('is refused when it would gain nothing or none is left', () => {
    given(...annaHas({ extensions: 5 }, { extensionsLeft: 5 }), at(300, extended(HELD_MS + TERMS.holdMaxMs, 4)))
      .when(extend, { actor: ANNA, at: 500 })
      .thenRejected({ code: 'HOLD_NOT_EXTENDABLE', extensionsLeft: 4 })
    given(...annaHas({}, { extensionsLeft: 0 }))
      .when(extend, { actor: ANNA, at: 500 })
      .thenRejected({ code: 'HOLD_NOT_EXTENDABLE', extensionsLeft: 0 })
  })

  it('is refused when it is sold', () => {
    given(...annaHas(), at(300, SOLD))
      .when(extend, { actor: ANNA, at: 500 })
      .thenRejected({ code: 'HOLD_SOLD' })
  })
})

describe('Releasing a cart', () => {
  it('gives every part back', () => {
    given(...annaHas())
      .when(release, { actor: ANNA, at: 500 })
      .then(RELEASED)
  })

  it('records nothing when it is released already', () => {
    given(...annaHas(), at(300, RELEASED))
      .when(release, { actor: ANNA, at: 500 })
      .thenNothing()
  })

  it('is refused when it is sold', () => {
    given(...annaHas(), at(300, SOLD))
      .when(release, { actor: ANNA, at: 500 })
      .thenRejected({ code: 'HOLD_SOLD' })
  })
})

describe('Selling a cart', () => {
  it('sells every part, for the organiser and for the system', () => {
    for (const actor of [ORGANISER, SYSTEM])
      given(...annaHas())
        .when(sell, { actor, at: 500 })
        .then(SOLD)
  })

  it('is not for buyers, not even of their own', () => {
    given(...annaHas())
      .when(sell, { actor: ANNA, at: 500 })
      .thenRejected({ code: 'NOT_PERMITTED' })
  })

  it('records nothing when it is sold already, however long ago', () => {
    given(...annaHas(), at(300, SOLD))
      .when(sell, { actor: ORGANISER, at: END + 1_000_000 })
      .thenNothing()
  })

  it('is refused when it was released', () => {
    given(...annaHas(), at(300, RELEASED))
      .when(sell, { actor: ORGANISER, at: 500 })
      .thenRejected({ code: 'HOLD_RELEASED' })
  })
})

describe('The end of a cart', () => {
  const commands = [
    [extend, ANNA],
    [release, ANNA],
    [sell, ORGANISER],
  ] as const

  it('is the very millisecond of its expiry, which is recorded by whoever comes then', () => {
    given(...annaHas())
      .when(extend, { actor: ANNA, at: END - 1 })
      .then(extended(END + 400, 1))
    given(...annaHas())
      .when(release, { actor: ANNA, at: END - 1 })
      .then(RELEASED)
    given(...annaHas())
      .when(sell, { actor: ORGANISER, at: END - 1 })
      .then(SOLD)
    for (const [command, actor] of commands)
      given(...annaHas())
        .when(command, { actor, at: END })
        .thenRejected({ code: 'HOLD_EXPIRED' }, EXPIRED)
  })

  it('stays known when it has been recorded', () => {
    for (const [command, actor] of commands)
      given(...annaHas(), at(END, EXPIRED))
        .when(command, { actor, at: END + 1 })
        .thenRejected({ code: 'HOLD_EXPIRED' })
  })

  it('is recorded by a tick, not before its time, and once', () => {
    given(...annaHas())
      .when(TICK, { actor: SYSTEM, at: END - 1 })
      .thenNothing()
    given(...annaHas())
      .when(TICK, { actor: SYSTEM, at: END })
      .then(EXPIRED)
    given(...annaHas(), at(END, EXPIRED))
      .when(TICK, { actor: SYSTEM, at: END + 1 })
      .thenNothing()
  })

  it('is later when it was extended', () => {
    const later = at(300, extended(END + 400, 1))
    given(...annaHas(), later)
      .when(TICK, { actor: SYSTEM, at: END + 399 })
      .thenNothing()
    given(...annaHas(), later)
      .when(TICK, { actor: SYSTEM, at: END + 400 })
      .then(EXPIRED)
  })

  it('never comes when it was sold', () => {
    given(...annaHas(), at(300, SOLD))
      .when(TICK, { actor: SYSTEM, at: END + 1_000_000 })
      .thenNothing()
  })

  it('is recorded for all that lapsed together, the earliest first', () => {
    const of = (name: string) => ({ holdId: cartOf(commandNamed(name), 100), openedBy: commandNamed(name) })
    const has = (name: string, expiresAtMs: number) =>
      inTurn(...opening(), held(CHOSEN_PARTS, expiresAtMs)).map(({ atMs, event }) => at(atMs, { ...event, ...of(name) }))
    given(...has('late', END + 2), ...has('early', END), ...has('later', END + 3), ...has('next', END + 1))
      .when(TICK, { actor: SYSTEM, at: END + 2 })
      .then(
        { ...EXPIRED, holdId: of('early').holdId },
        { ...EXPIRED, holdId: of('next').holdId },
        { ...EXPIRED, holdId: of('late').holdId },
      )
  })
})

describe('A cart of somebody else', () => {
  it('does not exist for other buyers and other organisations, whatever became of it', () => {
    const stories = [[], [at(300, SOLD)], [at(300, RELEASED)], [at(END, EXPIRED)]]
    for (const story of stories) {
      for (const command of [extend, release, sell])
        given(...annaHas(), ...story)
          .when(command, { actor: ORGANISER, at: END + 5, ...STRANGER })
          .thenRejected({ code: 'HOLD_NOT_FOUND' })
      for (const command of [extend, release])
        given(...annaHas(), ...story)
          .when(command, { actor: BERND, at: END + 5 })
          .thenRejected({ code: 'HOLD_NOT_FOUND' })
    }
  })

  it('can be extended and released by its organiser', () => {
    given(...annaHas())
      .when(extend, { actor: ORGANISER, at: 500 })
      .then(extended(END + 400, 1))
    given(...annaHas())
      .when(release, { actor: ORGANISER, at: 500 })
      .then(RELEASED)
  })
})

describe('A cart that is no hold', () => {
  it('is not found while it is being opened', () => {
    for (const command of [extend, release, sell])
      given(...inTurn(...opening()))
        .when(command, { actor: ORGANISER, at: 500 })
        .thenRejected({ code: 'HOLD_NOT_FOUND' })
  })

  it('is not found when there never was one', () => {
    for (const command of [extend, release, sell])
      given().when(command, { actor: ORGANISER, at: 500 }).thenRejected({ code: 'HOLD_NOT_FOUND' })
  })

  it('is as good as released when it was refused', () => {
    const refusedCart = inTurn(cartOpened(CHOSEN), askedForChosen(1), refused())
    given(...refusedCart)
      .when(extend, { actor: ANNA, at: 500 })
      .thenRejected({ code: 'HOLD_RELEASED' })
    given(...refusedCart)
      .when(release, { actor: ANNA, at: 500 })
      .thenNothing()
  })
})

describe('What falls due next', () => {
  const stateAfter = (...events: readonly Recorded<CartEvent>[]) => {
    const state = cart.initialState()
    for (const { atMs, event } of events) cart.evolve(state, event, atMs)
    return state
  }
  const bernds = (...events: readonly CartEvent[]) =>
    inTurn(...events).map(({ atMs, event }) => at(atMs, { ...event, holdId: cartOf(commandNamed('bernd'), 100) }))

  it('is the end of a cart, or of the time that a section has to answer, whichever comes first', () => {
    const waitsUntil = 110 + ANSWER_WITHIN_MS
    assert.equal(cart.nextDueMs(stateAfter(...annaHas())), END)
    assert.equal(cart.nextDueMs(stateAfter(...bernds(...opening().slice(0, 2)))), waitsUntil)
    assert.equal(cart.nextDueMs(stateAfter(...annaHas(), ...bernds(...opening().slice(0, 2)))), END)
    const muchLater = at(180, extended(waitsUntil + 1, 1))
    assert.equal(cart.nextDueMs(stateAfter(...annaHas(), muchLater, ...bernds(...opening().slice(0, 2)))), waitsUntil)
  })

  it('is nothing when no cart is held or opened', () => {
    assert.equal(cart.nextDueMs(stateAfter()), null)
    for (const ended of [SOLD, RELEASED, EXPIRED]) assert.equal(cart.nextDueMs(stateAfter(...annaHas(), at(END, ended))), null)
    assert.equal(cart.nextDueMs(stateAfter(...inTurn(cartOpened(CHOSEN), askedForChosen(1), refused()))), null)
  })
})
