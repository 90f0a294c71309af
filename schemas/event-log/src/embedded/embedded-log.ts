import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { type Database, open, type RootDatabase } from 'lmdb'
import { onAbort } from '../abort.ts'
import {
  AppendRefusedError,
  AppendUnknownError,
  EventLogError,
  LogUnavailableError,
  OffsetOutOfRangeError,
  TopicMissingError,
} from '../errors.ts'
import { batchFault } from '../limits.ts'
import type { Appended, EventLog, LogRecord, Membership, OwnershipHandler, ReadOptions, RecordBatch, TopicSpec } from '../port.ts'
import { decodeBatch, encodeBatch, encodeKey, encodeKeyAfter, lastOffsetOf } from './codec.ts'
import { Groups } from './group.ts'
import { acquireWriterLock, type WriterLock } from './writer-lock.ts'

export interface EmbeddedLogOptions {
  /** The data folder. A writer creates it. */
  readonly dir: string
  /** Reads beside the process that writes, without its lock. Appending is refused. */
  readonly readOnly?: boolean
  /** The partition count of topics that are given with none (0). Default 8. */
  readonly defaultPartitions?: number
}

interface Topic {
  readonly id: number
  readonly partitions: number
}

/** Address space, not disk space: the file grows with what is written. */
const MAP_SIZE_BYTES = 1024 ** 4
const BATCH_RECORDS_MAX = 1_000
const BATCH_BYTES_MAX = 4 * 1024 * 1024
const POLL_INTERVAL_MS = 50
/** A reader that replays hands the event loop back this often. */
const TURN_INTERVAL_MS = 5
const PARTITIONS_MAX = 65_535

/**
 * Opens the log in a folder of this machine. One process writes, any number may read.
 * Throws `LogUnavailableError` when another process writes to the folder, or when there is nothing to read.
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EventLog> {
  const readOnly = options.readOnly ?? false
  if (readOnly && !existsSync(join(options.dir, 'data.mdb'))) throw new LogUnavailableError(`There is no log in ${options.dir} yet.`)
  let root: RootDatabase<unknown, string>
  try {
    if (!readOnly) mkdirSync(options.dir, { recursive: true })
    // Without overlappingSync a commit becomes visible, and its promise resolves, only after the flush to disk.
    root = open<unknown, string>({
      path: options.dir,
      noSubdir: false,
      readOnly,
      overlappingSync: false,
      mapSize: MAP_SIZE_BYTES,
      maxDbs: 4,
    })
  } catch (error) {
    throw new LogUnavailableError(`The log in ${options.dir} cannot be opened.`, error)
  }
  try {
    const meta: Database<unknown, string> = root.openDB({ name: 'meta', encoding: 'json', useVersions: true })
    const batches: Database<Buffer, Buffer> = root.openDB({ name: 'batches', encoding: 'binary', keyEncoding: 'binary' })
    if (meta === undefined || batches === undefined) throw new LogUnavailableError(`There is no log in ${options.dir} yet.`)
    const lock = readOnly ? undefined : await acquireWriterLock(options.dir, meta)
    return new EmbeddedLog(options, { root, meta, batches, lock })
  } catch (error) {
    await root.close()
    throw error
  }
}

interface Store {
  readonly root: RootDatabase<unknown, string>
  readonly meta: Database<unknown, string>
  readonly batches: Database<Buffer, Buffer>
  /** Absent when the log is read-only. */
  readonly lock: WriterLock | undefined
}

class EmbeddedLog implements EventLog {
  readonly #options: EmbeddedLogOptions
  readonly #store: Store
  readonly #topics = new Map<string, Topic>()
  /** The offset that the next append gets, per partition, counting appends whose commit is under way. */
  readonly #nextOffsets = new Map<string, number>()
  readonly #waiting = new Map<string, Set<() => void>>()
  readonly #inFlight = new Set<Promise<unknown>>()
  readonly #groups = new Groups((topic) => this.#topicOf(topic).partitions)
  #closed: Promise<void> | undefined

