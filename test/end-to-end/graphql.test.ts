import assert from 'node:assert/strict'
import { WebSocket } from 'ws'
import { type Answer, type Api, apiOf, expectProblem, expectStatus, type Hold, versionOf } from '../support/client.ts'
import { describeProduct } from '../support/describe-product.ts'
import { bigHall, createVenue, eventually, type ImportedMap, importPlan, openPerformance, openTheatre } from '../support/hall.ts'
import type { Cluster, Product } from '../support/product.ts'
import { randomOf } from '../support/random.ts'
import { liveClient, liveUrl, outcomeOf, takenIn, type Watcher, watchSeats } from '../support/watcher.ts'

const CONNECTIONS_MAX = 300
const WATCHERS = 200
const WITHIN_MS = 20_000

interface Result<Data> {
  readonly data?: Data
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string; readonly status?: number } }[]
}

describeProduct('GraphQL', { CAVEA_LIVE_CONNECTIONS_PER_ADDRESS: String(CONNECTIONS_MAX) }, ({ product }) => {
  let api: Api
  let open: { close(): unknown }[] = []
  beforeEach(() => {
    api = apiOf(product())
    open = []
  })
  afterEach(async () => {
    await Promise.all(open.map((each) => each.close()))
  })

  async function query<Data>(
    text: string,
    variables: object,
    asked: { token?: string; headers?: Record<string, string> } = {},
  ): Promise<Result<Data>> {
    const answer = await api.ask('POST', '/graphql', { body: { query: text, variables }, ...asked })
    return expectStatus(answer, 200).json()
  }

  const codesOf = (result: Result<unknown>): readonly string[] => (result.errors ?? []).map(({ extensions }) => extensions.code)

  function watch(performanceId: string, sectionIds: readonly string[] | null = null, url = product().url): Watcher {
    const watcher = watchSeats(url, performanceId, sectionIds)
    open.push(watcher)
    return watcher
  }

  function client(token?: string) {
    const made = liveClient(product().url, token)
    open.push({ close: () => made.dispose() })
    return made
  }

  /** Waits until all show what a read shows that has seen `after`. */
  async function expectToShow(performanceId: string, watchers: readonly Watcher[], after: Answer): Promise<void> {
    const taken = takenIn(await api.seats(performanceId, after))
    await eventually('the watchers to see it all', WITHIN_MS, async () =>
      watchers.every((watcher) => JSON.stringify(sorted(watcher.shown())) === JSON.stringify(sorted(taken))) ? true : undefined,
    )
    assert.deepEqual(
      watchers.flatMap(({ faults }) => faults),
      [],
    )
  }

  it('answers queries with what REST answers, and waits for a version', async () => {
    const { performanceId } = await openTheatre(api)
    const buyer = await api.newBuyer()
    const held = expectStatus(await api.hold(performanceId, ['Stalls-A-1', 'Stalls-A-2'], buyer), 201)
    const hold = held.json<Hold>()
    const { data } = await query<{ performance: Record<string, unknown>; seats: unknown; hold: unknown; me: unknown }>(
      `query Read($id: ID!, $hold: ID!) {
        performance(id: $id) { performanceId name status availability { version sections { sectionId name capacity available held sold blocked } } }
        seats(performanceId: $id, sectionIds: ["stalls"]) { sections { sectionId seats { seatId row number x y category type status } } }
        hold(id: $hold) { holdId performanceId sectionId status seats { seatId section row number category price { amount currency } } quantity
          areas { sectionId } total { amount currency } expiresAt extensionsLeft }
        me { id kind organisation }
      }`,
      { id: performanceId, hold: hold.holdId },
      { token: buyer.buyerToken, headers: { 'cavea-min-version': versionOf(held) } },
    )
    assert.ok(data)
    const availability = await api.availability(performanceId, held)
    assert.deepEqual(data.performance['availability'], {
      version: availability.version,
      sections: availability.sections.map(({ sectionId, name, capacity, available, held: taken, sold, blocked }) => {
        return { sectionId, name, capacity, available, held: taken, sold, blocked }
      }),
    })
    const rest = expectStatus(await api.ask('GET', `/v1/performances/${performanceId}/seats?section=stalls`), 200)
    const seats = rest.json<{ sections: readonly { sectionId: string; seats: unknown }[] }>().sections
    assert.deepEqual(data.seats, { sections: seats.map(({ sectionId, seats: all }) => ({ sectionId, seats: all })) })
    assert.deepEqual(data.hold, expectStatus(await api.getHold(hold.holdId, buyer), 200).json())
    assert.deepEqual(data.me, { id: buyer.buyerId, kind: 'buyer', organisation: null })
  })

  it('names its errors as REST does, and shows a hold to nobody but its buyer and the organiser', async () => {
    const { performanceId } = await openTheatre(api)
    const [buyer, other] = [await api.newBuyer(), await api.newBuyer()]
    const held = expectStatus(await api.hold(performanceId, ['Stalls-A-1', 'Balcony-A-1'], buyer), 201)
    const { holdId } = held.json<Hold>()
    const text = 'query Hold($holdId: ID!) { hold(id: $holdId) { holdId } }'
    const seeing = { headers: { 'cavea-min-version': versionOf(held) } }
    assert.deepEqual((await query(text, { holdId }, { token: buyer.buyerToken, ...seeing })).data, { hold: { holdId } })
    assert.deepEqual((await query(text, { holdId }, { token: api.adminToken, ...seeing })).data, { hold: { holdId } })
    assert.deepEqual(codesOf(await query(text, { holdId }, { token: other.buyerToken })), ['HOLD_NOT_FOUND'])
    assert.deepEqual(codesOf(await query(text, { holdId })), ['UNAUTHENTICATED'])
    assert.deepEqual(codesOf(await query('{ performance(id: "perf_none") { name } }', {})), ['PERFORMANCE_NOT_FOUND'])
    const watched = 'subscription Mine($holdId: ID!) { holdChanged(holdId: $holdId) { status } }'
    const extensions = { minVersion: versionOf(held) }
    assert.deepEqual(await outcomeOf(client(buyer.buyerToken), watched, { holdId }, extensions), {
      data: { holdChanged: { status: 'held' } },
    })
    for (const [token, code] of [[other.buyerToken, 'HOLD_NOT_FOUND'] as const, [undefined, 'UNAUTHENTICATED'] as const]) {
      const errors = (await outcomeOf(client(token), watched, { holdId }, extensions)) as NonNullable<Result<unknown>['errors']>
      assert.deepEqual(codesOf({ errors }), [code])
    }
    assert.equal(
      expectStatus(await api.ask('POST', '/graphql', { token: 'forged', body: { query: '{ me { id } }' } }), 401).json<Result<unknown>>()
        .errors?.length,
      1,
    )
  })

  it('tells watchers of every hold, with versions that only grow, until they show what a read shows', async () => {
    const { performanceId } = await openTheatre(api)
    const all = product().urls.map((url) => watch(performanceId, null, url))
    const balcony = watch(performanceId, ['balcony'])
    await eventually('the snapshots', WITHIN_MS, async () =>
      [...all, balcony].every(({ messages }) => messages.length > 0) ? true : undefined,
    )
    const buyer = await api.newBuyer()
    const first = expectStatus(await api.hold(performanceId, ['Stalls-A-1'], buyer), 201).json<Hold>()
    await eventually('the hold to arrive', WITHIN_MS, async () =>
      all.every((each) => each.shown()['Stalls-A-1'] === 'held') ? true : undefined,
    )
    expectStatus(await api.hold(performanceId, ['Stalls-B-1', 'Balcony-A-1'], buyer), 201)
    expectStatus(await api.sell(first.holdId), 200)
    const last = expectStatus(await api.hold(performanceId, ['Stalls-C-5', 'Stalls-C-6'], buyer), 201)
    await expectToShow(performanceId, all, last)
    await eventually('the balcony', WITHIN_MS, async () => (balcony.shown()['Balcony-A-1'] === 'held' ? true : undefined))
    assert.deepEqual(balcony.shown(), { 'Balcony-A-1': 'held' }, 'of other sections nothing is told')
    for (const { messages } of all) {
      const [snapshot, ...deltas] = messages
      assert.ok(snapshot?.snapshot)
      assert.ok(deltas.every(({ sections }) => sections.every(({ whole }) => !whole)))
    }
  })

  it('follows a hold over several sections to its end', async () => {
    const { performanceId } = await openTheatre(api)
    const buyer = await api.newBuyer()
    const held = expectStatus(await api.hold(performanceId, ['Stalls-A-1', 'Balcony-A-1'], buyer), 201)
    const { holdId } = held.json<Hold>()
    const seen: string[] = []
    const ended = new Promise<void>((resolve, reject) => {
      client(buyer.buyerToken).subscribe<{ holdChanged: { status: string; extensionsLeft: number } }>(
        {
          query: 'subscription Mine($holdId: ID!) { holdChanged(holdId: $holdId) { status extensionsLeft } }',
          variables: { holdId },
          extensions: { minVersion: versionOf(held) },
        },
        {
          next: ({ data }) => void seen.push(`${data?.holdChanged.status} ${data?.holdChanged.extensionsLeft}`),
          error: (error) => reject(new Error(JSON.stringify(error))),
          complete: resolve,
        },
      )
    })
    await eventually('the hold', WITHIN_MS, async () => (seen.length > 0 ? true : undefined))
    const before = held.json<Hold>().extensionsLeft
    expectStatus(await api.extend(holdId, buyer), 200)
    await eventually('the extension', WITHIN_MS, async () => (seen.length > 1 ? true : undefined))
    expectStatus(await api.release(holdId, buyer), 200)
    await ended
    assert.deepEqual(seen, [`held ${before}`, `held ${before - 1}`, `released ${before - 1}`])
  })

  it('goes on after a connection was cut, and sends nothing again that was seen', async () => {
    const { performanceId } = await openTheatre(api)
    const watcher = watch(performanceId)
    const buyer = await api.newBuyer()
    await expectToShow(performanceId, [watcher], expectStatus(await api.hold(performanceId, ['Stalls-A-1'], buyer), 201))
    const seen = watcher.messages.length
    watcher.cut()
    const last = expectStatus(await api.hold(performanceId, ['Stalls-D-1', 'Stalls-D-2'], buyer), 201)
    await expectToShow(performanceId, [watcher], last)
    for (const { snapshot, sections } of watcher.messages.slice(seen)) {
      assert.equal(snapshot, false)
      assert.deepEqual(
        sections.map(({ sectionId, whole, seats }) => [sectionId, whole, seats.length]),
        [['stalls', false, 2]],
      )
    }
  })

  it('goes on after the service that is watched was started again', async () => {
    const { performanceId } = await openTheatre(api)
    const watcher = watch(performanceId)
    const buyer = await api.newBuyer()
    await expectToShow(performanceId, [watcher], expectStatus(await api.hold(performanceId, ['Stalls-A-1'], buyer), 201))
    const codes: number[] = []
    watcher.client.on('closed', (event) => void codes.push((event as { readonly code: number }).code))
    const seen = watcher.messages.length
    await restartReads(product())
    const last = expectStatus(await api.hold(performanceId, ['Stalls-D-1'], buyer), 201)
    await expectToShow(performanceId, [watcher], last)
    assert.equal(codes[0], 1012, 'it was asked to come again')
    assert.ok(watcher.messages.slice(seen).every(({ snapshot }) => !snapshot))
  })

  it('keeps out pages of other sites, other protocols and more connections than an address may have', async () => {
    const refusals = async (options: object, protocol = 'graphql-transport-ws'): Promise<number> => {
      const socket = new WebSocket(liveUrl(product().url), protocol, options)
      open.push({ close: () => socket.terminate() })
      return await new Promise((resolve, reject) => {
        socket.once('unexpected-response', (_, answer) => resolve(answer.statusCode ?? 0))
        socket.once('open', () => resolve(101))
        socket.once('error', reject)
      })
    }
    assert.equal(await refusals({ origin: 'https://elsewhere.example' }), 403)
    assert.equal(await refusals({ origin: product().url }), 101)
    await assert.rejects(refusals({}, 'graphql-ws'), /subprotocol/)
    const statuses: number[] = []
    for (let at = 0; at < CONNECTIONS_MAX; at++) statuses.push(await refusals({}))
    assert.equal(statuses.filter((status) => status === 429).length, 1)
    assert.equal(statuses.at(-1), 429)
  })

  it('limits what may be asked, and remembers queries by their hash', async () => {
    const codeOf = async (text: string): Promise<string | undefined> => {
      const answer = await api.ask('POST', '/graphql', { body: { query: text }, headers: { accept: 'application/graphql-response+json' } })
      return expectStatus(answer, 400).json<Result<unknown>>().errors?.[0]?.extensions.code
    }
    assert.equal(await codeOf('{ performances(first: 100) { data { seats { sections { seats { seatId } } } } } }'), 'QUERY_TOO_COSTLY')
    assert.equal(await codeOf(`{ ${Array.from({ length: 16 }, (_, at) => `a${at}: me { id }`).join(' ')} }`), 'QUERY_TOO_MANY_ALIASES')
    assert.equal(await codeOf(`{ ${'me { id } '.repeat(400)} }`), 'GRAPHQL_PARSE_FAILED')
    assert.equal(await codeOf('{ nothing }'), 'GRAPHQL_VALIDATION_FAILED')
    expectProblem(
      await api.ask('POST', '/graphql', { body: { query: `# ${'x'.repeat(140_000)}\n{ me { id } }` } }),
      413,
      'PAYLOAD_TOO_LARGE',
    )

    const text = '{ me { kind } }'
    const sha256Hash = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex')
    const extensions = { persistedQuery: { version: 1, sha256Hash } }
    const ask = async (body: object): Promise<Result<unknown>> => (await api.ask('POST', '/graphql', { body })).json()
    assert.deepEqual(codesOf(await ask({ extensions })), ['PERSISTED_QUERY_NOT_FOUND'])
    assert.deepEqual(await ask({ query: text, extensions }), { data: { me: null } })
    assert.deepEqual(await ask({ extensions }), { data: { me: null } })

    const { performanceId } = await openTheatre(api)
    const watched = client()
    const outcomes = Array.from(
      { length: 20 },
      () =>
        new Promise((resolve) => {
          watched.subscribe(
            { query: 'subscription S($id: ID!) { availabilityChanged(performanceId: $id) { version } }', variables: { id: performanceId } },
            { next: resolve, error: resolve, complete: () => undefined },
          )
        }),
    )
    await Promise.all(outcomes)
    const refused = (await outcomeOf(watched, 'subscription S($id: ID!) { availabilityChanged(performanceId: $id) { version } }', {
      id: performanceId,
    })) as NonNullable<Result<unknown>['errors']>
    assert.deepEqual(codesOf({ errors: refused }), ['TOO_MANY_SUBSCRIPTIONS'])
  })

  it(`keeps ${WATCHERS} watchers right that come and go while seats are taken`, async function churn() {
    this.timeout(120_000)
    const hall = bigHall({ sections: 4, rows: 5, seatsPerRow: 20 })
    const map = expectStatus(await importPlan(api, await createVenue(api), hall.csv, 'text/csv'), 201).json<ImportedMap>()
    const performanceId = await openPerformance(api, map.seatMapId, { prices: [{ category: 'Any', amount: 1000 }] })
    const random = randomOf(11)
    const watchers = Array.from({ length: WATCHERS }, (_, at) => watch(performanceId, null, product().urls[at % product().urls.length]))
    const buyers = await Promise.all(Array.from({ length: 8 }, () => api.newBuyer()))
    const seats = hall.sections.flat()
    let last: Answer | undefined
    for (let round = 0; round < 30; round++) {
      for (let at = 0; at < 10; at++) watchers[Math.floor(random() * WATCHERS)]?.cut()
      const answers = await Promise.all(
        buyers.map((buyer) => api.hold(performanceId, [seats[Math.floor(random() * seats.length)] ?? ''], buyer)),
      )
      last = answers.find(({ status }) => status === 201) ?? last
      const [released] = answers.filter(({ status }) => status === 201)
      const index = released === undefined ? -1 : answers.indexOf(released)
      const buyer = buyers[index]
      if (released !== undefined && buyer !== undefined && round % 3 === 0)
        last = expectStatus(await api.release(released.json<Hold>().holdId, buyer), 200)
    }
    assert.ok(last)
    await eventually('everything to be read', WITHIN_MS, async () => {
      const [a, b] = [await api.availability(performanceId), await api.seats(performanceId)]
      return a.version === b.version || undefined
    })
    await expectToShow(performanceId, watchers, last)
  })
})

const sorted = (shown: Readonly<Record<string, string>>): [string, string][] => Object.entries(shown).sort(([a], [b]) => (a < b ? -1 : 1))

/** What answers reads is stopped as an operator would and started again; the rest goes on, where it can. */
async function restartReads(product: Product): Promise<void> {
  if (product.profile === 'embedded') await product.restart()
  else await (product as Cluster).query.restart()
}
