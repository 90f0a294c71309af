import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createQueryProxy } from '../adapters/query-proxy.ts'
import { API_SECURITY_HEADERS } from '../middleware/security-headers.ts'
import { EMBEDDED_ADAPTERS } from '../testing/spec-adapters.ts'
import { ADMIN_TOKEN, type GatewayAdapters, openSpecGateway, type SpecGateway } from '../testing/spec-gateway.ts'

/** With less patience than usual, so that a slow read is not waited for. */
const adapters: GatewayAdapters = { ...EMBEDDED_ADAPTERS, openReads: (url) => createQueryProxy({ url, timeoutMs: 500 }) }

const venue = { name: 'V', timeZone: 'UTC', address: { street: '', city: '', postalCode: '', country: 'VN' } }

describe('the HTTP edge', () => {
  let spec: SpecGateway

  before(async () => {
    spec = await openSpecGateway(adapters, {
      env: { CAVEA_CORS_ORIGINS: 'https://tickets.example.org', CAVEA_BODY_TIMEOUT_MS: '200', CAVEA_DECISION_TIMEOUT_MS: '100' },
      decide: false,
      reads(incoming, response) {
        if (incoming.url?.startsWith('/v1/performances/slow')) return
        if (incoming.url?.startsWith('/v1/performances/missing')) {
          response.writeHead(404, { 'Content-Type': 'application/problem+json' }).end('{"code":"PERFORMANCE_NOT_FOUND"}')
          return
        }
        if (incoming.headers['if-none-match'] === '"v1"') return void response.writeHead(304, { ETag: '"v1"' }).end()
        if (incoming.url === '/v1/performances/perf_large/seats') {
          const body = Buffer.from(JSON.stringify({ seats: 'A-1 '.repeat(50_000) }))
          response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length, ETag: '"v1"' }).end(body)
          return
        }
        const body = JSON.stringify({ url: incoming.url, headers: incoming.headers })
        response
          .writeHead(200, { 'Content-Type': 'application/json', ETag: '"v1"', 'Cache-Control': 'no-cache', 'X-Internal': '1' })
          .end(body)
      },
    })
  })

  after(() => spec.close())

  it('sends the security headers with answers and problems alike', async () => {
    for (const path of ['/v1/openapi.json', '/nowhere', '/livez']) {
      const { headers } = await spec.ask('GET', path)
      for (const [name, value] of Object.entries(API_SECURITY_HEADERS)) assert.equal(headers.get(name), value, `${name} of ${path}`)
      assert.equal(headers.get('strict-transport-security'), null)
    }
  })

  it('packs what is large for clients that can unpack it, under the same tag', async () => {
    const path = '/v1/performances/perf_large/seats'
    const packed = await spec.ask('GET', path, { headers: { 'Accept-Encoding': 'gzip' } })
    assert.deepEqual([packed.headers.get('content-encoding'), packed.headers.get('etag')], ['gzip', 'W/"v1"'])
    assert.match(packed.headers.get('vary') ?? '', /Accept-Encoding/)
    const plain = await spec.ask('GET', path, { headers: { 'Accept-Encoding': 'identity' } })
    assert.deepEqual([plain.headers.get('content-encoding'), plain.headers.get('etag')], [null, '"v1"'])
    assert.deepEqual(packed.body, plain.body)
    const small = await spec.ask('GET', '/v1/performances/perf_1', { headers: { 'Accept-Encoding': 'gzip' } })
    assert.equal(small.headers.get('content-encoding'), null)
  })

  it('lets listed origins read answers, and no others', async () => {
    const listed = await spec.ask('GET', '/v1/openapi.json', { headers: { Origin: 'https://tickets.example.org' } })
    assert.equal(listed.headers.get('access-control-allow-origin'), 'https://tickets.example.org')
    assert.match(listed.headers.get('access-control-expose-headers') ?? '', /Cavea-Version, ETag, Location/)
    const preflight = await spec.ask('OPTIONS', '/v1/venues', {
      headers: { Origin: 'https://tickets.example.org', 'Access-Control-Request-Method': 'POST' },
    })
    assert.deepEqual([preflight.status, preflight.headers.get('access-control-allow-methods')], [204, 'GET, HEAD, POST, PATCH, DELETE'])
    const other = await spec.ask('OPTIONS', '/v1/venues', {
      headers: { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' },
    })
    assert.equal(other.headers.get('access-control-allow-origin'), null)
    assert.equal(other.headers.get('access-control-allow-credentials'), null)
  })

  it('says as a problem what is not there, and which methods are', async () => {
    const missing = await spec.ask('GET', '/v1/nothing')
    assert.deepEqual(
      [missing.status, missing.body.code, missing.headers.get('content-type')],
      [404, 'NOT_FOUND', 'application/problem+json'],
    )
    const wrong = await spec.ask('PUT', '/v1/venues')
    assert.deepEqual([wrong.status, wrong.body.code, wrong.headers.get('allow')], [405, 'METHOD_NOT_ALLOWED', 'POST, OPTIONS'])
    const options = await spec.ask('OPTIONS', '/v1/performances')
    assert.equal(options.status, 204)
    assert.deepEqual(options.headers.get('allow')?.split(', ').sort(), ['GET', 'HEAD', 'OPTIONS', 'POST'])
    assert.equal((await spec.ask('GET', '/V1/Performances')).status, 404)
  })

  it('finds nothing at a path that cannot be decoded', async () => {
    for (const path of ['/%', '/v1/%E0%A4%A']) assert.equal((await spec.ask('GET', path)).status, 404, path)
    const passedOn = await spec.ask('GET', '/v1/performances/%E0%A4%A/seats')
    assert.equal(passedOn.body['url'], '/v1/performances/%25E0%25A4%25A/seats', 'it is encoded again, whatever it was')
    const holds = await spec.ask('POST', '/v1/performances/%E0%A4%A/holds', { token: spec.newBuyer(), key: 'k', json: { seats: ['x'] } })
    assert.equal(holds.status, 404)
  })

  it('continues the trace that it was given and names it in problems', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const { body } = await spec.ask('GET', '/v1/nothing', { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } })
    assert.equal(body['traceId'], traceId)
  })

  it('wants a valid token, and an organiser’s where it says so', async () => {
    const none = await spec.ask('POST', '/v1/venues', { json: venue })
    assert.deepEqual([none.status, none.body.code, none.headers.get('www-authenticate')], [401, 'UNAUTHENTICATED', 'Bearer realm="cavea"'])
    const forged = await spec.ask('POST', '/v1/venues', { json: venue, token: `${spec.newBuyer()}x` })
    assert.deepEqual([forged.status, forged.headers.get('www-authenticate')], [401, 'Bearer realm="cavea", error="invalid_token"'])
    const buyer = await spec.ask('POST', '/v1/venues', { json: venue, token: spec.newBuyer() })
    assert.deepEqual([buyer.status, buyer.body.code], [403, 'FORBIDDEN'])
  })

  it('gives out buyers whose token it then knows', async () => {
    const made = await spec.ask('POST', '/v1/buyers')
    assert.equal(made.status, 201)
    const caller = spec.tokens.authenticate(`Bearer ${String(made.body['buyerToken'])}`, Date.now())
    assert.equal(caller?.id, made.body['buyerId'])
    assert.equal((await spec.ask('POST', '/v1/buyers', { json: { admin: true } })).status, 400)
  })

  it('refuses bodies that are too large, of the wrong kind, broken or not text', async () => {
    const post = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json', more = {}) =>
      spec.organise('POST', '/v1/venues', { body, headers: { 'Content-Type': type, ...more } })
    const cases: readonly [Awaited<ReturnType<typeof post>>, number, string][] = [
      [await post('x'.repeat(1024 * 1024 + 1)), 413, 'PAYLOAD_TOO_LARGE'],
      [await post('name=x', 'application/x-www-form-urlencoded'), 415, 'UNSUPPORTED_MEDIA_TYPE'],
      [await post('{}', 'application/json', { 'Content-Encoding': 'gzip' }), 415, 'UNSUPPORTED_MEDIA_TYPE'],
      [await post('{"name":'), 400, 'MALFORMED_JSON'],
      [await post(new Uint8Array([0x22, 0xff, 0x22])), 400, 'MALFORMED_TEXT'],
      [await post('['.repeat(100_000)), 400, 'MALFORMED_JSON'],
      [await post('['.repeat(100_000) + ']'.repeat(100_000)), 400, 'INVALID_INPUT'],
      [await post('{"__proto__":{"name":"x"}}'), 400, 'INVALID_INPUT'],
    ]
    for (const [{ status, body }, expected, code] of cases) assert.deepEqual([status, body.code], [expected, code])
    const missing = await spec.organise('POST', '/v1/venues')
    assert.deepEqual([missing.status, missing.body.code], [400, 'INVALID_INPUT'])
    const [fault] = (await post('{"name":1,"timeZone":"Mars/Base"}')).body['errors'] as { pointer: string; code: string }[]
    assert.deepEqual([fault?.pointer, fault?.code], ['/name', 'WRONG_TYPE'])
  })

  it('gives up on a body that does not arrive', async () => {
    const { hostname, port } = new URL(spec.url)
    const socket = connect(Number(port), hostname)
    socket.write(
      `POST /v1/venues HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ADMIN_TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{`,
    )
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    assert.match(chunk.toString(), /^HTTP\/1\.1 408 .*REQUEST_TIMEOUT/s)
    socket.destroy()
  })

  it('answers 202 with where to ask when nobody decides in time, and 404 to others who ask there', async () => {
    const pending = await spec.organise('POST', '/v1/venues', { json: venue, key: 'late' })
    const location = pending.headers.get('location') ?? ''
    assert.deepEqual([pending.status, pending.body['status'], pending.headers.get('retry-after')], [202, 'pending', '1'])
    assert.match(location, /^\/v1\/commands\/cmd_/)
    assert.equal((await spec.organise('GET', location)).status, 202)
    assert.equal((await spec.ask('GET', location, { token: spec.newBuyer() })).status, 404)
    spec.startDeciding()
    let outcome = await spec.organise('GET', location)
    for (; outcome.status === 202; outcome = await spec.organise('GET', location)) await sleep(10)
    assert.deepEqual([outcome.status, outcome.body['name']], [200, 'V'])
    const again = await spec.organise('POST', '/v1/venues', { json: venue, key: 'late' })
    assert.deepEqual([again.status, again.body], [201, outcome.body])
  })

  it('passes reads on, with what they depend on and nothing else', async () => {
    const token = spec.newBuyer()
    const answer = await spec.ask('GET', '/v1/performances/a%2F..%2Fb/seats?section=stalls', {
      token,
      headers: { 'Cavea-Min-Version': 'seating/0/7', Cookie: 'a=b', 'X-Forwarded-For': '1.2.3.4' },
    })
    const { url, headers } = answer.body as unknown as { url: string; headers: Record<string, string> }
    assert.equal(url, '/v1/performances/a%2F..%2Fb/seats?section=stalls')
    assert.deepEqual(
      [headers['authorization'], headers['cavea-min-version'], headers['cookie'], headers['x-forwarded-for']],
      [`Bearer ${token}`, 'seating/0/7', undefined, undefined],
    )
    assert.match(headers['traceparent'] ?? '', /^00-/)
    assert.deepEqual(
      [answer.headers.get('etag'), answer.headers.get('cache-control'), answer.headers.get('x-internal')],
      ['"v1"', 'no-cache', null],
    )
    const cached = await spec.ask('GET', '/v1/performances', { headers: { 'If-None-Match': '"v1"' } })
    assert.deepEqual([cached.status, cached.body['text']], [304, ''])
    const missing = await spec.ask('GET', '/v1/performances/missing')
    assert.deepEqual([missing.status, missing.body.code], [404, 'PERFORMANCE_NOT_FOUND'])
    const slow = await spec.ask('GET', '/v1/performances/slow')
    assert.deepEqual([slow.status, slow.body.code], [504, 'READ_SERVICE_TIMEOUT'])
  })

  it('answers HEAD as GET without a body', async () => {
    const asked = request(`${spec.url}/v1/performances`, { method: 'HEAD' }).end()
    const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage]
    let bytes = 0
    for await (const chunk of response as AsyncIterable<Buffer>) bytes += chunk.length
    assert.deepEqual([response.statusCode, bytes, response.headers.etag], [200, 0, '"v1"'])
  })

  it('describes itself and serves the page to read it from its own files', async () => {
    const { body } = await spec.ask('GET', '/v1/openapi.json')
    assert.equal(body['openapi'], '3.1.0')
    assert.equal((await spec.ask('GET', '/v1/asyncapi.json')).body['asyncapi'], '3.0.0')
    const page = await spec.ask('GET', '/docs', { headers: { Accept: 'text/html' } })
    const html = String(page.body['text'])
    assert.doesNotMatch(html, /https?:\/\//, 'nothing comes from elsewhere')
    assert.match(page.headers.get('content-security-policy') ?? '', /script-src 'self';/)
    const script = /<script[^>]+src="([^"]+)"/.exec(html)?.[1] ?? ''
    const served = await spec.ask('GET', script)
    assert.deepEqual([served.status, served.headers.get('content-type')], [200, 'text/javascript; charset=utf-8'])
    const home = await spec.ask('GET', '/', { headers: { Accept: 'text/html' } })
    assert.deepEqual([home.status, home.headers.get('content-type')], [200, 'text/html; charset=utf-8'])
  })

  it('reports its health', async () => {
    assert.equal((await spec.ask('GET', '/livez')).status, 200)
    assert.equal((await spec.ask('GET', '/readyz')).status, 200)
    assert.match(String((await spec.ask('GET', '/metrics')).body['text']), /cavea_decision_seconds/)
  })
})

