import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { Broker, Cluster } from 'kafkajs'
import { AppendRefusedError, AppendUnknownError } from '../errors.ts'
import { APPEND_BYTES_MAX, batchFault, RECORD_OVERHEAD_BYTES, WAITING_BYTES_MAX } from '../limits.ts'
import type { Appended } from '../port.ts'
import type { Connection } from './connection.ts'
import { failureOf, produceTo } from './inner.ts'
import { paceLeftMs } from './pace.ts'

interface Waiting {
  readonly topic: string
  readonly partition: number
  readonly values: readonly Uint8Array[]
  readonly sizeBytes: number
  readonly resolve: (appended: Appended) => void
  readonly reject: (error: Error) => void
}

/** With these answers the leader has written nothing, and asking another broker or later may help. */
const REFUSED_FOR_NOW = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'NOT_ENOUGH_REPLICAS',
  'BROKER_NOT_AVAILABLE',
  'REPLICA_NOT_AVAILABLE',
])
/** With these the leader has written nothing and never will. */
const REFUSED_FOR_GOOD = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_REQUIRED_ACKS',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'POLICY_VIOLATION',
])

/** Requests on their way at once. While that many are, appends gather, so that one request carries many partitions. */
const REQUESTS_IN_FLIGHT_MAX = 3

/**
 * Turns appends into produce requests: at most one batch per partition in a request, so that each caller's batch stays a record batch
 * of its own; requests are handed to the socket in order, and the broker answers a socket's requests in order.
 */
export class Appender {
  readonly #connection: Connection
  readonly #timeoutMs: number
  #waiting: Waiting[] = []
  #waitingBytes = 0
  readonly #inFlight = new Set<Promise<void>>()
  #pumping = false
  #sentMs = Number.NEGATIVE_INFINITY
  #cluster: Cluster | undefined

  constructor(connection: Connection, timeoutMs: number) {
    this.#connection = connection
    this.#timeoutMs = timeoutMs
  }

