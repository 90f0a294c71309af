import assert from 'node:assert/strict'
import { deserialize, serialize } from 'node:v8'
import type { CartEvent, CartPart } from '@cavea/contracts/cart/messages'
import { epochMillis } from '@cavea/contracts/ids'
import { BEST_AVAILABLE_STEPS } from '@cavea/contracts/seats'
import { START_MS } from '@cavea/event-log/testing/scripted-chains'
import fc from 'fast-check'
import { ORGANISATION, scriptHall } from '../testing/scripted-hall.ts'
import { type CartState, type CartStateOptions, createCartState } from './cart-state.ts'
import { CLOSED_HOLD_KEPT_MS } from './closed-holds.ts'

const AT_MS = epochMillis(START_MS)
const hall = scriptHall('Hall', 4, ORGANISATION, 2_500)
const PARTS = [hall.part('a', 'stalls', [1, 2], 3), hall.part('b', 'floor~1', [0], 4)]

const held = (name: string, parts: readonly CartPart[] = PARTS): CartEvent => hall.cartHeld(name, parts, 'buyer_1')
const ended = (type: 'CartReleased' | 'CartExpired' | 'CartSold', name: string): CartEvent => hall.cartEnded(type, name, PARTS)

function given(...decisions: readonly (readonly CartEvent[])[]): CartState {
  return givenWith({}, ...decisions)
}
function givenWith(options: CartStateOptions, ...decisions: readonly (readonly CartEvent[])[]): CartState {
  const state = createCartState(options)
  for (const events of decisions) state.apply(events, AT_MS)
  return state
}
const statusOf = (state: CartState, name: string): string | undefined => state.cart(hall.cartId(name))?.status

describe('The cart state', () => {
  it('knows a cart from the moment that it has all its parts', () => {
    const { performanceId } = hall
    const holdId = hall.cartId('one')
    const [part] = PARTS
    assert.ok(part)
    const granted: CartEvent = { type: 'PartGranted', holdId, performanceId, attempt: 1, part, have: 2 }
    const state = given([granted])
    assert.equal(state.cart(holdId), undefined)
    state.apply([{ ...granted, attempt: 2 }, held('one')], AT_MS)
    assert.deepEqual(state.cart(holdId), {
      holdId,
      performanceId,
      buyer: 'buyer_1',
      organisation: ORGANISATION,
      status: 'held',
      parts: PARTS,
      expiresAtMs: AT_MS + 600_000,
      extensionsLeft: 1,
    })
  })

  it('never hears of a cart that was refused', () => {
    const { performanceId } = hall
    const holdId = hall.cartId('one')
    const sectionId = PARTS[0]?.sectionId ?? assert.fail()
    const denied: CartEvent = {
      type: 'PartDenied',
      holdId,
      performanceId,
      attempt: 1,
      sectionId,
      code: 'SEAT_UNAVAILABLE',
      have: 0,
      step: '',
    }
    const state = given([denied, { type: 'CartRefused', holdId, performanceId, parts: [] }])
    assert.deepEqual([state.cart(holdId), state.cartCount()], [undefined, 0])
  })

  it('tells what became of each cart', () => {
    const names = ['kept', 'sold', 'released', 'expired']
    const state = given(
      names.map((name) => held(name)),
      [ended('CartSold', 'sold')],
      [ended('CartReleased', 'released')],
      [ended('CartExpired', 'expired')],
    )
    assert.deepEqual(
      names.map((name) => statusOf(state, name)),
      ['held', 'sold', 'released', 'expired'],
    )
  })

  it('gives an extended cart its new expiry', () => {
    const state = given([held('one')], [hall.cartExtended('one', PARTS, AT_MS + 1_200_000)])
    const { expiresAtMs, extensionsLeft, status } = state.cart(hall.cartId('one')) ?? {}
    assert.deepEqual([expiresAtMs, extensionsLeft, status], [AT_MS + 1_200_000, 0, 'held'])
  })

  it('refuses no fact: ends and extensions of carts that it never heard of change nothing', () => {
    const state = given([ended('CartSold', 'one'), ended('CartExpired', 'one'), hall.cartExtended('one', PARTS, AT_MS)])
    assert.equal(state.cartCount(), 0)
  })

  it('forgets a released cart after 24 hours of log time, and never a sold one', () => {
    const state = given([held('sold'), held('released')], [ended('CartSold', 'sold')], [ended('CartReleased', 'released')])
    state.apply([held('later')], epochMillis(AT_MS + CLOSED_HOLD_KEPT_MS - 1))
    assert.equal(statusOf(state, 'released'), 'released')
    state.apply([held('latest')], epochMillis(AT_MS + CLOSED_HOLD_KEPT_MS))
    assert.deepEqual([statusOf(state, 'released'), statusOf(state, 'sold')], [undefined, 'sold'])
  })

  it('keeps no more closed carts than it may, the youngest', () => {
    const state = createCartState({ closedHoldsMax: 3 })
    for (let cart = 0; cart < 50; cart++) {
      state.apply([held(`cart ${cart}`)], AT_MS)
      state.apply([ended('CartExpired', `cart ${cart}`)], AT_MS)
    }
    assert.equal(state.cartCount(), 3)
    assert.deepEqual(
      [46, 47, 49].map((cart) => statusOf(state, `cart ${cart}`)),
      [undefined, 'expired', 'expired'],
    )
  })

  const name = fc.nat(5).map((number) => `cart ${number}`)
  const part: fc.Arbitrary<CartPart> = fc
    .tuple(
      fc.constantFrom(...hall.streamIds),
      fc.array(fc.nat(900), { maxLength: 4 }),
      fc.nat(9),
      fc.constantFrom('', ...BEST_AVAILABLE_STEPS),
    )
    .map(([streamId, seats, priceRevision, step]) => ({ ...hall.part('part', streamId, seats, priceRevision), step }))
  const anyEvent: fc.Arbitrary<CartEvent> = fc.oneof(
    fc.tuple(name, fc.array(part, { maxLength: 4 })).map(([of, parts]) => held(of, parts)),
    fc.tuple(name, fc.nat(1_000_000)).map(([of, laterMs]) => hall.cartExtended(of, [], AT_MS + laterMs)),
    fc.tuple(fc.constantFrom('CartReleased', 'CartExpired', 'CartSold'), name).map(([type, of]) => ended(type, of)),
  )
  const anyDecisions = fc.array(fc.array(anyEvent, { maxLength: 3 }), { maxLength: 40 })

  it('goes on from its written form as if it had never stopped', () => {
    fc.assert(
      fc.property(anyDecisions, anyDecisions, (before, after) => {
        const uninterrupted = givenWith({ closedHoldsMax: 2 }, ...before)
        const from = deserialize(serialize(uninterrupted.toColumns())) as ReturnType<CartState['toColumns']>
        const resumed = createCartState({ closedHoldsMax: 2, from })
        const names = Array.from({ length: 6 }, (_, number) => hall.cartId(`cart ${number}`))
        for (const events of [[], ...after]) {
          uninterrupted.apply(events, AT_MS)
          resumed.apply(events, AT_MS)
          for (const cartId of names) assert.deepEqual(resumed.cart(cartId), uninterrupted.cart(cartId))
        }
        assert.deepEqual(resumed.toColumns(), uninterrupted.toColumns())
      }),
    )
  })

  it('writes ids that many carts share once', () => {
    const { names } = given([held('one'), held('two'), held('three')]).toColumns().carts
    assert.deepEqual([...names].sort(), [hall.performanceId, ORGANISATION, 'floor~1', 'stalls'].sort())
  })
})
