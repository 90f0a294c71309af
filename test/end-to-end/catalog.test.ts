import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type Api, apiOf, expectProblem, expectStatus, versionOf } from '../support/client.ts'
import { describeProduct } from '../support/describe-product.ts'
import {
  bigHall,
  createVenue,
  type ImportedMap,
  importPlan,
  inMs,
  openPerformance,
  PRETIX,
  THEATRE_PRICES,
  theatrePlan,
  untilOpen,
} from '../support/hall.ts'

describeProduct('An organiser', {}, ({ product }) => {
  let api: Api
  let venueId = ''

  before(async () => {
    api = apiOf(product())
    venueId = await createVenue(api)
  })

  it('imports a plan as the open seating-plan editor writes it, and is warned of what it cannot sell', async () => {
    const answer = expectStatus(await importPlan(api, venueId, theatrePlan(), PRETIX), 201)
    const map = answer.json<ImportedMap>()
    assert.equal(map.capacity, 68)
    assert.deepEqual(
      map.sections.map(({ name, capacity }) => [name, capacity]),
      [
        ['Stalls', 48],
        ['Balcony', 20],
      ],
    )
    assert.ok(map.warnings.length > 0, 'the stage is an area without capacity')
    assert.equal(answer.headers.location, `/v1/seat-maps/${map.seatMapId}`)
    const seen = { headers: { 'cavea-min-version': versionOf(answer) } }
    const read = expectStatus(await api.asOrganiser('GET', `/v1/seat-maps/${map.seatMapId}`, seen), 200)
    assert.equal(read.json<ImportedMap>().capacity, 68)
    expectProblem(await api.ask('GET', `/v1/seat-maps/${map.seatMapId}`), 401, 'UNAUTHENTICATED')
    expectProblem(await api.ask('GET', `/v1/seat-maps/${map.seatMapId}`, { token: (await api.newBuyer()).buyerToken }), 403, 'FORBIDDEN')
  })

  it('tells a plan from its fields where the media type does not', async () => {
    assert.equal(expectStatus(await importPlan(api, venueId, theatrePlan(), 'application/json'), 201).json<ImportedMap>().capacity, 68)
  })

  it('imports a CSV file of thousands of seats and opens it', async () => {
    const { csv, sections } = bigHall({ sections: 3, rows: 40, seatsPerRow: 50 })
    const answer = expectStatus(await importPlan(api, venueId, csv, 'text/csv'), 201)
    const map = answer.json<ImportedMap>()
    assert.equal(map.capacity, 6_000)
    const performanceId = await openPerformance(api, map.seatMapId, { prices: [{ category: 'Any', amount: 100 }] })
    const last = sections[2]?.at(-1) ?? ''
    const held = expectStatus(await api.hold(performanceId, [last], await api.newBuyer()), 201)
    const seats = await api.seats(performanceId, held)
    assert.equal(seats.sections.flatMap((section) => section.seats).length, 6_000)
  })

  it('gets the same map for the same import, and nothing of a faulty one', async () => {
    const key = randomUUID()
    const first = expectStatus(await importPlan(api, venueId, theatrePlan(), PRETIX, { key }), 201)
    const again = expectStatus(await importPlan(api, venueId, theatrePlan(), PRETIX, { key }), 201)
    assert.equal(again.text, first.text)
    const other = await importPlan(api, venueId, theatrePlan().replace('Small theatre', 'Other theatre'), PRETIX, { key })
    expectProblem(other, 422, 'IDEMPOTENCY_KEY_REUSED')
    const faulty = await importPlan(api, venueId, theatrePlan().replace('Stalls-A-2', 'Stalls-A-1'), PRETIX)
    const { errors = [] } = expectProblem(faulty, 400, 'SEAT_MAP_INVALID')
    assert.ok(
      errors.some(({ pointer }) => pointer.startsWith('/zones/0/rows/0/seats/')),
      faulty.text,
    )
    expectProblem(await importPlan(api, venueId, '{"zones":', PRETIX), 400, 'SEAT_MAP_INVALID')
    expectProblem(await importPlan(api, 'venue_00000000000000000000000000', theatrePlan(), PRETIX), 404, 'VENUE_NOT_FOUND')
  })

  it('schedules a performance, sees it listed, and repeats the request safely', async () => {
    const { seatMapId } = expectStatus(await importPlan(api, venueId, theatrePlan(), PRETIX), 201).json<ImportedMap>()
    const key = randomUUID()
    const body = { seatMapId, name: 'Matinee', startsAt: inMs(86_400_000), currency: 'EUR', prices: THEATRE_PRICES }
    const made = expectStatus(await api.asOrganiser('POST', '/v1/performances', { body, key }), 201)
    const { performanceId, capacity } = made.json<{ performanceId: string; capacity: number }>()
    assert.equal(capacity, 68)
    assert.equal((await api.asOrganiser('POST', '/v1/performances', { body, key })).text, made.text)
    await untilOpen(api, performanceId)

    const listed: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const page: { data: { performanceId: string }[]; next: string | null } = expectStatus(
        await api.ask('GET', `/v1/performances?limit=2${next === '' ? '' : `&cursor=${next}`}`),
        200,
      ).json()
      assert.ok(page.data.length <= 2)
      listed.push(...page.data.map((performance) => performance.performanceId))
      next = page.next
    }
    assert.ok(listed.includes(performanceId))
    assert.equal(new Set(listed).size, listed.length)
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'cursor=%00']) {
      const answer = await api.ask('GET', `/v1/performances?${query}`)
      expectProblem(answer, 400, query.startsWith('limit') ? 'LIMIT_INVALID' : 'CURSOR_INVALID')
    }
  })

  it('is told everything that is wrong with a performance at once', async () => {
    const { seatMapId } = expectStatus(await importPlan(api, venueId, theatrePlan(), PRETIX), 201).json<ImportedMap>()
    const startsAt = inMs(86_400_000)
    const tell = async (body: object): Promise<readonly string[]> => {
      const { errors = [] } = expectProblem(await api.asOrganiser('POST', '/v1/performances', { body }), 400, 'INVALID_INPUT')
      return errors.map(({ pointer, code }) => `${pointer} ${code}`).sort()
    }
    assert.deepEqual(await tell({ seatMapId, startsAt: 'tomorrow', currency: 'XXZ', prices: THEATRE_PRICES, surprise: 1 }), [
      '/currency INVALID',
      '/startsAt INVALID',
      '/surprise UNKNOWN_FIELD',
    ])
    const prices = [
      { category: 'Stalls', amount: 1 },
      { category: 'Gods', amount: 1 },
    ]
    assert.deepEqual(await tell({ seatMapId, startsAt, currency: 'EUR', prices }), [
      '/prices PRICE_MISSING',
      '/prices/1/category UNKNOWN_CATEGORY',
    ])
    const notYet = await api.asOrganiser('POST', '/v1/performances', {
      body: { seatMapId, startsAt, currency: 'EUR', prices: THEATRE_PRICES, waitingRoom: {} },
    })
    expectProblem(notYet, 400, 'NOT_SUPPORTED')
    const unknown = { seatMapId: 'seatmap_00000000000000000000000000', startsAt, currency: 'EUR', prices: THEATRE_PRICES }
    expectProblem(await api.asOrganiser('POST', '/v1/performances', { body: unknown }), 404, 'SEAT_MAP_NOT_FOUND')
  })

  it('is somebody whom a buyer is not', async () => {
    const { buyerToken } = await api.newBuyer()
    for (const path of ['/v1/venues', `/v1/venues/${venueId}/seat-maps`, '/v1/performances']) {
      expectProblem(await api.ask('POST', path, { token: buyerToken, body: {} }), 403, 'FORBIDDEN')
      const anonymous = await api.ask('POST', path, { body: {} })
      expectProblem(anonymous, 401, 'UNAUTHENTICATED')
      assert.match(String(anonymous.headers['www-authenticate']), /^Bearer/)
    }
  })
})
