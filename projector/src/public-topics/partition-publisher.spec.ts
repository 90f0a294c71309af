import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CatalogEvent } from '@cavea/contracts/catalog/messages'
import { publicTopicOf } from '@cavea/contracts/public/schemas'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import { topicsOf } from '@cavea/contracts/topics'
import type { LedgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import { openRig, type Rig } from '../testing/projector-rig.ts'
import { readCatalog } from './catalog-reader.ts'
import type { GatherLimits } from './gathered.ts'
import { createPartitionPublisher } from './partition-publisher.ts'
import { registerPublicSchemas } from './public-topics.ts'
import { type Publication, PublicationTakenError, type PublicMessage, type Publisher } from './publisher.ts'

const LIMITS: GatherLimits = { decisionsMax: 10, bytesMax: 1 << 20, lingerMs: 1 }
const performanceId = 'perf_1'

/** What brokers keep, without brokers: the real ones are in the integration tests. */
class MemoryPublisher implements Publisher {
  readonly messages: PublicMessage[] = []
  commits = 0
  #position: LedgerStart | undefined
  #epoch = 0

  async open(): Promise<Publication> {
    const epoch = ++this.#epoch
    const lastEventId = this.#position === undefined ? this.messages.at(-1)?.headers['ce_id'] : undefined
    return {
      position: this.#position,
      lastEventId,
      commit: async (messages, position) => {
        if (epoch !== this.#epoch) throw new PublicationTakenError({ topic: 'seating.events', partition: 0 })
        this.messages.push(...messages)
        this.#position = position
        this.commits++
      },
    }
  }

  forget(): void {
    this.#position = undefined
  }

  async close(): Promise<void> {}

  ids(): string[] {
    return this.messages.map(({ headers }) => headers['ce_id'] ?? '')
  }
}

const seat = { number: '1', x: 0, y: 0, category: 'Gold', type: 'standard', aisleAfter: null, extras: '' }
const summary = { sectionId: 'stalls', name: 'Stalls', seatCount: 1, shards: 0, focalDistance: 0 }
const map = { seatMapId: 'map_1', venueId: 'venue_1' }
const prices = [{ category: 'Gold', ticketType: '', amount: 100 }]
const terms = {
  ...{ saleStartsAtMs: null, saleEndsAtMs: null, holdTtlMs: 1, extensionMs: 1, holdMaxMs: 1, seatsPerHoldMax: 1 },
  ...{ purchaseLimit: null, sectionLimit: null, orphanRule: 'off', prices },
}
const CATALOG = [
  {
    ...{ type: 'SeatMapDrafted', ...map, organisation: 'org_1', name: 'Map', categories: [], focalPoint: null, parts: 1, extras: '' },
    sections: [{ sectionId: 'stalls', name: 'Stalls', seatCount: 1, standing: null, extras: '' }],
  },
  {
    type: 'SeatMapPartAdded',
    seatMapId: 'map_1',
    part: 0,
    sectionId: 'stalls',
    rows: [{ label: 'A', table: '', seats: [{ ...seat, seatId: 'A-1' }], extras: '' }],
  },
  { type: 'SeatMapPublished', ...map, version: 1, sections: [summary] },
  {
    ...{ type: 'PerformanceScheduled', performanceId, organisation: 'org_1', ...map, name: 'Play', startsAtMs: 1, endsAtMs: null },
    ...{ currency: 'EUR', sections: [summary], revision: 1, priceRevision: 1, terms },
  },
] as unknown as readonly CatalogEvent[]

const held = {
  ...{ type: 'SeatsHeld', performanceId, sectionId: 'stalls', holdId: 'hold_1', buyer: 'buyer_1', seats: [0], expiresAtMs: 1 },
  ...{ extensionsLeft: 1, priceRevision: 1, step: '', cartId: '', attempt: 0 },
} as unknown as SeatingEvent

describe('A partition publisher', () => {
  let rig: Rig
  let publisher: MemoryPublisher

  beforeEach(async () => {
    rig = await openRig()
    publisher = new MemoryPublisher()
  })
  afterEach(() => rig.close())

  /** Publishes all that is in the log now, and answers how it ended. */
  async function publish(options: { readonly log?: EventLog; readonly meanwhile?: () => void } = {}) {
    const deps = { ...rig, log: options.log ?? rig.log, topicPrefix: '', publisher, limits: LIMITS }
    const stop = new AbortController()
    const catalog = await readCatalog({ ...deps, trouble: (error) => assert.fail(String(error)) })
    const failures: unknown[] = []
    const place = { context: 'seating', topic: topicsOf('seating').events, partition: 0, target: publicTopicOf('seating') } as const
    const one = createPartitionPublisher({ ...deps, catalog, codecOfEvents: await registerPublicSchemas(rig.registry) }, place, {
      published: () => {},
      trouble: (error) => void failures.push(error),
      failed: (error) => void failures.push(error),
    })
    const running = one.run(stop.signal)
    options.meanwhile?.()
    while (one.status() !== 'current' && one.status() !== 'failed') await sleep(1)
    stop.abort()
    await catalog.stop()
    await running
    return { status: one.status(), failures }
  }

  it('waits for a catalog that is behind, and then knows the names', async () => {
    await rig.ledger.append(
      'catalog',
      0,
      CATALOG.map((event) => [event]),
    )
    await rig.ledger.append('seating', 0, [[held]])
    let open: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const { log } = rig
    const slow: EventLog = {
      ...bound(log),
      async *read(topic, ...rest) {
        if (topic === topicsOf('catalog').events) await gate
        yield* log.read(topic, ...rest)
      },
    }
    await publish({ log: slow, meanwhile: () => setImmediate(() => setImmediate(open)) })
    assert.equal(publisher.messages.length, 1)
    assert.ok(publisher.messages[0]?.value.includes('Stalls'))
  })

  it('tells of a performance that no catalog has, without names, rather than wait for ever', async () => {
    await rig.ledger.append('seating', 0, [[held]])
    await publish()
    assert.deepEqual(publisher.ids(), ['seating/0/0/0'])
  })

  it('publishes what counts once, over any number of lives, also when nobody remembers where it was', async () => {
    const expected: string[] = []
    const eventsOf = (at: number): SeatingEvent[] => (at % 5 === 0 ? [held, held] : at % 5 === 1 ? [] : [held])
    for (let life = 0; life < 4; life++) {
      const first = await rig.ledger.append(
        'seating',
        0,
        Array.from({ length: 25 }, (_, at) => eventsOf(at)),
      )
      for (let at = 0; at < 25; at++)
        for (let index = 0; index < eventsOf(at).length; index++) expected.push(`seating/0/${first + at}/${index}`)
      await rig.ledger.appendVoid('seating', 0)
      await publish()
      assert.deepEqual(publisher.ids(), expected)
      if (life % 2 === 0) publisher.forget()
      await publish()
      assert.deepEqual(publisher.ids(), expected)
    }
  })

  it('does not commit for decisions that tell nothing, unless there are many', async () => {
    await rig.ledger.append('seating', 0, [[held]])
    await publish()
    const { commits } = publisher
    await rig.ledger.append('seating', 0, [[], [], []])
    await publish()
    assert.equal(publisher.commits, commits)
    await rig.ledger.append(
      'seating',
      0,
      Array.from({ length: 3 * LIMITS.decisionsMax }, () => []),
    )
    await publish()
    assert.ok(publisher.commits > commits)
  })

  it('stops at what cannot be decoded, and publishes nothing that is behind it', async () => {
    await rig.ledger.append(
      'seating',
      0,
      Array.from({ length: 12 }, () => [held]),
    )
    await publish()
    await rig.ledger.appendUnreadableEvent('seating', 0, 'SeatsHeld')
    await rig.ledger.append('seating', 0, [[held]])
    const { status, failures } = await publish()
    assert.equal(status, 'failed')
    assert.deepEqual(
      failures.map((error) => (error as { readonly code?: string }).code),
      ['UNDECODABLE'],
    )
    assert.equal(publisher.messages.length, 12)
  })

  it('stops where the log is another than the one that was published', async () => {
    await rig.ledger.append('seating', 0, [[held]])
    await publish()
    await rig.close()
    rig = await openRig()
    await rig.ledger.append('seating', 0, [[], [held]])
    const { status, failures } = await publish()
    assert.equal(status, 'failed')
    assert.equal((failures[0] as { readonly code?: string }).code, 'OTHER_LOG')
  })
})

/** The log's methods as functions, so that one of them can be replaced. */
function bound(log: EventLog): EventLog {
  return {
    ensureTopics: (topics) => log.ensureTopics(topics),
    partitionCount: (topic) => log.partitionCount(topic),
    endOffset: (topic, partition) => log.endOffset(topic, partition),
    append: (topic, partition, values) => log.append(topic, partition, values),
    read: (topic, partition, from, options) => log.read(topic, partition, from, options),
    join: (group, topics, handler) => log.join(group, topics, handler),
    close: () => log.close(),
  }
}
