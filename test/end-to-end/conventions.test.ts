import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { type Answer, type Api, type Asked, apiOf, expectProblem, expectStatus } from '../support/client.ts'
import { describeProduct } from '../support/describe-product.ts'
import { openTheatre, THEATRE_PRICES } from '../support/hall.ts'
import { structureFaults } from '../support/openapi.ts'

const SECURITY_HEADERS = {
  'content-security-policy': /^default-src 'none'/,
  'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^DENY$/,
  'referrer-policy': /^no-referrer$/,
  'cross-origin-resource-policy': /^same-origin$/,
  'cross-origin-opener-policy': /^same-origin$/,
}

/** What api.md promises and this version has. */
const ROUTES = [
  'post /v1/buyers',
  'post /v1/venues',
  'get /v1/venues/{venueId}',
  'post /v1/venues/{venueId}/seat-maps',
  'get /v1/seat-maps/{seatMapId}',
  'post /v1/performances',
  'get /v1/performances',
  'get /v1/performances/{performanceId}',
  'patch /v1/performances/{performanceId}',
  'get /v1/performances/{performanceId}/availability',
  'get /v1/performances/{performanceId}/seats',
  'post /v1/performances/{performanceId}/blocks',
  'delete /v1/performances/{performanceId}/blocks/{blockId}',
  'post /v1/performances/{performanceId}/holds',
  'get /v1/holds/{holdId}',
  'delete /v1/holds/{holdId}',
  'post /v1/holds/{holdId}/extend',
  'post /v1/holds/{holdId}/sell',
  'get /v1/commands/{commandId}',
]

