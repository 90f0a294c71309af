import type { Broker, Cluster } from 'kafkajs'
import { OffsetOutOfRangeError } from '../errors.ts'
import type { LogRecord } from '../port.ts'
import type { Connection, LogWriter } from './connection.ts'
import { type FetchedMessage, type FetchedPartition, failureOf, fetchFrom } from './inner.ts'
import { paceLeftMs } from './pace.ts'

/** Where one reader stands. The lane calls, the reader answers. */
export interface Cursor {
  readonly topic: string
  readonly partition: number
  readonly nextOffset: number
  /** Whether the reader has room for more. */
  readonly isHungry: boolean
  /** Takes the records, which may be none, and moves `nextOffset`. */
  deliver(records: readonly LogRecord[], nextOffset: number, highWatermark: number): void
  fail(error: Error): void
}

interface Wanted {
  readonly topic: string
  readonly partition: number
  readonly fromOffset: number
  readonly cursors: readonly Cursor[]
}

const PARTITION_BYTES_MAX = 1024 * 1024
const ANSWER_BYTES_MAX = 8 * 1024 * 1024
const BACKOFF_MIN_MS = 50
const BACKOFF_MAX_MS = 1_000
/** No transactions are used, so there is nothing uncommitted to wait for. */
const READ_UNCOMMITTED = 0

/**
 * Fetches for all its cursors, with one request at a time per broker. Two cursors on one partition share the fetch: it starts where
 * the earlier one stands. Trouble is healed by fresh connections; only an offset out of range reaches the reader.
 */
export class FetchLane {
  readonly #connection: Connection
  readonly #maxWaitMs: number
  readonly #logger: LogWriter | undefined
  readonly #cursors = new Set<Cursor>()
  readonly #busyBrokers = new Set<string>()
  #scheduling = false
  #scheduleAgain = false
  #backoffMs = 0
  #backoff: NodeJS.Timeout | undefined
  #closed = false

  /** With a `maxWaitMs` of 0 brokers answer at once, else when there is something new or that time is over. */
  constructor(connection: Connection, maxWaitMs: number, logger: LogWriter | undefined) {
    this.#connection = connection
    this.#maxWaitMs = maxWaitMs
    this.#logger = logger
  }

  add(cursor: Cursor): void {
    this.#cursors.add(cursor)
    this.wake()
  }

  remove(cursor: Cursor): void {
    this.#cursors.delete(cursor)
  }