  append(topic: string, partition: number, values: readonly Uint8Array[]): Promise<Appended> {
    const fault = batchFault(values)
    if (fault !== undefined) return Promise.reject(new AppendRefusedError(fault, { retryable: false }))
    const sizeBytes = values.reduce((sum, value) => sum + value.length + RECORD_OVERHEAD_BYTES, 0)
    if (this.#waitingBytes + sizeBytes > WAITING_BYTES_MAX) {
      return Promise.reject(new AppendRefusedError(`${this.#waitingBytes} bytes wait to be sent to Kafka already.`, { retryable: true }))
    }
    this.#waitingBytes += sizeBytes
    return new Promise((resolve, reject) => {
      this.#waiting.push({ topic, partition, values, sizeBytes, resolve, reject })
      void this.#pump()
    })
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#inFlight.size > 0 || this.#waiting.length > 0) {
      await Promise.allSettled(this.#inFlight)
      await turn()
    }
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return
    this.#pumping = true
    try {
      while (this.#waiting.length > 0) {
        const leftMs = paceLeftMs(this.#sentMs)
        if (this.#inFlight.size >= REQUESTS_IN_FLIGHT_MAX) await Promise.race(this.#inFlight)
        else if (leftMs > 0) await sleep(leftMs)
        else await this.#sendNext()
      }
    } finally {
      this.#pumping = false
    }
  }

  async #sendNext(): Promise<void> {
    let cluster: Cluster
    try {
      cluster = await this.#connection.get()
    } catch (error) {
      refuse(this.#waiting.splice(0), error, true)
      this.#waitingBytes = 0
      return
    }
    // Requests on two connections could overtake each other.
    if (cluster !== this.#cluster) await Promise.allSettled(this.#inFlight)
    this.#cluster = cluster
    const batches = await this.#withTopics(cluster, this.#takeOnePerPartition())
    let groups: Map<string, Waiting[]>
    try {
      groups = this.#byLeader(cluster, batches)
    } catch (error) {
      this.#connection.recycle(cluster) // Metadata that is gone again: nothing was sent, and fresh connections ask anew.
      refuse(batches, error, true)
      return
    }
    for (const [nodeId, group] of groups) {
      let broker: Broker
      try {
        broker = await cluster.findBroker({ nodeId })
      } catch (error) {
        this.#connection.recycle(cluster)
        refuse(group, error, true)
        continue
      }
      this.#sentMs = performance.now()
      const request = this.#produce(cluster, broker, group).finally(() => this.#inFlight.delete(request))
      this.#inFlight.add(request)
    }
    // kafkajs encodes in as many steps as there are partitions; only the next event turn is sure to come after all of them.
    await turn()
  }

  #takeOnePerPartition(): Waiting[] {
    const taken: Waiting[] = []
    const left: Waiting[] = []
    const partitions = new Set<string>()
    let sizeBytes = 0
    for (const one of this.#waiting) {
      const key = keyOf(one)
      const fits = taken.length === 0 || sizeBytes + one.sizeBytes <= APPEND_BYTES_MAX
      if (partitions.has(key) || !fits) {
        left.push(one)
      } else {
        taken.push(one)
        sizeBytes += one.sizeBytes
        this.#waitingBytes -= one.sizeBytes
      }
      partitions.add(key)
    }
    this.#waiting = left
    return taken
  }

  async #withTopics(cluster: Cluster, batches: readonly Waiting[]): Promise<readonly Waiting[]> {
    let usable = batches
    for (const topic of new Set(batches.map((batch) => batch.topic))) {
      try {
        await this.#connection.loadTopic(cluster, topic)
      } catch (error) {
        const isMissing = failureOf(error).type === 'UNKNOWN_TOPIC_OR_PARTITION'
        if (!isMissing) this.#connection.recycle(cluster)
        refuse(
          usable.filter((batch) => batch.topic === topic),
          error,
          !isMissing,
        )
        usable = usable.filter((batch) => batch.topic !== topic)
      }
    }
    return usable
  }

  #byLeader(cluster: Cluster, batches: readonly Waiting[]): Map<string, Waiting[]> {
    const groups = new Map<string, Waiting[]>()
    for (const batch of batches) {
      const found = cluster.findTopicPartitionMetadata(batch.topic).find((one) => one.partitionId === batch.partition)
      if (found === undefined) {
        refuse([batch], new Error(`Topic "${batch.topic}" has no partition ${batch.partition}.`), false)
        continue
      }
      const nodeId = String(found.leader)
      groups.set(nodeId, [...(groups.get(nodeId) ?? []), batch])
    }
    return groups
  }

  async #produce(cluster: Cluster, broker: Broker, group: readonly Waiting[]): Promise<void> {
    const topics = [...new Set(group.map((batch) => batch.topic))]
    const topicData = topics.map((topic) => ({
      topic,
      partitions: group
        .filter((batch) => batch.topic === topic)
        .map(({ partition, values }) => ({ partition, messages: values.map((value) => ({ key: null, value: asBuffer(value) })) })),
    }))
    try {
      const baseOffsets = await produceTo(broker, { topicData, acks: -1, timeout: this.#timeoutMs })
      for (const batch of group) {
        const baseOffset = baseOffsets.get(keyOf(batch))
        if (baseOffset === undefined) batch.reject(new AppendUnknownError(`The broker's answer does not mention ${keyOf(batch)}.`))
        else batch.resolve({ baseOffset })
      }
    } catch (error) {
      const { type, message } = failureOf(error)
      const isForGood = REFUSED_FOR_GOOD.has(type)
      if (!isForGood) this.#connection.recycle(cluster)
      // kafkajs tells the first error of an answer, not whose it is: with several partitions in the request it says nothing about one.
      if (group.length === 1 && (isForGood || REFUSED_FOR_NOW.has(type))) refuse(group, error, !isForGood)
      else
        for (const batch of group)
          batch.reject(new AppendUnknownError(`Whether the append to ${keyOf(batch)} was written is unknown: ${message}`, error))
    }
  }
}

function refuse(batches: readonly Waiting[], error: unknown, retryable: boolean): void {
  for (const batch of batches) {
    batch.reject(
      new AppendRefusedError(`Nothing was appended to ${keyOf(batch)}: ${failureOf(error).message}`, { retryable, cause: error }),
    )
  }
}

function keyOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}/${partition}`
}

function asBuffer(value: Uint8Array): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}
