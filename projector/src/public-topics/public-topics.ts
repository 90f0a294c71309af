import { createPublicCodec } from '@cavea/contracts/public/codec'
import { PUBLIC_SUBJECTS, publicTopicOf } from '@cavea/contracts/public/schemas'
import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import type { Membership } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import type { Readiness } from '@cavea/service-kit/health'
import type { Logger } from '@cavea/service-kit/logger'
import type { Metrics } from '@cavea/service-kit/metrics'
import { type CatalogReader, readCatalog } from './catalog-reader.ts'
import type { FactDeps } from './facts.ts'
import type { GatherLimits } from './gathered.ts'
import { createPartitionPublisher, type PartitionPublisher, type PublishedPlace, type PublishingStatus } from './partition-publisher.ts'
import type { Publisher } from './publisher.ts'

export interface PublicTopicsDeps extends FactDeps {
  readonly publisher: Publisher
  readonly logger: Logger
  readonly metrics: Metrics
  readonly limits?: GatherLimits
}

/**
 * The public topics of a deployment, written exactly once by however many processes. They need Kafka: the embedded profile has
 * `cavea export` instead. `main.ts` starts it beside the projections, with the same log, codec and registry:
 *
 *     const publisher = openKafkaPublisher({ ...config, clientId, logger })
 *     const publicTopics = createPublicTopics({ log, codec, registry, topicPrefix, publisher, logger, metrics })
 *     await publicTopics.start()
 *     // `/readyz`: its reasons beside the others. At the end: await publicTopics.stop(), then await publisher.close()
 */
export interface PublicTopics {
  /** Makes the topics and registers the schemas that are lacking, then takes its share of the partitions. */
  start(): Promise<void>
  /** Finishes the transactions under way, then leaves, so that others take over at once. */
  stop(): Promise<void>
  /** Those that this process publishes. */
  partitions(): readonly { readonly context: Context; readonly partition: number; readonly status: PublishingStatus }[]
  /** Ready when it takes part and all that was decided before is published. A process without partitions is a reserve. */
  readiness(): Readiness
}

interface Assignment {
  /** Of the source, as it was when somebody last asked. */
  endOffset: number
  readonly place: PublishedPlace
  readonly publisher: PartitionPublisher
  readonly stop: AbortController
  readonly ended: Promise<void>
}

const GROUP = 'cavea-public-topics'
const ENDS_ASKED_EVERY_MS = 5_000
const DEFAULT_LIMITS: GatherLimits = { decisionsMax: 1_000, bytesMax: 4 * 1024 * 1024, lingerMs: 200 }

