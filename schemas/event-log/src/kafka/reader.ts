import { onAbort } from '../abort.ts'
import type { LogRecord, ReadOptions, RecordBatch } from '../port.ts'
import type { Connection, LogWriter } from './connection.ts'
import { type Cursor, FetchLane } from './fetch-lane.ts'

const BATCH_RECORDS_MAX = 1_000
/** A reader that joins the tail waits for the poll under way, at most this long; what is appended wakes the poll at once. */
const TAIL_WAIT_MS = 50

/**
 * All readers of one log. A reader starts in the catch-up lane, where brokers answer at once, and moves to the tail lane, where one
 * long poll waits for all partitions, when it has read everything. One that falls behind goes back.
 */
export class Readers {
  readonly #catchUp: FetchLane
  readonly #tail: FetchLane
  readonly #cursors = new Set<ReaderCursor>()

  constructor(connections: { readonly catchUp: Connection; readonly tail: Connection }, logger: LogWriter | undefined) {
    this.#catchUp = new FetchLane(connections.catchUp, 0, logger)
    this.#tail = new FetchLane(connections.tail, TAIL_WAIT_MS, logger)
  }

  async *read(topic: string, partition: number, fromOffset: number, options: ReadOptions): AsyncGenerator<RecordBatch> {
    const recordsMax = options.batchRecordsMax ?? BATCH_RECORDS_MAX
    const cursor = new ReaderCursor(topic, partition, fromOffset, { catchUp: this.#catchUp, tail: this.#tail })
    const stopListening = onAbort(options.signal, () => cursor.end())
    this.#cursors.add(cursor)
    if (options.signal.aborted) cursor.end()
    try {
      cursor.start()
      for (let records = await cursor.take(); records !== undefined; records = await cursor.take()) {
        for (let at = 0; at < records.length && !cursor.hasEnded; at += recordsMax) {
          yield { records: records.length <= recordsMax ? records : records.slice(at, at + recordsMax) }
        }
      }
    } finally {
      stopListening()
      this.#cursors.delete(cursor)
      cursor.end()
    }
  }

  close(): void {
    for (const cursor of this.#cursors) cursor.end()
    this.#catchUp.close()
    this.#tail.close()
  }
}

class ReaderCursor implements Cursor {
  readonly topic: string
  readonly partition: number
  nextOffset: number
  readonly #lanes: { readonly catchUp: FetchLane; readonly tail: FetchLane }
  #lane: FetchLane
  #unread: readonly LogRecord[] | undefined
  #error: Error | undefined
  #ended = false
  #notify: (() => void) | undefined

  constructor(topic: string, partition: number, fromOffset: number, lanes: { readonly catchUp: FetchLane; readonly tail: FetchLane }) {
    this.topic = topic
    this.partition = partition
    this.nextOffset = fromOffset
    this.#lanes = lanes
    this.#lane = lanes.catchUp
  }

  get isHungry(): boolean {
    return this.#unread === undefined
  }

  get hasEnded(): boolean {
    return this.#ended
  }

  start(): void {
    if (!this.#ended) this.#lane.add(this)
  }

  deliver(records: readonly LogRecord[], nextOffset: number, highWatermark: number): void {
    if (this.#ended || !this.isHungry) return
    this.nextOffset = nextOffset
    if (records.length > 0) {
      this.#unread = records
      this.#wakeTaker()
    }
    if (nextOffset >= highWatermark) this.#moveTo(this.#lanes.tail)
  }

  fail(error: Error): void {
    this.#error = error
    this.#lane.remove(this)
    this.#wakeTaker()
  }

  end(): void {
    this.#ended = true
    this.#lane.remove(this)
    this.#wakeTaker()
  }

  /** The next records, or undefined when the reader was ended. */
  async take(): Promise<readonly LogRecord[] | undefined> {
    let hasWaited = false
    while (!this.#ended) {
      const unread = this.#unread
      if (unread !== undefined) {
        this.#unread = undefined
        // Records that lay here unread mean that polls passed this reader by: more may be there already.
        if (!hasWaited && this.#lane === this.#lanes.tail) this.#moveTo(this.#lanes.catchUp)
        else this.#lane.wake()
        return unread
      }
      if (this.#error !== undefined) throw this.#error
      hasWaited = true
      await new Promise<void>((resolve) => {
        this.#notify = resolve
      })
    }
    return undefined
  }

  #wakeTaker(): void {
    this.#notify?.()
    this.#notify = undefined
  }

  #moveTo(lane: FetchLane): void {
    if (this.#lane === lane || this.#ended) return
    this.#lane.remove(this)
    this.#lane = lane
    lane.add(this)
  }
}