  constructor(options: EmbeddedLogOptions, store: Store) {
    this.#options = options
    this.#store = store
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    const lock = this.#writable()
    const known = this.#loadTopics()
    let nextId = Math.max(-1, ...[...known.values()].map((topic) => topic.id)) + 1
    const added: Record<string, Topic> = {}
    for (const { topic, partitions: wanted } of topics) {
      const partitions = wanted > 0 ? wanted : (this.#options.defaultPartitions ?? 8)
      if (partitions > PARTITIONS_MAX)
        throw new RangeError(`A topic has at most ${PARTITIONS_MAX} partitions; "${topic}" asks for ${partitions}.`)
      if (!known.has(topic) && !Object.hasOwn(added, topic)) added[topic] = { id: nextId++, partitions }
    }
    if (Object.keys(added).length === 0) return
    const table = { ...Object.fromEntries(known), ...added }
    const written = await this.#store.meta.ifVersion(lock.key, lock.token, () => void this.#store.meta.put('topics', table, 1))
    if (!written) throw this.#displaced()
    this.#loadTopics()
  }

  async partitionCount(topic: string): Promise<number> {
    this.#assertOpen()
    return this.#topicOf(topic).partitions
  }

  async endOffset(topic: string, partition: number): Promise<number> {
    this.#assertOpen()
    return this.#storedEnd(this.#partitionOf(topic, partition), partition)
  }

  async append(topic: string, partition: number, values: readonly Uint8Array[]): Promise<Appended> {
    const lock = this.#writable()
    const topicId = this.#refuseUnless(topic, partition, values)
    const { meta, batches } = this.#store
    const key = `${topicId}/${partition}`
    const baseOffset = this.#nextOffsets.get(key) ?? this.#storedEnd(topicId, partition)
    const lastOffset = baseOffset + values.length - 1
    this.#nextOffsets.set(key, lastOffset + 1)
    const entry = encodeBatch(values, Date.now())
    const commit = meta.ifVersion(lock.key, lock.token, () => void batches.put(encodeKey(topicId, partition, lastOffset), entry))
    this.#inFlight.add(commit)
    try {
      if (!(await commit)) throw this.#displaced()
    } catch (error) {
      if (error instanceof EventLogError) throw error
      throw new AppendUnknownError(`The commit of an append to ${topic}/${partition} failed.`, error)
    } finally {
      this.#inFlight.delete(commit)
    }
    for (const wake of this.#waiting.get(key) ?? []) wake()
    return { baseOffset }
  }

  async *read(topic: string, partition: number, fromOffset: number, options: ReadOptions): AsyncGenerator<RecordBatch> {
    this.#assertOpen()
    const topicId = this.#partitionOf(topic, partition)
    if (fromOffset < 0 || fromOffset > this.#storedEnd(topicId, partition)) throw new OffsetOutOfRangeError(topic, partition, fromOffset)
    let nextOffset = fromOffset
    let turnAt = performance.now() + TURN_INTERVAL_MS
    while (!options.signal.aborted && this.#closed === undefined) {
      const records = this.#recordsFrom(topicId, partition, nextOffset, options.batchRecordsMax ?? BATCH_RECORDS_MAX)
      const last = records.at(-1)
      if (last === undefined) {
        await this.#waitForMore(topicId, partition, nextOffset, options.signal)
        continue
      }
      nextOffset = last.offset + 1
      yield { records }
      if (performance.now() < turnAt) continue
      await turn()
      turnAt = performance.now() + TURN_INTERVAL_MS
    }
  }

  async join(group: string, topics: readonly string[], handler: OwnershipHandler): Promise<Membership> {
    this.#assertOpen()
    for (const topic of topics) this.#topicOf(topic)
    return this.#groups.join(group, topics, handler)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    for (const wakers of this.#waiting.values()) {
      for (const wake of wakers) wake()
    }
    this.#groups.close()
    await Promise.allSettled(this.#inFlight)
    await this.#store.lock?.release()
    await this.#store.root.close()
  }

  #recordsFrom(topicId: number, partition: number, fromOffset: number, recordsMax: number): LogRecord[] {
    const records: LogRecord[] = []
    let sizeBytes = 0
    const range = { start: encodeKey(topicId, partition, fromOffset), end: encodeKeyAfter(topicId, partition) }
    for (const { key, value } of this.#store.batches.getRange(range)) {
      decodeBatch(value, lastOffsetOf(key), fromOffset, recordsMax, records)
      sizeBytes += value.length
      if (records.length >= recordsMax || sizeBytes >= BATCH_BYTES_MAX) break
    }
    return records
  }

  #storedEnd(topicId: number, partition: number): number {
    this.#refresh()
    const range = { start: encodeKeyAfter(topicId, partition), end: encodeKey(topicId, partition, 0), reverse: true, limit: 1 }
    for (const key of this.#store.batches.getKeys(range)) return lastOffsetOf(key) + 1
    // The range leaves out its end, which is the key of a lone first record.
    return this.#store.batches.doesExist(encodeKey(topicId, partition, 0)) ? 1 : 0
  }

  /** Resolves when a record may have come, when `stop` aborts, or when the log closes. */
  #waitForMore(topicId: number, partition: number, nextOffset: number, stop: AbortSignal): Promise<void> {
    const key = `${topicId}/${partition}`
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(key) ?? new Set()
      this.#waiting.set(key, waiting)
      const poll =
        this.#store.lock === undefined
          ? setInterval(() => this.#storedEnd(topicId, partition) > nextOffset && wake(), POLL_INTERVAL_MS)
          : undefined
      const wake = () => {
        clearInterval(poll)
        waiting.delete(wake)
        stopListening()
        resolve()
      }
      waiting.add(wake)
      const stopListening = onAbort(stop, wake)
      if (stop.aborted) wake()
    })
  }