describe('the rate limits', () => {
  it('refuse a caller and an address that ask too often, and say when to come back', async () => {
    const spec = await openSpecGateway(adapters, {
      env: { CAVEA_RATE_LIMIT_PER_MINUTE: '2', CAVEA_RATE_LIMIT_ADDRESS_PER_MINUTE: '6', CAVEA_RATE_LIMIT_BUYERS_PER_MINUTE: '1' },
    })
    try {
      const token = spec.newBuyer()
      const first = await spec.ask('GET', '/v1/openapi.json', { token })
      assert.equal(first.headers.get('ratelimit-policy'), '"address";q=6;w=60, "buyer";q=2;w=60')
      assert.match(first.headers.get('ratelimit') ?? '', /^"address";r=5;t=\d+, "buyer";r=1;t=\d+$/)
      await spec.ask('GET', '/v1/openapi.json', { token })
      const refused = await spec.ask('GET', '/v1/openapi.json', { token })
      assert.deepEqual([refused.status, refused.body.code, refused.body['retryable']], [429, 'RATE_LIMITED', true])
      assert.ok(Number(refused.headers.get('retry-after')) > 0)
      assert.equal((await spec.ask('POST', '/v1/buyers')).status, 201)
      assert.equal((await spec.ask('POST', '/v1/buyers')).status, 429)
      assert.equal((await spec.ask('GET', '/v1/openapi.json')).status, 200)
      const spoofed = await spec.ask('GET', '/v1/openapi.json', { headers: { 'X-Forwarded-For': '203.0.113.9' } })
      assert.equal(spoofed.status, 429, 'X-Forwarded-For is not believed without a proxy of our own')
      assert.equal((await spec.ask('GET', '/livez')).status, 200)
    } finally {
      await spec.close()
    }
  })

  it('count the address that the trusted proxy added, not what the client claims before it', async () => {
    const spec = await openSpecGateway(adapters, { env: { CAVEA_RATE_LIMIT_ADDRESS_PER_MINUTE: '1', CAVEA_TRUST_PROXY: '1' } })
    try {
      const from = (chain: string) => spec.ask('GET', '/v1/openapi.json', { headers: { 'X-Forwarded-For': chain } })
      assert.equal((await from('9.9.9.9, 203.0.113.1')).status, 200)
      assert.equal((await from('8.8.8.8, 203.0.113.1')).status, 429)
      assert.equal((await from('9.9.9.9, 203.0.113.2')).status, 200)
    } finally {
      await spec.close()
    }
  })
})
