import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Codec } from '@cavea/contracts/codec'
import type { PublicCodec } from '@cavea/contracts/public/codec'
import { publicTopicOf } from '@cavea/contracts/public/schemas'
import { CONTEXTS, topicsOf } from '@cavea/contracts/topics'
import { openKafkaLog } from '@cavea/event-log/kafka/kafka-log'
import type { EventLog } from '@cavea/event-log/port'
import { confluentRegistry } from '@cavea/event-log/registry/confluent'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import { registerSchemas } from '@cavea/event-log/schemas'
import { openKafkaPublisher } from '@cavea/projector/adapters/kafka-publisher'
import { type CatalogReader, readCatalog } from '@cavea/projector/public-topics/catalog-reader'
import { createPartitionPublisher, type PartitionPublisher } from '@cavea/projector/public-topics/partition-publisher'
import { createPublicTopics, type PublicTopics, registerPublicSchemas } from '@cavea/projector/public-topics/public-topics'
import type { Publisher } from '@cavea/projector/public-topics/publisher'
import { type ScriptedHall, scriptHall } from '@cavea/query-service/testing/scripted-hall'
import { createLogger } from '@cavea/service-kit/logger'
import { createMetrics } from '@cavea/service-kit/metrics'
import { type SharedEngines, sharedEngines } from './engines.ts'
import { eventually } from './hall.ts'
import { PlantedDecisions, SYSTEM } from './planted-decisions.ts'
import { type PublicRecordRead, readPublicTopics } from './public-reader.ts'

export const WITHIN_MS = 60_000
export const PARTITIONS = 2
const HOLDS = 1_200
const SMALL_TRANSACTIONS = { decisionsMax: 20, bytesMax: 1 << 20, lingerMs: 1 }
const TAKEN_PAUSE_MS = 150

/** A process that publishes, as far as tests are concerned. */
export interface Publishing {
  readonly publisher: Publisher
  readonly partitions: readonly PartitionPublisher[]
  /** Transactions that it knows to be committed. */
  readonly committed: () => number
  readonly troubles: readonly unknown[]
  end(): Promise<void>
}

export interface RunningService {
  readonly service: PublicTopics
  stop(): Promise<void>
}

/** What all rigs share: real brokers, a real registry. */
export interface PublishingEngines {
  readonly engines: SharedEngines
  readonly log: EventLog
  readonly registry: SchemaRegistry
  readonly codec: Codec
  readonly publicCodec: PublicCodec
}

export async function publishingEngines(): Promise<PublishingEngines> {
  const engines = await sharedEngines()
  const log = await openKafkaLog({ brokers: [engines.kafka.brokers], clientId: 'test' })
  const registry = confluentRegistry({ url: engines.registry.url })
  return { engines, log, registry, codec: await registerSchemas(registry), publicCodec: await registerPublicSchemas(registry) }
}

/** Topics of one test, with a hall to write about and all that it takes to publish them. */
export class PublishingRig {
  readonly topicPrefix = `p${randomBytes(4).toString('hex')}.`
  readonly hall: ScriptedHall = scriptHall('Public', 40, 'org_public', 1_500)
  readonly planted: PlantedDecisions
  readonly positionsGroup = `${this.topicPrefix}cavea-public-positions`
  readonly #shared: PublishingEngines

  constructor(shared: PublishingEngines) {
    this.#shared = shared
    const { log, codec } = shared
    this.planted = new PlantedDecisions({ log, codec, topicPrefix: this.topicPrefix, partitions: PARTITIONS })
  }

  get brokers(): string {
    return this.#shared.engines.kafka.brokers
  }

  openPublisher(): Publisher {
    return openKafkaPublisher({ brokers: [this.brokers], clientId: 'publisher', topicPrefix: this.topicPrefix })
  }

  /** Takes part in publishing as a process of its own would. */
  async startService(): Promise<RunningService> {
    const publisher = this.openPublisher()
    const { log, codec, registry } = this.#shared
    const logger = createLogger({ service: 'test', level: 'silent' })
    const { topicPrefix } = this
    const service = createPublicTopics({ log, codec, registry, topicPrefix, publisher, logger, metrics: createMetrics('test') })
    await service.start()
    return {
      service,
      async stop() {
        await service.stop()
        await publisher.close()
      },
    }
  }

  /** Waits until the services have all partitions among them and everything is published. */
  async untilPublished(...running: readonly RunningService[]): Promise<void> {
    await eventually('everything is published', WITHIN_MS, async () => {
      const current = running.flatMap(({ service }) => service.partitions().filter(({ status }) => status === 'current'))
      const isReady = running.every(({ service }) => service.readiness().ready)
      return isReady && current.length === CONTEXTS.length * PARTITIONS ? true : undefined
    })
  }

  async publishAll(): Promise<void> {
    const running = await this.startService()
    await this.untilPublished(running)
    await running.stop()
  }