export function createPublicTopics(deps: PublicTopicsDeps): PublicTopics {
  const { log, topicPrefix, logger, metrics } = deps
  const contexts = new Map(CONTEXTS.map((context) => [topicsOf(context, topicPrefix).events, context]))
  const assignments = new Map<string, Assignment>()
  let catalog: CatalogReader | undefined
  let membership: Membership | undefined
  let isStopping = false
  let asking: NodeJS.Timeout | undefined

  const events = metrics.counter({ name: 'cavea_public_events_total', help: 'Public events written.', labels: ['context'] })
  const transactions = metrics.counter({ name: 'cavea_public_transactions_total', help: 'Transactions committed.', labels: ['context'] })
  const troubles = metrics.counter({ name: 'cavea_public_troubles_total', help: 'Attempts that failed.', labels: ['context'] })
  metrics.gauge({
    name: 'cavea_public_partitions',
    help: 'Partitions that this process publishes, by status.',
    labels: ['context', 'status'],
    collect(gauge) {
      gauge.reset()
      for (const { place, publisher } of assignments.values()) gauge.inc({ context: place.context, status: publisher.status() })
    },
  })

  metrics.gauge({
    name: 'cavea_public_lag_records',
    help: 'Records of the log that are not published yet.',
    labels: ['topic', 'partition'],
    collect(gauge) {
      gauge.reset() // Partitions come and go.
      for (const { place, publisher, endOffset } of assignments.values())
        gauge.set({ topic: place.topic, partition: String(place.partition) }, Math.max(0, endOffset - publisher.publishedTo()))
    },
  })

  /** So that the lag grows too when nothing can be published. */
  async function askForEnds(): Promise<void> {
    for (const assignment of assignments.values()) {
      const { topic, partition } = assignment.place
      assignment.endOffset = await log.endOffset(topic, partition).catch(() => assignment.endOffset)
    }
  }

  function publisherOf(place: PublishedPlace, made: { readonly catalog: CatalogReader; readonly codec: Codec }): PartitionPublisher {
    const { context, topic, partition } = place
    return createPartitionPublisher(
      { ...deps, catalog: made.catalog, codecOfEvents: made.codec, limits: deps.limits ?? DEFAULT_LIMITS },
      place,
      {
        published(messages) {
          events.inc({ context }, messages)
          transactions.inc({ context })
        },
        trouble(err) {
          troubles.inc({ context })
          logger.warn({ err, topic, partition }, 'A partition is not published at the moment; trying again.')
        },
        failed: (err) => logger.error({ err, topic, partition }, 'A partition cannot be published any further.'),
      },
    )
  }

  return {
    partitions: () =>
      [...assignments.values()].map(({ place: { context, partition }, publisher }) => ({ context, partition, status: publisher.status() })),
    readiness() {
      const reasons = membership === undefined ? ['The public topics have not joined their group yet.'] : []
      for (const { place, publisher } of assignments.values()) {
        const name = `${place.target}/${place.partition}`
        const status = publisher.status()
        if (status === 'starting' || status === 'catching-up') reasons.push(`${name} has not caught up.`)
        if (status === 'failed') reasons.push(`${name} stopped for good: the log tells why.`)
      }
      return { ready: reasons.length === 0, reasons }
    },
    async start() {
      await ensureTopics(deps)
      const codec = await registerPublicSchemas(deps.registry)
      const reader = await readCatalog({
        ...deps,
        trouble: (err, partition) => logger.warn({ err, partition }, 'The catalog is not read at the moment.'),
      })
      catalog = reader

      function assigned(topic: string, partition: number): void {
        const context = contexts.get(topic)
        if (context === undefined || isStopping) return
        const key = `${topic}/${partition}`
        const before = assignments.get(key)?.ended // It may have been taken away and given back while it still finishes.
        const place = { context, topic, partition, target: publicTopicOf(context, topicPrefix) }
        const publisher = publisherOf(place, { catalog: reader, codec })
        const stop = new AbortController()
        const ended = (before ?? Promise.resolve()).then(() => publisher.run(stop.signal))
        assignments.set(key, { endOffset: 0, place, publisher, stop, ended })
      }

      function revoked(topic: string, partition: number): void {
        const key = `${topic}/${partition}`
        const assignment = assignments.get(key)
        if (assignment === undefined) return
        assignment.stop.abort()
        void assignment.ended.then(() => {
          if (assignments.get(key) === assignment) assignments.delete(key)
        })
      }

      asking = setInterval(() => void askForEnds(), ENDS_ASKED_EVERY_MS).unref()
      membership = await log.join(`${topicPrefix}${GROUP}`, [...contexts.keys()], { assigned, revoked })
    },
    async stop() {
      isStopping = true
      clearInterval(asking)
      for (const { stop } of assignments.values()) stop.abort()
      await catalog?.stop() // First, so that nobody waits for it any more.
      await Promise.all([...assignments.values()].map(({ ended }) => ended))
      await membership?.leave()
    },
  }
}

type Codec = Awaited<ReturnType<typeof registerPublicSchemas>>

/** Each public topic has the partitions of what it is made from: a stream stays in one, and a transaction concerns one. */
async function ensureTopics({ log, topicPrefix }: PublicTopicsDeps): Promise<void> {
  const topics = CONTEXTS.map(async (context: Context) => ({
    topic: publicTopicOf(context, topicPrefix),
    partitions: await log.partitionCount(topicsOf(context, topicPrefix).events),
  }))
  await log.ensureTopics(await Promise.all(topics))
}

/** Makes every public schema of this build known to the registry and answers what encodes by its ids. */
export async function registerPublicSchemas(registry: SchemaRegistry) {
  const registered = [...PUBLIC_SUBJECTS].map(
    async ([subject, schema]) => [subject, await registry.register(subject, schema as object)] as const,
  )
  const ids = new Map(await Promise.all(registered))
  return createPublicCodec((subject) => {
    const id = ids.get(subject)
    if (id === undefined) throw new Error(`No schema was registered for "${subject}".`)
    return id
  })
}