  /** Sees what another process has written since this event turn began. */
  #refresh(): void {
    if (this.#store.lock === undefined) this.#store.batches.resetReadTxn()
  }

  #loadTopics(): ReadonlyMap<string, Topic> {
    this.#refresh()
    const table = (this.#store.meta.get('topics') ?? {}) as Record<string, Topic>
    for (const [name, topic] of Object.entries(table)) this.#topics.set(name, topic)
    return this.#topics
  }

  #topicOf(name: string): Topic {
    const topic = this.#topics.get(name) ?? this.#loadTopics().get(name)
    if (topic === undefined) throw new TopicMissingError(name)
    return topic
  }

  #partitionOf(topic: string, partition: number): number {
    const { id, partitions } = this.#topicOf(topic)
    if (Number.isInteger(partition) && partition >= 0 && partition < partitions) return id
    throw new EventLogError('PARTITION_MISSING', `Topic "${topic}" has ${partitions} partitions, so none is numbered ${partition}.`, {
      retryable: false,
    })
  }

  #refuseUnless(topic: string, partition: number, values: readonly Uint8Array[]): number {
    const fault = batchFault(values)
    if (fault !== undefined) throw new AppendRefusedError(fault, { retryable: false })
    try {
      return this.#partitionOf(topic, partition)
    } catch (cause) {
      throw new AppendRefusedError((cause as Error).message, { retryable: false, cause })
    }
  }

  #assertOpen(): void {
    if (this.#closed !== undefined) throw new LogUnavailableError(`The log in ${this.#options.dir} is closed.`)
  }

  #writable(): WriterLock {
    if (this.#closed !== undefined) throw new AppendRefusedError(`The log in ${this.#options.dir} is closed.`, { retryable: false })
    if (this.#store.lock !== undefined) return this.#store.lock
    throw new AppendRefusedError(`The log in ${this.#options.dir} was opened read-only.`, { retryable: false })
  }

  #displaced(): AppendRefusedError {
    return new AppendRefusedError(`Another process has taken over the data folder ${this.#options.dir}.`, { retryable: false })
  }
}