  /** What an ordinary client reads. */
  read(): Promise<PublicRecordRead[]> {
    const topics = CONTEXTS.map((context) => ({ topic: publicTopicOf(context, this.topicPrefix), partitions: PARTITIONS }))
    return readPublicTopics({ brokers: this.brokers, registryUrl: this.#shared.engines.registry.url }, topics)
  }

  /** The ids of the events of seating that an ordinary client reads, in the order of each partition. */
  async readIds(): Promise<string[][]> {
    const ids = (await this.read()).map(({ headers }) => headers['ce_id'] ?? '')
    return Array.from({ length: PARTITIONS }, (_, partition) => ids.filter((id) => id.startsWith(`seating/${partition}/`)))
  }

  plantHall(): void {
    const { planted, hall } = this
    for (const event of [...hall.catalogEvents, hall.opened])
      planted.decide('catalog', 0, { command: { type: 'Tick' }, events: [event], actor: SYSTEM })
    for (const [at, streamId] of hall.streamIds.entries())
      planted.decide('seating', at % PARTITIONS, { command: { type: 'Tick' }, events: [hall.open(streamId)], actor: SYSTEM })
  }

  /**
   * A busy section in each partition: holds, lapses, refusals, ticks that nobody needs to know of, and records that do not count.
   * Answers the ids that are to be told.
   */
  async plantHolds(): Promise<string[][]> {
    const { planted, hall } = this
    const { performanceId, streamIds } = hall
    this.plantHall()
    const ids: string[][] = [[], []]
    for (const at of streamIds.keys()) ids[at % PARTITIONS]?.push(`seating/${at % PARTITIONS}/${Math.floor(at / PARTITIONS)}/0`)
    for (let at = 0; at < HOLDS * PARTITIONS; at++) {
      const partition = at % PARTITIONS
      const [sectionId, seat] = [partition === 0 ? 'stalls' : 'balcony', at % 40]
      const held = hall.held(`hold ${at}`, sectionId, [seat], 'buyer_1')
      const command = { type: 'HoldSeats', performanceId, sectionId, seats: [seat], cart: null }
      const made = [
        { command, events: [held] },
        { command: { type: 'Tick' }, events: [], actor: SYSTEM },
        { command, events: [hall.released(`hold ${at - PARTITIONS}`, sectionId, [seat]), held] },
        { command, events: [], rejection: { code: 'SEAT_NOT_FOUND' } } as const,
      ][Math.floor(at / PARTITIONS) % 4]
      assert.ok(made !== undefined)
      const offset = planted.decide('seating', partition, made)
      const told = made.events.length + ('rejection' in made ? 1 : 0)
      for (let index = 0; index < told; index++) ids[partition]?.push(`seating/${partition}/${offset}/${index}`)
      if (at % 50 === 0) planted.zombie('seating', partition, [held])
    }
    await planted.flush()
    return ids
  }

  /** Publishes the seating partitions whoever else does, as a process does that does not know yet of having lost them. */
  publish(catalog: CatalogReader): Publishing {
    const { topicPrefix } = this
    const publisher = this.openPublisher()
    const stop = new AbortController()
    const troubles: unknown[] = []
    let committed = 0
    const topic = topicsOf('seating', topicPrefix).events
    const target = publicTopicOf('seating', topicPrefix)
    const of = { publisher, catalog, topicPrefix, limits: SMALL_TRANSACTIONS, takenPauseMs: TAKEN_PAUSE_MS }
    const deps = { ...this.#shared, ...of, codecOfEvents: this.#shared.publicCodec }
    const told = {
      published: () => void committed++,
      trouble: (error: unknown) => void troubles.push(error),
      failed: (error: unknown) => void troubles.push(error),
    }
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) =>
      createPartitionPublisher(deps, { context: 'seating', topic, partition, target }, told),
    )
    const ended = partitions.map((one) => one.run(stop.signal))
    return {
      publisher,
      partitions,
      committed: () => committed,
      troubles,
      async end() {
        stop.abort()
        await Promise.all(ended)
        await publisher.close()
      },
    }
  }

  async publishToTheEnd(catalog: CatalogReader): Promise<void> {
    const last = this.publish(catalog)
    await eventually('everything is published', WITHIN_MS, async () => isDone(last) || undefined)
    await last.end()
  }

  async withCatalog(use: (catalog: CatalogReader) => Promise<void>): Promise<void> {
    const { topicPrefix } = this
    const { log } = this.#shared
    await log.ensureTopics(CONTEXTS.map((context) => ({ topic: publicTopicOf(context, topicPrefix), partitions: PARTITIONS })))
    const catalog = await readCatalog({ ...this.#shared, topicPrefix, trouble: (error) => assert.fail(String(error)) })
    try {
      await use(catalog)
    } finally {
      await catalog.stop()
    }
  }
}

export const isDone = ({ partitions }: Publishing): boolean => partitions.every((one) => one.status() === 'current')
