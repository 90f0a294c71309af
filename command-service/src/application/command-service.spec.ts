import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { CatalogCommand, PerformanceTerms } from '@cavea/contracts/catalog/messages'
import type { Actor, Decision } from '@cavea/contracts/envelope'
import { commandIdOf, type EpochMillis, type HoldId, type PerformanceId, type SeatIndex, type SectionId } from '@cavea/contracts/ids'
import { bucketOf, partitionOf, sectionKey } from '@cavea/contracts/partitioning'
import { CONTEXTS } from '@cavea/contracts/topics'
import { eventually } from '@cavea/event-log/contract-tools'
import { LogUnavailableError } from '@cavea/event-log/errors'
import type { EventLog, OwnershipHandler } from '@cavea/event-log/port'
import { type CommandService, createCommandService } from './command-service.ts'
import { CATALOG, codec, decided, encoded, optionsFor, type Place, place, SEATING } from './worker-harness.spec.ts'

const PARTITIONS = 2
const PLACES = CONTEXTS.length * PARTITIONS
const ORGANISER: Actor = { kind: 'organiser', id: 'acct_olga' }
const ANNA: Actor = { kind: 'buyer', id: 'buyer_anna' }
const SECTIONS = ['stalls', 'balcony', 'gallery'].map((name) => ({ sectionId: name as SectionId, name, seatCount: 2 }))
const TERMS: PerformanceTerms = {
  saleStartsAtMs: null,
  saleEndsAtMs: null,
  holdTtlMs: 150,
  extensionMs: 100,
  holdMaxMs: 1_000,
  seatsPerHoldMax: 2,
  purchaseLimit: null,
  sectionLimit: null,
  orphanRule: 'off',
  prices: [{ category: 'A', ticketType: '', amount: 100 }],
}

interface Seen {
  readonly type: string
  readonly atMs: number
  readonly message: Record<string, unknown>
}

