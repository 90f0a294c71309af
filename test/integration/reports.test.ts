import assert from 'node:assert/strict'
import { join } from 'node:path'
import { START_MS } from '@cavea/event-log/testing/scripted-chains'
import { type EmbeddedTables, openEmbeddedTables } from '@cavea/projector/adapters/relational-tables'
import { bookings } from '@cavea/projector/projections/bookings/bookings'
import { catalogue } from '@cavea/projector/projections/catalogue/catalogue'
import { decisions } from '@cavea/projector/projections/decisions/decisions'
import { openPostgresReports } from '@cavea/query-service/adapters/postgres-reports'
import type { Reports } from '@cavea/query-service/ports/reports'
import {
  ADMIN_TOKEN,
  type Answer,
  atLeast,
  PARTITIONS,
  putOnSale,
  type QueryRig,
  startRig,
  TOPIC_PREFIX,
} from '@cavea/query-service/testing/query-rig'
import { ORGANISATION, type ScriptedHall, scriptHall } from '@cavea/query-service/testing/scripted-hall'
import type { ScriptedLedger } from '@cavea/query-service/testing/scripted-ledger'
import { openSpecLog, type SpecLog } from '@cavea/query-service/testing/spec-log'
import { catchUp, storeOptions } from '../support/tables.ts'

const HOUR_MS = 3_600_000
const PLACES = 1_500 // Two shards.
const NOW_MS = START_MS + 26 * HOUR_MS
const organiser = { Authorization: `Bearer ${ADMIN_TOKEN}` }

