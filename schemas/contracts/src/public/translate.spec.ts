import assert from 'node:assert/strict'
import avro from 'avsc'
import { createDirectory, type Directory } from '../catalog/directory.ts'
import type { CatalogEvent, PerformanceTerms } from '../catalog/messages.ts'
import type { Decision } from '../envelope.ts'
import { commandIdOf, epochMillis } from '../ids.ts'
import { emptyHead } from '../ledger.ts'
import { type Rejection, recorded } from '../rejections.ts'
import type { Context } from '../topics.ts'
import { createPublicCodec } from './codec.ts'
import type { PublicEvent, PublicOrigin } from './events.ts'
import type { PublicFact } from './fact.ts'
import { PUBLIC_SUBJECTS, publicSubjectOf } from './schemas.ts'
import { publicRecordsOf } from './translate.ts'

const OFFSET = 1_042
const HEAD = emptyHead('seating.events', 3)
const NOTE = 'for my aunt'
const performanceId = 'perf_1'
const at = epochMillis(1_790_000_000_000)

const terms = (amount: number): PerformanceTerms => ({
  saleStartsAtMs: null,
  saleEndsAtMs: at,
  holdTtlMs: 600_000,
  extensionMs: 60_000,
  holdMaxMs: 900_000,
  seatsPerHoldMax: 10,
  purchaseLimit: 4,
  sectionLimit: null,
  orphanRule: 'off',
  prices: [{ category: 'Gold', ticketType: '', amount }],
})
const summary = { focalDistance: 0 }
const sections = [
  { ...summary, sectionId: 'stalls', name: 'Stalls', seatCount: 2, shards: 0 },
  { ...summary, sectionId: 'floor', name: 'Floor', seatCount: 1_500, shards: 2 },
]
const seat = (number: string) => {
  return { seatId: `A-${number}`, number, x: 0, y: 0, category: 'Gold', type: 'standard', aisleAfter: null, extras: NOTE }
}
const map = { seatMapId: 'map_1', venueId: 'venue_1' }
const CATALOG = [
  {
    type: 'VenueCreated',
    venueId: 'venue_1',
    organisation: 'org_1',
    name: 'Hall',
    timeZone: 'UTC',
    address: { street: '', city: 'Hue', postalCode: '', country: 'VN' },
  },
  {
    ...{ type: 'SeatMapDrafted', ...map, organisation: 'org_1', name: 'Map', focalPoint: null, parts: 1, extras: NOTE },
    categories: [{ name: 'Gold', color: '' }],
    sections: sections.map((section) => ({
      ...section,
      standing: section.shards > 0 ? { category: 'Gold', bounds: null } : null,
      extras: NOTE,
    })),
  },
  {
    type: 'SeatMapPartAdded',
    seatMapId: 'map_1',
    part: 0,
    sectionId: 'stalls',
    rows: [{ label: 'A', table: '', seats: [seat('1'), seat('2')], extras: '' }],
  },
  { type: 'SeatMapPublished', ...map, version: 1, sections },
  {
    ...{
      type: 'PerformanceScheduled',
      performanceId,
      organisation: 'org_1',
      ...map,
      name: 'Play',
      startsAtMs: at,
      endsAtMs: null,
      currency: 'VND',
    },
    ...{ sections, revision: 1, priceRevision: 1, terms: terms(100) },
  },
  { type: 'SectionOpeningRecorded', performanceId, sectionId: 'stalls' },
  { type: 'PerformanceOpened', performanceId },
  { type: 'PerformanceRevised', performanceId, sections, revision: 2, priceRevision: 2, terms: terms(200) },
] as unknown as readonly CatalogEvent[]

function directoryOf(events: readonly CatalogEvent[]): Directory {
  const directory = createDirectory()
  for (const event of events) directory.apply(event)
  return directory
}

