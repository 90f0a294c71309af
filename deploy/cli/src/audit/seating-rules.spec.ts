import assert from 'node:assert/strict'
import { commandIdOf, epochMillis, holdIdOf } from '@cavea/contracts/ids'
import { recorded } from '@cavea/contracts/rejections'
import { assertBroken } from './broken.fixture.ts'
import { CIRCLE, PlantedCart } from './planted-carts.fixture.ts'
import { BUYER, FLOOR, FLOOR_0, FLOOR_1, HOLD_MS, ORGANISER, PlantedLog, SECTION, START_MS } from './planted-log.fixture.ts'

const REJECTED = { outcome: 'rejected', rejection: recorded({ code: 'NOT_ENOUGH_SEATS', asked: 2, have: 1 }) } as const

/** A cart that waits for two seats of the stalls. */
function waiting() {
  const log = new PlantedLog()
  log.open()
  log.open(CIRCLE)
  const cart = new PlantedCart(log)
  cart.open(cart.requested(1, SECTION, [0, 1]))
  return { log, cart }
}

/** The same, and the stalls hold the seats. */
function granted() {
  const { log, cart } = waiting()
  const { part } = cart.hold(1, SECTION, [0, 1])
  cart.parts.push(part)
  cart.record([cart.granted(1, part), cart.requested(2, CIRCLE, [5])])
  return { log, cart, part }
}

const refused = (cart: PlantedCart, attempt = 1) => ({ type: 'PartRefused', ...cart.log.section(), cartId: cart.holdId, attempt })
const extended = (cart: PlantedCart, toMs: number, extensionsLeft = 0) => {
  const [part] = cart.parts
  return { type: 'HoldExtended', ...cart.log.section(), holdId: part?.holdId, expiresAtMs: START_MS + toMs, extensionsLeft }
}

describe('The audit of standing areas', () => {
  it('takes each shard for a section of its own, with its share of the places', async () => {
    const log = new PlantedLog()
    log.open(FLOOR_0, 3)
    log.open(FLOOR_1, 2)
    const cart = new PlantedCart(log, { candidates: [FLOOR_0, FLOOR_1], quantity: 5 })
    cart.open(cart.requested(1, FLOOR_0, [], { quantity: 5, atLeast: 1 }))
    const first = cart.hold(1, FLOOR_0, [0, 1, 2]).part
    cart.record([cart.granted(1, first), cart.requested(2, FLOOR_1, [], { quantity: 2, atLeast: 1 })])
    const second = cart.hold(2, FLOOR_1, [0, 1]).part
    cart.parts.push(first, second)
    cart.record([cart.granted(2, second), cart.held()])
    const { breaks, partitions } = await log.audit()
    assert.deepEqual(breaks, [])
    const { sections, seats, unlisted } = partitions.find(({ context }) => context === 'seating') ?? assert.fail()
    assert.deepEqual({ sections, seats, unlisted }, { sections: 2, seats: { free: 0, held: 5, sold: 0, blocked: 0 }, unlisted: 0 })
  })

  it('finds a shard with other places than its share', async () => {
    const log = new PlantedLog()
    log.open(FLOOR_0, 3)
    await assertBroken(log, 'seating', 'I6', log.open(FLOOR_1, 3), /floor~1 is opened with 3 seats, but its performance has 2 there/)
  })

  it('finds an area that is opened once more beside its shards', async () => {
    const log = new PlantedLog()
    log.open(FLOOR_0, 3)
    await assertBroken(log, 'seating', 'I6', log.open(FLOOR, 5), /floor is opened with 5 seats, but its performance has none there/)
  })
})