  /** To be called when a cursor of this lane has become hungry. */
  wake(): void {
    if (this.#closed || this.#backoff !== undefined) return
    this.#scheduleAgain = true
    if (this.#scheduling) return
    this.#scheduling = true
    // Readers that start in the same event turn share the first request.
    setImmediate(() => void this.#schedule())
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#backoff)
    this.#cursors.clear()
  }

  async #schedule(): Promise<void> {
    while (this.#scheduleAgain && !this.#closed) {
      this.#scheduleAgain = false
      const wanted = this.#wanted()
      if (wanted.length === 0) continue
      let cluster: Cluster | undefined
      try {
        cluster = await this.#connection.get()
        for (const [nodeId, group] of await this.#byLeader(cluster, wanted)) {
          if (this.#busyBrokers.has(nodeId)) continue
          this.#busyBrokers.add(nodeId)
          const startedMs = performance.now()
          const again = (): void => {
            this.#busyBrokers.delete(nodeId)
            this.wake()
          }
          void this.#fetch(cluster, nodeId, group).finally(() => afterPace(startedMs, again))
        }
      } catch (error) {
        this.#stepBack(cluster, error)
        break
      }
    }
    this.#scheduling = false
  }

  #wanted(): Wanted[] {
    const wanted = new Map<string, { topic: string; partition: number; fromOffset: number; cursors: Cursor[] }>()
    for (const cursor of this.#cursors) {
      if (!cursor.isHungry) continue
      const { topic, partition, nextOffset } = cursor
      const key = `${topic}/${partition}`
      const entry = wanted.get(key) ?? { topic, partition, fromOffset: nextOffset, cursors: [] }
      wanted.set(key, entry)
      entry.fromOffset = Math.min(entry.fromOffset, nextOffset)
      entry.cursors.push(cursor)
    }
    return [...wanted.values()]
  }

  async #byLeader(cluster: Cluster, wanted: readonly Wanted[]): Promise<Map<string, Wanted[]>> {
    const groups = new Map<string, Wanted[]>()
    for (const one of wanted) {
      await this.#connection.loadTopic(cluster, one.topic)
      const leader = cluster.findTopicPartitionMetadata(one.topic).find(({ partitionId }) => partitionId === one.partition)?.leader
      if (leader === undefined || leader < 0) throw new Error(`${one.topic}/${one.partition} has no leader at the moment.`)
      const group = groups.get(String(leader))
      if (group === undefined) groups.set(String(leader), [one])
      else group.push(one)
    }
    return groups
  }

  async #fetch(cluster: Cluster, nodeId: string, group: readonly Wanted[]): Promise<void> {
    let fetched: FetchedPartition[]
    try {
      const broker: Broker = await cluster.findBroker({ nodeId })
      fetched = await fetchFrom(broker, {
        maxWaitTime: this.#maxWaitMs,
        minBytes: 1,
        maxBytes: ANSWER_BYTES_MAX,
        isolationLevel: READ_UNCOMMITTED,
        topics: requestOf(group),
      })
    } catch (error) {
      if (!this.#failOutOfRange(error, group)) this.#stepBack(cluster, error)
      return
    }
    this.#backoffMs = 0
    const wanted = new Map(group.map((one) => [`${one.topic}/${one.partition}`, one]))
    for (const one of fetched) {
      const cursors = wanted.get(`${one.topic}/${one.partition}`)?.cursors ?? []
      for (const cursor of cursors) {
        if (this.#cursors.has(cursor)) deliver(cursor, one)
      }
    }
  }

  #failOutOfRange(error: unknown, group: readonly Wanted[]): boolean {
    const { type, topic, partition } = failureOf(error)
    if (type !== 'OFFSET_OUT_OF_RANGE') return false
    const wanted = group.find((one) => one.topic === topic && one.partition === partition)
    if (wanted === undefined) return false
    for (const cursor of wanted.cursors) {
      if (cursor.nextOffset === wanted.fromOffset) cursor.fail(new OffsetOutOfRangeError(wanted.topic, wanted.partition, wanted.fromOffset))
    }
    return true
  }

  #stepBack(cluster: Cluster | undefined, error: unknown): void {
    if (this.#closed) return
    if (cluster !== undefined) this.#connection.recycle(cluster)
    this.#backoffMs = Math.min(BACKOFF_MAX_MS, Math.max(BACKOFF_MIN_MS, this.#backoffMs * 2))
    this.#logger?.('warn', `Reading from Kafka is interrupted: ${failureOf(error).message}`, { retryInMs: this.#backoffMs })
    clearTimeout(this.#backoff)
    this.#backoff = setTimeout(() => {
      this.#backoff = undefined
      this.wake()
    }, this.#backoffMs)
  }
}

function afterPace(startedMs: number, proceed: () => void): void {
  const leftMs = paceLeftMs(startedMs)
  if (leftMs === 0) proceed()
  else setTimeout(proceed, leftMs)
}

function requestOf(group: readonly Wanted[]) {
  const topics = new Map<string, { partition: number; fetchOffset: string; maxBytes: number }[]>()
  for (const { topic, partition, fromOffset } of group) {
    const partitions = topics.get(topic) ?? []
    topics.set(topic, partitions)
    partitions.push({ partition, fetchOffset: String(fromOffset), maxBytes: PARTITION_BYTES_MAX })
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }))
}

function deliver(cursor: Cursor, { messages, highWatermark }: FetchedPartition): void {
  const last = messages.at(-1)
  const nextOffset = last === undefined ? cursor.nextOffset : Math.max(cursor.nextOffset, Number(last.offset) + 1)
  const records: LogRecord[] = []
  for (const message of messages) {
    // A fetch answers whole record batches, so it may begin before the offset asked for.
    const offset = Number(message.offset)
    if (offset >= cursor.nextOffset && !message.isControlRecord) records.push(recordOf(message, offset))
  }
  cursor.deliver(records, nextOffset, highWatermark)
}

function recordOf(message: FetchedMessage, offset: number): LogRecord {
  return { offset, value: message.value ?? Buffer.alloc(0), appendTimeMs: Number(message.timestamp) }
}
