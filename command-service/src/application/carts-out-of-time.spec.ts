import assert from 'node:assert/strict'
import type { CartExpired } from '@cavea/contracts/cart/messages'
import { eventually } from '@cavea/event-log/contract-tools'
import type { EventLog } from '@cavea/event-log/port'
import { ANSWER_WITHIN_MS } from '../domain/cart/state.ts'
import { FREE } from '../domain/seating/state.ts'
import {
  type AgreeingChange,
  ANNA,
  assertAgreed,
  chosen,
  clientOf,
  openCart,
  openHall,
  quiet,
  startAgreeing,
  startContext,
  type Truth,
  truth,
} from './cart-harness.spec.ts'
import { hastyClock, type Place, place, type Running } from './worker-harness.spec.ts'
import type { Clock } from './worker-options.ts'

const HALL = { sections: ['stalls', 'balcony'].map((sectionId) => ({ sectionId, seatCount: 6 })) }
const TOPICS: AgreeingChange = { topicPrefix: '' }

/** The same log, so much later: what is appended has that time. */
function later(log: EventLog, byMs: number): EventLog {
  async function* read(...args: Parameters<EventLog['read']>): ReturnType<EventLog['read']> {
    for await (const { records } of log.read(...args))
      yield { records: records.map((record) => ({ ...record, appendTimeMs: record.appendTimeMs + byMs })) }
  }
  return {
    read,
    append: (...args) => log.append(...args),
    ensureTopics: (...args) => log.ensureTopics(...args),
    partitionCount: (...args) => log.partitionCount(...args),
    endOffset: (...args) => log.endOffset(...args),
    join: (...args) => log.join(...args),
    close: () => log.close(),
  }
}
const clockLater = (byMs: number): Clock => ({ ...hastyClock(), nowMs: () => Date.now() + byMs })

const freeSeats = ({ seating }: Truth): number =>
  [...seating.sections.values()].flatMap(({ status }) => Array.from(status)).filter((status) => status === FREE).length

describe('A cart whose time is over', function () {
  this.timeout(40_000)
  let at: Place
  const running: Running[] = []

  beforeEach(async () => {
    at = await place()
    await openHall(at, '', HALL)
  })
  afterEach(async () => {
    await stopAll()
    await at.remove()
  })
  const stopAll = () => Promise.all(running.splice(0).map(({ stop }) => stop()))

  it('gives every seat back, also when one tick ends several carts with parts in the same sections', async () => {
    const clockThatStands: Clock = { ...hastyClock(), nowMs: () => 0 } // Nothing is due for it, so it sends no tick.
    running.push(...startAgreeing(at, { ...TOPICS, clock: clockThatStands }))
    const client = clientOf(at.log, '')
    for (const seat of [1, 3, 5]) {
      const cart = openCart(chosen(['stalls', [seat]], ['balcony', [seat]]), { holdTtlMs: 1 })
      const { rejection } = await client.settled(await client.send(cart, `cart ${seat}`, ANNA))
      assert.equal(rejection, null)
    }
    await stopAll()
    const held = await truth(at.log, '')
    const lastMs = Math.max(...Array.from(held.carts.carts.values(), ({ expiresAtMs }) => expiresAtMs))
    assert.equal(freeSeats(held), 6)
    await eventually('they have lapsed', () => Date.now() >= lastMs)

    running.push(...startAgreeing(at, TOPICS))
    await eventually('they expire', async () => (await truth(at.log, '')).carts.ended.size === 3)
    const end = await quiet(at.log, '')
    const endings = end.decisions.map(
      ({ events }) => events.filter(({ type }) => type === ('CartExpired' satisfies CartExpired['type'])).length,
    )
    assert.equal(Math.max(...endings), 3, 'they did not end together')
    assertAgreed(end)
    assert.equal(freeSeats(end), 12)
  })

  it('while it waits for a section is refused, and what that section grants too late goes back', async () => {
    const client = clientOf(at.log, '')
    const commandId = await client.send(openCart(chosen(['stalls', [1, 2]], ['balcony', [1]])), 'cart', ANNA)
    const cartOnly = (byMs: number) => startContext({ ...at, log: later(at.log, byMs) }, 'cart', { ...TOPICS, clock: clockLater(byMs) })
    running.push(cartOnly(0))
    await eventually('it asks', async () => (await truth(at.log, '')).carts.opening.size === 1)
    await stopAll()
    running.push(cartOnly(ANSWER_WITHIN_MS))
    const { rejection } = await client.settled(commandId)
    assert.equal(rejection?.code, 'PART_UNANSWERED')
    assert.equal(rejection.sectionId, 'stalls')

    running.push(startContext(at, 'seating', TOPICS))
    const end = await quiet(at.log, '')
    const types = end.decisions.flatMap(({ events }) => events.map(({ type }) => type))
    for (const type of ['SeatsHeld', 'PartReturned', 'HoldReleased'])
      assert.equal(types.filter((seen) => seen === type).length, 1, `${type} is not there once`)
    assertAgreed(end)
    assert.equal(freeSeats(end), 12)
  })
})
