import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandIdOf } from '@cavea/contracts/ids'
import { recorded } from '@cavea/contracts/rejections'
import { CONTEXTS, topicsOf } from '@cavea/contracts/topics'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import type { EventLog } from '@cavea/event-log/port'
import { assertBroken } from './broken.fixture.ts'
import { CIRCLE, PlantedCart, type PlantedPart, type Wanted } from './planted-carts.fixture.ts'
import {
  BUYER,
  CAPACITY,
  HOLD_MS,
  ORGANISER,
  PlantedLog,
  type Recorded,
  reading,
  SECTION,
  START_MS,
  SYSTEM,
} from './planted-log.fixture.ts'
import { verifyLog } from './verify.ts'

const REFUSED = { outcome: 'rejected', rejection: recorded({ code: 'HOLD_NOT_FOUND' }) } as const
const UNANSWERED = { outcome: 'rejected', rejection: recorded({ code: 'PART_UNANSWERED' }) } as const

function planned(wanted?: Wanted) {
  const log = new PlantedLog()
  log.open()
  log.open(CIRCLE)
  return { log, cart: new PlantedCart(log, wanted) }
}

function held() {
  const { log, cart } = planned()
  return { log, cart, ...cart.openAndHold() }
}

function sold() {
  const made = held()
  made.cart.record([made.cart.whole('CartSold')], { actor: ORGANISER })
  return made
}

function released() {
  const made = held()
  made.cart.record([made.cart.whole('CartReleased')], { actor: BUYER })
  return made
}

/** The cart has given up its only try, which the stalls answer when it is too late. */
function late() {
  const { log, cart } = planned()
  cart.open(cart.requested(1, SECTION, [0, 1]))
  cart.record([cart.overdue(1, SECTION)])
  cart.record([cart.denied(1, SECTION, 'PART_UNANSWERED'), cart.whole('CartRefused')], UNANSWERED)
  return { log, cart, stalls: cart.hold(1, SECTION, [0, 1]) }
}

/** Records that a section decides about a part at the cart's last word, and that nothing comes of it. */
function inVain({ log, lastCommandId }: PlantedCart, type: 'SellHold' | 'ReleaseHold', { part }: PlantedPart, outcome: Recorded): number {
  const offset = log.record('seating', [], { ...outcome, commandType: type, causationId: lastCommandId })
  const { envelope, commandOffset } = log.codec.decodeDecision(log.records.seating[offset] ?? assert.fail())
  log.commands.set(commandOffset, log.codec.encodeCommand('seating', { envelope, message: { type, holdId: part.holdId } as never }))
  return offset
}

async function assertUnderWay(log: PlantedLog, parts: number): Promise<void> {
  const { breaks, underWay } = await log.audit()
  assert.deepEqual([breaks, underWay], [[], parts])
}

/** The same log, to which something happens after each time that its end was taken. */
const afterEachEnd = (log: EventLog, happens: () => Promise<void>): EventLog => ({
  ensureTopics: (topics) => log.ensureTopics(topics),
  partitionCount: (topic) => log.partitionCount(topic),
  async endOffset(topic, partition) {
    const end = await log.endOffset(topic, partition)
    await happens()
    return end
  },
  append: (topic, partition, values) => log.append(topic, partition, values),
  read: (topic, partition, fromOffset, options) => log.read(topic, partition, fromOffset, options),
  join: (group, topics, handler) => log.join(group, topics, handler),
  close: () => log.close(),
})

