import assert from 'node:assert/strict'
import type { OpenCart } from '@cavea/contracts/cart/messages'
import type { Envelope } from '@cavea/contracts/envelope'
import type { HoldBestAvailable } from '@cavea/contracts/seating/messages'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import { readRange } from '@cavea/event-log/port'
import type { z } from 'zod'
import * as described from '../openapi/answers.ts'
import { EMBEDDED_ADAPTERS } from '../testing/spec-adapters.ts'
import { openSpecGateway, type SpecAnswer, type SpecGateway } from '../testing/spec-gateway.ts'

const address = { street: '', city: 'Huế', postalCode: '', country: 'VN' }
const ROW = Array.from({ length: 20 }, (_, at) => at)

/** Twenty seats; the first of the stalls is a wheelchair place, and the last ones have a category of their own. */
const seated = (sectionId: string, name: string, category: string, last = category) => ({
  ...{ sectionId, name },
  rows: [
    {
      label: 'A',
      seats: ROW.map((at) => ({
        ...{ seatId: `${name}-${at + 1}`, number: String(at + 1), x: 25 * at, y: 0 },
        category: at >= 15 ? last : category,
        ...(at === 0 && name === 'Stalls' && { type: 'wheelchair' }),
      })),
    },
  ],
})
const HALL = {
  name: 'Hall',
  categories: ['Stalls', 'Circle', 'Cheap', 'Floor'].map((name) => ({ name })),
  sections: [
    seated('stalls', 'Stalls', 'Stalls'),
    seated('circle', 'Circle', 'Circle', 'Cheap'),
    seated('balcony', 'Balcony', 'Circle'),
    { sectionId: 'floor', name: 'Floor', standing: { capacity: 1_500, category: 'Floor' } },
    { sectionId: 'bar', name: 'Bar', standing: { capacity: 50, category: 'Floor' } },
  ],
}
const CLUB = {
  name: 'Club',
  categories: [{ name: 'Floor' }],
  sections: [{ sectionId: 'floor', name: 'Floor', standing: { capacity: 100, category: 'Floor' } }],
}
const PRICES: Readonly<Record<string, number>> = { Stalls: 500, Circle: 300, Cheap: 100, Floor: 200 }
const money = (amount: number) => ({ amount, currency: 'EUR' })

/** Every field of an answer is in the OpenAPI document, and none is there that an answer lacks. */
function assertDescribed(schema: z.ZodType, body: unknown): void {
  assert.deepEqual(schema.parse(body), body)
}