const inSection = { performanceId, sectionId: 'stalls' }
const sectionTerms = { ...terms(0), priceRevision: 1, extensions: 1 }
const held = {
  type: 'SeatsHeld',
  ...inSection,
  holdId: 'hold_1',
  buyer: 'buyer_1',
  seats: [1],
  expiresAtMs: at,
  extensionsLeft: 1,
  priceRevision: 1,
  step: '',
  cartId: '',
  attempt: 0,
}
const SEATING = [
  { type: 'SectionOpened', ...inSection, organisation: 'org_1', revision: 1, seatCount: 2, terms: sectionTerms, geometry: {} },
  { type: 'SectionRevised', ...inSection, revision: 2, terms: sectionTerms },
  held,
  { type: 'PartRefused', ...inSection, cartId: 'hold_9', attempt: 1 },
  { type: 'HoldExtended', ...inSection, holdId: 'hold_1', expiresAtMs: at, extensionsLeft: 0 },
  { type: 'HoldReleased', ...inSection, holdId: 'hold_1', seats: [1] },
  { type: 'HoldExpired', ...inSection, holdId: 'hold_1', seats: [1] },
  { type: 'SeatsSold', ...inSection, holdId: 'hold_1', seats: [1], priceRevision: 1 },
  { type: 'SeatsBlocked', ...inSection, blockId: 'block_1', seats: [0], note: NOTE },
  { type: 'SeatsUnblocked', ...inSection, blockId: 'block_1', seats: [0] },
]
const part = { holdId: 'hold_2', sectionId: 'floor~1', seats: [0, 7], step: '', priceRevision: 2 }
const ofCart = { performanceId, holdId: 'hold_9' }
const withParts = { ...ofCart, parts: [part] }
const due = { expiresAtMs: at, extensionsLeft: 1 }
const CART = [
  {
    type: 'CartOpened',
    ...ofCart,
    organisation: 'org_1',
    buyer: 'buyer_1',
    buyerKind: 'buyer',
    quantity: 1,
    categories: [],
    accessible: false,
    standing: false,
    candidates: [],
    chosen: [{ sectionId: 'stalls', seats: [0] }],
  },
  { type: 'PartRequested', ...ofCart },
  { type: 'PartGranted', ...ofCart },
  { type: 'PartDenied', ...ofCart },
  { type: 'CartOverdue', ...ofCart },
  { type: 'PartReturned', ...ofCart },
  { type: 'CartHeld', ...withParts, organisation: 'org_1', buyer: 'buyer_1', ...due },
  { type: 'CartRefused', ...withParts },
  { type: 'CartExtended', ...withParts, ...due },
  { type: 'CartReleased', ...withParts },
  { type: 'CartExpired', ...withParts },
  { type: 'CartSold', ...withParts },
]

interface Made {
  readonly command?: object
  readonly rejection?: Rejection
  readonly outcome?: Decision['outcome']
  readonly commandId?: string
}

function factOf(
  context: Context,
  events: readonly object[],
  { command, rejection, outcome = 'accepted', commandId = commandIdOf('a') }: Made = {},
) {
  const envelope = {
    commandId,
    commandType: 'HoldSeats',
    actor: { kind: 'buyer', id: 'buyer_1' },
    organisation: '',
    correlationId: 'cmd_first',
    traceparent: '',
  }
  const decision = { envelope, atMs: at, outcome, rejection: rejection === undefined ? null : recorded(rejection), events: [] }
  return { context, partition: 3, offset: OFFSET, head: HEAD, decision, events, command } as unknown as PublicFact
}

const whole = directoryOf(CATALOG)
const eventsOf = (fact: PublicFact, directory = whole): (PublicEvent & PublicOrigin)[] =>
  publicRecordsOf(fact, directory).records.map(({ event }) => event)