describe('The audit of the parts of carts', () => {
  it('finds nothing where parts are refused, held beyond their first time, extended and sold', async () => {
    const { log, cart } = waiting()
    log.record('seating', [refused(cart)], REJECTED)
    cart.record([cart.denied(1, SECTION, 'NOT_ENOUGH_SEATS'), cart.whole('CartRefused')], REJECTED)
    const other = new PlantedCart(log, { commandId: 'open another' })
    const { stalls, circle } = other.openAndHold()
    const expiresAtMs = START_MS + 2 * HOLD_MS
    other.record([other.whole('CartExtended', { expiresAtMs, extensionsLeft: 0 })], { actor: BUYER })
    log.record('seating', [extended(other, 2 * HOLD_MS)])
    log.now = 2 * HOLD_MS - 1
    other.record([other.whole('CartSold')], { actor: ORGANISER })
    for (const { part } of [stalls, circle]) other.done('SeatsSold', part)
    const { breaks, underWay } = await log.audit()
    assert.deepEqual([breaks, underWay], [[], 0])
  })

  it('finds a part that expires by itself', async () => {
    const { log, cart, part } = granted()
    log.now = HOLD_MS
    await assertBroken(log, 'seating', 'I7', cart.done('HoldExpired', part), /expires, but it is a part of hold_.*no time of their own/)
  })

  it('finds a part that somebody else than its cart releases, sells or extends', async () => {
    const released = granted()
    const first = released.cart.done('HoldReleased', released.part, { actor: BUYER })
    await assertBroken(released.log, 'seating', 'I1', first, /is released by buyer_1, but it is a part of hold_/)
    const sold = granted()
    const second = sold.cart.done('SeatsSold', sold.part, { actor: ORGANISER })
    await assertBroken(sold.log, 'seating', 'I1', second, /is sold by organiser_1, but it is a part of hold_/)
    const { log, cart } = granted()
    const third = log.record('seating', [extended(cart, 2 * HOLD_MS)], { actor: BUYER })
    await assertBroken(log, 'seating', 'I1', third, /is extended by buyer_1, but it is a part of hold_/)
  })

  it('finds a part that has extensions of its own, and one whose time goes back', async () => {
    const own = granted()
    const first = own.log.record('seating', [extended(own.cart, 2 * HOLD_MS, 1)])
    await assertBroken(own.log, 'seating', 'I7', first, /has 1 extensions left/)
    const { log, cart } = granted()
    log.record('seating', [extended(cart, 2 * HOLD_MS)])
    const second = log.record('seating', [extended(cart, 2 * HOLD_MS - 1)])
    await assertBroken(log, 'seating', 'I7', second, /but its cart had given it until/)
  })

  it('finds a part that a buyer asks for, one without a try, and one of what is no cart', async () => {
    const byBuyer = waiting()
    const commandId = 'by a buyer'
    const holdId = holdIdOf(epochMillis(START_MS), byBuyer.log.place(), commandIdOf(commandId))
    const event = { ...byBuyer.log.held(holdId, [3]), cartId: byBuyer.cart.holdId, attempt: 1 }
    const first = byBuyer.log.record('seating', [event], { commandId, actor: BUYER })
    await assertBroken(byBuyer.log, 'seating', 'I1', first, /because buyer_1 asked, but only the cart may/)
    const untried = waiting()
    const second = untried.cart.hold(0, SECTION, [3]).offset
    await assertBroken(untried.log, 'seating', 'I1', second, /for attempt 0: carts count from 1/)
    const { log, cart } = waiting()
    const own = log.hold([7])
    await assertBroken(log, 'seating', 'I1', cart.hold(1, SECTION, [3], { cartId: own }).offset, /a part of hold_.*, which is no cart/)
  })

  it('finds a hold of its own that answers a try, and one whose id says that it is a cart', async () => {
    const answering = waiting()
    const first = answering.cart.hold(1, SECTION, [3], { cartId: '' }).offset
    await assertBroken(answering.log, 'seating', 'I1', first, /answers attempt 1, but of no cart/)
    const { log } = waiting()
    const commandId = 'as a cart'
    const holdId = holdIdOf(epochMillis(START_MS), { ...log.place(), kind: 'cart' }, commandIdOf(commandId))
    const second = log.record('seating', [log.held(holdId, [3])], { actor: BUYER, commandId })
    await assertBroken(log, 'seating', 'I1', second, /does not derive from the command/)
  })

  it('finds a refusal in a decision that refuses nothing, that goes on, or that nobody but a cart asked for', async () => {
    const accepted = waiting()
    const first = accepted.log.record('seating', [refused(accepted.cart)])
    await assertBroken(accepted.log, 'seating', 'I1', first, /but its decision is accepted/)
    const goingOn = waiting()
    const second = goingOn.log.record('seating', [refused(goingOn.cart), refused(goingOn.cart)], REJECTED)
    await assertBroken(goingOn.log, 'seating', 'I1', second, /goes on deciding after that/)
    const { log, cart } = waiting()
    const third = log.record('seating', [refused(cart)], { ...REJECTED, actor: BUYER })
    await assertBroken(log, 'seating', 'I1', third, /a part is refused of hold_.* because buyer_1 asked/)
  })
})
