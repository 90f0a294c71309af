import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CartEvent, CartHeld } from '@cavea/contracts/cart/messages'
import type { SectionId } from '@cavea/contracts/ids'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import { readRange } from '@cavea/event-log/port'
import { CIRCLE } from './planted-carts.fixture.ts'
import {
  BUYER,
  GEOMETRY,
  type Message,
  ORGANISATION,
  ORGANISER,
  PlantedLog,
  reading,
  SECTION,
  SYSTEM,
  TERMS,
} from './planted-log.fixture.ts'
import { redecideLog } from './redecide.ts'
import { type AuditDeps, verifyLog } from './verify.ts'
import { command, decided } from './workers.fixture.ts'

const { performanceId } = new PlantedLog()
const terms = { ...TERMS, seatsPerHoldMax: 20 }

const openSection = (sectionId: SectionId): Buffer => {
  const message = { type: 'OpenSection', performanceId, sectionId, revision: 1, seatCount: 10, terms, geometry: GEOMETRY }
  return command('seating', `open ${sectionId}`, SYSTEM, message)
}

interface Asked {
  readonly chosen?: readonly { readonly sectionId: SectionId; readonly seats: readonly number[] }[]
  readonly candidates?: readonly SectionId[]
  readonly quantity: number
  readonly holdTtlMs?: number
}

function openCart(name: string, { chosen = [], candidates = [], quantity, holdTtlMs = TERMS.holdTtlMs }: Asked): Buffer {
  const { priceRevision: _, saleStartsAtMs: _starts, saleEndsAtMs: _ends, orphanRule: _rule, ...limits } = terms
  const wish = { chosen, standing: false, quantity, categories: [], accessible: false }
  return command('cart', name, BUYER, {
    type: 'OpenCart',
    performanceId,
    organisation: ORGANISATION,
    ...wish,
    candidates: candidates.map((sectionId) => ({ sectionId, available: -1, distance: 0 })),
    terms: { ...limits, holdTtlMs },
  })
}

/** Every recorded event of a context. Where there is one writer, no record is void. */
async function eventsOf<Event extends { readonly type: string }>({ log, codec }: AuditDeps, context: Context): Promise<readonly Event[]> {
  const topic = topicsOf(context).events
  const events: Event[] = []
  for await (const { records } of readRange(log, topic, 0, 0, await log.endOffset(topic, 0)))
    for (const { value } of records)
      events.push(...codec.decodeDecision(value).events.map((event) => codec.decodeMessage<Event>(context, event)))
  return events
}

/** Audits the log while it is written to, again and again, until it says what is wanted. */
async function audited(deps: AuditDeps, isDone: () => Promise<boolean>): Promise<void> {
  do {
    assert.deepEqual((await verifyLog(deps)).breaks, [])
    await sleep(5)
  } while (!(await isDone()))
}

const count = (events: readonly { readonly type: string }[], type: string): number => events.filter((event) => event.type === type).length

const choice = (sectionId: SectionId, ...seats: readonly number[]) => ({ sectionId, seats })

/** The carts that are held, once so many are held or refused. */
async function settled(deps: AuditDeps, carts: number): Promise<readonly CartHeld[]> {
  await audited(deps, async () => {
    const events = await eventsOf<CartEvent>(deps, 'cart')
    return count(events, 'CartHeld') + count(events, 'CartRefused') === carts
  })
  return (await eventsOf<CartEvent>(deps, 'cart')).filter((event) => event.type === 'CartHeld')
}

describe('The audit of what the workers decide about carts', () => {
  it('finds nothing, neither meanwhile nor afterwards, and deciding again comes to the same', async () => {
    const ask = async (deps: AuditDeps): Promise<void> => {
      const say = (context: Context, ...values: readonly Buffer[]) => deps.log.append(topicsOf(context).commands, 0, values)
      await say('seating', openSection(SECTION), openSection(CIRCLE))
      await audited(deps, async () => count(await eventsOf<SeatingEvent>(deps, 'seating'), 'SectionOpened') === 2)
      const sold = { chosen: [choice(SECTION, 0, 1), choice(CIRCLE, 5)], quantity: 3 }
      await say('cart', openCart('sold', sold))
      const [first] = await settled(deps, 1)
      await say('cart', openCart('refused', { chosen: [choice(CIRCLE, 6), choice(SECTION, 1)], quantity: 2 }))
      await settled(deps, 2)
      await say('cart', openCart('released', { candidates: [SECTION, CIRCLE], quantity: 12 }))
      const [, third] = await settled(deps, 3)
      const on = (type: string, holdId: string | undefined): Message => ({ type, holdId })
      await say(
        'cart',
        command('cart', 'extend', BUYER, on('ExtendCart', first?.holdId)),
        command('cart', 'sell', ORGANISER, on('SellCart', first?.holdId)),
        command('cart', 'release', BUYER, on('ReleaseCart', third?.holdId)),
      )
      await audited(deps, async () => count(await eventsOf<SeatingEvent>(deps, 'seating'), 'HoldReleased') === 3)
      const brief = (seat: number) => ({ chosen: [choice(SECTION, seat), choice(CIRCLE, seat)], quantity: 2, holdTtlMs: 1 })
      await say('cart', openCart('brief', brief(7)), openCart('as brief', brief(8)))
      await settled(deps, 5)
      await audited(deps, async () => {
        const events = await eventsOf<SeatingEvent>(deps, 'seating')
        return count(events, 'HoldReleased') === 7 && count(events, 'SeatsSold') === 2
      })
    }
    await decided(ask, (dir) =>
      reading(dir, async (deps) => {
        const { breaks, underWay, partitions } = await verifyLog(deps)
        assert.deepEqual([breaks, underWay], [[], 0])
        assert.deepEqual(partitions.find(({ context }) => context === 'seating')?.seats, { free: 17, held: 0, sold: 3, blocked: 0 })
        const { carts } = partitions.find(({ context }) => context === 'cart') ?? assert.fail()
        assert.deepEqual(carts, { opening: 0, held: 0, sold: 1, released: 1, expired: 2, refused: 1 })
        const redecided = await redecideLog(deps)
        assert.deepEqual(
          redecided.map(({ context, difference }) => [context, difference]),
          [
            ['catalog', null],
            ['seating', null],
            ['cart', null],
          ],
        )
      }),
    )
  }).timeout(60_000)
})
