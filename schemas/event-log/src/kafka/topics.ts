import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from 'kafkajs'
import { EventLogError, TopicMissingError } from '../errors.ts'
import { APPEND_BYTES_MAX } from '../limits.ts'
import type { TopicSpec } from '../port.ts'
import type { Connection } from './connection.ts'
import { failureOf } from './inner.ts'

const WITHIN_MS = 10_000
const RETRY_INTERVAL_MS = 250
const REPLICATION_DEFAULT_MAX = 3
/** The framing of a record batch itself. */
const BATCH_HEADER_BYTES = 1_024

/** Topics and offsets, asked of the brokers. Partition counts never change, so they are asked once. */
export class Topics {
  readonly #connection: Connection
  readonly #replicationFactor: number | undefined
  readonly #counts = new Map<string, number>()

  constructor(connection: Connection, replicationFactor: number | undefined) {
    this.#connection = connection
    this.#replicationFactor = replicationFactor
  }

  async ensure(specs: readonly TopicSpec[]): Promise<void> {
    const missing: TopicSpec[] = []
    for (const spec of specs) {
      if (!(await this.#exists(spec.topic))) missing.push(spec)
    }
    if (missing.length > 0) await this.#create(missing)
    // The answer means that the controller knows. That every leader tells its end means that the brokers take appends and reads.
    for (const { topic } of missing)
      await this.#connection.attempt(
        WITHIN_MS,
        (cluster) => this.#askLeaders(cluster, topic),
        () => false,
      )
  }

  async count(topic: string): Promise<number> {
    const known = this.#counts.get(topic)
    if (known !== undefined) return known
    try {
      return await this.#connection.attempt(WITHIN_MS, (cluster) => this.#ask(cluster, topic), isMissing)
    } catch (error) {
      throw isMissing(error) ? new TopicMissingError(topic) : error
    }
  }

  async assertPartition(topic: string, partition: number): Promise<void> {
    const count = await this.count(topic)
    if (Number.isInteger(partition) && partition >= 0 && partition < count) return
    throw new EventLogError('PARTITION_MISSING', `Topic "${topic}" has ${count} partitions, so none is numbered ${partition}.`, {
      retryable: false,
    })
  }

  async endOffset(topic: string, partition: number): Promise<number> {
    await this.assertPartition(topic, partition)
    return await this.#connection.attempt(
      WITHIN_MS,
      async (cluster) => {
        await this.#connection.loadTopic(cluster, topic)
        const [found] = await cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning: false }])
        const offset = found?.partitions.find((one) => one.partition === partition)?.offset
        if (offset === undefined) throw new Error(`The brokers do not tell the end of ${topic}/${partition}.`)
        return Number(offset)
      },
      () => false,
    )
  }

  async #exists(topic: string): Promise<boolean> {
    try {
      await this.count(topic)
      return true
    } catch (error) {
      if (error instanceof TopicMissingError) return false
      throw error
    }
  }

  async #ask(cluster: Cluster, topic: string): Promise<number> {
    await this.#connection.loadTopic(cluster, topic)
    const partitions = cluster.findTopicPartitionMetadata(topic)
    if (partitions.length === 0 || partitions.some(({ leader }) => leader < 0)) throw new Error(`Topic "${topic}" has no leaders yet.`)
    this.#counts.set(topic, partitions.length)
    return partitions.length
  }

  async #askLeaders(cluster: Cluster, topic: string): Promise<void> {
    const count = await this.#ask(cluster, topic)
    await cluster.fetchTopicsOffset([
      { topic, partitions: Array.from({ length: count }, (_, partition) => ({ partition })), fromBeginning: false },
    ])
  }

  async #create(specs: readonly TopicSpec[]): Promise<void> {
    const brokerCount = await this.#connection.attempt(
      WITHIN_MS,
      async (cluster) => (await cluster.metadata()).brokers.length,
      () => false,
    )
    const replicationFactor = this.#replicationFactor ?? Math.min(REPLICATION_DEFAULT_MAX, brokerCount)
    const settings = {
      'message.timestamp.type': 'LogAppendTime',
      'cleanup.policy': 'delete',
      'retention.ms': '-1',
      'retention.bytes': '-1',
      'min.insync.replicas': String(Math.max(1, replicationFactor - 1)),
      'unclean.leader.election.enable': 'false',
      'max.message.bytes': String(APPEND_BYTES_MAX + BATCH_HEADER_BYTES),
    }
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
    const topics = specs.map(({ topic, partitions }) => ({ topic, numPartitions: partitions, replicationFactor, configEntries }))
    const admin = this.#connection.kafka().admin()
    try {
      await admin.connect()
      await untilBrokersCount(() => admin.createTopics({ waitForLeaders: false, topics }))
    } catch (error) {
      throw new EventLogError(
        'TOPICS_NOT_CREATED',
        `The topics ${specs.map(({ topic }) => topic).join(', ')} could not be created: ${reasonOf(error)}`,
        {
          retryable: true,
          cause: error,
        },
      )
    } finally {
      await admin.disconnect()
    }
  }
}

/** A broker that has just started is there to talk to for a while before the controller counts it among those that keep replicas. */
async function untilBrokersCount(create: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + WITHIN_MS
  for (;;) {
    try {
      await create()
      return
    } catch (error) {
      if (!areBrokersMissing(error) || performance.now() > deadlineMs) throw error
      await sleep(RETRY_INTERVAL_MS)
    }
  }
}

const areBrokersMissing = (error: unknown): boolean =>
  faultsOf(error).some((fault) => failureOf(fault).type === 'INVALID_REPLICATION_FACTOR')

function isMissing(error: unknown): boolean {
  return failureOf(error).type === 'UNKNOWN_TOPIC_OR_PARTITION'
}

/** kafkajs gathers the faults of several topics in one error. */
const faultsOf = (error: unknown): readonly unknown[] => (error as { readonly errors?: readonly unknown[] }).errors ?? [error]

const reasonOf = (error: unknown): string =>
  faultsOf(error)
    .map((fault) => failureOf(fault).message)
    .join(' ')
