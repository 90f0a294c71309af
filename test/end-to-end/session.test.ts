import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { type Answer, type Api, apiOf, expectProblem, expectStatus, type Hold, versionOf } from '../support/client.ts'
import { describeProduct } from '../support/describe-product.ts'
import { eventually, openTheatre } from '../support/hall.ts'
import { liveUrl } from '../support/watcher.ts'

const HOLD_CHANGED = 'subscription Watch($id: ID!) { holdChanged(holdId: $id) { holdId status } }'
const WITHIN_MS = 20_000

describeProduct('A browser’s session', {}, ({ product }) => {
  let api: Api
  let performanceId = ''

  before(async () => {
    api = apiOf(product())
    performanceId = (await openTheatre(api)).performanceId
  })

  const cookieOf = (answer: Answer): string => answer.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? ''

  /** What a browser with this cookie sends from a page of the site. */
  function browser(cookie: string, url = product().url) {
    const { origin } = new URL(url)
    const ask = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
      apiOf({ url, adminToken: '' }).ask(method, path, {
        headers: { cookie, origin, 'idempotency-key': randomUUID(), ...headers },
        ...(body && { body }),
      })
    return { ask, origin, url }
  }

  async function signIn(token?: string) {
    const answer = await browser('').ask('POST', '/v1/session', token === undefined ? {} : { token })
    return cookieOf(expectStatus(answer, 201))
  }

  function watchHold(holdId: string, headers: Record<string, string>, url = product().url) {
    class Socket extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, { headers })
      }
    }
    const client = createClient({ url: liveUrl(url), webSocketImpl: Socket, retryAttempts: 0, lazyCloseTimeout: 0 })
    const seen: string[] = []
    const codes: unknown[] = []
    const over = new Promise<void>((resolve) => {
      client.subscribe<{ holdChanged: { status: string } }>(
        { query: HOLD_CHANGED, variables: { id: holdId } },
        {
          next({ data, errors }) {
            if (data) seen.push(data.holdChanged.status)
            for (const { extensions } of errors ?? []) codes.push(extensions?.['code'])
          },
          error(errors) {
            for (const { extensions } of Array.isArray(errors) ? (errors as { extensions?: Record<string, unknown> }[]) : [])
              codes.push(extensions?.['code'])
            resolve()
          },
          complete: resolve,
        },
      )
    })
    return { seen, codes, over, close: () => client.dispose() }
  }

  it('holds, reads, watches and gives back without a token, through any gateway', async () => {
    const cookie = await signIn()
    const first = browser(cookie)
    const other = browser(cookie, product().urls.at(-1))
    const made = expectStatus(await first.ask('POST', `/v1/performances/${performanceId}/holds`, { seats: ['Stalls-A-1'] }), 201)
    const { holdId } = made.json<Hold>()
    const read = await other.ask('GET', `/v1/holds/${holdId}`, undefined, { 'cavea-min-version': versionOf(made) })
    assert.equal(expectStatus(read, 200).json<Hold>().status, 'held')
    const watched = watchHold(holdId, { cookie, origin: other.origin }, other.url)
    try {
      await eventually('the hold to be seen', WITHIN_MS, async () => (watched.seen.includes('held') ? true : undefined))
      expectStatus(await first.ask('POST', `/v1/holds/${holdId}/extend`), 200)
      expectStatus(await first.ask('DELETE', `/v1/holds/${holdId}`), 200)
      await watched.over
      assert.deepEqual([watched.seen.at(-1), watched.codes], ['released', []])
    } finally {
      await watched.close()
    }
  })

  it('is nobody’s to a page of another site, which sees and changes nothing', async () => {
    const cookie = await signIn()
    const own = browser(cookie)
    const { holdId } = expectStatus(
      await own.ask('POST', `/v1/performances/${performanceId}/holds`, { seats: ['Stalls-A-3'] }),
      201,
    ).json<Hold>()
    const evil = { origin: 'https://evil.example' }
    expectProblem(await own.ask('DELETE', `/v1/holds/${holdId}`, undefined, evil), 403, 'ORIGIN_NOT_ALLOWED')
    expectProblem(await own.ask('POST', '/graphql', { query: '{ me { id } }' }, evil), 403, 'ORIGIN_NOT_ALLOWED')
    const stranger = watchHold(holdId, { cookie, ...evil })
    await stranger.over
    assert.deepEqual(stranger.seen, [])
    await stranger.close()
    assert.equal((await own.ask('GET', `/v1/holds/${holdId}`)).json<Hold>().status, 'held')
  })

  it('sells and reads as the organiser whose token it was made with', async () => {
    const buyer = await api.newBuyer()
    const { holdId } = expectStatus(await api.hold(performanceId, ['Stalls-A-5'], buyer), 201).json<Hold>()
    const organiser = browser(await signIn(product().adminToken))
    expectStatus(await organiser.ask('POST', `/v1/holds/${holdId}/sell`), 200)
    const own = browser(await signIn(buyer.buyerToken))
    const me = await own.ask('POST', '/graphql', { query: '{ me { kind id } }' })
    assert.deepEqual(me.json(), { data: { me: { kind: 'buyer', id: buyer.buyerId } } })
    expectProblem(await own.ask('POST', `/v1/holds/${holdId}/sell`), 403, 'FORBIDDEN')
  })

  it('lasts over a restart', async () => {
    const cookie = await signIn()
    const before = expectStatus(await browser(cookie).ask('GET', '/v1/session'), 200).json<{ id: string }>()
    await product().restart()
    assert.deepEqual(expectStatus(await browser(cookie).ask('GET', '/v1/session'), 200).json(), before)
  })
})
