import assert from 'node:assert/strict'
import type { CartEvent } from '@cavea/contracts/cart/messages'
import { commandIdOf, epochMillis, holdIdOf, keyOfId } from '@cavea/contracts/ids'
import { bucketOf, partitionOf } from '@cavea/contracts/partitioning'
import { recorded } from '@cavea/contracts/rejections'
import { assertBroken as assertBrokenIn } from './broken.fixture.ts'
import { CartRules } from './cart-rules.ts'
import type { Invariant } from './findings.ts'
import { CIRCLE, PlantedCart, type Wanted } from './planted-carts.fixture.ts'
import { BUYER, HOLD_MS, ORGANISER, PlantedLog, SECTION, START_MS } from './planted-log.fixture.ts'
import { SectionParts } from './section-parts.ts'

const REJECTED = { outcome: 'rejected', rejection: recorded({ code: 'PART_UNANSWERED' }) } as const
const STRANGER = { kind: 'buyer', id: 'buyer_2' } as const

const assertBroken = (log: PlantedLog, invariant: Invariant, offset: number, why: RegExp): Promise<void> =>
  assertBrokenIn(log, 'cart', invariant, offset, why)

/** Two open sections, and a cart that is not opened yet. */
function planned(wanted?: Wanted) {
  const log = new PlantedLog()
  log.open()
  log.open(CIRCLE)
  return { log, cart: new PlantedCart(log, wanted) }
}

/** The cart waits for two seats of the stalls, which hold them for it. */
function waiting(wanted?: Wanted) {
  const { log, cart } = planned(wanted)
  cart.open(cart.requested(1, SECTION, [0, 1]))
  const { part } = cart.hold(1, SECTION, [0, 1])
  return { log, cart, part }
}

/** The cart has those, and waits for one of the circle, which holds it for the cart. */
function halfDone() {
  const { log, cart, part } = waiting()
  cart.parts.push(part)
  cart.record([cart.granted(1, part), cart.requested(2, CIRCLE, [5])])
  return { log, cart, stalls: part, circle: cart.hold(2, CIRCLE, [5]).part }
}

function held() {
  const { log, cart } = planned()
  const { stalls } = cart.openAndHold()
  return { log, cart, part: stalls.part }
}