describe('holds over several sections', () => {
  let spec: SpecGateway
  let performanceId: string
  let club: string
  let keys = 0
  let availability: (respond: (body: string) => void) => void = (respond) => respond('{}')

  async function schedule(hall: { readonly categories: readonly { readonly name: string }[] }): Promise<SpecAnswer> {
    const venue = await spec.organise('POST', '/v1/venues', { json: { name: 'Venue', timeZone: 'UTC', address } })
    const imported = await spec.organise('POST', `/v1/venues/${String(venue.body['venueId'])}/seat-maps`, {
      body: JSON.stringify(hall),
      headers: { 'Content-Type': 'application/vnd.cavea.seat-map+json' },
    })
    assert.equal(imported.status, 201, JSON.stringify(imported.body))
    const prices = hall.categories.map(({ name }) => ({ category: name, amount: PRICES[name] }))
    const { seatMapId } = imported.body
    return spec.organise('POST', '/v1/performances', {
      json: { seatMapId, startsAt: '2030-05-01T19:30:00Z', currency: 'EUR', prices, sectionLimit: 8 },
    })
  }

  const hold = (json: object, more: { readonly key?: string; readonly token?: string; readonly at?: string } = {}) => {
    const { key = `k${++keys}`, token = spec.newBuyer(), at = performanceId } = more
    return spec.ask('POST', `/v1/performances/${at}/holds`, { token, key, json })
  }

  /** The commands of a context that are in the log, with their messages as JSON has them. */
  async function commandsOf<Message>(context: Context): Promise<readonly { envelope: Envelope; message: Message }[]> {
    const found: { envelope: Envelope; message: Message }[] = []
    const { commands } = topicsOf(context)
    for (let partition = 0; partition < (await spec.log.partitionCount(commands)); partition++) {
      const end = await spec.log.endOffset(commands, partition)
      for await (const { records } of readRange(spec.log, commands, partition, 0, end))
        for (const { value } of records) {
          const { envelope, payload } = spec.codec.decodeCommand(value)
          found.push({ envelope, message: JSON.parse(JSON.stringify(spec.codec.decodeMessage<{ type: string }>(context, payload))) })
        }
    }
    return found
  }

  /** What the request sent: the only buyer's command in the context that was not there before. */
  async function sentBy<Message>(context: Context, request: () => Promise<SpecAnswer>): Promise<[SpecAnswer, Message]> {
    const known = new Set((await commandsOf(context)).map(({ envelope }) => envelope.commandId))
    const answer = await request()
    const sent = (await commandsOf<Message>(context)).filter(
      ({ envelope }) => envelope.actor.kind === 'buyer' && !known.has(envelope.commandId),
    )
    const [only] = sent
    assert.ok(only && sent.length === 1, JSON.stringify(answer.body))
    return [answer, only.message]
  }

  before(async () => {
    spec = await openSpecGateway(EMBEDDED_ADAPTERS, {
      env: { CAVEA_DECISION_TIMEOUT_MS: '10000' },
      reads({ url }, response) {
        if (url?.endsWith('/availability')) availability((body) => response.end(body))
        else response.end(JSON.stringify({ read: url }))
      },
    })
    const scheduled = await schedule(HALL)
    assert.equal(scheduled.status, 201, JSON.stringify(scheduled.body))
    assertDescribed(described.ScheduledPerformance, scheduled.body)
    assert.deepEqual(
      (scheduled.body['sections'] as { standing: boolean }[]).map(({ standing }) => standing),
      [false, false, false, true, true],
    )
    assert.equal(scheduled.body['sectionLimit'], 8)
    performanceId = String(scheduled.body['performanceId'])
    club = String((await schedule(CLUB)).body['performanceId'])
  })

  after(() => spec.close())

  it('holds chosen seats of several sections as one hold, each with its price', async () => {
    const [answer, cart] = await sentBy<OpenCart>('cart', () => hold({ seats: ['Stalls-3', 'Circle-16', 'Stalls-2'] }))
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    assertDescribed(described.NewHold, answer.body)
    const { holdId, expiresAt: _, ...rest } = answer.body
    const seat = (section: string, number: string, category: string) => ({
      ...{ seatId: `${section}-${number}`, section, row: 'A', number, category, price: money(PRICES[category] ?? 0) },
    })
    assert.deepEqual(rest, {
      performanceId,
      status: 'held',
      seats: [seat('Circle', '16', 'Cheap'), seat('Stalls', '3', 'Stalls'), seat('Stalls', '2', 'Stalls')],
      quantity: 3,
      areas: [],
      total: money(1_100),
      extensionsLeft: 1,
    })
    assert.equal(answer.headers.get('location'), `/v1/holds/${String(holdId)}`)
    assert.match(answer.headers.get('cavea-version') ?? '', /^cart\/[01]\/\d+$/)
    const { chosen, candidates, quantity, standing, terms } = cart
    assert.deepEqual(chosen, [
      { sectionId: 'circle', seats: [15] },
      { sectionId: 'stalls', seats: [2, 1] },
    ])
    assert.deepEqual([candidates.length, quantity, standing, terms.sectionLimit, terms.extensions], [0, 3, false, 8, 1])
  })

  it('repeats the first answer for the same key and body, and refuses another body', async () => {
    const token = spec.newBuyer()
    const request = { key: 'again', token }
    const first = await hold({ seats: ['Stalls-5', 'Circle-5'] }, request)
    const again = await hold({ seats: ['Stalls-5', 'Circle-5'] }, request)
    assert.deepEqual([again.status, again.body, again.headers.get('cavea-version')], [201, first.body, first.headers.get('cavea-version')])
    const other = await hold({ seats: ['Stalls-6', 'Circle-6'] }, request)
    assert.deepEqual([other.status, other.body.code], [422, 'IDEMPOTENCY_KEY_REUSED'])
  })

  it('tells who opened a cart what became of it, and nobody else', async () => {
    const token = spec.newBuyer()
    const first = await hold({ seats: ['Stalls-7', 'Circle-7'] }, { token })
    const buyer = spec.tokens.authenticate(`Bearer ${token}`, Date.now())
    const opened = (await commandsOf('cart')).map(({ envelope }) => envelope).filter(({ actor }) => actor.id === buyer?.id)
    assert.equal(opened.length, 1)
    const path = `/v1/commands/${opened[0]?.commandId}`
    const outcome = await spec.ask('GET', path, { token })
    assert.deepEqual([outcome.status, outcome.body, outcome.headers.get('cavea-outcome')], [200, first.body, 'accepted'])
    assert.equal((await spec.ask('GET', path, { token: spec.newBuyer() })).status, 404)
  })

  it('names the seats in the way by the section that refused them', async () => {
    await hold({ seats: ['Stalls-9'] })
    const refused = await hold({ seats: ['Stalls-9', 'Circle-9'] })
    assert.deepEqual([refused.status, refused.body.code], [409, 'SEAT_UNAVAILABLE'])
    assert.match(refused.headers.get('cavea-version') ?? '', /^cart\//)
    assertDescribed(described.Problem, refused.body)
    const [conflict] = refused.body['conflicts'] as Record<string, string>[]
    assert.equal(conflict?.['seatId'], 'Stalls-9')
  })

  it('lets the owner extend and release a cart, organisers sell it, and shows others nothing', async () => {
    const token = spec.newBuyer()
    const { body } = await hold({ seats: ['Stalls-11', 'Circle-11'] }, { token })
    const path = `/v1/holds/${String(body['holdId'])}`
    const stranger = await spec.ask('POST', `${path}/extend`, { token: spec.newBuyer() })
    assert.deepEqual([stranger.status, stranger.body.code], [404, 'HOLD_NOT_FOUND'])
    const extended = await spec.ask('POST', `${path}/extend`, { token })
    assert.deepEqual([extended.status, extended.body['status'], extended.body['extensionsLeft']], [200, 'held', 0])
    assertDescribed(described.ExtendedHold, extended.body)
    const sold = await spec.organise('POST', `${path}/sell`)
    assert.deepEqual([sold.status, sold.body['status'], sold.body['total'], sold.body['quantity']], [200, 'sold', money(800), 2])
    assert.deepEqual(sold.body['seats'], body['seats'])
    assertDescribed(described.SoldHold, sold.body)
    const again = await spec.organise('POST', `${path}/sell`)
    assert.deepEqual([again.status, again.body], [200, { read: path }])
    const { body: other } = await hold({ seats: ['Stalls-12', 'Circle-12'] }, { token })
    const released = await spec.ask('DELETE', `/v1/holds/${String(other['holdId'])}`, { token })
    assert.deepEqual([released.status, released.body], [200, { holdId: other['holdId'], status: 'released' }])
  })

  it('asks every section that has such seats for the best', async () => {
    const [answer, { candidates, categories, quantity }] = await sentBy<OpenCart>('cart', () =>
      hold({ bestAvailable: { quantity: 3, price: { min: 250 } } }),
    )
    assert.deepEqual(
      candidates.map(({ sectionId, distance }) => [sectionId, distance]),
      [
        ['stalls', 100],
        ['circle', 200],
        ['balcony', 300],
      ],
    )
    assert.deepEqual([categories, quantity], [['Stalls', 'Circle'], 3])
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    assertDescribed(described.NewHold, answer.body)
    assert.deepEqual(answer.body['bestAvailable'], { step: 'combined', sections: ['stalls', 'circle', 'balcony'] })
    assert.equal(answer.body['sectionId'], undefined)
  })

  it('tells the cart what the read models know of each section, when they say so in time', async () => {
    const sections = [
      { sectionId: 'circle', available: 12 },
      { sectionId: 'floor', available: 9 },
    ]
    availability = (respond) => respond(JSON.stringify({ sections }))
    let known: readonly number[]
    do {
      const [, { candidates }] = await sentBy<OpenCart>('cart', () => hold({ bestAvailable: { quantity: 1 } }))
      known = candidates.map(({ available }) => available)
    } while (known.every((available) => available === -1))
    assert.deepEqual(known, [-1, 12, -1])
  })

  it('says of a cart with one part how and in which section it was found', async () => {
    const { body } = await hold({ bestAvailable: { quantity: 1, category: 'Circle' } })
    assert.deepEqual([body['bestAvailable'], body['sectionId']], [{ step: 'any', sections: ['circle'] }, 'circle'])
  })

  it('leaves out the sections without a place for a wheelchair', async () => {
    const [, { candidates }] = await sentBy<OpenCart>('cart', () => hold({ bestAvailable: { quantity: 2, accessible: true } }))
    assert.deepEqual(
      candidates.map(({ sectionId }) => sectionId),
      ['stalls'],
    )
  })

  it('asks a section itself when it is named, or when no other has such seats', async () => {
    for (const wish of [{ section: 'circle' }, { category: 'Cheap' }, { price: { max: 150 } }]) {
      const [answer, sent] = await sentBy<HoldBestAvailable>('seating', () => hold({ bestAvailable: { quantity: 2, ...wish } }))
      assert.deepEqual(
        [answer.status, answer.body['bestAvailable'], sent.sectionId, sent.atLeast, sent.worstStep, sent.cart],
        [201, { step: 'adjacent' }, 'circle', 2, 'any', null],
        JSON.stringify(answer.body),
      )
      assert.deepEqual(sent.categories, 'section' in wish ? [] : ['Cheap'])
    }
  })

  it('holds without knowing what is free when the read models do not answer', async () => {
    const { body } = await schedule(HALL)
    availability = () => undefined
    const [answer, { candidates }] = await sentBy<OpenCart>('cart', () =>
      hold({ bestAvailable: { quantity: 2 } }, { at: String(body['performanceId']) }),
    )
    assert.equal(answer.status, 201)
    assert.deepEqual(
      candidates.map(({ available }) => available),
      [-1, -1, -1],
    )
  })

  it('holds places of a small standing area where they are', async () => {
    const [answer, sent] = await sentBy<HoldBestAvailable>('seating', () => hold({ area: 'bar', quantity: 3 }))
    assert.deepEqual([sent.sectionId, sent.quantity, sent.atLeast, sent.cart], ['bar~0', 3, 3, null])
    assertDescribed(described.NewHold, answer.body)
    const { holdId: _, expiresAt, ...rest } = answer.body
    assert.deepEqual(rest, {
      ...{ performanceId, sectionId: 'bar', status: 'held', seats: [], quantity: 3 },
      areas: [{ sectionId: 'bar', name: 'Bar', category: 'Floor', quantity: 3, price: money(200) }],
      ...{ total: money(600), extensionsLeft: 1 },
    })
    assert.ok(expiresAt)
  })

  it('holds places of a large standing area wherever there are some, and shows one area', async () => {
    const [answer, { candidates, standing, quantity }] = await sentBy<OpenCart>('cart', () => hold({ area: 'floor', quantity: 5 }))
    assert.deepEqual(
      candidates.map(({ sectionId, available, distance }) => [sectionId, available, distance]),
      [
        ['floor~0', -1, 0],
        ['floor~1', -1, 0],
      ],
    )
    assert.deepEqual([standing, quantity], [true, 5])
    assertDescribed(described.NewHold, answer.body)
    assert.deepEqual(
      [answer.body['sectionId'], answer.body['seats'], answer.body['areas'], answer.body['total'], answer.body['bestAvailable']],
      ['floor', [], [{ sectionId: 'floor', name: 'Floor', category: 'Floor', quantity: 5, price: money(200) }], money(1_000), undefined],
    )
  })

  it('sends who asks wrongly to the right question', async () => {
    const cases: readonly [object, string, string?][] = [
      [{ area: 'stalls', quantity: 1 }, '/area NOT_A_STANDING_AREA'],
      [{ area: 'nowhere', quantity: 1 }, '/area UNKNOWN_SECTION'],
      [{ bestAvailable: { quantity: 1, section: 'floor' } }, '/bestAvailable/section STANDING_AREA'],
      [{ bestAvailable: { quantity: 1, section: 'nowhere' } }, '/bestAvailable/section UNKNOWN_SECTION'],
      [{ bestAvailable: { quantity: 1, category: 'Gold' } }, '/bestAvailable/category UNKNOWN_CATEGORY'],
      [{ bestAvailable: { quantity: 1, category: 'Floor' } }, '/bestAvailable/category NO_SEATS'],
      [{ bestAvailable: { quantity: 1, price: { min: 501 } } }, '/bestAvailable/price NO_CATEGORY_IN_RANGE'],
      [{ bestAvailable: { quantity: 1, price: { min: 200, max: 200 } } }, '/bestAvailable/price NO_CATEGORY_IN_RANGE'],
      [{ bestAvailable: { quantity: 1, section: 'stalls', price: { max: 300 } } }, '/bestAvailable/price NO_CATEGORY_IN_RANGE'],
      [{ bestAvailable: { quantity: 1 } }, '/bestAvailable NO_SEATS', club],
    ]
    for (const [json, expected, at] of cases) {
      const { status, body } = await hold(json, at === undefined ? {} : { at })
      const [fault] = (body['errors'] ?? []) as { pointer: string; code: string }[]
      assert.deepEqual([status, `${fault?.pointer} ${fault?.code}`], [400, expected], JSON.stringify(body))
    }
  })

  it('keeps the recorded answer when the prices have left the range that was asked for', async () => {
    const { body, headers } = await schedule(HALL)
    const path = `/v1/performances/${String(body['performanceId'])}`
    const request = { at: String(body['performanceId']), key: 'price', token: spec.newBuyer() }
    const wish = { bestAvailable: { quantity: 2, price: { max: 100 } } }
    const first = await hold(wish, request)
    assert.equal(first.status, 201, JSON.stringify(first.body))
    const prices = Object.keys(PRICES).map((category) => ({ category, amount: 900 }))
    const revised = await spec.organise('PATCH', path, { json: { prices }, headers: { 'If-Match': headers.get('etag') ?? '' } })
    assert.equal(revised.status, 200)
    const again = await hold(wish, request)
    assert.deepEqual([again.status, again.body], [201, first.body])
    assert.equal((await hold(wish, { ...request, key: 'another' })).status, 400)
  })
})