describe('Reports from tables', function () {
  this.timeout(120_000)
  let spec: SpecLog
  let tables: EmbeddedTables
  let reports: Reports
  let ledger: ScriptedLedger
  let rig: QueryRig
  let halls = 0

  before(async () => {
    spec = await openSpecLog()
    ledger = spec.ledger
    const opened = await openEmbeddedTables({ dir: join(spec.dir, 'tables'), warn: (message, error) => console.warn(message, error) })
    assert.ok(opened)
    tables = opened
    reports = openPostgresReports(storeOptions(tables.url))
    rig = await startRig(spec.parts, { reports: () => reports, minVersionTimeoutMs: 10_000, nowMs: () => NOW_MS })
  })
  after(async () => {
    await rig.stop()
    await reports.close()
    await tables.close()
    await spec.close()
  })

  const project = (): Promise<void> =>
    catchUp({ ...spec.parts, topicPrefix: TOPIC_PREFIX, partitions: PARTITIONS }, tables.store, [catalogue, bookings, decisions])

  async function newHall(name = `Hall ${halls++}`, organisation = ORGANISATION): Promise<ScriptedHall> {
    const hall = scriptHall(name, 4, organisation, PLACES)
    await putOnSale(rig, ledger, hall)
    return hall
  }

  function newBuyer(): { readonly id: string; readonly headers: Record<string, string> } {
    const { buyerId, buyerToken } = rig.tokens.issueBuyer(START_MS)
    return { id: buyerId, headers: { Authorization: `Bearer ${buyerToken}` } }
  }

  async function get<Body>(path: string, headers: Record<string, string> = {}): Promise<Body> {
    const { status, text } = await rig.get(path, headers)
    assert.equal(status, 200, text)
    return JSON.parse(text) as Body
  }

  const codeOf = ({ status, body }: Answer): readonly [number, unknown] => [status, body['code']]

  it('are not to be had without a database, and say so', async () => {
    const bare = await startRig(spec.parts)
    try {
      for (const path of ['/v1/performances?q=opera', '/v1/holds'])
        assert.deepEqual(codeOf(await bare.get(path, organiser)), [503, 'READ_MODEL_UNAVAILABLE'], path)
      assert.equal((await bare.get('/v1/performances')).status, 200)
    } finally {
      await bare.stop()
    }
  })

  describe('searching performances', () => {
    type Found = { data: { performanceId: string; name: string }[]; next: string | null }
    const namesOf = async (query: string, headers = {}): Promise<string[]> =>
      (await get<Found>(`/v1/performances?${query}`, headers)).data.map(({ name }) => name)

    before(async () => {
      for (const name of ['Đêm Thị Ước', 'İstanbul Işıkları', 'Año Nuevo', '台北音樂廳', 'U2: 3D 4x4 1e5 0x1f v2.0']) await newHall(name)
      await ledger.catalog(scriptHall('Đêm chưa mở').catalogEvents)
      await newHall('Đêm of others', 'org_others')
      await project()
    })

    it('finds names in any language as people type them, and by the beginnings of words', async () => {
      assert.deepEqual(await namesOf('q=dem+uoc'), ['Đêm Thị Ước'])
      assert.deepEqual(await namesOf(`q=${encodeURIComponent('ĐÊM thị')}`), ['Đêm Thị Ước'])
      assert.deepEqual(await namesOf('q=ISTANBUL+isik'), ['İstanbul Işıkları'])
      assert.deepEqual(await namesOf('q=nuevo'), ['Año Nuevo'])
      assert.deepEqual(await namesOf(`q=${encodeURIComponent('音樂')}`), ['台北音樂廳'])
      for (const odd of ['u2', '3d', '4x4', '1e5', '0x1f', 'v2.0', 'U2%3A+3D+v2', '0x', '4'])
        assert.deepEqual(await namesOf(`q=${odd}`), ['U2: 3D 4x4 1e5 0x1f v2.0'], odd)
      assert.deepEqual(await namesOf('q=nothing+like+it'), [])
      assert.deepEqual(await namesOf('q=%21%3F'), [])
    })

    it('shows buyers what can be bought, and organisers all of theirs and nothing of others', async () => {
      assert.deepEqual((await namesOf('q=dem')).toSorted(), ['Đêm Thị Ước', 'Đêm of others'])
      assert.deepEqual((await namesOf('q=dem', organiser)).toSorted(), ['Đêm Thị Ước', 'Đêm chưa mở'])
    })

    it('filters by time, city and country', async () => {
      const startMs = START_MS + 24 * HOUR_MS
      const [at, after] = [new Date(startMs).toISOString(), new Date(startMs + 1).toISOString()]
      assert.deepEqual(await namesOf(`q=nuevo&from=${at}&to=${after}&city=C&country=de`), ['Año Nuevo'])
      assert.deepEqual(await namesOf(`q=nuevo&to=${at}`), [])
      assert.deepEqual(await namesOf('q=nuevo&country=VN'), [])
      assert.deepEqual(await namesOf('q=nuevo&city=Hue'), [])
    })

    it('pages through everything once, with words and without', async () => {
      for (const query of ['q=c', 'country=DE']) {
        const all = await namesOf(`${query}&limit=100`, organiser)
        assert.ok(all.length >= 4, query)
        const paged: string[] = []
        let cursor = ''
        do {
          const page = await get<Found>(`/v1/performances?${query}&limit=2${cursor}`, organiser)
          paged.push(...page.data.map(({ name }) => name))
          cursor = page.next === null ? '' : `&cursor=${page.next}`
        } while (cursor !== '')
        assert.deepEqual(paged, all, query)
      }
    })

    it('refuses what it cannot read', async () => {
      for (const query of ['from=tomorrow', 'country=Germany', `q=${'a'.repeat(201)}`, 'q=a&q=b', 'q=a&cursor=AAAA', 'q=a&limit=0'])
        assert.equal((await rig.get(`/v1/performances?${query}`)).status, 400, query)
      assert.equal((await rig.get(`/v1/performances?q=${encodeURIComponent("'; DROP TABLE x; --")}`)).status, 200)
    })
  })

  describe('of a performance', () => {
    let hall: ScriptedHall
    let path: string
    let version: Record<string, string>

    /** Holds two seats, extends nothing, sells one hold on the day after and gives the other back. */
    before(async () => {
      hall = await newHall()
      path = `/v1/performances/${hall.performanceId}`
      const { performanceId } = hall
      const [first, next] = [START_MS + HOUR_MS, START_MS + 25 * HOUR_MS]
      const floor = hall.streamIds.at(-1) ?? ''
      const record = (streamId: string, event: Parameters<ScriptedLedger['seating']>[2][number], atMs: number) =>
        ledger.seating(performanceId, streamId, [event], atMs)
      await record('stalls', hall.held('one', 'stalls', [0, 1], 'buyer_a'), first)
      await record('balcony', hall.held('two', 'balcony', [2], 'buyer_b'), first + 1)
      await record('balcony', hall.released('two', 'balcony', [2]), first + 2)
      await record(floor, hall.held('three', floor, [5, 6, 7], 'buyer_a'), first + 3)
      await record(floor, hall.sold('three', floor, [5, 6, 7]), first + 4)
      const { token } = await record('stalls', hall.sold('one', 'stalls', [0, 1]), next)
      version = { ...organiser, ...atLeast(token) }
      await project()
    })

    it('tell what was sold by day and category, and what it brought in', async () => {
      const vnd = (amount: number) => ({ amount, currency: 'VND' })
      const day = (ms: number): string => new Date(ms).toLocaleDateString('sv', { timeZone: 'Europe/Berlin' })
      assert.deepEqual(await get(`${path}/sales?by=day`, version), {
        data: [
          { day: day(START_MS + HOUR_MS), category: 'Silver', seats: 3, revenue: vnd(3 * 80_000) },
          { day: day(START_MS + 25 * HOUR_MS), category: 'Gold', seats: 2, revenue: vnd(2 * 125_000) },
        ],
        total: { seats: 5, revenue: vnd(3 * 80_000 + 2 * 125_000) },
      })
    })

    it('tell how the counts went, up to now, in no more points than asked for', async () => {
      type Point = { at: string; available: number; held: number; sold: number; blocked: number }
      const { data } = await get<{ data: Point[] }>(`${path}/history?points=4`, version)
      assert.equal(data.length, 3)
      const all = 8 + PLACES
      for (const { available, held, sold, blocked } of data) assert.equal(available + held + sold + blocked, all)
      const { at, ...last } = data.at(-1) ?? { at: '' }
      assert.deepEqual(last, { available: all - 5, held: 0, sold: 5, blocked: 0 })
      assert.equal(at, new Date(NOW_MS).toISOString())
      assert.equal(data[0]?.at, new Date(START_MS + HOUR_MS + 4).toISOString())
      assert.equal(data[0]?.held, 2)
    })

    it('tell all that was decided about a seat, in the order of the log, page by page', async () => {
      type Told = { data: { event: string; status: string; holdId: string; decision: string; actor: object }[]; next: string | null }
      const seat = `${path}/seats/stalls-A-1/decisions`
      const { data, next } = await get<Told>(seat, version)
      assert.deepEqual(
        data.map(({ event, status, holdId, actor }) => [event, status, holdId, actor]),
        [
          ['SeatsHeld', 'held', hall.holdId('one', 'stalls'), { kind: 'system', id: 'script' }],
          ['SeatsSold', 'sold', hall.holdId('one', 'stalls'), { kind: 'system', id: 'script' }],
        ],
      )
      assert.equal(next, null)
      const first = await get<Told>(`${seat}?limit=1`, version)
      const second = await get<Told>(`${seat}?limit=1&cursor=${first.next ?? ''}`, version)
      assert.deepEqual([...first.data, ...second.data], data)
      assert.deepEqual(
        (await get<Told>(`${path}/seats/balcony-B-1/decisions`, organiser)).data.map(({ status }) => status),
        ['held', 'available'],
      )
      assert.deepEqual(codeOf(await rig.get(`${path}/seats/nowhere/decisions`, organiser)), [404, 'SEAT_NOT_FOUND'])
    })

    it('are for its organiser alone', async () => {
      const others = await newHall('Of others', 'org_others')
      for (const report of ['history', 'sales', 'seats/stalls-A-1/decisions']) {
        assert.deepEqual(codeOf(await rig.get(`${path}/${report}`)), [401, 'UNAUTHENTICATED'], report)
        assert.deepEqual(codeOf(await rig.get(`${path}/${report}`, newBuyer().headers)), [403, 'FORBIDDEN'], report)
        const foreign = await rig.get(`/v1/performances/${others.performanceId}/${report}`, organiser)
        assert.deepEqual(codeOf(foreign), [404, 'PERFORMANCE_NOT_FOUND'], report)
      }
    })

    it('refuse what they cannot read', async () => {
      for (const asked of ['history?points=1', 'history?points=5000', 'sales?by=hour', 'seats/stalls-A-1/decisions?cursor=AAAA'])
        assert.equal((await rig.get(`${path}/${asked}`, organiser)).status, 400, asked)
    })
  })

  it('wait for the tables to be as new as asked for, and then give up', async () => {
    const fresh = await newHall()
    await project()
    const sales = `/v1/performances/${fresh.performanceId}/sales`
    const { token, partition, commandOffset } = await ledger.seating(fresh.performanceId, 'stalls', [
      fresh.held('x', 'stalls', [0], 'buyer_x'),
    ])
    const late = { ...organiser, ...atLeast(token) }
    const impatient = await startRig(spec.parts, { reports: () => reports, minVersionTimeoutMs: 50, nowMs: () => NOW_MS })
    try {
      assert.equal(await impatient.service.readModel.waitFor('seating', partition, commandOffset, 10_000), 'reached')
      assert.deepEqual(codeOf(await impatient.get(sales, late)), [503, 'READ_MODEL_BEHIND'])
      const waiting = rig.get(sales, late)
      await project()
      assert.equal((await waiting).status, 200)
      assert.equal((await impatient.get(sales, late)).status, 200)
    } finally {
      await impatient.stop()
    }
  })

  it("list a buyer's own holds, the newest first, and carts without their parts", async () => {
    const hall = await newHall()
    const buyer = newBuyer()
    const record = (name: string, seats: readonly number[]) =>
      ledger.seating(hall.performanceId, 'stalls', [hall.held(name, 'stalls', seats, buyer.id)])
    await record('a', [0])
    await record('b', [1])
    await ledger.seating(hall.performanceId, 'stalls', [hall.released('b', 'stalls', [1])])
    const part = hall.part('p', 'balcony', [0])
    const { token } = await ledger.seating(hall.performanceId, 'balcony', [hall.partHeld('c', part, buyer.id)])
    const cart = await ledger.cart(hall.cartId('c'), [hall.cartHeld('c', [part], buyer.id)])
    await project()
    type Holds = { data: { holdId: string; status: string }[]; next: string | null }
    const headers = { ...buyer.headers, ...atLeast(token, cart.token) }
    const { data } = await get<Holds>('/v1/holds', headers)
    const expected = [hall.holdId('a', 'stalls'), hall.holdId('b', 'stalls'), hall.cartId('c')].toSorted().toReversed()
    assert.deepEqual(
      data.map(({ holdId }) => holdId),
      expected,
    )
    assert.deepEqual(data[0], await get(`/v1/holds/${data[0]?.holdId ?? ''}`, headers))
    assert.deepEqual(
      (await get<Holds>('/v1/holds?status=released', headers)).data.map(({ holdId }) => holdId),
      [hall.holdId('b', 'stalls')],
    )
    const first = await get<Holds>('/v1/holds?limit=2', headers)
    const rest = await get<Holds>(`/v1/holds?limit=2&cursor=${first.next ?? ''}`, headers)
    assert.deepEqual(
      [...first.data, ...rest.data].map(({ holdId }) => holdId),
      expected,
    )
    assert.deepEqual((await get<Holds>('/v1/holds', newBuyer().headers)).data, [])
    assert.equal((await rig.get('/v1/holds')).status, 401)
    assert.equal((await rig.get('/v1/holds?status=lost', headers)).status, 400)
  })
})