describe('The command service', function () {
  this.timeout(40_000)
  let at: Place
  const services: CommandService[] = []

  beforeEach(async () => {
    at = await place(PARTITIONS)
  })
  afterEach(async () => {
    await Promise.all(services.splice(0).map((service) => service.stop()))
    await at.remove()
  })

  async function begin(log: EventLog = at.log): Promise<CommandService> {
    const service = createCommandService(optionsFor({ ...at, log }).options)
    services.push(service)
    await service.start()
    return service
  }

  async function decisions(topic: string): Promise<Decision[]> {
    const all = await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => decided(at.log, topic, partition)))
    return all.flat().map(({ decision }) => decision)
  }
  async function events(context: 'catalog' | 'seating'): Promise<Seen[]> {
    const topic = context === 'catalog' ? CATALOG.events : SEATING.events
    return (await decisions(topic)).flatMap(({ events, atMs }) =>
      events.map((event) => ({ type: event.type, atMs, message: { ...codec.decodeMessage<{ type: string }>(context, event) } })),
    )
  }
  const typesOf = async (context: 'catalog' | 'seating') => (await events(context)).map(({ type }) => type)
  const partitionFor = (key: string) => partitionOf(bucketOf(key), PARTITIONS)
  const manage = (message: CatalogCommand, id: string) =>
    at.log.append(CATALOG.commands, partitionFor('org_opera'), [
      encoded('catalog', message, { actor: ORGANISER, commandId: commandIdOf(id) }),
    ])
  async function made<Id>(type: string, field: string): Promise<Id> {
    await eventually(type, async () => (await typesOf('catalog')).includes(type))
    return (await events('catalog')).find((event) => event.type === type)?.message[field] as Id
  }

  async function schedulePerformance(): Promise<PerformanceId> {
    await manage(
      { type: 'CreateVenue', name: 'Opera', timeZone: 'UTC', address: { street: '', city: '', postalCode: '', country: 'DE' } },
      'venue',
    )
    const venueId = await made('VenueCreated', 'venueId')
    const sections = SECTIONS.map((section) => ({ ...section, standing: null, extras: '' }))
    await manage(
      {
        type: 'DraftSeatMap',
        venueId: venueId as never,
        name: 'Hall',
        categories: [{ name: 'A', color: '' }],
        sections,
        focalPoint: null,
        parts: 3,
        extras: '',
      },
      'map',
    )
    const seatMapId = await made<never>('SeatMapDrafted', 'seatMapId')
    for (const [part, { sectionId }] of SECTIONS.entries()) {
      const seats = ['1', '2'].map((number) => {
        return {
          seatId: `${sectionId}-${number}`,
          number,
          x: 0,
          y: 0,
          category: 'A',
          type: 'standard',
          aisleAfter: null,
          extras: '',
        } as const
      })
      await manage(
        { type: 'AddSeatMapPart', seatMapId, part, sectionId, rows: [{ label: '1', table: '', seats, extras: '' }] },
        `part ${part}`,
      )
    }
    await manage({ type: 'PublishSeatMap', seatMapId }, 'publish')
    await made('SeatMapPublished', 'seatMapId')
    const startsAtMs = 1_900_000_000_000 as EpochMillis
    await manage(
      { type: 'SchedulePerformance', seatMapId, name: 'Norma', startsAtMs, endsAtMs: null, currency: 'EUR', terms: TERMS },
      'schedule',
    )
    return await made<PerformanceId>('PerformanceScheduled', 'performanceId')
  }

  it('opens a performance once each of its sections has answered', async () => {
    await begin()
    const performanceId = await schedulePerformance()
    await made('PerformanceOpened', 'performanceId')
    assert.deepEqual(await typesOf('seating'), ['SectionOpened', 'SectionOpened', 'SectionOpened'])
    for (const { message } of await events('seating')) {
      assert.equal(message['organisation'], 'org_opera')
      assert.equal(message['performanceId'], performanceId)
    }
    assert.deepEqual((await typesOf('catalog')).slice(-4), [...new Array<string>(3).fill('SectionOpeningRecorded'), 'PerformanceOpened'])
  })

  it('opens it also when it dies in the middle, and what it sends again changes nothing', async () => {
    // The log takes one append of what follows, and the next time all but what the sections answer; then it is away.
    const takes: readonly ((topic: string, appended: number) => boolean)[] = [
      (_, appended) => appended === 0,
      (topic) => !topic.startsWith('catalog'),
    ]
    for (const [life, isTaken] of takes.entries()) {
      let appended = 0
      let isAway = false
      const log = new Proxy(at.log, {
        get(target, name) {
          if (name !== 'append') return (target[name as keyof EventLog] as (...args: unknown[]) => unknown).bind(target)
          return (...args: Parameters<EventLog['append']>) => {
            const isReaction =
              args[0].endsWith('.commands') &&
              args[2].every((value) => codec.decodeCommand(Buffer.from(value)).envelope.commandType !== 'Tick')
            isAway ||= isReaction && !isTaken(args[0], appended)
            if (isReaction && isAway) return Promise.reject(new LogUnavailableError('Away.'))
            if (isReaction) appended++
            return target.append(...args)
          }
        },
      })
      const service = await begin(log)
      if (life === 0) await schedulePerformance()
      await eventually('the log was away for what was left to send', () => isAway)
      await service.stop()
    }
    assert.ok(!(await typesOf('catalog')).includes('PerformanceOpened'))
    await begin()
    await made('PerformanceOpened', 'performanceId')
    assert.deepEqual(await typesOf('seating'), ['SectionOpened', 'SectionOpened', 'SectionOpened'])
    assert.equal((await typesOf('catalog')).filter((type) => type === 'SectionOpeningRecorded').length, 3)
    assert.equal((await typesOf('catalog')).filter((type) => type === 'PerformanceOpened').length, 1)
  })

  it('expires a hold by a tick, not before its time and soon after it', async () => {
    await begin()
    const performanceId = await schedulePerformance()
    await made('PerformanceOpened', 'performanceId')
    const { sectionId } = SECTIONS[0] ?? assert.fail()
    const partition = partitionFor(sectionKey(performanceId, sectionId))
    const hold = encoded('seating', { type: 'HoldSeats', performanceId, sectionId, seats: [0 as SeatIndex], cart: null } as never, {
      actor: ANNA,
    })
    await at.log.append(SEATING.commands, partition, [hold])
    await eventually('the hold expired', async () => (await typesOf('seating')).includes('HoldExpired'))
    const all = await events('seating')
    const held = all.find(({ type }) => type === 'SeatsHeld')?.message as { holdId: HoldId; expiresAtMs: number }
    const expired = all.find(({ type }) => type === 'HoldExpired')
    assert.equal(expired?.message['holdId'], held.holdId)
    assert.ok((expired?.atMs ?? 0) >= held.expiresAtMs, 'it expired early')
    assert.equal(all.filter(({ type }) => type === 'HoldExpired').length, 1)
  })

  it('starts on nothing that it is given while it stops', async () => {
    let handler: OwnershipHandler | undefined
    const log = new Proxy(at.log, {
      get(target, name) {
        if (name !== 'join') return (target[name as keyof EventLog] as (...args: unknown[]) => unknown).bind(target)
        return (...[group, topics, given]: Parameters<EventLog['join']>) => {
          handler = given
          return target.join(group, topics, given)
        }
      },
    })
    const service = await begin(log)
    await eventually('it works', () => service.workers().length === PLACES)
    const stopping = service.stop()
    handler?.assigned(SEATING.commands, 0)
    await stopping
    await delay(50)
    for (const { status } of service.workers()) assert.equal(status, 'stopped')
  })

  it('shares the partitions with another and takes them all when that one leaves', async () => {
    const first = await begin()
    const second = await begin()
    const working = (service: CommandService) => service.workers().filter(({ status }) => status === 'deciding').length
    await eventually('both work', () => working(first) > 0 && working(second) > 0 && working(first) + working(second) === PLACES)
    await first.stop()
    await eventually('the other took over', () => working(second) === PLACES)
    await schedulePerformance()
    await made('PerformanceOpened', 'performanceId')
  })
})
