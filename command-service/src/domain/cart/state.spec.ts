import assert from 'node:assert/strict'
import type { CartEvent } from '@cavea/contracts/cart/messages'
import { epochMillis } from '@cavea/contracts/ids'
import { ORGANISATION } from '../specification.ts'
import { ANNA, askedForChosen, CART, CHOSEN, CHOSEN_PARTS, cartOpened, denied, held, OF_CART, refused, STALLS } from './examples.ts'
import { type CartsState, evolve, initialState } from './state.ts'

const WHOLE = { ...OF_CART, parts: CHOSEN_PARTS } as const
const opening = [cartOpened(CHOSEN), askedForChosen(1)]
const annaHas = [...opening, held(CHOSEN_PARTS, 1_100)]

/** What these events leave, each of which came ten milliseconds after the one before. */
function after(...events: readonly CartEvent[]): CartsState {
  const state = initialState()
  for (const [turn, event] of events.entries()) evolve(state, event, epochMillis(100 + 10 * turn))
  return state
}

describe('The state of carts', () => {
  it('remembers of a cart that ended how and when it did, and whose it was', () => {
    const known = { buyer: ANNA.id, organisation: ORGANISATION }
    const endedAfter = (...events: readonly CartEvent[]) => [...after(...events).ended.values()]
    assert.deepEqual(endedAfter(...annaHas, { type: 'CartReleased', ...WHOLE }), [{ status: 'released', ...known, atMs: 130 }])
    assert.deepEqual(endedAfter(...annaHas, { type: 'CartExpired', ...WHOLE }), [{ status: 'expired', ...known, atMs: 130 }])
    assert.deepEqual(endedAfter(...opening, refused()), [{ status: 'released', ...known, atMs: 120 }])
    assert.deepEqual(endedAfter(...annaHas, { type: 'CartSold', ...WHOLE }), [])
  })

  it('refuses a log that contradicts itself, and says in what', () => {
    const notOpening = `The log speaks of ${CART}, which is not being opened.`
    const notHeld = `The log speaks of ${CART}, which was never held or which ended.`
    const released = { type: 'CartReleased', ...WHOLE } as const
    const contradictions: readonly (readonly [string, ...CartEvent[]])[] = [
      [`The log opens ${CART} twice.`, ...opening, cartOpened(CHOSEN)],
      [`The log opens ${CART} twice.`, ...annaHas, cartOpened(CHOSEN)],
      [notOpening, askedForChosen(1)],
      [notOpening, ...annaHas, denied(1, STALLS, 'NOT_ENOUGH_SEATS')],
      [notHeld, ...opening, released],
      [notHeld, ...annaHas, released, { type: 'CartSold', ...WHOLE }],
    ]
    for (const [message, ...events] of contradictions) assert.throws(() => after(...events), new Error(message))
  })
})
