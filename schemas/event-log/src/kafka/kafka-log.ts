import { onAbort } from '../abort.ts'
import { AppendRefusedError, LogUnavailableError } from '../errors.ts'
import type { Appended, EventLog, Membership, OwnershipHandler, ReadOptions, RecordBatch, TopicSpec } from '../port.ts'
import { Appender } from './appender.ts'
import { Connection, type LogWriter } from './connection.ts'
import { GroupMembership } from './membership.ts'
import { Readers } from './reader.ts'
import { Topics } from './topics.ts'

export interface KafkaLogOptions {
  /** `host:port` of some brokers; the rest is found through them. */
  readonly brokers: readonly string[]
  readonly clientId: string
  /** How long an append waits for its answer before the result counts as unknown. Default 10,000. */
  readonly appendTimeoutMs?: number
  /** How long a member may be silent before others take its partitions. Default 6,000, the least that brokers accept unless told otherwise. */
  readonly sessionTimeoutMs?: number
  /** Default 500. */
  readonly heartbeatIntervalMs?: number
  /** Of topics that are created. Default: the number of brokers, at most 3. */
  readonly replicationFactor?: number
  /** Gets what kafkajs and this adapter have to say. Default: nobody. */
  readonly logger?: LogWriter
}

const OPEN_WITHIN_MS = 8_000
const FETCH_TIMEOUT_MS = 10_000
const QUERY_TIMEOUT_MS = 5_000
/** The broker gives up waiting for replicas first, so that its answer can still arrive. */
const APPEND_ANSWER_GRACE_MS = 500
const CLOSE_WITHIN_MS = 2_000

/** Connects to Kafka. Throws `LogUnavailableError` when no broker answers within some 10 seconds. */
export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  const log = new KafkaLog(options)
  try {
    await log.connect()
    return log
  } catch (error) {
    await log.close()
    throw error
  }
}

class KafkaLog implements EventLog {
  readonly #options: KafkaLogOptions
  readonly #connections: Record<'appends' | 'catchUp' | 'tail', Connection>
  readonly #topics: Topics
  readonly #appender: Appender
  readonly #readers: Readers
  readonly #memberships = new Set<GroupMembership>()
  #closed: Promise<void> | undefined

  constructor(options: KafkaLogOptions) {
    this.#options = options
    const appendTimeoutMs = options.appendTimeoutMs ?? 10_000
    // One for each kind of wait, because a broker answers the requests of a connection one after the other.
    this.#connections = {
      appends: this.#connection(appendTimeoutMs + APPEND_ANSWER_GRACE_MS),
      catchUp: this.#connection(QUERY_TIMEOUT_MS),
      tail: this.#connection(FETCH_TIMEOUT_MS),
    }
    this.#topics = new Topics(this.#connections.catchUp, options.replicationFactor)
    this.#appender = new Appender(this.#connections.appends, appendTimeoutMs)
    this.#readers = new Readers(this.#connections, options.logger)
  }

  async connect(): Promise<void> {
    await this.#connections.catchUp.attempt(
      OPEN_WITHIN_MS,
      async (cluster) => void (await cluster.metadata()),
      () => false,
    )
  }

  ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    this.#assertOpen()
    return this.#topics.ensure(topics)
  }

  async partitionCount(topic: string): Promise<number> {
    this.#assertOpen()
    return await this.#topics.count(topic)
  }

  async endOffset(topic: string, partition: number): Promise<number> {
    this.#assertOpen()
    return await this.#topics.endOffset(topic, partition)
  }

  async append(topic: string, partition: number, values: readonly Uint8Array[]): Promise<Appended> {
    if (this.#closed !== undefined) throw new AppendRefusedError('The log is closed.', { retryable: false })
    return await this.#appender.append(topic, partition, values)
  }

  async *read(topic: string, partition: number, fromOffset: number, options: ReadOptions): AsyncGenerator<RecordBatch> {
    this.#assertOpen()
    const isThere = await this.#untilAnswered(() => this.#topics.assertPartition(topic, partition), options.signal)
    if (isThere) yield* this.#readers.read(topic, partition, fromOffset, options)
  }

  async join(group: string, topics: readonly string[], handler: OwnershipHandler): Promise<Membership> {
    this.#assertOpen()
    for (const topic of topics) await this.#untilAnswered(() => this.#topics.count(topic))
    this.#assertOpen()
    const sessionTimeoutMs = this.#options.sessionTimeoutMs ?? 6_000
    const membership = new GroupMembership(
      {
        group,
        topics,
        handler,
        sessionTimeoutMs,
        heartbeatIntervalMs: this.#options.heartbeatIntervalMs ?? 500,
        partitionCount: (topic) => this.#topics.count(topic),
        logger: this.#options.logger,
      },
      { group: this.#connection(sessionTimeoutMs), farewell: this.#connections.catchUp },
    )
    this.#memberships.add(membership)
    return membership
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#readers.close()
    await Promise.all([...this.#memberships].map((membership) => membership.leave()))
    await Promise.race([this.#appender.idle(), new Promise((resolve) => setTimeout(resolve, CLOSE_WITHIN_MS).unref())])
    await Promise.all(Object.values(this.#connections).map((connection) => connection.close()))
  }

  /** Repeats the question while no broker can be reached. Answers false when `signal` aborted or the log was closed meanwhile. */
  async #untilAnswered(ask: () => Promise<unknown>, signal?: AbortSignal): Promise<boolean> {
    let stopListening: (() => void) | undefined
    const aborted = new Promise<false>((resolve) => {
      if (signal !== undefined) stopListening = onAbort(signal, () => resolve(false))
    })
    const answered = async (): Promise<boolean> => {
      while (signal?.aborted !== true && this.#closed === undefined) {
        try {
          await ask()
          return true
        } catch (error) {
          if (!(error instanceof LogUnavailableError)) throw error
        }
      }
      return false
    }
    try {
      return await Promise.race([answered(), aborted])
    } finally {
      stopListening?.()
    }
  }

  #connection(requestTimeoutMs: number): Connection {
    const { brokers, clientId, logger } = this.#options
    return new Connection({ brokers, clientId, requestTimeoutMs, logger })
  }

  #assertOpen(): void {
    if (this.#closed !== undefined) throw new LogUnavailableError('The log is closed.')
  }
}
