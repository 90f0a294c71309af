/**
 * The event log: named topics of numbered partitions, each an append-only sequence of records.
 *
 * What every adapter promises, and `contract.ts` checks:
 * - offsets in a partition only grow, and the records of one `append` are adjacent, in order, all there or none;
 * - an append that was acknowledged survives a crash of the process (embedded) or of all but one in-sync replica (Kafka);
 * - a reader sees each record once, in offset order, and only records that are durable;
 * - `appendTimeMs` is given by the log, not by the writer. It may go backwards; deciding makes it monotonic.
 *
 * Nothing here fences writers: two owners may append to one partition. The ledger rule makes that harmless.
 */
export interface EventLog {
  /** Creates what is missing. An existing topic keeps its partition count: it never changes in place. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>
  /** Throws `TopicMissingError` when there is no such topic. */
  partitionCount(topic: string): Promise<number>
  /** The offset that the next record will get at the earliest. */
  endOffset(topic: string, partition: number): Promise<number>
  /**
   * Appends the values as one batch and answers when it is durable.
   * Never retries. Throws `AppendRefusedError` when nothing was written for certain, `AppendUnknownError` otherwise:
   * then the batch may be there, may be absent, or may still land.
   * Batches of one caller for one partition, appended without waiting, are written in the order of the calls.
   */
  append(topic: string, partition: number, values: readonly Uint8Array[]): Promise<Appended>
  /**
   * Reads from `fromOffset` on and waits at the end for more, until `signal` aborts, which ends the iteration.
   * Empty batches are not yielded. At most one unread batch is held in memory. Connection trouble is retried inside;
   * `OffsetOutOfRangeError` is thrown when `fromOffset` is beyond the end or was deleted.
   */
  read(topic: string, partition: number, fromOffset: number, options: ReadOptions): AsyncIterable<RecordBatch>
  /**
   * Takes part in sharing out the partitions of `topics` among the members of `group`, each partition to one member.
   * Membership is a hint about who should try to own what; it fences nobody. A member that joins or leaves moves as few
   * partitions as it can.
   */
  join(group: string, topics: readonly string[], handler: OwnershipHandler): Promise<Membership>
  /** Stops readers and memberships, then closes connections. Idempotent. */
  close(): Promise<void>
}

export interface TopicSpec {
  readonly topic: string
  readonly partitions: number
}

export interface Appended {
  readonly baseOffset: number
}

export interface LogRecord {
  readonly offset: number
  readonly value: Buffer
  /** When the log took the record, milliseconds since the epoch. */
  readonly appendTimeMs: number
}

export interface RecordBatch {
  readonly records: readonly LogRecord[]
}

export interface ReadOptions {
  readonly signal: AbortSignal
  /** At most this many records in one batch. Default 1,000. */
  readonly batchRecordsMax?: number
}

export interface OwnershipHandler {
  assigned(topic: string, partition: number): void
  /** The partition may already have another owner: finish what is in flight and stop. */
  revoked(topic: string, partition: number): void
}

export interface Membership {
  /** Whether the last assignment gave this partition to this member. */
  owns(topic: string, partition: number): boolean
  /** Tells the group that this member goes, so that others take over at once. Calls no handler. Idempotent. */
  leave(): Promise<void>
}

/**
 * Reads [from, to) and stops. The end must have been seen by `endOffset` or an acknowledgement, else this waits for it.
 */
export async function* readRange(
  log: EventLog,
  topic: string,
  partition: number,
  from: number,
  to: number,
  signal?: AbortSignal,
): AsyncIterable<RecordBatch> {
  if (from >= to) return
  const stop = new AbortController()
  const either = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal])
  try {
    for await (const batch of log.read(topic, partition, from, { signal: either })) {
      const last = batch.records.at(-1)
      if (last === undefined) continue
      if (last.offset < to - 1) {
        yield batch
        continue
      }
      const records = batch.records.filter((record) => record.offset < to)
      if (records.length > 0) yield { records }
      return
    }
  } finally {
    stop.abort()
  }
}
