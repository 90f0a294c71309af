import assert from 'node:assert/strict'
import type { CartPart } from '@cavea/contracts/cart/messages'
import type { HoldId } from '@cavea/contracts/ids'
import { START_MS } from '@cavea/event-log/testing/scripted-chains'
import { ADMIN_TOKEN, type Answer, atLeast, putOnSale, type QueryRig, startRig } from '../testing/query-rig.ts'
import { ORGANISATION, type ScriptedHall, scriptHall } from '../testing/scripted-hall.ts'
import type { ScriptedLedger } from '../testing/scripted-ledger.ts'
import { openSpecLog, type SpecLog } from '../testing/spec-log.ts'

const PLACES = 2_500 // Three shards, of 834, 833 and 833 places.
const SILVER = { amount: 80_000, currency: 'VND' }

describe('The query service, where holds span streams,', () => {
  let spec: SpecLog
  let ledger: ScriptedLedger
  let rig: QueryRig
  let hall: ScriptedHall
  let buyerId: string
  let buyer: Record<string, string>
  let halls = 0

  before(async () => {
    spec = await openSpecLog()
    ledger = spec.ledger
    rig = await startRig(spec.parts, { minVersionTimeoutMs: 10_000 })
  })

  beforeEach(async () => {
    hall = scriptHall(`Hall ${halls++}`, 4, ORGANISATION, PLACES)
    await putOnSale(rig, ledger, hall)
    const issued = rig.tokens.issueBuyer(Date.now())
    buyerId = issued.buyerId
    buyer = { Authorization: `Bearer ${issued.buyerToken}` }
  })

  after(async () => {
    await rig.stop()
    await spec.close()
  })

  const performancePath = (): string => `/v1/performances/${hall.performanceId}`
  const places = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

  async function hold(name: string, streamId: string, seats: readonly number[]): Promise<string> {
    return (await ledger.seating(hall.performanceId, streamId, [hall.held(name, streamId, seats, buyerId)])).token
  }

  /** Records the parts where they are held, and then their cart. Answers all versions. */
  async function holdCart(name: string, parts: readonly CartPart[]): Promise<string> {
    const tokens: string[] = []
    for (const part of parts)
      tokens.push((await ledger.seating(hall.performanceId, part.sectionId, [hall.partHeld(name, part, buyerId)])).token)
    tokens.push((await ledger.cart(hall.cartId(name), [hall.cartHeld(name, parts, buyerId)])).token)
    return tokens.join(', ')
  }

  const readHold = (holdId: HoldId, token?: string, headers = buyer): Promise<Answer> =>
    rig.get(`/v1/holds/${holdId}`, { ...headers, ...(token !== undefined && atLeast(token)) })

  const sectionIn = ({ body }: Answer, sectionId: string): Record<string, unknown> | undefined =>
    (body['sections'] as Record<string, unknown>[]).find((section) => section['sectionId'] === sectionId)

  describe('reads of a standing area', () => {
    it('show it as one section, and never its shards', async () => {
      const { body, text } = await rig.get(performancePath())
      const drawn = { category: 'Silver', bounds: null }
      assert.deepEqual((body['sections'] as unknown[])[2], {
        sectionId: 'floor',
        name: 'FLOOR',
        capacity: PLACES,
        standing: true,
        ...drawn,
      })
      assert.equal(body['capacity'], 8 + PLACES)
      assert.doesNotMatch(text, /"shards"|~/)
    })

    it('sum what its shards have', async () => {
      await hold('one', 'floor~0', places(3))
      const sold = await ledger.seating(hall.performanceId, 'floor~0', [hall.sold('one', 'floor~0', places(3))])
      const tokens = [sold.token, await hold('two', 'floor~1', places(5)), await hold('three', 'floor~2', places(2))]
      const counts = { capacity: PLACES, available: PLACES - 10, held: 7, sold: 3, blocked: 0 }
      const availability = await rig.get(`${performancePath()}/availability`, atLeast(...tokens))
      assert.deepEqual(sectionIn(availability, 'floor'), { sectionId: 'floor', name: 'FLOOR', standing: true, ...counts })
      const seats = await rig.get(`${performancePath()}/seats`)
      assert.deepEqual(sectionIn(seats, 'floor'), { sectionId: 'floor', standing: true, ...counts, seats: [] })
      assert.deepEqual([seats.body['version'], availability.body['version']], [9, 9])
      assert.equal(sectionIn(seats, 'stalls')?.['standing'], false)
    })

    it('follow each of its shards, under a new tag', async () => {
      const path = `${performancePath()}/seats?section=floor`
      const tags = new Set([(await rig.get(path)).headers.get('etag')])
      for (const [held, streamId] of ['floor~0', 'floor~1', 'floor~2'].entries()) {
        const answer = await rig.get(path, atLeast(await hold(streamId, streamId, [0])))
        assert.equal(sectionIn(answer, 'floor')?.['held'], held + 1)
        tags.add(answer.headers.get('etag'))
      }
      assert.equal(tags.size, 4)
    })

    it('call all of it available before its shards have opened', async () => {
      const opening = scriptHall('Opening floor', 4, ORGANISATION, PLACES)
      const { token } = await ledger.catalog(opening.catalogEvents)
      const opened = await ledger.seating(opening.performanceId, 'floor~1', [opening.open('floor~1')])
      const answer = await rig.get(`/v1/performances/${opening.performanceId}/availability`, atLeast(token, opened.token))
      const { capacity, available } = sectionIn(answer, 'floor') ?? {}
      assert.deepEqual([capacity, available], [PLACES, PLACES])
    })

    it('do not know a shard by its name', async () => {
      const { status, body } = await rig.get(`${performancePath()}/seats?section=floor~0`)
      assert.deepEqual([status, body['code']], [404, 'SECTION_NOT_FOUND'])
    })

    it('give a hold of its places as a number, under the area', async () => {
      const { status, body } = await readHold(hall.holdId('mine', 'floor~1'), await hold('mine', 'floor~1', [4, 5]))
      assert.equal(status, 200)
      assert.deepEqual(body, {
        holdId: hall.holdId('mine', 'floor~1'),
        performanceId: hall.performanceId,
        sectionId: 'floor',
        status: 'held',
        seats: [],
        quantity: 2,
        areas: [{ sectionId: 'floor', name: 'FLOOR', category: 'Silver', quantity: 2, price: SILVER }],
        total: { amount: 160_000, currency: 'VND' },
        expiresAt: '2026-09-21T14:23:20.000Z',
        extensionsLeft: 1,
      })
    })
  })

  describe('reads of a cart', () => {
    const cartParts = (name: string): CartPart[] => [
      hall.part(name, 'stalls', [0]),
      hall.part(name, 'floor~0', [0]),
      hall.part(name, 'floor~2', [0, 1]),
    ]

    it('give its buyer one hold, with all that its parts have', async () => {
      const { status, body, headers } = await readHold(hall.cartId('mine'), await holdCart('mine', cartParts('mine')))
      assert.deepEqual([status, headers.get('cache-control')], [200, 'private, no-store'])
      const gold = { amount: 125_000, currency: 'VND' }
      assert.deepEqual(body, {
        holdId: hall.cartId('mine'),
        performanceId: hall.performanceId,
        status: 'held',
        seats: [{ seatId: 'stalls-A-1', section: 'STALLS', row: 'A', number: '1', category: 'Gold', price: gold }],
        quantity: 4,
        areas: [{ sectionId: 'floor', name: 'FLOOR', category: 'Silver', quantity: 3, price: SILVER }],
        total: { amount: 365_000, currency: 'VND' },
        expiresAt: '2026-09-21T14:23:20.000Z',
        extensionsLeft: 1,
      })
    })

    it('know nothing of its parts, neither while it is opening nor later, be it its buyer or its organiser who asks', async () => {
      const [first, ...others] = cartParts('mine')
      assert.ok(first)
      const { token } = await ledger.seating(hall.performanceId, 'stalls', [hall.partHeld('mine', first, buyerId)])
      const unknown = async (headers: Record<string, string>, holdId: HoldId): Promise<void> => {
        const { status, body } = await readHold(holdId, token, headers)
        assert.deepEqual([status, body['code']], [404, 'HOLD_NOT_FOUND'])
      }
      const organiser = { Authorization: `Bearer ${ADMIN_TOKEN}` }
      for (const headers of [buyer, organiser]) for (const holdId of [first.holdId, hall.cartId('mine')]) await unknown(headers, holdId)
      const version = await holdCart('mine', [first, ...others])
      assert.equal((await readHold(hall.cartId('mine'), version, organiser)).status, 200)
      for (const headers of [buyer, organiser]) for (const { holdId } of [first, ...others]) await unknown(headers, holdId)
    })

    it('do not exist for other buyers', async () => {
      const version = await holdCart('theirs', cartParts('theirs'))
      const stranger = { Authorization: `Bearer ${rig.tokens.issueBuyer(Date.now()).buyerToken}` }
      assert.equal((await readHold(hall.cartId('theirs'), version, stranger)).status, 404)
    })

    it('wait for its version, and tell what became of it', async () => {
      const parts = cartParts('mine')
      const holdId = hall.cartId('mine')
      await holdCart('mine', parts)
      const extended = await ledger.cart(holdId, [hall.cartExtended('mine', parts, START_MS + 900_000)])
      const { body } = await readHold(holdId, extended.token)
      assert.deepEqual([body['expiresAt'], body['extensionsLeft']], ['2026-09-21T14:28:20.000Z', 0])
      const next = `cart/${extended.partition}/${extended.commandOffset + 1}`
      const waiting = readHold(holdId, next)
      await ledger.cart(holdId, [hall.cartEnded('CartSold', 'mine', parts)])
      assert.equal((await waiting).body['status'], 'sold')
    })
  })
})