describe('The audit of carts', () => {
  it('finds nothing in carts that are opening, held, sold, released, expired and refused, and counts them', async () => {
    const { log } = planned()
    const another = (name: string, seat: number): PlantedCart => {
      const cart = new PlantedCart(log, { commandId: name, candidates: [CIRCLE, SECTION], quantity: 1 })
      cart.open(cart.requested(1, SECTION, [], { quantity: 1, atLeast: 1 }))
      if (name === 'opening') return cart
      const { part } = cart.hold(1, SECTION, [seat])
      cart.parts.push(part)
      cart.record([cart.granted(1, part), cart.held()])
      return cart
    }
    another('opening', 0)
    another('held', 6)
    const sold = another('sold', 2)
    sold.record([sold.whole('CartExtended', { expiresAtMs: START_MS + 2 * HOLD_MS, extensionsLeft: 0 })], { actor: BUYER })
    const released = another('released', 3)
    released.record([released.whole('CartReleased')], { actor: BUYER })
    for (const part of released.parts) released.done('HoldReleased', part)
    const expired = another('expired', 4)
    const refused = new PlantedCart(log, { commandId: 'refused' })
    refused.open(refused.requested(1, SECTION, [0, 1]))
    log.now = HOLD_MS
    sold.record([sold.whole('CartSold')], { actor: ORGANISER })
    for (const part of sold.parts) sold.done('SeatsSold', part)
    expired.record([expired.whole('CartExpired'), refused.overdue(1, SECTION)], { commandType: 'Tick' })
    for (const part of expired.parts) expired.done('HoldReleased', part)
    refused.record([refused.denied(1, SECTION, 'PART_UNANSWERED'), refused.whole('CartRefused')], REJECTED)
    const late = refused.hold(1, SECTION, [0, 1])
    refused.record([refused.returned(late.part)])
    refused.done('HoldReleased', late.part)
    const { breaks, partitions, underWay } = await log.audit()
    assert.deepEqual([breaks, underWay], [[], 0])
    const counted = partitions.map(({ carts }) => carts)
    assert.deepEqual(counted, [null, null, { opening: 1, held: 1, sold: 1, released: 1, expired: 1, refused: 1 }])
  })

  it('finds a cart that is opened twice', async () => {
    const { log, cart } = waiting()
    const offset = log.record('cart', [cart.opened()], { actor: BUYER, commandId: 'once more' })
    await assertBroken(log, 'I1', offset, /is opened twice/)
  })

  it('finds an id that does not derive from its command, and one that names another place', async () => {
    const foreign = planned()
    const first = foreign.log.record('cart', [foreign.cart.opened()], { actor: BUYER, commandId: 'another' })
    await assertBroken(foreign.log, 'I1', first, /does not derive from the command/)
    const { log, cart } = planned()
    const commandId = commandIdOf('open cart')
    const misplaced = [holdIdOf(epochMillis(START_MS), log.place(), commandId), cart.holdId.replace('hold_', 'block_'), 'hold_1']
    for (const holdId of misplaced) {
      const { log: other, cart: told } = planned()
      const offset = other.record('cart', [told.opened({ holdId })], { actor: BUYER, commandId: 'open cart' })
      await assertBroken(
        other,
        'I1',
        offset,
        holdId.startsWith('block') ? /does not derive/ : /does not say that it is a cart in bucket \d+/,
      )
    }
  })

  it('finds a cart in a partition that is not its own', () => {
    const { log, cart } = planned()
    cart.open()
    const value = log.records.cart[0] ?? assert.fail()
    const decision = log.codec.decodeDecision(value)
    const [event] = decision.events
    const opened = log.codec.decodeMessage<CartEvent>('cart', event ?? assert.fail())
    const partitions = 8
    const home = partitionOf(bucketOf(keyOfId(cart.holdId)), partitions)
    const checkIn = (partition: number) => new CartRules(partition, partitions, new Map(), new SectionParts()).check(opened, decision, 0)
    assert.equal(checkIn(home), undefined)
    assert.match(checkIn((home + 1) % partitions)?.why ?? '', new RegExp(`belongs to partition ${home}`))
  })

  it('finds a cart for another than who asked, for another organisation, or that answers another command', async () => {
    for (const [changed, invariant, why] of [
      [{ buyer: 'buyer_2' }, 'I1', /buyer_1 asked for the cart hold_.*, but buyer_2 gets it/],
      [{ buyerKind: 'organiser' }, 'I1', /asked for the cart/],
      [{ organisation: 'org_2' }, 'I1', /is opened for org_2, but its performance is org_1's/],
      [{ openedBy: commandIdOf('another') }, 'I2', /opened it and waits for the answer/],
    ] as const) {
      const { log, cart } = planned()
      const offset = log.record('cart', [cart.opened(changed)], { actor: BUYER, commandId: 'open cart' })
      await assertBroken(log, invariant, offset, why)
    }
  })

  it('finds attempts that are skipped, that come before an answer, or that ask for what nobody wants', async () => {
    const skipping = planned()
    const first = skipping.cart.open(skipping.cart.requested(2, SECTION, [0, 1]))
    await assertBroken(skipping.log, 'I1', first, /attempt 2 of hold_.* comes after attempt 0/)
    const hasty = waiting()
    const second = hasty.cart.record([hasty.cart.requested(2, CIRCLE, [5])])
    await assertBroken(hasty.log, 'I1', second, /goes on to attempt 2, but attempt 1 is not answered yet/)
    const elsewhere = planned({ chosen: [{ sectionId: SECTION, seats: [0] }] })
    const third = elsewhere.cart.open(elsewhere.cart.requested(1, CIRCLE, [5]))
    await assertBroken(elsewhere.log, 'I1', third, /asks section circle for seats, where its buyer wants none/)
    const { log, cart } = planned()
    const fourth = cart.open(cart.requested(1, SECTION, [0, 1], { buyer: 'buyer_2' }))
    await assertBroken(log, 'I1', fourth, /asks for seats for buyer_2, but it is buyer_1's/)
  })

  it('finds answers to an attempt that is not awaited, by another section, or by somebody who is none', async () => {
    const untimely = waiting()
    const first = untimely.cart.record([untimely.cart.granted(2, untimely.part)])
    await assertBroken(untimely.log, 'I1', first, /attempt 2 of hold_.* is granted, but it waits for 1/)
    const again = halfDone()
    const second = again.cart.record([again.cart.denied(1, SECTION, 'SEAT_UNAVAILABLE')])
    await assertBroken(again.log, 'I1', second, /attempt 1 of hold_.* is denied, but it waits for 2/)
    const elsewhere = waiting()
    const third = elsewhere.cart.record([elsewhere.cart.denied(1, CIRCLE, 'SEAT_UNAVAILABLE')])
    await assertBroken(elsewhere.log, 'I1', third, /by section circle, but it asked stalls/)
    const { log, cart, part } = waiting()
    const fourth = cart.record([cart.granted(1, part)], { actor: BUYER })
    await assertBroken(log, 'I1', fourth, /by buyer_1, but only its section may answer/)
  })

  it('finds a part with other seats than were asked for, with too many or too few, and one that is granted twice', async () => {
    const chosen = planned()
    chosen.cart.open(chosen.cart.requested(1, SECTION, [0, 1]))
    const first = chosen.cart.record([chosen.cart.granted(1, chosen.cart.hold(1, SECTION, [0, 2]).part)])
    await assertBroken(chosen.log, 'I6', first, /has the seats 0, 2, which hold_.* did not ask for in attempt 1/)
    for (const seats of [[0, 1, 2, 3], [0], [0, 0]]) {
      const { log, cart } = planned({ candidates: [SECTION], quantity: 3 })
      cart.open(cart.requested(1, SECTION, [], { quantity: 3, atLeast: 2 }))
      const { part } = cart.hold(1, SECTION, [0, 1])
      await assertBroken(log, 'I6', cart.record([cart.granted(1, { ...part, seats: seats as never })]), /did not ask for in attempt 1/)
    }
    const { log, cart, stalls } = halfDone()
    const last = cart.record([cart.granted(2, { ...stalls, sectionId: CIRCLE, seats: [5 as never] })])
    await assertBroken(log, 'I1', last, /is granted to hold_.* a second time/)
  })

  it('finds a cart that gives up a try which is not overdue, and one that is overdue in the name of a stranger', async () => {
    const hasty = waiting()
    const first = hasty.cart.record([hasty.cart.denied(1, SECTION, 'PART_UNANSWERED')])
    await assertBroken(hasty.log, 'I1', first, /gives up attempt 1, which was not overdue/)
    const { log, cart } = waiting()
    const second = cart.record([{ ...cart.overdue(1, SECTION), openedBy: commandIdOf('another') }])
    await assertBroken(log, 'I2', second, /opened it and waits for the answer/)
  })

  it('finds a cart that is held before every seat is there', async () => {
    const { log, cart, part } = waiting()
    cart.parts.push(part)
    const first = cart.record([cart.granted(1, part), cart.held()])
    await assertBroken(log, 'I6', first, /is held with 2 seats, but 3 were chosen, and circle\/5 is not among them/)
    const best = planned({ candidates: [SECTION], quantity: 3 })
    best.cart.open(best.cart.requested(1, SECTION, [], { quantity: 3, atLeast: 1 }))
    best.cart.parts.push(best.cart.hold(1, SECTION, [0, 1]).part)
    const second = best.cart.record([...best.cart.parts.map((own) => best.cart.granted(1, own)), best.cart.held()])
    await assertBroken(best.log, 'I6', second, /is held with 2 seats, but 3 were wanted/)
    const hasty = halfDone()
    await assertBroken(hasty.log, 'I1', hasty.cart.record([hasty.cart.held()]), /is held, but attempt 2 is not answered yet/)
  })

  it('finds a cart that is held with a part too few, a part of another cart, or a part with other seats', async () => {
    const short = halfDone()
    const first = short.cart.record([short.cart.granted(2, short.circle), short.cart.held()])
    await assertBroken(short.log, 'I6', first, /has the parts hold_.*, hold_.*, but this is about hold_/)
    const doubled = halfDone()
    const twice = [doubled.stalls, doubled.stalls]
    const second = doubled.cart.record([doubled.cart.granted(2, doubled.circle), doubled.cart.held({ parts: twice })])
    await assertBroken(doubled.log, 'I6', second, /but this is about hold_/)
    const { log, cart, stalls, circle } = halfDone()
    const altered = { ...circle, seats: [6] }
    const third = cart.record([cart.granted(2, circle), cart.held({ parts: [stalls, altered] })])
    await assertBroken(log, 'I6', third, /was granted hold_.* as another part than this is about/)
  })

  it('finds a cart that is held for another buyer, or in the name of another command', async () => {
    const foreign = halfDone()
    foreign.cart.parts.push(foreign.circle)
    const first = foreign.cart.record([foreign.cart.granted(2, foreign.circle), foreign.cart.held({ buyer: 'buyer_2' })])
    await assertBroken(foreign.log, 'I1', first, /is held by buyer_2 of org_1, but it is buyer_1's of org_1/)
    const { log, cart, circle } = halfDone()
    cart.parts.push(circle)
    const second = cart.record([cart.granted(2, circle), cart.held()], { correlationId: commandIdOf('another') })
    await assertBroken(log, 'I2', second, /opened it and waits for the answer/)
  })

  it('finds a refusal that keeps a part, that says nothing, or that comes when the cart is held', async () => {
    const keeping = halfDone()
    const first = keeping.cart.record(
      [keeping.cart.denied(2, CIRCLE, 'SEAT_UNAVAILABLE'), keeping.cart.whole('CartRefused', { parts: [] })],
      REJECTED,
    )
    await assertBroken(keeping.log, 'I6', first, /but this is about none/)
    const silent = halfDone()
    const second = silent.cart.record([silent.cart.denied(2, CIRCLE, 'SEAT_UNAVAILABLE'), silent.cart.whole('CartRefused')])
    await assertBroken(silent.log, 'I2', second, /is refused without a rejection/)
    const { log, cart } = held()
    await assertBroken(log, 'I1', cart.record([cart.whole('CartRefused')], REJECTED), /is refused, but it is held already/)
  })

  it('finds a sale in the very millisecond of expiry, and an extension and a release as late', async () => {
    const expiresAtMs = START_MS + 2 * HOLD_MS
    for (const [type, actor] of [
      ['CartSold', ORGANISER],
      ['CartExtended', BUYER],
      ['CartReleased', BUYER],
    ] as const) {
      const { log, cart } = held()
      log.now = HOLD_MS
      const offset = cart.record([cart.whole(type, { expiresAtMs, extensionsLeft: 0 })], { actor })
      await assertBroken(log, 'I7', offset, /at 2030-01-01T00:10:00.000Z, but it ran out at 2030-01-01T00:10:00.000Z/)
    }
  })

  it('finds an expiry one millisecond too early, and one before the time that an extension gave', async () => {
    const early = held()
    early.log.now = HOLD_MS - 1
    await assertBroken(early.log, 'I7', early.cart.record([early.cart.whole('CartExpired')]), /before its time, 2030-01-01T00:10/)
    const { log, cart } = held()
    cart.record([cart.whole('CartExtended', { expiresAtMs: START_MS + 2 * HOLD_MS, extensionsLeft: 0 })], { actor: BUYER })
    log.now = HOLD_MS
    await assertBroken(log, 'I7', cart.record([cart.whole('CartExpired')]), /before its time, 2030-01-01T00:20/)
  })

  it('finds an extension that gives no time', async () => {
    const { log, cart } = held()
    const offset = cart.record([cart.whole('CartExtended', { expiresAtMs: START_MS + HOLD_MS, extensionsLeft: 0 })], { actor: BUYER })
    await assertBroken(log, 'I7', offset, /is extended to 2030-01-01T00:10:00.000Z, but it ran to 2030-01-01T00:10:00.000Z already/)
  })

  it('finds an end that leaves a part behind', async () => {
    for (const type of ['CartSold', 'CartReleased', 'CartExpired'] as const) {
      const { log, cart, part } = held()
      log.now = type === 'CartExpired' ? HOLD_MS : 1
      await assertBroken(log, 'I6', cart.record([cart.whole(type, { parts: [part] })]), /has the parts .*, but this is about hold_/)
    }
  })

  it('finds what happens to a cart that is opening, sold or ended', async () => {
    const opening = halfDone()
    const first = opening.cart.record([opening.cart.whole('CartSold')], { actor: ORGANISER })
    await assertBroken(opening.log, 'I1', first, /is sold, but it has not all its parts yet/)
    const sold = held()
    sold.cart.record([sold.cart.whole('CartSold')], { actor: ORGANISER })
    const second = sold.cart.record([sold.cart.whole('CartReleased')], { actor: BUYER })
    await assertBroken(sold.log, 'I1', second, /is released, but its seats were sold before/)
    const { log, cart } = held()
    cart.record([cart.whole('CartReleased')], { actor: BUYER })
    const third = cart.record([cart.whole('CartSold')], { actor: ORGANISER })
    await assertBroken(log, 'I1', third, /is sold, but it was never opened or has ended/)
  })

  it('finds a cart that is sold in another performance', async () => {
    const { log, cart } = held()
    const offset = cart.record([cart.whole('CartSold', { performanceId: 'perf_2' })], { actor: ORGANISER })
    await assertBroken(log, 'I1', offset, /is sold in perf_2, but its seats are in perf_/)
  })

  it('finds who may not: a buyer who sells, another organisation that does, a stranger who releases', async () => {
    for (const [type, by, why] of [
      ['CartSold', { actor: BUYER }, /a buyer, sells/],
      ['CartSold', { actor: ORGANISER, organisation: 'org_2' }, /org_2 sells hold_.*, which is of org_1/],
      ['CartReleased', { actor: STRANGER }, /is released by buyer_2, but it is buyer_1's/],
    ] as const) {
      const { log, cart } = held()
      await assertBroken(log, 'I1', cart.record([cart.whole(type)], by), why)
    }
  })

  it('finds a part that goes back although it is awaited, or is there to stay', async () => {
    const awaited = waiting()
    const first = awaited.cart.record([awaited.cart.returned(awaited.part)])
    await assertBroken(awaited.log, 'I1', first, /back, but waits for a part of section stalls in attempt 1/)
    const { log, cart, part } = held()
    await assertBroken(log, 'I1', cart.record([cart.returned(part)]), /back, which is a part of it/)
  })
})
