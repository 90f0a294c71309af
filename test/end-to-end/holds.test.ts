import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type Answer, type Api, apiOf, expectProblem, expectStatus, type Hold, type Problem, versionOf } from '../support/client.ts'
import { describeProduct } from '../support/describe-product.ts'
import { eventually, inMs, openPerformance, openTheatre, THEATRE_PRICES, VENUE } from '../support/hall.ts'

describeProduct('The life of a hold', {}, ({ product }) => {
  let api: Api
  /** Through another gateway, where there is one. */
  let other: Api
  let performanceId = ''
  let seatMapId = ''

  before(async () => {
    api = apiOf(product())
    other = apiOf({ url: product().urls.at(-1) ?? '', adminToken: product().adminToken })
    const theatre = await openTheatre(api)
    performanceId = theatre.performanceId
    seatMapId = theatre.seatMapId
  })

  const statusOf = async (seatId: string, after: Answer): Promise<string | undefined> => {
    const { sections } = await other.seats(performanceId, after)
    return sections.flatMap(({ seats }) => seats).find((seat) => seat.seatId === seatId)?.status
  }
  const heldBy = async (buyer: Parameters<Api['hold']>[2], ...seats: string[]): Promise<Hold & { answer: Answer }> => {
    const answer = expectStatus(await api.hold(performanceId, seats, buyer), 201)
    return { ...answer.json<Hold>(), answer }
  }

  it('gives a hold with its seats, prices, total and end, and shows it to its buyer and to the organiser', async () => {
    const buyer = await api.newBuyer()
    const before = Date.now()
    const { answer, ...hold } = await heldBy(buyer, 'Stalls-A-1', 'Stalls-A-2')
    assert.equal(answer.headers.location, `/v1/holds/${hold.holdId}`)
    assert.deepEqual(hold.total, { amount: 9000, currency: 'EUR' })
    assert.deepEqual(
      hold.seats.map(({ seatId, price }) => [seatId, price.amount]),
      [
        ['Stalls-A-1', 4500],
        ['Stalls-A-2', 4500],
      ],
    )
    assert.equal(hold.status, 'held')
    assert.equal(hold.extensionsLeft, 1)
    assert.ok(Math.abs(Date.parse(hold.expiresAt) - before - 600_000) < 60_000, hold.expiresAt)
    for (const by of [buyer, 'organiser'] as const) {
      const read = expectStatus(await other.getHold(hold.holdId, by, answer), 200)
      assert.deepEqual(read.json<Hold>(), hold)
    }
    assert.equal(await statusOf('Stalls-A-2', answer), 'held')
  })

  it('shows each step at once to who sends the version of the answer along', async () => {
    const buyer = await api.newBuyer()
    const { holdId, answer } = await heldBy(buyer, 'Balcony-A-1')
    assert.equal(await statusOf('Balcony-A-1', answer), 'held')
    const extended = expectStatus(await other.extend(holdId, buyer), 200)
    const { expiresAt, extensionsLeft } = extended.json<Hold>()
    assert.equal(extensionsLeft, 0)
    const read = expectStatus(await other.getHold(holdId, buyer, extended), 200).json<Hold>()
    assert.deepEqual([read.expiresAt, read.extensionsLeft], [expiresAt, 0])
    const sold = expectStatus(await api.sell(holdId), 200)
    assert.equal(await statusOf('Balcony-A-1', sold), 'sold')
    assert.equal(expectStatus(await other.getHold(holdId, buyer, sold), 200).json<Hold>().status, 'sold')
    expectProblem(await api.release(holdId, buyer), 409, 'HOLD_SOLD')
    expectProblem(await api.extend(holdId, buyer), 409, 'HOLD_SOLD')
  })

  it('extends once, releases, and says the same to who releases again', async () => {
    const buyer = await api.newBuyer()
    const { holdId } = await heldBy(buyer, 'Balcony-A-2')
    expectStatus(await api.extend(holdId, buyer), 200)
    expectProblem(await other.extend(holdId, buyer), 409, 'HOLD_NOT_EXTENDABLE')
    const released = expectStatus(await api.release(holdId, buyer), 200)
    assert.equal(released.json<Hold>().status, 'released')
    const again = expectStatus(await other.release(holdId, buyer), 200)
    assert.equal(again.text, released.text)
    assert.equal(await statusOf('Balcony-A-2', again), 'available')
    assert.equal(expectStatus(await api.getHold(holdId, buyer, released), 200).json<Hold>().status, 'released')
    expectProblem(await api.extend(holdId, buyer), 410, 'HOLD_RELEASED')
    expectProblem(await api.sell(holdId), 410, 'HOLD_RELEASED')
  })

  it('names every seat in conflict, why, since when, and when it may be free', async () => {
    const [first, second] = [await api.newBuyer(), await api.newBuyer()]
    const mine = await heldBy(first, 'Stalls-B-1')
    const sold = await heldBy(first, 'Stalls-B-2')
    expectStatus(await api.sell(sold.holdId), 200)
    expectStatus(await api.block(performanceId, ['Stalls-B-3'], 'Sound desk'), 201)
    const refused = await other.hold(performanceId, ['Stalls-B-1', 'Stalls-B-2', 'Stalls-B-3', 'Stalls-B-4'], second)
    const { conflicts = [] } = expectProblem(refused, 409, 'SEAT_UNAVAILABLE')
    assert.deepEqual(
      conflicts.map(({ seatId, reason, mayFreeAt }) => [seatId, reason, mayFreeAt]),
      [
        ['Stalls-B-1', 'held', mine.expiresAt],
        ['Stalls-B-2', 'sold', undefined],
        ['Stalls-B-3', 'blocked', undefined],
      ],
    )
    for (const { since } of conflicts) assert.ok(Math.abs(Date.now() - Date.parse(since ?? '')) < 60_000, String(since))
    assert.equal(await statusOf('Stalls-B-4', refused), 'available', 'a refused hold left a seat stuck')
    const unknown = expectProblem(await api.hold(performanceId, ['Stalls-B-4', 'Nowhere-1'], second), 404, 'SEAT_NOT_FOUND')
    assert.deepEqual(unknown.conflicts, [{ seatId: 'Nowhere-1', reason: 'unknown' }])
  })

  it('shows a hold to nobody else, and lets nobody else touch it', async () => {
    const [owner, stranger] = [await api.newBuyer(), await api.newBuyer()]
    const { holdId, answer } = await heldBy(owner, 'Stalls-C-1')
    expectProblem(await other.getHold(holdId, stranger, answer), 404, 'HOLD_NOT_FOUND')
    expectProblem(await api.extend(holdId, stranger), 404, 'HOLD_NOT_FOUND')
    expectProblem(await api.release(holdId, stranger), 404, 'HOLD_NOT_FOUND')
    expectProblem(await api.ask('POST', `/v1/holds/${holdId}/sell`, { token: owner.buyerToken }), 403, 'FORBIDDEN')
    expectProblem(await api.ask('GET', `/v1/holds/${holdId}`), 401, 'UNAUTHENTICATED')
    expectProblem(await api.ask('GET', `/v1/holds/${holdId}`, { token: `${owner.buyerToken}x` }), 401, 'UNAUTHENTICATED')
    assert.equal(expectStatus(await api.getHold(holdId, owner), 200).json<Hold>().status, 'held')
  })

  it('lets a hold lapse by itself, and its seats be held again', async () => {
    const short = { ttlSeconds: 1, extensionSeconds: 1, maxSeconds: 2 }
    const quick = await openPerformance(api, seatMapId, { prices: THEATRE_PRICES, holdPolicy: short })
    const buyer = await api.newBuyer()
    const hold = expectStatus(await api.hold(quick, ['Stalls-A-1'], buyer), 201).json<Hold>()
    const lapsed = await eventually('the hold lapses', 30_000, async () => {
      const read = expectStatus(await other.getHold(hold.holdId, buyer), 200).json<Hold>()
      return read.status === 'held' ? undefined : read
    })
    assert.equal(lapsed.status, 'expired')
    assert.ok(Date.now() >= Date.parse(hold.expiresAt) - 250, 'it lapsed early') // The log's clock is this machine's.
    const { sections } = await api.availability(quick)
    assert.deepEqual(
      sections.map(({ available, held }) => [available, held]),
      [
        [48, 0],
        [20, 0],
      ],
    )
    expectProblem(await api.extend(hold.holdId, buyer), 410, 'HOLD_EXPIRED')
    expectProblem(await api.sell(hold.holdId), 410, 'HOLD_EXPIRED')
    expectStatus(await api.hold(quick, ['Stalls-A-1'], await api.newBuyer()), 201)
  })

  it('sells only inside the window of the sale, to buyers', async () => {
    const opensAt = inMs(3_600_000)
    const later = await openPerformance(api, seatMapId, { prices: THEATRE_PRICES, saleStartsAt: opensAt })
    const buyer = await api.newBuyer()
    const early = await api.hold(later, ['Stalls-A-1'], buyer)
    assert.equal(expectProblem(early, 409, 'SALE_NOT_OPEN').opensAt, opensAt)
    assert.ok(Number(early.headers['retry-after']) > 3_000, String(early.headers['retry-after']))
    expectStatus(await api.hold(later, ['Stalls-A-1'], 'organiser'), 201)

    const over = await openPerformance(api, seatMapId, { prices: THEATRE_PRICES, saleStartsAt: inMs(-2_000), saleEndsAt: inMs(-1_000) })
    assert.equal(typeof expectProblem(await api.hold(over, ['Stalls-A-1'], buyer), 409, 'SALE_NOT_OPEN').closedAt, 'string')

    const soon = await openPerformance(api, seatMapId, { prices: THEATRE_PRICES, saleStartsAt: inMs(1_500) })
    await eventually('the sale opens', 30_000, async () =>
      (await api.hold(soon, ['Stalls-A-1'], buyer)).status === 201 ? true : undefined,
    )
  })

  it('limits the seats of a hold and of a buyer', async () => {
    const limited = await openPerformance(api, seatMapId, { prices: THEATRE_PRICES, purchaseLimit: 3, seatsPerHold: 2 })
    const buyer = await api.newBuyer()
    const rowA = (...numbers: number[]): string[] => numbers.map((number) => `Stalls-A-${number}`)
    expectProblem(await api.hold(limited, rowA(1, 2, 3), buyer), 409, 'PURCHASE_LIMIT')
    const two = expectStatus(await api.hold(limited, rowA(1, 2), buyer), 201).json<Hold>()
    assert.equal(expectProblem(await other.hold(limited, rowA(3, 4), buyer), 409, 'PURCHASE_LIMIT').limit, 3)
    expectStatus(await api.hold(limited, rowA(3), buyer), 201)
    expectStatus(await api.release(two.holdId, buyer), 200)
    expectStatus(await api.hold(limited, rowA(1, 2), buyer), 201)
    expectStatus(await api.hold(limited, rowA(4, 5, 6, 7), 'organiser'), 201)
  })

  it('blocks seats and gives them back', async () => {
    const blocked = expectStatus(await api.block(performanceId, ['Stalls-D-1', 'Stalls-D-2'], 'Camera'), 201)
    const { blockId, seats } = blocked.json<{ blockId: string; seats: string[] }>()
    assert.deepEqual(seats, ['Stalls-D-1', 'Stalls-D-2'])
    assert.equal(await statusOf('Stalls-D-1', blocked), 'blocked')
    const buyer = await api.newBuyer()
    expectProblem(await api.hold(performanceId, ['Stalls-D-1'], buyer), 409, 'SEAT_UNAVAILABLE')
    const path = `/v1/performances/${performanceId}/blocks/${blockId}`
    expectProblem(await api.ask('DELETE', path, { token: buyer.buyerToken }), 403, 'FORBIDDEN')
    expectStatus(await other.asOrganiser('DELETE', path), 200)
    expectProblem(await api.asOrganiser('DELETE', path), 404, 'BLOCK_NOT_FOUND')
    expectStatus(await api.hold(performanceId, ['Stalls-D-1'], buyer), 201)
  })

  it('keeps the price that a hold was given while later holds pay the new one', async () => {
    const priced = await openPerformance(api, seatMapId, { prices: THEATRE_PRICES })
    const path = `/v1/performances/${priced}`
    const buyer = await api.newBuyer()
    const before = expectStatus(await api.hold(priced, ['Stalls-A-1'], buyer), 201)
    const etag = String(expectStatus(await api.ask('GET', path), 200).headers.etag)
    const prices = [
      { category: 'Stalls', amount: 9900 },
      { category: 'Balcony', amount: 2500 },
    ]
    const patch = (ifMatch: string): Promise<Answer> =>
      other.asOrganiser('PATCH', path, { body: { prices }, headers: { 'if-match': ifMatch } })
    const patched = expectStatus(await patch(etag), 200)
    expectProblem(await patch(etag), 412, 'PRECONDITION_FAILED')
    expectProblem(await patch('"nonsense"'), 412, 'PRECONDITION_FAILED')
    const read = expectStatus(await api.ask('GET', path, { headers: { 'cavea-min-version': versionOf(patched) } }), 200)
    assert.notEqual(read.headers.etag, etag)
    const kept = expectStatus(await api.getHold(before.json<Hold>().holdId, buyer, patched), 200).json<Hold>()
    assert.deepEqual(kept.total, { amount: 4500, currency: 'EUR' })
    // The sections hear of the new prices a moment after the catalog has them.
    await eventually('a hold costs the new price', 30_000, async () => {
      const answer = expectStatus(await api.hold(priced, ['Stalls-A-2'], buyer), 201).json<Hold>()
      if (answer.total.amount === 9900) return true
      expectStatus(await api.release(answer.holdId, buyer), 200)
      return undefined
    })
  })

  it('answers reads with an entity tag, and 304 to who has it', async () => {
    for (const what of ['', '/availability', '/seats']) {
      const path = `/v1/performances/${performanceId}${what}`
      const first = expectStatus(await api.ask('GET', path), 200)
      const tag = String(first.headers.etag)
      const again = expectStatus(await other.ask('GET', path, { headers: { 'if-none-match': tag } }), 304)
      assert.equal(again.text, '')
      assert.equal(again.headers.etag, tag)
      const head = expectStatus(await api.ask('HEAD', path), 200)
      assert.equal(head.text, '')
      assert.equal(head.headers['content-length'], first.headers['content-length'])
    }
    const path = `/v1/performances/${performanceId}/availability`
    const { etag } = expectStatus(await api.ask('GET', path), 200).headers
    const { answer } = await heldBy(await api.newBuyer(), 'Balcony-B-1')
    const headers = { 'if-none-match': String(etag), 'cavea-min-version': versionOf(answer) }
    expectStatus(await api.ask('GET', path, { headers }), 200)
  })

  it('refuses versions that it cannot wait for', async () => {
    const path = `/v1/performances/${performanceId}/availability`
    const asking = (version: string): Promise<Answer> => api.ask('GET', path, { headers: { 'cavea-min-version': version } })
    const made = await api.asOrganiser('POST', '/v1/venues', { body: VENUE })
    const { answer } = await heldBy(await api.newBuyer(), 'Balcony-B-2')
    expectStatus(await asking(`${versionOf(made)}, ${versionOf(answer)}`), 200)
    const behind = await asking('seating/0/999999999')
    assert.equal(expectProblem(behind, 503, 'READ_MODEL_BEHIND').retryable, true)
    assert.equal(behind.headers['retry-after'], '1')
    for (const version of ['nonsense', 'seating/0/', 'seating/99999/0']) expectProblem(await asking(version), 400, 'MIN_VERSION_INVALID')
  })

  it('gives the recorded answer to the same key, through any gateway, also after everything was started anew', async () => {
    const buyer = await api.newBuyer()
    const key = randomUUID()
    const held = expectStatus(await api.hold(performanceId, ['Stalls-C-5', 'Stalls-C-6'], buyer, key), 201)
    const refusedKey = randomUUID()
    const rival = await api.newBuyer()
    const refused = await api.hold(performanceId, ['Stalls-C-5'], rival, refusedKey)
    expectProblem(refused, 409, 'SEAT_UNAVAILABLE')
    const extendKey = randomUUID()
    const extended = expectStatus(await api.extend(held.json<Hold>().holdId, buyer, extendKey), 200)

    const check = async (through: Api): Promise<void> => {
      const again = expectStatus(await through.hold(performanceId, ['Stalls-C-5', 'Stalls-C-6'], buyer, key), 201)
      assert.equal(again.text, held.text)
      assert.equal(versionOf(again), versionOf(held))
      assert.equal(again.headers.location, held.headers.location)
      const refusedAgain = await through.hold(performanceId, ['Stalls-C-5'], rival, refusedKey)
      assert.deepEqual(untraced(refusedAgain), untraced(refused))
      assert.equal((await through.extend(held.json<Hold>().holdId, buyer, extendKey)).text, extended.text)
      expectProblem(await through.hold(performanceId, ['Stalls-C-6'], buyer, key), 422, 'IDEMPOTENCY_KEY_REUSED')
      expectProblem(await through.hold(performanceId, ['Balcony-B-9'], buyer, key), 422, 'IDEMPOTENCY_KEY_REUSED')
      // The name of an intent is its sender's: another buyer's same key is another intent.
      expectProblem(await through.hold(performanceId, ['Stalls-C-5', 'Stalls-C-6'], rival, key), 409, 'SEAT_UNAVAILABLE')
    }
    await check(api)
    await check(other)
    await product().restart()
    await check(other)
    await check(api)
    const { status } = expectStatus(await api.getHold(held.json<Hold>().holdId, buyer, extended), 200).json<Hold>()
    assert.equal(status, 'held')
  })

  it('takes one intent once, however often it is sent at the same time', async () => {
    const buyer = await api.newBuyer()
    const key = randomUUID()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? api : other).hold(performanceId, ['Balcony-B-3', 'Balcony-B-4'], buyer, key)),
    )
    for (const answer of answers) assert.equal(expectStatus(answer, 201).text, answers[0]?.text)
  })

  it('never calls a performance unknown that is being opened', async () => {
    for (let round = 0; round < 5; round++) {
      const body = { seatMapId, startsAt: inMs(86_400_000), currency: 'EUR', prices: THEATRE_PRICES }
      const made = expectStatus(await api.asOrganiser('POST', '/v1/performances', { body }), 201)
      const { performanceId: opening } = made.json<{ performanceId: string }>()
      const buyer = await api.newBuyer()
      await eventually('the performance opens', 30_000, async () => {
        const answers = await Promise.all([api, other].map((through) => through.hold(opening, ['Stalls-A-1'], buyer, randomUUID())))
        for (const answer of answers) if (answer.status === 503) expectProblem(answer, 503, 'PERFORMANCE_OPENING')
        const decided = answers.filter(({ status }) => status !== 503)
        for (const answer of decided) assert.ok([201, 409].includes(answer.status), answer.text)
        return decided.length > 0 ? true : undefined
      })
      const read = await other.ask('GET', `/v1/performances/${opening}`, { headers: { 'cavea-min-version': versionOf(made) } })
      expectStatus(read, 200)
    }
  })

  it('keeps a log that the audit finds intact', async () => {
    await product().audit()
  })
})

function untraced(answer: Answer): unknown {
  const { traceId, ...rest } = answer.json<Problem>()
  assert.equal(typeof traceId, 'string')
  return { answered: answer.status, version: versionOf(answer), ...rest }
}
