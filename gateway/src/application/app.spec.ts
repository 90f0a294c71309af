import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import * as described from '../openapi/answers.ts'
import { EMBEDDED_ADAPTERS } from '../testing/spec-adapters.ts'
import { openSpecGateway, type SpecGateway } from '../testing/spec-gateway.ts'

const PLAN_FILE = new URL('../../../test/fixtures/seating-plan.json', import.meta.url)
const venue = {
  name: 'Small theatre',
  timeZone: 'Asia/Ho_Chi_Minh',
  address: { street: '1 Lê Lợi', city: 'Huế', postalCode: '', country: 'VN' },
}
const prices = [
  { category: 'Stalls', amount: 125_000 },
  { category: 'Balcony', amount: 90_000 },
]

/** Every field of an answer is in the OpenAPI document, and none is there that an answer lacks. */
function assertDescribed(schema: z.ZodType, body: unknown): void {
  assert.deepEqual(schema.parse(body), body)
}

describe('the gateway', () => {
  let spec: SpecGateway
  let seatMapId: string
  let performanceId: string
  let buyer: string

  const schedule = (more: object = {}) =>
    spec.organise('POST', '/v1/performances', {
      json: { seatMapId, startsAt: '2030-05-01T19:30:00+07:00', currency: 'VND', prices, ...more },
    })

  const hold = (seats: readonly string[], key: string, token = buyer) =>
    spec.ask('POST', `/v1/performances/${performanceId}/holds`, { token, key, json: { seats } })

  before(async () => {
    spec = await openSpecGateway(EMBEDDED_ADAPTERS, {
      env: { CAVEA_DECISION_TIMEOUT_MS: '5000' },
      reads: ({ url, headers }, response) => response.end(JSON.stringify({ read: url, since: headers['cavea-min-version'] })),
    })
    const created = await spec.organise('POST', '/v1/venues', { json: venue })
    assert.equal(created.status, 201, JSON.stringify(created.body))
    assertDescribed(described.Venue, created.body)
    const imported = await spec.organise('POST', `/v1/venues/${String(created.body['venueId'])}/seat-maps`, {
      body: await readFile(PLAN_FILE),
      headers: { 'Content-Type': 'application/json' },
      key: 'import',
    })
    assert.equal(imported.status, 201, JSON.stringify(imported.body))
    assertDescribed(described.ImportedSeatMap, imported.body)
    seatMapId = String(imported.body['seatMapId'])
    const scheduled = await schedule()
    assert.equal(scheduled.status, 201, JSON.stringify(scheduled.body))
    assertDescribed(described.ScheduledPerformance, scheduled.body)
    performanceId = String(scheduled.body['performanceId'])
    buyer = spec.newBuyer()
  })

  after(() => spec.close())

  it('holds seats and answers with their labels, prices, total and version', async () => {
    const answer = await hold(['Stalls-A-1', 'Stalls-A-2'], 'k1')
    assert.equal(answer.status, 201)
    assertDescribed(described.NewHold, answer.body)
    const { holdId, expiresAt, ...rest } = answer.body
    const price = { amount: 125_000, currency: 'VND' }
    assert.deepEqual(rest, {
      performanceId,
      sectionId: 'stalls',
      status: 'held',
      seats: ['1', '2'].map((number) => ({ seatId: `Stalls-A-${number}`, section: 'Stalls', row: 'A', number, category: 'Stalls', price })),
      quantity: 2,
      areas: [],
      total: { amount: 250_000, currency: 'VND' },
      extensionsLeft: 1,
    })
    assert.match(String(expiresAt), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.equal(answer.headers.get('location'), `/v1/holds/${String(holdId)}`)
    assert.match(answer.headers.get('cavea-version') ?? '', /^seating\/[01]\/\d+$/)
  })

  it('repeats the first answer for the same key and body, and refuses another body', async () => {
    const first = await hold(['Stalls-A-3'], 'k2')
    const again = await hold(['Stalls-A-3'], 'k2')
    assert.deepEqual([again.status, again.body, again.headers.get('cavea-version')], [201, first.body, first.headers.get('cavea-version')])
    const other = await hold(['Stalls-A-4'], 'k2')
    assert.deepEqual([other.status, other.body.code], [422, 'IDEMPOTENCY_KEY_REUSED'])
  })

  it('names the seats that are in the way', async () => {
    await hold(['Stalls-A-5'], 'k3')
    const refused = await hold(['Stalls-A-5', 'Stalls-A-6'], 'k4', spec.newBuyer())
    assert.deepEqual([refused.status, refused.body.code, refused.body['retryable']], [409, 'SEAT_UNAVAILABLE', false])
    assert.equal(refused.headers.get('content-type'), 'application/problem+json')
    assert.ok(refused.headers.get('cavea-version'))
    assertDescribed(described.Problem, refused.body)
    const [conflict] = refused.body['conflicts'] as Record<string, string>[]
    assert.deepEqual([conflict?.['seatId'], conflict?.['reason']], ['Stalls-A-5', 'held'])
    assert.equal(Date.parse(conflict?.['mayFreeAt'] ?? '') - Date.parse(conflict?.['since'] ?? ''), 600_000)
  })

  it('lets the owner extend and release, organisers sell, and shows others nothing', async () => {
    const { body } = await hold(['Stalls-B-1'], 'k5')
    const path = `/v1/holds/${String(body['holdId'])}`
    const stranger = await spec.ask('POST', `${path}/extend`, { token: spec.newBuyer() })
    assert.deepEqual([stranger.status, stranger.body.code], [404, 'HOLD_NOT_FOUND'])
    const extended = await spec.ask('POST', `${path}/extend`, { token: buyer })
    assert.deepEqual([extended.status, extended.body['status'], extended.body['extensionsLeft']], [200, 'held', 0])
    assertDescribed(described.ExtendedHold, extended.body)
    assert.equal((await spec.ask('POST', `${path}/sell`, { token: buyer })).status, 403)
    const released = await spec.ask('DELETE', path, { token: buyer })
    const again = await spec.ask('DELETE', path, { token: buyer })
    assert.deepEqual([released.status, released.body['status']], [200, 'released'])
    assert.deepEqual([again.status, again.body], [200, released.body])
    const { body: toSell } = await hold(['Stalls-B-2'], 'k6')
    const sold = await spec.organise('POST', `/v1/holds/${String(toSell['holdId'])}/sell`)
    assert.deepEqual([sold.status, sold.body['status']], [200, 'sold'])
    assertDescribed(described.SoldHold, sold.body)
    assertDescribed(described.ReleasedHold, released.body)
  })

  it('reads a hold that is sold already, as of the decision that said so', async () => {
    const { body } = await hold(['Stalls-B-3'], 'k7')
    const path = `/v1/holds/${String(body['holdId'])}`
    await spec.organise('POST', `${path}/sell`)
    const again = await spec.organise('POST', `${path}/sell`)
    assert.deepEqual([again.status, again.body], [200, { read: path, since: again.headers.get('cavea-version') }])
  })

  it('refuses what cannot be a hold, each with its own code', async () => {
    const cases: readonly [object, number, string][] = [
      [{ seats: [] }, 400, 'INVALID_INPUT'],
      [{ seats: ['Stalls-A-9', 'Stalls-A-9'] }, 400, 'INVALID_INPUT'],
      [{ seats: ['Stalls-A-9'], extra: 1 }, 400, 'INVALID_INPUT'],
      [{ bestAvailable: { quantity: 2, price: { max: 1 } } }, 400, 'INVALID_INPUT'],
      [{ bestAvailable: { quantity: 2, section: 'nowhere' } }, 400, 'INVALID_INPUT'],
      [{ bestAvailable: { quantity: 2, section: 'stalls', category: 'Gold' } }, 400, 'INVALID_INPUT'],
      [{ bestAvailable: { quantity: 2 }, seats: ['Stalls-A-9'] }, 400, 'INVALID_INPUT'],
      [{}, 400, 'INVALID_INPUT'],
      [{ area: 'stalls', quantity: 2 }, 400, 'INVALID_INPUT'],
      [{ area: 'stalls', quantity: 2, ticketType: 'child' }, 400, 'NOT_SUPPORTED'],
      [{ seats: ['nowhere'] }, 404, 'SEAT_NOT_FOUND'],
    ]
    for (const [index, [json, status, code]] of cases.entries()) {
      const answer = await spec.ask('POST', `/v1/performances/${performanceId}/holds`, {
        token: buyer,
        key: `bad ${index}`.replace(' ', '-'),
        json,
      })
      assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(json))
    }
    const keyless = await spec.ask('POST', `/v1/performances/${performanceId}/holds`, { token: buyer, json: { seats: ['Stalls-A-9'] } })
    assert.deepEqual([keyless.status, keyless.body.code], [400, 'IDEMPOTENCY_KEY_REQUIRED'])
    const nowhere = await spec.ask('POST', '/v1/performances/perf_01hzabcdef01hzabcdef012345/holds', {
      token: buyer,
      key: 'n',
      json: { seats: ['x'] },
    })
    assert.deepEqual([nowhere.status, nowhere.body.code], [404, 'PERFORMANCE_NOT_FOUND'])
  })

  it('refuses buyers before the sale opens without recording anything, but not organisers', async () => {
    const opensAt = new Date(Date.now() + 3_600_000).toISOString()
    const later = await schedule({ saleStartsAt: opensAt })
    const path = `/v1/performances/${String(later.body['performanceId'])}/holds`
    const early = await spec.ask('POST', path, { token: buyer, key: 'early', json: { seats: ['Stalls-A-1'] } })
    assert.deepEqual([early.status, early.body.code, early.body['opensAt']], [409, 'SALE_NOT_OPEN', opensAt])
    assert.ok(Number(early.headers.get('retry-after')) > 3_500)
    assert.equal(early.headers.get('cavea-version'), null)
    assert.equal((await spec.organise('POST', path, { key: 'early', json: { seats: ['Stalls-A-1'] } })).status, 201)
  })

  it('asks to come back while a performance is opening', async () => {
    const opening = await schedule({ name: 'never opens' })
    const path = `/v1/performances/${String(opening.body['performanceId'])}/holds`
    const answer = await spec.ask('POST', path, { token: buyer, key: 'o', json: { seats: ['Stalls-A-1'] } })
    assert.deepEqual([answer.status, answer.body.code, answer.headers.get('retry-after')], [503, 'PERFORMANCE_OPENING', '1'])
  })

  it('changes terms only on the revision that the client saw', async () => {
    const scheduled = await schedule()
    const path = `/v1/performances/${String(scheduled.body['performanceId'])}`
    const etag = scheduled.headers.get('etag') ?? ''
    const changed = await spec.organise('PATCH', path, {
      json: { purchaseLimit: 4, sectionLimit: 2, holdPolicy: { ttlSeconds: 60 } },
      headers: { 'If-Match': etag },
    })
    assert.equal(changed.status, 200, JSON.stringify(changed.body))
    assert.deepEqual(
      [changed.body['purchaseLimit'], changed.body['sectionLimit'], changed.body['holdPolicy']],
      [4, 2, { ttlSeconds: 60, extensionSeconds: 600, maxSeconds: 1_800 }],
    )
    assert.equal(changed.headers.get('etag'), '"r2"')
    assertDescribed(described.RevisedPerformance, changed.body)
    const stale = await spec.organise('PATCH', path, { json: { purchaseLimit: 5 }, headers: { 'If-Match': etag } })
    assert.deepEqual([stale.status, stale.body.code], [412, 'PRECONDITION_FAILED'])
    const unborn = await spec.organise('PATCH', path, { json: { purchaseLimit: 5 }, headers: { 'If-Match': '"r9"' } })
    assert.equal(unborn.status, 412)
    const pending = await spec.organise('PATCH', path, { json: { purchaseLimit: null }, headers: { 'If-Match': '"r2-opening"' } })
    assert.deepEqual([pending.status, pending.body['purchaseLimit']], [200, null])
  })

  it('wants a price for each category and knows no others', async () => {
    const answer = await schedule({
      prices: [
        { category: 'Stalls', amount: 1 },
        { category: 'Loge', amount: 1 },
      ],
    })
    assert.equal(answer.status, 400)
    const codes = (answer.body['errors'] as { pointer: string; code: string }[]).map(({ pointer, code }) => `${pointer} ${code}`)
    assert.deepEqual(codes, ['/prices/1/category UNKNOWN_CATEGORY', '/prices PRICE_MISSING'])
  })

  it('blocks and unblocks seats', async () => {
    const blocked = await spec.organise('POST', `/v1/performances/${performanceId}/blocks`, {
      json: { seats: ['Balcony-A-1'], note: 'Sound desk' },
    })
    assert.equal(blocked.status, 201)
    assert.deepEqual(blocked.body['seats'], ['Balcony-A-1'])
    const both = await spec.organise('POST', `/v1/performances/${performanceId}/blocks`, { json: { seats: ['Stalls-C-1', 'Balcony-A-2'] } })
    assert.deepEqual([both.status, both.body.code], [400, 'SEATS_SPAN_SECTIONS'])
    assertDescribed(described.Block, blocked.body)
    const path = `/v1/performances/${performanceId}/blocks/${String(blocked.body['blockId'])}`
    assert.equal((await spec.organise('DELETE', path)).status, 200)
    assert.equal((await spec.ask('DELETE', path, { token: buyer })).status, 403)
  })

  it('imports the same plan again under the same key with the same answer', async () => {
    const { body } = await spec.organise('POST', '/v1/venues', { json: venue })
    const path = `/v1/venues/${String(body['venueId'])}/seat-maps`
    const request = {
      body: await readFile(PLAN_FILE),
      headers: { 'Content-Type': 'application/vnd.pretix.seating-plan+json' },
      key: 'twice',
    }
    const first = await spec.organise('POST', path, request)
    const again = await spec.organise('POST', path, request)
    assert.deepEqual([again.status, again.body], [201, first.body])
    const faulty = await spec.organise('POST', path, { json: { zones: 1 } })
    assert.deepEqual([faulty.status, faulty.body.code], [400, 'SEAT_MAP_INVALID'])
    assert.ok((faulty.body['errors'] as unknown[]).length > 0)
  })

  it('tells a command’s outcome to who sent it and to nobody else', async () => {
    const first = await hold(['Stalls-A-7'], 'mine')
    const refused = await hold(['Stalls-A-7'], 'refused')
    const ids: string[] = []
    for await (const { records } of spec.log.read('seating.commands', Number(first.headers.get('cavea-version')?.split('/')[1]), 0, {
      signal: AbortSignal.timeout(5_000),
    })) {
      ids.push(...records.map(({ value }) => spec.codec.decodeCommand(value).envelope.commandId))
      break
    }
    const [accepted, rejected] = ids.slice(-2)
    const outcome = await spec.ask('GET', `/v1/commands/${accepted}`, { token: buyer })
    assert.deepEqual([outcome.status, outcome.body, outcome.headers.get('cavea-outcome')], [200, first.body, 'accepted'])
    const problem = await spec.ask('GET', `/v1/commands/${rejected}`, { token: buyer })
    assert.deepEqual([problem.status, problem.body.code, problem.body['conflicts']], [200, 'SEAT_UNAVAILABLE', refused.body['conflicts']])
    assert.equal((await spec.ask('GET', `/v1/commands/${accepted}`, { token: spec.newBuyer() })).status, 404)
  })
})