describe('The audit of carts and their sections', () => {
  it('finds nothing while an answer, a sale or a release is still on its way', async () => {
    const opening = planned()
    opening.cart.open(opening.cart.requested(1, SECTION, [0, 1]))
    opening.cart.hold(1, SECTION, [0, 1])
    await assertUnderWay(opening.log, 0)
    const half = sold()
    half.cart.done('SeatsSold', half.circle.part)
    await assertUnderWay(half.log, 1)
    await assertUnderWay(released().log, 2)
    const given = late()
    await assertUnderWay(given.log, 1)
    given.cart.record([given.cart.returned(given.stalls.part)])
    await assertUnderWay(given.log, 1)
  })

  it('finds nothing where a late part is given back once more after its cart had ended with it', async () => {
    const { log, cart, stalls, circle } = released()
    cart.done('HoldReleased', circle.part)
    cart.record([cart.returned(stalls.part)])
    await assertUnderWay(log, 1)
    cart.done('HoldReleased', stalls.part)
    await assertUnderWay(log, 0)
  })

  it('finds a part of a cart that was never opened', async () => {
    const { log, cart } = planned()
    await assertBroken(log, 'seating', 'I1', cart.hold(1, SECTION, [0]).offset, /for attempt 1 of hold_.*, which was never opened/)
  })

  it('finds a part for a try that the cart did not make, or that it has another answer to', async () => {
    const unasked = planned()
    unasked.cart.open(unasked.cart.requested(1, SECTION, [0, 1]))
    const first = unasked.cart.hold(2, SECTION, [0, 1]).offset
    await assertBroken(
      unasked.log,
      'seating',
      'I1',
      first,
      /for attempt 2 of hold_.*, which asked for no such part or has its answer already/,
    )
    const doubled = held()
    const second = doubled.cart.hold(2, CIRCLE, [6]).offset
    await assertBroken(doubled.log, 'seating', 'I1', second, /has its answer already/)
    const { log, cart } = planned()
    cart.open(cart.requested(1, SECTION, [0, 1]))
    cart.record([cart.denied(1, SECTION, 'SEAT_UNAVAILABLE'), cart.whole('CartRefused')], REFUSED)
    await assertBroken(log, 'seating', 'I1', cart.hold(1, SECTION, [0, 1]).offset, /has its answer already/)
  })

  it('finds a part with other seats than its cart asked for, for another buyer, or in another section', async () => {
    for (const [sectionId, seats, changed] of [
      [SECTION, [0, 2], {}],
      [SECTION, [0, 1], { buyer: 'buyer_2' }],
      [CIRCLE, [0, 1], {}],
    ] as const) {
      const { log, cart } = planned()
      cart.open(cart.requested(1, SECTION, [0, 1]))
      await assertBroken(log, 'seating', 'I1', cart.hold(1, sectionId, seats, changed).offset, /which hold_.* did not ask for in attempt 1/)
    }
  })

  it('finds a part that is sold although its cart is not', async () => {
    for (const made of [held(), released()]) {
      const offset = made.cart.done('SeatsSold', made.stalls.part)
      await assertBroken(made.log, 'seating', 'I1', offset, /is sold, but it is a part of hold_.*, which is (held|released)/)
    }
    const { log, cart, stalls } = late()
    await assertBroken(log, 'seating', 'I1', cart.done('SeatsSold', stalls.part), /which is refused/)
  })

  it('finds a part that is gone although its cart is held or sold, and names the record that granted it', async () => {
    for (const made of [held(), sold()]) {
      made.cart.done('HoldReleased', made.circle.part)
      await assertBroken(
        made.log,
        'cart',
        'I1',
        made.offset,
        /which is (held|sold), but section circle does not have it any more, or never had/,
      )
    }
  })

  it('finds a part that its section never had', async () => {
    const { log, cart } = planned({ commandId: 'first' })
    cart.open(cart.requested(1, SECTION, [0, 1]))
    const { part } = new PlantedCart(new PlantedLog()).hold(1, SECTION, [0, 1])
    cart.parts.push(part)
    await assertBroken(log, 'cart', 'I1', cart.record([cart.granted(1, part)]), /which is opening, but section stalls does not have it/)
  })

  it('finds a part that two carts have', async () => {
    const { log, stalls } = held()
    const other = new PlantedCart(log, { commandId: 'another', chosen: [{ sectionId: SECTION, seats: [0, 1] }] })
    other.open(other.requested(1, SECTION, [0, 1]))
    other.parts.push(stalls.part)
    const offset = other.record([other.granted(1, stalls.part), other.held()])
    await assertBroken(log, 'cart', 'I1', offset, /is granted to hold_.*, but its section holds it for hold_/)
  })

  it('finds a cart that has other seats than its section holds for it, another price list, or another try', async () => {
    for (const [changed, attempt, invariant, why] of [
      [{ seats: [3, 4] }, 1, 'I6', /has the seats 3, 4 of stalls for hold_.*, but its section holds 0, 1/],
      [{ priceRevision: 2 }, 1, 'I6', /but its section holds/],
      [{}, 2, 'I1', /is granted to attempt 1 of buyer_1, but its section holds it for attempt 2/],
    ] as const) {
      const { log, cart } = planned({ candidates: [SECTION], quantity: 2 })
      cart.open(cart.requested(1, SECTION, [], { quantity: 2, atLeast: 2 }))
      const { part } = cart.hold(attempt, SECTION, [0, 1])
      await assertBroken(log, 'cart', invariant, cart.record([cart.granted(1, { ...part, ...changed } as never)]), why)
    }
  })

  it('finds a part that is extended to a time that its cart never had', async () => {
    const { log, cart, stalls } = held()
    const toMs = START_MS + 2 * HOLD_MS
    cart.record([cart.whole('CartExtended', { expiresAtMs: toMs, extensionsLeft: 0 })], { actor: BUYER })
    const extension = { type: 'HoldExtended', ...log.section(), holdId: stalls.part.holdId, extensionsLeft: 0 }
    log.record('seating', [{ ...extension, expiresAtMs: toMs }])
    await assertUnderWay(log, 0)
    const offset = log.record('seating', [{ ...extension, expiresAtMs: toMs + 1 }])
    await assertBroken(log, 'seating', 'I7', offset, /is extended to .*, a time that hold_.* never had/)
  })

  it('finds a sale or release that a section decided about and that did not happen', async () => {
    const unsold = sold()
    const first = inVain(unsold.cart, 'SellHold', unsold.stalls, REFUSED)
    unsold.cart.done('SeatsSold', unsold.circle.part)
    await assertBroken(
      unsold.log,
      'seating',
      'I1',
      first,
      /decides the sale of hold_.*, but the part stays held: nothing that is under way/,
    )
    const unreleased = released()
    const second = inVain(unreleased.cart, 'ReleaseHold', unreleased.circle, { outcome: 'accepted' })
    await assertBroken(unreleased.log, 'seating', 'I1', second, /decides the release of hold_/)
    const { log, cart, stalls } = late()
    cart.record([cart.returned(stalls.part)])
    await assertBroken(log, 'seating', 'I1', inVain(cart, 'ReleaseHold', stalls, REFUSED), /decides the release of hold_/)
  })

  it('finds two releases under one command id, of which the second came to nothing', async () => {
    const { log, cart, stalls, circle } = released()
    cart.done('HoldReleased', circle.part, { commandId: 'one id for both' })
    const duplicateOf = { offset: log.records.seating.length - 1, head: log.head('seating') }
    const offset = inVain(cart, 'ReleaseHold', stalls, { commandId: 'one id for both', outcome: 'duplicate', duplicateOf })
    await assertBroken(log, 'seating', 'I1', offset, /decides the release of hold_/)
  })

  it('does not take what was decided in vain about one part for a decision about another, or for another order', async () => {
    const { log, cart, stalls, circle } = sold()
    cart.done('SeatsSold', circle.part)
    inVain(cart, 'SellHold', circle, { outcome: 'accepted' })
    inVain(cart, 'ReleaseHold', stalls, REFUSED)
    log.record('seating', [], { ...REFUSED, commandType: 'SellHold', causationId: commandIdOf('another'), actor: SYSTEM })
    await assertUnderWay(log, 1)
  })

  it('does not compare what is broken already', async () => {
    const { log, cart, stalls } = held()
    cart.done('SeatsSold', stalls.part)
    const { offset } = log.holdAs([0])
    await assertBroken(log, 'seating', 'I1', offset, /seat 0 of section .* is sold by hold_/)
    assert.equal((await log.audit()).underWay, null)
  })

  it('is not misled by what carts and sections record while their ends are taken', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'cavea-audit-'))
    try {
      const writer = await openEmbeddedLog({ dir })
      await writer.ensureTopics(CONTEXTS.flatMap((context) => Object.values(topicsOf(context)).map((topic) => ({ topic, partitions: 1 }))))
      const { log, cart } = planned()
      cart.open(cart.requested(1, SECTION, [0, 1]))
      const written = { catalog: 0, seating: 0, cart: 0 }
      const write = async (): Promise<void> => {
        for (const context of CONTEXTS) {
          const values = log.records[context].slice(written[context])
          if (values.length > 0) await writer.append(topicsOf(context).events, 0, values)
          written[context] += values.length
        }
      }
      await write()
      const other = new PlantedCart(log, { commandId: 'another', candidates: [SECTION], quantity: 1 })
      // Between the ends: sections hold what was asked for after the carts' first end, and carts are granted what was held
      // after the sections' end, and are sold after their own second one.
      const steps = [
        () => {
          cart.parts.push(cart.hold(1, SECTION, [0, 1]).part)
          cart.record([...cart.parts.map((part) => cart.granted(1, part)), cart.requested(2, CIRCLE, [5])])
          cart.parts.push(cart.hold(2, CIRCLE, [5]).part)
        },
        () => {
          cart.record([...cart.parts.slice(1).map((part) => cart.granted(2, part)), cart.held()])
          other.open(other.requested(1, SECTION, [], { quantity: 1, atLeast: 1 }))
          other.parts.push(other.hold(1, SECTION, [7]).part)
          other.record([...other.parts.map((part) => other.granted(1, part)), other.held()])
        },
        () => {
          cart.record([cart.whole('CartSold')], { actor: ORGANISER })
          for (const part of cart.parts) cart.done('SeatsSold', part)
        },
      ]
      await reading(dir, async (deps) => {
        const during = await verifyLog({
          ...deps,
          log: afterEachEnd(deps.log, () => {
            steps.shift()?.()
            return write()
          }),
        })
        assert.deepEqual([during.breaks, during.underWay, steps.length], [[], 0, 0])
        const after = await verifyLog(deps)
        assert.deepEqual([after.breaks, after.underWay], [[], 0])
        assert.equal(after.partitions.find(({ context }) => context === 'seating')?.seats?.free, 2 * CAPACITY - 4)
      })
      await writer.close()
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })
})