describe('publicRecordsOf', () => {
  it('calls seats by their names, at the price of the list that was locked, whatever list came later', () => {
    const [event] = eventsOf(factOf('seating', [held]))
    assert.deepEqual(event, {
      ...{ type: 'SeatsHeld', eventId: `seating/3/${OFFSET}/0`, occurredAt: at, organisation: 'org_1' },
      ...{ commandId: commandIdOf('a'), correlationId: 'cmd_first', actorKind: 'buyer' },
      ...{ performanceId, sectionId: 'stalls', section: 'Stalls', stream: 'stalls' },
      ...{ holdId: 'hold_1', cartId: '', buyer: 'buyer_1', quantity: 1, currency: 'VND', priceRevision: 1 },
      seats: [{ seatId: 'A-2', row: 'A', number: '2', category: 'Gold', amount: 100 }],
      ...{ expiresAt: at, extensionsLeft: 1, step: '' },
    })
  })

  it('says of a place to stand its category and its price alone, and which shard it is in', () => {
    const [event] = eventsOf(factOf('cart', [{ type: 'CartHeld', ...withParts, buyer: 'buyer_1', ...due }]))
    assert.ok(event?.type === 'CartHeld')
    const place = { seatId: '', row: '', number: '', category: 'Gold', amount: 200 }
    assert.deepEqual(event.parts, [{ holdId: 'hold_2', sectionId: 'floor', section: 'Floor', stream: 'floor~1', seats: [place, place] }])
    assert.equal(event.quantity, 2)
  })

  it('says so when the directory has not read yet what the decision names, and is the same whatever more it has read', () => {
    const fact = factOf('seating', [held])
    const scheduled = CATALOG.findIndex(({ type }) => type === 'PerformanceScheduled')
    const later = factOf('seating', [{ ...held, priceRevision: 2 }])
    assert.equal(publicRecordsOf(fact, directoryOf(CATALOG.slice(0, scheduled))).isIncomplete, true)
    assert.equal(publicRecordsOf(later, directoryOf(CATALOG.slice(0, scheduled + 1))).isIncomplete, true)
    const early = publicRecordsOf(fact, directoryOf(CATALOG.slice(0, scheduled + 1)))
    assert.equal(early.isIncomplete, false)
    assert.deepEqual(early, publicRecordsOf(fact, whole))
  })

  it('tells a refusal with what was asked for, behind what happened before it', () => {
    const command = { type: 'HoldSeats', ...inSection, seats: [0], cart: null }
    const conflicts = [{ seat: 0, reason: 'held', sinceMs: 5, mayFreeAtMs: 9 }] as never
    const [expired, refused] = eventsOf(
      factOf('seating', [SEATING[6] as object], { command, rejection: { code: 'SEAT_UNAVAILABLE', conflicts } }),
    )
    assert.equal(expired?.type, 'HoldExpired')
    assert.ok(refused?.type === 'CommandRejected')
    const named = { seatId: 'A-1', row: 'A', number: '1', category: 'Gold' }
    assert.deepEqual(
      [refused.eventId, refused.code, refused.section, refused.quantity],
      [`seating/3/${OFFSET}/1`, 'SEAT_UNAVAILABLE', 'Stalls', 1],
    )
    assert.deepEqual([refused.seats, refused.conflicts], [[named], [{ ...named, reason: 'held', since: 5, mayFreeAt: 9 }]])
  })

  it('tells a refusal also of what could not be read', () => {
    const rejection = { code: 'COMMAND_UNREADABLE' } as const
    const { records } = publicRecordsOf(factOf('seating', [], { rejection, commandId: '' }), whole)
    assert.deepEqual(
      records.map(({ key, event }) => [key, event.type]),
      [[`seating/3/${OFFSET}/0`, 'CommandRejected']],
    )
  })

  it('keys each event by its stream', () => {
    const keys = ([context, events]: readonly [Context, readonly object[]]): string[] => [
      ...new Set(events.flatMap((event) => publicRecordsOf(factOf(context, [event]), whole).records.map(({ key }) => key))),
    ]
    assert.deepEqual(keys(['catalog', CATALOG]), ['venue_1', 'map_1', performanceId])
    assert.deepEqual(keys(['seating', SEATING]), [`${performanceId}/stalls`])
    assert.deepEqual(keys(['cart', CART]), ['hold_9'])
  })

  it('tells nothing of decisions in which nothing happened', () => {
    for (const outcome of ['accepted', 'duplicate', 'started'] as const) assert.deepEqual(eventsOf(factOf('seating', [], { outcome })), [])
  })
})

describe('The public schemas', () => {
  const told = (
    [
      ['catalog', CATALOG],
      ['seating', SEATING],
      ['cart', CART],
    ] as const
  ).flatMap(([context, events]) => {
    const rejection = { code: 'REVISION_CONFLICT', revision: 3 } as const
    const facts = [...events.map((event) => factOf(context, [event])), factOf(context, [], { rejection })]
    return facts.flatMap((fact) => eventsOf(fact).map((event) => ({ context, event })))
  })

  it('have an event each', () => {
    const subjects = told.map(({ context, event }) => publicSubjectOf(context, event.type))
    assert.deepEqual(new Set(subjects), new Set(PUBLIC_SUBJECTS.keys()))
  })

  it('hold what is told of each event, in the wire format of Confluent', () => {
    const ids = [...PUBLIC_SUBJECTS.keys()]
    const codec = createPublicCodec((subject) => ids.indexOf(subject) + 1)
    for (const { context, event } of told) {
      const subject = publicSubjectOf(context, event.type)
      const bytes = codec.encode(context, event)
      assert.deepEqual([bytes[0], bytes.readUInt32BE(1)], [0, ids.indexOf(subject) + 1])
      const { type: _, ...fields } = event
      const decoded = avro.Type.forSchema(PUBLIC_SUBJECTS.get(subject) as avro.Schema).fromBuffer(bytes.subarray(5)) as object
      assert.deepEqual(JSON.parse(JSON.stringify(decoded)), JSON.parse(JSON.stringify(fields)))
    }
  })

  it('have no place for what a person typed', () => {
    assert.ok(!JSON.stringify(told).includes(NOTE))
  })
})
