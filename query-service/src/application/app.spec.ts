import assert from 'node:assert/strict'
import type { PerformanceTerms } from '@cavea/contracts/catalog/messages'
import { epochMillis } from '@cavea/contracts/ids'
import { ADMIN_TOKEN, PARTITIONS, putOnSale, type QueryRig, startRig } from '../testing/query-rig.ts'
import { PERFORMANCE_TERMS, type ScriptedHall, scriptHall } from '../testing/scripted-hall.ts'
import type { Recorded, ScriptedLedger } from '../testing/scripted-ledger.ts'
import { openSpecLog, type SpecLog } from '../testing/spec-log.ts'

const ORGANISER = { Authorization: `Bearer ${ADMIN_TOKEN}` }

describe('The query service', () => {
  let spec: SpecLog
  let ledger: ScriptedLedger
  let rig: QueryRig
  let hall: ScriptedHall
  let halls = 0

  before(async () => {
    spec = await openSpecLog()
    ledger = spec.ledger
    rig = await startRig(spec.parts, { minVersionTimeoutMs: 10_000 })
  })

  beforeEach(async () => {
    hall = await openedHall(`Hall ${halls++}`)
  })

  after(async () => {
    await rig.stop()
    await spec.close()
  })

  /** A hall whose performance is on sale, and which the service knows. */
  async function openedHall(name: string, seatCount = 4): Promise<ScriptedHall> {
    const made = scriptHall(name, seatCount)
    await putOnSale(rig, ledger, made)
    return made
  }

  const performancePath = (): string => `/v1/performances/${hall.performanceId}`

  function revise(change: Partial<PerformanceTerms>): Promise<Recorded> {
    const terms = { ...PERFORMANCE_TERMS, ...change }
    const { performanceId } = hall
    return ledger.catalog([{ type: 'PerformanceRevised', performanceId, sections: [], revision: 2, priceRevision: 2, terms }])
  }

  async function hold(name: string, sectionId: string, seats: readonly number[], buyer: string): Promise<Record<string, string>> {
    const { token } = await ledger.seating(hall.performanceId, sectionId, [hall.held(name, sectionId, seats, buyer)])
    return { 'Cavea-Min-Version': token }
  }

  describe('reads of a performance', () => {
    it('tell sections, categories with colour and price, the sale window and the policy to anybody', async () => {
      const { status, body, headers } = await rig.get(performancePath())
      assert.equal(status, 200)
      assert.equal(headers.get('etag'), '"r1"')
      assert.equal(headers.get('cache-control'), 'no-cache')
      assert.deepEqual(body['sections'], [
        { sectionId: 'stalls', name: 'STALLS', capacity: 4, standing: false },
        { sectionId: 'balcony', name: 'BALCONY', capacity: 4, standing: false },
      ])
      assert.deepEqual(body['categories'], [
        { name: 'Gold', color: '#ffcc00', price: { amount: 125_000, currency: 'VND' } },
        { name: 'Silver', color: null, price: { amount: 80_000, currency: 'VND' } },
      ])
      assert.deepEqual(body['prices'], [
        { category: 'Gold', price: { amount: 125_000, currency: 'VND' } },
        { category: 'Silver', price: { amount: 80_000, currency: 'VND' } },
      ])
      assert.deepEqual(body['holdPolicy'], { ttlSeconds: 600, extensionSeconds: 600, maxSeconds: 1_800 })
      assert.deepEqual([body['status'], body['currency'], body['saleStartsAt'], body['capacity']], ['scheduled', 'VND', null, 8])
      assert.match(String(body['startsAt']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    })

    it('call it opening, under another tag, until its sections answered', async () => {
      const opening = scriptHall('Opening')
      const { token } = await ledger.catalog(opening.catalogEvents)
      const { body, headers } = await rig.get(`/v1/performances/${opening.performanceId}`, { 'Cavea-Min-Version': token })
      assert.deepEqual([body['status'], headers.get('etag')], ['opening', '"r1-opening"'])
      const availability = await rig.get(`/v1/performances/${opening.performanceId}/availability`)
      assert.deepEqual((availability.body['sections'] as { available: number }[])[0]?.available, 4)
    })

    it('show new terms under a new tag', async () => {
      const revised = await revise({
        saleStartsAtMs: epochMillis(1_790_000_123_000),
        prices: [{ category: 'Gold', ticketType: '', amount: 1 }],
      })
      const { headers, body } = await rig.get(performancePath(), { 'Cavea-Min-Version': revised.token, 'If-None-Match': '"r1"' })
      assert.equal(headers.get('etag'), '"r2"')
      assert.equal(body['saleStartsAt'], '2026-09-21T14:15:23.000Z')
      assert.equal((body['categories'] as { price: unknown }[])[1]?.price, null)
    })

    it('answer 404 with a code for a performance and for a section that do not exist', async () => {
      const performance = await rig.get('/v1/performances/perf_unknown')
      assert.deepEqual([performance.status, performance.body['code']], [404, 'PERFORMANCE_NOT_FOUND'])
      const section = await rig.get(`${performancePath()}/seats?section=stalls&section=cellar`)
      assert.deepEqual([section.status, section.body['code']], [404, 'SECTION_NOT_FOUND'])
      assert.equal(section.headers.get('content-type'), 'application/problem+json')
    })
  })

  describe('reads of seats', () => {
    it('follow every decision', async () => {
      const buyer = 'buyer_1'
      const before = await rig.get(`${performancePath()}/availability`)
      await hold('one', 'stalls', [0, 1], buyer)
      await ledger.seating(hall.performanceId, 'stalls', [hall.sold('one', 'stalls', [0, 1])])
      await hold('two', 'stalls', [3], buyer)
      const version = await hold('three', 'balcony', [2], buyer)
      const { body } = await rig.get(`${performancePath()}/availability`, version)
      const stalls = await rig.get(`${performancePath()}/seats?section=stalls`, await hold('four', 'stalls', [2], buyer))
      assert.deepEqual(before.body['version'], 2)
      const sections = body['sections'] as Record<string, unknown>[]
      const balcony = { sectionId: 'balcony', name: 'BALCONY', standing: false }
      assert.deepEqual(sections[1], { ...balcony, capacity: 4, available: 3, held: 1, sold: 0, blocked: 0 })
      assert.equal(stalls.body['version'], 7)
      const [section, ...others] = stalls.body['sections'] as { sectionId: string; seats: Record<string, unknown>[] }[]
      assert.deepEqual([section?.sectionId, others.length], ['stalls', 0])
      assert.deepEqual(
        section?.seats.map(({ status }) => status),
        ['sold', 'sold', 'held', 'held'],
      )
      assert.deepEqual(section?.seats[2], {
        seatId: 'stalls-B-1',
        row: 'B',
        number: '1',
        x: 0,
        y: 5.5,
        category: 'Gold',
        type: 'standard',
        status: 'held',
      })
    })

    it('give all sections when none is asked for, and agree with the availability', async () => {
      const version = await hold('one', 'balcony', [0, 3], 'buyer_1')
      const seats = await rig.get(`${performancePath()}/seats`, version)
      const availability = await rig.get(`${performancePath()}/availability`)
      assert.equal(seats.headers.get('etag'), availability.headers.get('etag'))
      const counted = (seats.body['sections'] as { seats: { status: string }[] }[]).map((section) => {
        return section.seats.filter(({ status }) => status === 'available').length
      })
      assert.deepEqual(
        counted,
        (availability.body['sections'] as { available: number }[]).map(({ available }) => available),
      )
    })

    it('answer 304 while nothing changed and 200 with another tag when something did', async () => {
      for (const path of [`${performancePath()}/availability`, `${performancePath()}/seats?section=stalls`]) {
        const first = await rig.get(path)
        const tag = first.headers.get('etag') ?? ''
        const same = await rig.get(path, { 'If-None-Match': tag })
        assert.deepEqual([same.status, same.text, same.headers.get('etag')], [304, '', tag])
        const version = await hold(path, 'stalls', path.endsWith('availability') ? [0] : [1], 'buyer_1')
        const changed = await rig.get(path, { ...version, 'If-None-Match': tag })
        assert.equal(changed.status, 200)
        assert.notEqual(changed.headers.get('etag'), tag)
      }
    })

    it('answer HEAD as GET without the body', async () => {
      const get = await rig.get(`${performancePath()}/seats`)
      const head = await rig.get(`${performancePath()}/seats`, {}, 'HEAD')
      assert.deepEqual([head.status, head.text], [200, ''])
      for (const name of ['etag', 'content-length', 'content-type', 'cache-control'])
        assert.equal(head.headers.get(name), get.headers.get(name), name)
    })

    it('skip void records', async () => {
      const recorded = await ledger.seating(hall.performanceId, 'stalls', [hall.held('one', 'stalls', [0], 'buyer_1')])
      await ledger.seating(hall.performanceId, 'stalls', [hall.released('one', 'stalls', [0])])
      await ledger.raw('seating', recorded.partition, recorded.value)
      const version = await hold('two', 'stalls', [3], 'buyer_1')
      const { body } = await rig.get(`${performancePath()}/availability`, version)
      assert.deepEqual([(body['sections'] as { held: number }[])[0]?.held, body['version']], [1, 5])
      assert.ok(Number(await rig.metric(/cavea_query_void_records_total\{context="seating"[^}]*\} (\d+)/)) > 0)
    })
  })

  describe('Cavea-Min-Version', () => {
    it('makes a read wait for a decision that is not there yet', async () => {
      const first = await ledger.seating(hall.performanceId, 'stalls', [hall.held('one', 'stalls', [0], 'buyer_1')])
      const next = `seating/${first.partition}/${first.commandOffset + 1}`
      const waiting = rig.get(`${performancePath()}/availability`, { 'Cavea-Min-Version': next })
      await ledger.seating(hall.performanceId, 'stalls', [hall.released('one', 'stalls', [0])])
      assert.equal((await waiting).body['version'], 4)
    })

    it('is refused with 503 when the decision does not come in time', async () => {
      const impatient = await startRig(spec.parts, { minVersionTimeoutMs: 1 })
      try {
        const { status, body, headers } = await impatient.get(performancePath(), { 'Cavea-Min-Version': 'seating/0/999999' })
        assert.deepEqual([status, body['code'], body['retryable'], headers.get('retry-after')], [503, 'READ_MODEL_BEHIND', true, '1'])
      } finally {
        await impatient.stop()
      }
    })

    it('is refused with 400 when it is malformed or names no partition of ours', async () => {
      for (const header of ['seating/0', 'seating/0/1;catalog/0/1', 'kitchen/0/1', `seating/${PARTITIONS}/0`, 'seating/0/-1', ',']) {
        const { status, body } = await rig.get(performancePath(), { 'Cavea-Min-Version': header })
        assert.deepEqual([status, body['code']], [400, 'MIN_VERSION_INVALID'], header)
      }
    })
  })

  describe('reads of a hold', () => {
    const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` })
    const holdPath = (name: string): string => `/v1/holds/${hall.holdId(name, 'stalls')}`

    it('give its buyer the seats with labels and the prices that it locked', async () => {
      const { buyerId, buyerToken } = rig.tokens.issueBuyer(Date.now())
      const version = await hold('mine', 'stalls', [1, 2], buyerId)
      await revise({ prices: [{ category: 'Gold', ticketType: '', amount: 999_999 }] })
      const { status, body, headers } = await rig.get(holdPath('mine'), { ...version, ...bearer(buyerToken) })
      assert.equal(status, 200)
      assert.equal(headers.get('cache-control'), 'private, no-store')
      const price = { amount: 125_000, currency: 'VND' }
      assert.deepEqual(body, {
        holdId: hall.holdId('mine', 'stalls'),
        performanceId: hall.performanceId,
        sectionId: 'stalls',
        status: 'held',
        seats: [
          { seatId: 'stalls-A-2', section: 'STALLS', row: 'A', number: '2', category: 'Gold', price },
          { seatId: 'stalls-B-1', section: 'STALLS', row: 'B', number: '1', category: 'Gold', price },
        ],
        quantity: 2,
        areas: [],
        total: { amount: 250_000, currency: 'VND' },
        expiresAt: '2026-09-21T14:23:20.000Z',
        extensionsLeft: 1,
      })
    })

    it('tell what became of it', async () => {
      const { buyerId, buyerToken } = rig.tokens.issueBuyer(Date.now())
      await hold('kept', 'stalls', [0], buyerId)
      await hold('let go', 'stalls', [1], buyerId)
      await ledger.seating(hall.performanceId, 'stalls', [hall.sold('kept', 'stalls', [0])])
      const { token } = await ledger.seating(hall.performanceId, 'stalls', [hall.released('let go', 'stalls', [1])])
      const headers = { ...bearer(buyerToken), 'Cavea-Min-Version': token }
      assert.equal((await rig.get(holdPath('kept'), headers)).body['status'], 'sold')
      assert.equal((await rig.get(holdPath('let go'), headers)).body['status'], 'released')
    })

    it('show it to the organiser of the performance and to no other buyer', async () => {
      const version = await hold('theirs', 'stalls', [0], 'buyer_of_another_life')
      assert.equal((await rig.get(holdPath('theirs'), { ...version, ...ORGANISER })).status, 200)
      const stranger = await rig.get(holdPath('theirs'), bearer(rig.tokens.issueBuyer(Date.now()).buyerToken))
      assert.deepEqual([stranger.status, stranger.body['code']], [404, 'HOLD_NOT_FOUND'])
    })

    it('do not show an organiser the hold of another organisation', async () => {
      const foreign = scriptHall('Foreign', 4, 'org_other')
      const catalog = await ledger.catalog(foreign.catalogEvents, 'org_other')
      const opened = await ledger.seating(foreign.performanceId, 'stalls', [
        foreign.open('stalls'),
        foreign.held('foreign', 'stalls', [0], 'buyer_1'),
      ])
      const headers = { ...ORGANISER, 'Cavea-Min-Version': `${catalog.token},${opened.token}` }
      for (const path of [`holds/${foreign.holdId('foreign', 'stalls')}`, `venues/${foreign.venueId}`, `seat-maps/${foreign.seatMapId}`])
        assert.equal((await rig.get(`/v1/${path}`, headers)).status, 404, path)
    })

    it('need a valid token, and answer 404 to ids that are none', async () => {
      const none = await rig.get(holdPath('mine'))
      assert.deepEqual([none.status, none.body['code'], none.headers.get('www-authenticate')], [401, 'UNAUTHENTICATED', 'Bearer'])
      const wrong = await rig.get(holdPath('mine'), bearer('wrong'))
      assert.deepEqual([wrong.status, wrong.headers.get('www-authenticate')], [401, 'Bearer error="invalid_token"'])
      for (const id of ['hold_', 'hold_unknown', hall.performanceId, hall.holdId('never made', 'stalls'), '%E0%A4%A'])
        assert.equal((await rig.get(`/v1/holds/${id}`, ORGANISER)).status, 404, id)
    })
  })

  describe('lists of performances', () => {
    it('give pages that join up to all of them, each once', async () => {
      for (const name of ['List A', 'List B', 'List C']) await openedHall(name)
      const ids: unknown[] = []
      let cursor = ''
      do {
        const { status, body } = await rig.get(`/v1/performances?limit=2${cursor}`)
        assert.equal(status, 200)
        const data = body['data'] as Record<string, unknown>[]
        assert.ok(data.length >= 1 && data.length <= 2)
        ids.push(...data.map(({ performanceId }) => performanceId))
        cursor = body['next'] === null ? '' : `&cursor=${String(body['next'])}`
      } while (cursor !== '')
      assert.equal(new Set(ids).size, ids.length)
      assert.ok(ids.length >= 4 && ids.includes(hall.performanceId))
    })

    it('show what is still opening to its organiser alone', async () => {
      const opening = scriptHall('Still opening')
      const { token } = await ledger.catalog(opening.catalogEvents)
      const listed = async (headers: Record<string, string>): Promise<boolean> => {
        const { text } = await rig.get('/v1/performances?limit=100', { ...headers, 'Cavea-Min-Version': token })
        return text.includes(opening.performanceId)
      }
      assert.deepEqual([await listed({}), await listed(ORGANISER)], [false, true])
    })

    it('answer 304 while nothing changed', async () => {
      const { headers } = await rig.get('/v1/performances')
      assert.equal(headers.get('vary'), 'Authorization')
      assert.equal((await rig.get('/v1/performances', { 'If-None-Match': headers.get('etag') ?? '' })).status, 304)
    })
  })

  describe('reads of venues and seat maps', () => {
    it('give organisers their venue', async () => {
      const { status, body } = await rig.get(`/v1/venues/${hall.venueId}`, ORGANISER)
      assert.equal(status, 200)
      assert.equal(body['timeZone'], 'Europe/Berlin')
    })

    it('give organisers their map, also as a plan that can be imported', async () => {
      const { body, headers } = await rig.get(`/v1/seat-maps/${hall.seatMapId}`, ORGANISER)
      assert.deepEqual([body['version'], body['capacity'], headers.get('cache-control')], [1, 8, 'private, no-cache'])
      const plan = await rig.get(`/v1/seat-maps/${hall.seatMapId}`, { ...ORGANISER, Accept: 'application/vnd.cavea.seat-map+json' })
      assert.match(plan.headers.get('content-type') ?? '', /^application\/vnd\.cavea\.seat-map\+json/)
      assert.deepEqual(Object.keys(plan.body), ['name', 'categories', 'sections'])
      const [stalls] = plan.body['sections'] as { sectionId: string; rows: { label: string; seats: unknown[] }[] }[]
      assert.deepEqual(
        stalls?.rows.map(({ label, seats }) => [label, seats.length]),
        [
          ['A', 2],
          ['B', 2],
        ],
      )
      assert.deepEqual(stalls?.rows[0]?.seats[1], {
        seatId: 'stalls-A-2',
        number: '2',
        x: 10,
        y: 5.5,
        category: 'Gold',
        type: 'standard',
      })
    })

    it('are refused to buyers and to nobody', async () => {
      const buyer = { Authorization: `Bearer ${rig.tokens.issueBuyer(Date.now()).buyerToken}` }
      for (const path of [`/v1/venues/${hall.venueId}`, `/v1/seat-maps/${hall.seatMapId}`]) {
        assert.equal((await rig.get(path, buyer)).status, 403)
        assert.equal((await rig.get(path)).status, 401)
        assert.equal((await rig.get(`${path}x`, ORGANISER)).status, 404)
      }
    })
  })

  it('answers unknown routes with 404 and other methods with 405, as problems', async () => {
    const unknown = await rig.get('/v1/nothing')
    assert.deepEqual([unknown.status, unknown.body['code']], [404, 'NOT_FOUND'])
    const wrong = await rig.get(performancePath(), {}, 'PUT')
    assert.deepEqual([wrong.status, wrong.body['code']], [405, 'METHOD_NOT_ALLOWED'])
  })

  it('is ready, and measures requests by route', async () => {
    assert.deepEqual((await rig.get('/readyz')).body, { ready: true, reasons: [] })
    await rig.get(performancePath())
    assert.match((await rig.get('/metrics')).text, /cavea_query_request_seconds_count\{[^}]*route="\/v1\/performances\/:id",status="200"/)
  })
})