describeProduct('The API', {}, ({ product }) => {
  let api: Api
  let performanceId = ''
  let token = ''

  before(async () => {
    api = apiOf(product())
    performanceId = (await openTheatre(api)).performanceId
    token = (await api.newBuyer()).buyerToken
  })

  const holding = (asked: Asked): Promise<Answer> =>
    api.ask('POST', `/v1/performances/${performanceId}/holds`, { token, key: randomUUID(), ...asked })

  it('answers unknown paths, wrong methods and odd slashes as problems', async () => {
    for (const path of ['/v1/nothing', '/nothing', '/v1/buyers/', '/v1/Buyers', '/v1//buyers', '/v1/performances/%E0%A4%A'])
      assert.ok([400, 404].includes((await api.ask('GET', path)).status), path)
    expectProblem(await api.ask('GET', '/v1/nothing'), 404, 'NOT_FOUND')
    const wrong = await api.ask('PUT', '/v1/buyers', { body: {} })
    expectProblem(wrong, 405, 'METHOD_NOT_ALLOWED')
    assert.match(String(wrong.headers.allow), /POST/)
    expectProblem(await api.ask('DELETE', `/v1/performances/${performanceId}`), 405, 'METHOD_NOT_ALLOWED')
    expectProblem(await api.ask('GET', '/v1/performances/perf_00000000000000000000000000'), 404, 'PERFORMANCE_NOT_FOUND')
    expectProblem(await api.ask('GET', '/v1/performances/..%2F..%2Fmetrics'), 404, 'PERFORMANCE_NOT_FOUND')
    expectProblem(await api.ask('DELETE', '/v1/holds/hold_nonsense', { token }), 404, 'HOLD_NOT_FOUND')
    expectProblem(await api.ask('GET', '/v1/commands/cmd_nonsense', { token }), 404, 'COMMAND_NOT_FOUND')
  })

  it('refuses bodies that are too large, malformed, or of another kind', async () => {
    expectProblem(await holding({ body: `{"seats":["${'x'.repeat(1_100_000)}"]}` }), 413, 'PAYLOAD_TOO_LARGE')
    expectProblem(await holding({ body: '{"seats":' }), 400, 'MALFORMED_JSON')
    expectProblem(await holding({ body: Buffer.from([0x22, 0xff, 0x22]) }), 400, 'MALFORMED_TEXT')
    expectProblem(await holding({ body: '<seats/>', type: 'application/xml' }), 415, 'UNSUPPORTED_MEDIA_TYPE')
    expectProblem(await holding({ body: '{}', headers: { 'content-encoding': 'gzip' } }), 415, 'UNSUPPORTED_MEDIA_TYPE')
    expectStatus(await holding({ body: { seats: ['Stalls-A-1'] }, type: 'application/json; charset=utf-8' }), 201)
  })

  it('names every fault of a request, and refuses fields that it does not know', async () => {
    const faultsOf = async (body: object | string): Promise<readonly string[]> => {
      const { errors = [] } = expectProblem(await holding({ body }), 400, 'INVALID_INPUT')
      return errors.map(({ pointer, code }) => `${pointer} ${code}`)
    }
    assert.deepEqual(await faultsOf({ seats: ['Stalls-A-2'], seet: 1 }), ['/seet UNKNOWN_FIELD'])
    assert.deepEqual(await faultsOf({}), [' ONE_OF'])
    assert.deepEqual(await faultsOf({ seats: [] }), ['/seats TOO_SMALL'])
    assert.deepEqual(await faultsOf({ seats: [1, 'Stalls-A-2'] }), ['/seats/0 WRONG_TYPE'])
    assert.deepEqual(await faultsOf({ seats: ['Stalls-A-2', 'Stalls-A-2'] }), ['/seats/1 DUPLICATE_SEAT'])
    for (const body of ['[]', 'null', '"x"', '7']) await faultsOf(body)
    assert.deepEqual(await faultsOf({ area: 'stalls', quantity: 2 }), ['/area NOT_A_STANDING_AREA'])
    expectProblem(await api.block(performanceId, ['Stalls-A-2', 'Balcony-A-2']), 400, 'SEATS_SPAN_SECTIONS')
    expectProblem(await holding({ body: '{"__proto__": {"seats": ["Stalls-A-2"]}}' }), 400, 'INVALID_INPUT')
  })

  it('wants a usable idempotency key for a hold', async () => {
    const path = `/v1/performances/${performanceId}/holds`
    const body = { seats: ['Stalls-A-2'] }
    expectProblem(await api.ask('POST', path, { token, body }), 400, 'IDEMPOTENCY_KEY_REQUIRED')
    expectProblem(await api.ask('POST', path, { token, body, key: 'x'.repeat(256) }), 400, 'IDEMPOTENCY_KEY_INVALID')
    expectProblem(await api.ask('POST', path, { token, body, key: 'two words' }), 400, 'IDEMPOTENCY_KEY_INVALID')
    expectStatus(await api.ask('POST', path, { token, body, key: 'x'.repeat(255) }), 201)
  })

  it('sends the security headers with every answer, and keeps answers about persons out of caches', async () => {
    const hold = await holding({ body: { seats: ['Stalls-A-3'] } })
    const answers = [
      expectStatus(hold, 201),
      await api.ask('GET', `/v1/performances/${performanceId}`),
      await api.ask('GET', '/v1/nothing'),
      await api.ask('GET', '/v1/openapi.json'),
      await api.getHold(hold.json<{ holdId: string }>().holdId, 'organiser', hold),
    ]
    for (const { headers } of answers)
      for (const [name, pattern] of Object.entries(SECURITY_HEADERS)) assert.match(String(headers[name]), pattern, name)
    for (const { headers } of answers) for (const name of ['server', 'x-powered-by']) assert.equal(headers[name], undefined)
    assert.match(String(hold.headers['cache-control']), /no-store/)
    assert.match(String(answers[4]?.headers['cache-control']), /no-store/)
    assert.equal(hold.headers['access-control-allow-origin'], undefined)
  })

  it('sends no leave to other origins unless told to', async () => {
    const headers = { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' }
    const preflight = await api.ask('OPTIONS', '/v1/buyers', { headers })
    assert.equal(preflight.headers['access-control-allow-origin'], undefined)
  })

  it("goes on with the caller's trace", async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const answer = await api.ask('GET', '/v1/nothing', { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } })
    assert.equal(expectProblem(answer, 404, 'NOT_FOUND').traceId, traceId)
    assert.equal(answer.headers['trace-id'], traceId)
  })

  it('describes itself in a well-formed OpenAPI document that has every route', async () => {
    const document = expectStatus(await api.ask('GET', '/v1/openapi.json'), 200).json<{ openapi: string; paths: object }>()
    assert.match(document.openapi, /^3\.1\.\d+$/)
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item as object).map((method) => `${method} ${path}`),
    )
    assert.deepEqual(
      ROUTES.filter((route) => !described.includes(route)),
      [],
      `described: ${described.join(', ')}`,
    )
    assert.deepEqual(structureFaults(document), [])
  })

  it('serves a page to read and try it that loads nothing from elsewhere', async () => {
    const page = expectStatus(await api.ask('GET', '/docs'), 200)
    assert.match(String(page.headers['content-type']), /^text\/html/)
    assert.doesNotMatch(page.text, /(?:src|href)="(?:https?:)?\/\//)
    const script = /<script[^>]+src="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const loaded = expectStatus(await api.ask('GET', script), 200)
    assert.match(String(loaded.headers['content-type']), /javascript/)
    const tag = String(loaded.headers.etag)
    expectStatus(await api.ask('GET', script, { headers: { 'if-none-match': tag } }), 304)
  })

  it('tells operators how it is', async () => {
    for (const url of product().urls) {
      const at = apiOf({ url, adminToken: '' })
      expectStatus(await at.ask('GET', '/livez'), 200)
      assert.deepEqual(expectStatus(await at.ask('GET', '/readyz'), 200).json(), { ready: true, reasons: [] })
      assert.match(expectStatus(await at.ask('GET', '/metrics'), 200).text, /^# TYPE /m)
    }
  })

  it('survives bytes that are no HTTP', async () => {
    const { hostname, port } = new URL(api.url)
    const reply = await new Promise<string>((resolve, reject) => {
      let text = ''
      const socket = connect(Number(port), hostname, () => socket.write('GARBAGE\r\n\r\n'))
      socket.on('data', (part) => (text += part.toString()))
      socket.once('error', reject)
      socket.once('close', () => resolve(text))
    })
    assert.match(reply, /^HTTP\/1\.1 400 /)
    expectStatus(await api.ask('GET', '/livez'), 200)
  })

  it('limits what one buyer and one address may ask, lets chosen origins in, and turns away what it cannot carry', async () => {
    const origin = 'https://tickets.example.org'
    const variant = await product().variant({ CAVEA_CORS_ORIGINS: origin, CAVEA_RATE_LIMIT_PER_MINUTE: '5', CAVEA_IN_FLIGHT_MAX: '1' })
    try {
      const limited = apiOf(variant)
      const theatre = product().profile === 'kafka' ? { performanceId } : await openTheatre(limited, { prices: THEATRE_PRICES })
      const { buyerToken } = await limited.newBuyer()
      const path = `/v1/performances/${theatre.performanceId}`
      for (let asked = 1; asked <= 5; asked++) {
        const { headers } = expectStatus(await limited.ask('GET', path, { token: buyerToken, headers: { origin } }), 200)
        assert.match(String(headers['ratelimit']), new RegExp(`"buyer";r=${5 - asked};t=\\d+`))
        assert.match(String(headers['ratelimit-policy']), /"buyer";q=5;w=60/)
        assert.equal(headers['access-control-allow-origin'], origin)
        assert.match(String(headers['access-control-expose-headers']), /Cavea-Version/)
        assert.match(String(headers.vary), /Origin/)
      }
      const refused = await limited.ask('GET', path, { token: buyerToken, headers: { origin } })
      assert.equal(expectProblem(refused, 429, 'RATE_LIMITED').retryable, true)
      assert.ok(Number(refused.headers['retry-after']) >= 1)
      assert.equal(refused.headers['access-control-allow-origin'], origin)
      expectStatus(await limited.ask('GET', path, { token: (await limited.newBuyer()).buyerToken }), 200)

      const preflight = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'idempotency-key' }
      const allowed = expectStatus(await limited.ask('OPTIONS', `${path}/holds`, { headers: preflight }), 204)
      assert.equal(allowed.headers['access-control-allow-origin'], origin)
      assert.match(String(allowed.headers['access-control-allow-headers']), /Idempotency-Key/)
      const stranger = await limited.ask('GET', path, { headers: { origin: 'https://elsewhere.example' } })
      assert.equal(stranger.headers['access-control-allow-origin'], undefined)

      /** Many at once, where one may wait for its decision at a time. */
      async function crowd(size: number, headers: Readonly<Record<string, string>>): Promise<Answer[]> {
        const buyers = await Promise.all(Array.from({ length: size }, () => limited.newBuyer()))
        return await Promise.all(
          buyers.map(({ buyerToken: token }, at) =>
            limited.ask('POST', `${path}/holds`, { token, key: randomUUID(), headers, body: { seats: [`Stalls-D-${(at % 12) + 1}`] } }),
          ),
        )
      }
      for (const inLine of await crowd(12, {})) expectStatus(inLine, 201)

      const fromAnotherSite = await crowd(40, { origin })
      const turnedAway = fromAnotherSite.filter(({ status }) => status === 503)
      assert.ok(turnedAway.length > 0, 'nobody was turned away')
      for (const answer of turnedAway) {
        assert.equal(expectProblem(answer, 503, 'OVERLOADED').retryable, true)
        assert.equal(answer.headers['retry-after'], '1')
        assert.equal(answer.headers['access-control-allow-origin'], origin)
      }
    } finally {
      await variant.stop()
    }
  })
})
