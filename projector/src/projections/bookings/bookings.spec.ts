import assert from 'node:assert/strict'
import { epochMillis } from '@cavea/contracts/ids'
import { AT_MS, BLOCK, CART_HELD, CART_ID, HOLD, held, OF_CART, ofCarts, ofSeating, PLACE, SEATS } from '../decisions/fact.fixture.ts'
import { bookings } from './bookings.ts'

const UNTIL_MS = AT_MS + 600_000

describe('The tables of bookings', () => {
  it('have a row of a hold from the moment that it is granted', () => {
    const granted = {
      performance_id: 'perf_1',
      section_id: 'floor',
      stream_id: 'floor~2',
      buyer: 'buyer_1',
      status: 'held',
      seats: SEATS,
      quantity: 2,
      price_revision: 3,
      held_at: AT_MS,
      expires_at: UNTIL_MS,
      extensions_left: 1,
    }
    assert.deepEqual(ofSeating(bookings, [held()]), [
      { table: 'holds', key: ['hold_1'], set: { kind: 'section', cart_id: null, ...granted } },
    ])
    assert.deepEqual(ofSeating(bookings, [held(CART_ID)]), [
      { table: 'holds', key: ['hold_1'], set: { kind: 'part', cart_id: CART_ID, ...granted } },
    ])
  })

  it('change what is new when a hold is extended or ends', () => {
    const extended = { type: 'HoldExtended', ...PLACE, holdId: HOLD.holdId, expiresAtMs: epochMillis(UNTIL_MS), extensionsLeft: 0 } as const
    assert.deepEqual(ofSeating(bookings, [extended]), [
      { table: 'holds', key: ['hold_1'], set: { expires_at: UNTIL_MS, extensions_left: 0 } },
    ])
    for (const [type, status] of [
      ['HoldReleased', 'released'],
      ['HoldExpired', 'expired'],
    ] as const)
      assert.deepEqual(ofSeating(bookings, [{ type, ...HOLD }]), [{ table: 'holds', key: ['hold_1'], set: { status, ended_at: AT_MS } }])
  })

  it('have a sale with the price list that the hold had locked', () => {
    assert.deepEqual(ofSeating(bookings, [{ type: 'SeatsSold', ...HOLD, priceRevision: 3 }]), [
      { table: 'holds', key: ['hold_1'], set: { status: 'sold', ended_at: AT_MS } },
      {
        table: 'sales',
        key: ['hold_1'],
        set: {
          performance_id: 'perf_1',
          section_id: 'floor',
          stream_id: 'floor~2',
          seats: SEATS,
          quantity: 2,
          price_revision: 3,
          sold_at: AT_MS,
          command_id: 'cmd_1',
          correlation_id: 'cmd_0',
        },
      },
    ])
  })

  it('have a row of a cart, and no sale of it: its parts are sold', () => {
    assert.deepEqual(ofCarts(bookings, [CART_HELD]), [
      {
        table: 'holds',
        key: [CART_ID],
        set: {
          kind: 'cart',
          performance_id: 'perf_1',
          buyer: 'buyer_1',
          status: 'held',
          quantity: 4,
          held_at: AT_MS,
          expires_at: UNTIL_MS,
          extensions_left: 1,
        },
      },
    ])
    for (const [type, status] of [
      ['CartReleased', 'released'],
      ['CartExpired', 'expired'],
      ['CartSold', 'sold'],
    ] as const)
      assert.deepEqual(ofCarts(bookings, [{ type, ...OF_CART }]), [{ table: 'holds', key: [CART_ID], set: { status, ended_at: AT_MS } }])
    assert.deepEqual(ofCarts(bookings, [{ type: 'CartExtended', ...OF_CART, expiresAtMs: epochMillis(UNTIL_MS), extensionsLeft: 0 }]), [
      { table: 'holds', key: [CART_ID], set: { expires_at: UNTIL_MS, extensions_left: 0 } },
    ])
  })

  it('have nothing of carts that were refused, of blocks and of refusals', () => {
    assert.deepEqual(ofCarts(bookings, [{ type: 'CartRefused', ...OF_CART }], { code: 'PART_UNANSWERED' }), [])
    assert.deepEqual(ofSeating(bookings, [{ type: 'SeatsBlocked', ...BLOCK, note: '' }]), [])
    assert.deepEqual(ofSeating(bookings, [], { code: 'HOLD_EXPIRED' }), [])
  })
})
