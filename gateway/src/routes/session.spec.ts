import assert from 'node:assert/strict'
import { EMBEDDED_ADAPTERS } from '../testing/spec-adapters.ts'
import { ADMIN_TOKEN, openSpecGateway, type SpecAnswer, type SpecGateway } from '../testing/spec-gateway.ts'

const VENUE = { name: 'V', timeZone: 'UTC', address: { street: '', city: '', postalCode: '', country: 'VN' } }

describe('A browser’s session', () => {
  let spec: SpecGateway
  let own: Record<string, string>
  const strangers: readonly Record<string, string>[] = [
    {},
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { 'Sec-Fetch-Site': 'none' },
  ]

  before(async () => {
    spec = await openSpecGateway(EMBEDDED_ADAPTERS, {
      decide: false,
      env: { CAVEA_DECISION_TIMEOUT_MS: '50' },
      reads: (incoming, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ headers: incoming.headers }))
      },
    })
    own = { Origin: spec.url }
  })
  after(() => spec.close())

  const cookieOf = ({ headers }: SpecAnswer): string => (headers.get('set-cookie') ?? '').split(';', 1)[0] ?? ''
  const signIn = (json?: unknown, headers: Record<string, string> = {}) =>
    spec.ask('POST', '/v1/session', { headers: { ...own, ...headers }, ...(json !== undefined && { json }) })

  it('makes an anonymous buyer, in a cookie that no script and no other site can use', async () => {
    const made = await signIn()
    assert.equal(made.status, 201)
    assert.deepEqual(Object.keys(made.body), ['kind', 'id'])
    assert.match(
      made.headers.get('set-cookie') ?? '',
      /^cavea_session=session_buyer\.[\w.-]+; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    const read = await spec.ask('GET', '/v1/session', { headers: { Cookie: cookieOf(made) } })
    assert.deepEqual([read.status, read.body], [200, made.body])
  })

  it('stays whose it was when it is asked for again', async () => {
    const made = await signIn()
    const again = await signIn(undefined, { Cookie: cookieOf(made) })
    assert.deepEqual([again.status, again.body, again.headers.get('set-cookie')], [200, made.body, null])
  })

  it('is an organiser’s or a buyer’s by their token, which is not in the cookie', async () => {
    const organiser = await signIn({ token: ADMIN_TOKEN })
    assert.deepEqual(organiser.body, { kind: 'organiser', id: 'organiser_org_default', organisation: 'org_default' })
    assert.ok(!(organiser.headers.get('set-cookie') ?? '').includes(ADMIN_TOKEN))
    const token = spec.newBuyer()
    assert.equal((await signIn({ token })).body['id'], token.split('.')[0])
  })

  it('is refused for a token that proves nothing, and for a session’s own', async () => {
    const { sessionToken } = spec.tokens.issueSession({ kind: 'organiser', id: 'organiser_x', organisation: 'x' }, Date.now())
    for (const token of ['nothing', `${spec.newBuyer()}x`, sessionToken]) {
      const refused = await signIn({ token })
      assert.deepEqual([refused.status, refused.body.code, refused.headers.get('set-cookie')], [401, 'UNAUTHENTICATED', null], token)
    }
    assert.equal((await signIn({ token: 'with blanks' })).status, 400)
    assert.equal((await signIn({ admin: true })).status, 400)
  })

  it('begins and ends on request of own pages alone', async () => {
    for (const headers of strangers)
      for (const method of ['POST', 'DELETE']) {
        const refused = await spec.ask(method, '/v1/session', { headers })
        assert.deepEqual(
          [refused.status, refused.body.code, refused.headers.get('set-cookie')],
          [403, 'ORIGIN_NOT_ALLOWED', null],
          JSON.stringify(headers),
        )
      }
    const ended = await spec.ask('DELETE', '/v1/session', { headers: { 'Sec-Fetch-Site': 'same-origin' } })
    assert.equal(ended.status, 204)
    assert.equal(ended.headers.get('set-cookie'), 'cavea_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict')
  })

  it('lets own pages change things, and no others', async () => {
    const Cookie = cookieOf(await signIn({ token: ADMIN_TOKEN }))
    for (const headers of strangers) {
      const refused = await spec.ask('POST', '/v1/venues', { json: VENUE, headers: { ...headers, Cookie } })
      assert.deepEqual([refused.status, refused.body.code], [403, 'ORIGIN_NOT_ALLOWED'], JSON.stringify(headers))
    }
    for (const headers of [own, { 'Sec-Fetch-Site': 'same-origin' }]) {
      const accepted = await spec.ask('POST', '/v1/venues', { json: VENUE, headers: { ...headers, Cookie } })
      assert.equal(accepted.status, 202, 'nobody decides here')
    }
  })

  it('gives way to an Authorization header, which needs no origin', async () => {
    const Cookie = cookieOf(await signIn({ token: ADMIN_TOKEN }))
    const buyer = await spec.ask('POST', '/v1/venues', { json: VENUE, token: spec.newBuyer(), headers: { Cookie } })
    assert.deepEqual([buyer.status, buyer.body.code], [403, 'FORBIDDEN'])
    const forged = await spec.ask('GET', '/v1/session', { token: 'forged', headers: { Cookie } })
    assert.equal(forged.status, 401)
  })

  it('is none when its cookie is forged, and the browser may begin anew', async () => {
    const Cookie = `${cookieOf(await signIn())}x`
    assert.equal((await spec.ask('GET', '/v1/session', { headers: { Cookie } })).status, 401)
    assert.equal((await spec.ask('GET', '/v1/session')).status, 401)
    assert.equal((await signIn(undefined, { Cookie })).status, 201)
  })

  it('is handed on with reads as a Bearer, and the cookie is not', async () => {
    const Cookie = cookieOf(await signIn())
    const { body, headers } = await spec.ask('GET', '/v1/performances', { headers: { Cookie } })
    const passedOn = body['headers'] as Record<string, string>
    assert.equal(passedOn['authorization'], `Bearer ${Cookie.slice('cavea_session='.length)}`)
    assert.equal(passedOn['cookie'], undefined)
    assert.match(headers.get('vary') ?? '', /Cookie/)
  })

  it('counts new sessions against the address as new buyers are', async () => {
    const strict = await openSpecGateway(EMBEDDED_ADAPTERS, { decide: false, env: { CAVEA_RATE_LIMIT_BUYERS_PER_MINUTE: '2' } })
    try {
      const statuses = []
      for (let count = 0; count < 3; count++)
        statuses.push((await strict.ask('POST', '/v1/session', { headers: { Origin: strict.url } })).status)
      assert.deepEqual(statuses, [201, 201, 429])
    } finally {
      await strict.close()
    }
  })

  it('is kept to this host and to HTTPS where that is spoken', async () => {
    const secure = await openSpecGateway(EMBEDDED_ADAPTERS, { decide: false, env: { CAVEA_HTTPS: 'true' } })
    try {
      const made = await secure.ask('POST', '/v1/session', { headers: { Origin: secure.url } })
      assert.match(made.headers.get('set-cookie') ?? '', /^__Host-cavea_session=.*; Path=\/; HttpOnly; SameSite=Strict; Secure$/)
      const plain = (made.headers.get('set-cookie') ?? '').replace('__Host-', '').split(';', 1)[0] ?? ''
      assert.equal((await secure.ask('GET', '/v1/session', { headers: { Cookie: plain } })).status, 401)
    } finally {
      await secure.close()
    }
  })
})
