import { Chain, type ChainPosition, type Head } from '@cavea/contracts/ledger'
import { AppendUnknownError, EventLogError } from '@cavea/event-log/errors'
import { type EventLog, readRange } from '@cavea/event-log/port'
import type { DecisionRecord } from './deciding.ts'

/** Memory may be ahead of what counts. The only cure is to drop it and to fold again from the log. */
export class MemoryAheadError extends Error {
  readonly code = 'MEMORY_AHEAD'
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'MemoryAheadError'
  }
}

export interface PendingBatch {
  readonly records: readonly DecisionRecord[]
  /** Where the first record lands if nothing void comes between. */
  readonly expectedOffset: number
  /** The head after the last record. */
  readonly head: Head
}

/**
 * Appends batches of decisions, each linked to the one before, and finds out which count. Batches are confirmed in
 * order; the first surprise fails the pipeline for good, and with it every batch behind.
 */
export class AppendPipeline {
  readonly #log: EventLog
  readonly #topic: string
  readonly #partition: number
  readonly #inFlightMax: number
  readonly #onConfirmed: (batch: PendingBatch, firstOffset: number, voids: number) => void
  readonly #onFailed: (error: Error) => void
  #confirmed: ChainPosition
  #tail: Promise<void> = Promise.resolve()
  #inFlight = 0
  #recordsInFlight = 0
  #failure: Error | undefined
  #wake: (() => void) | undefined

  constructor(options: {
    readonly log: EventLog
    readonly topic: string
    readonly partition: number
    readonly inFlightMax: number
    readonly confirmed: ChainPosition
    readonly onConfirmed: (batch: PendingBatch, firstOffset: number, voids: number) => void
    readonly onFailed: (error: Error) => void
  }) {
    this.#log = options.log
    this.#topic = options.topic
    this.#partition = options.partition
    this.#inFlightMax = options.inFlightMax
    this.#confirmed = options.confirmed
    this.#onConfirmed = options.onConfirmed
    this.#onFailed = options.onFailed
  }

  /** What is known to count, and where it ends. */
  get confirmed(): ChainPosition {
    return this.#confirmed
  }

  /** Where the next batch lands if nothing void comes between. */
  get expectedOffset(): number {
    return this.#confirmed.offset + this.#recordsInFlight
  }

  /** Waits until another batch may be appended. Throws the surprise, if there was one. */
  async slot(): Promise<void> {
    while (this.#inFlight >= this.#inFlightMax && this.#failure === undefined) await new Promise<void>((resolve) => (this.#wake = resolve))
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Starts the append. Its end shows in `onConfirmed` or `onFailed`. */
  append(batch: PendingBatch): void {
    this.#inFlight++
    this.#recordsInFlight += batch.records.length
    const values = batch.records.map((record) => record.value)
    const appended = this.#log.append(this.#topic, this.#partition, values)
    appended.catch(() => {}) // Looked at in its turn, below; until then a rejection is not unhandled.
    this.#tail = this.#tail.then(() => this.#settle(batch, appended))
  }

  /** Waits for everything in flight. Throws the surprise, if there was one. */
  async drained(): Promise<void> {
    await this.#tail
    if (this.#failure !== undefined) throw this.#failure
  }

  async #settle(batch: PendingBatch, appended: Promise<{ readonly baseOffset: number }>): Promise<void> {
    try {
      if (this.#failure === undefined) await this.#confirm(batch, appended)
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error))
      this.#onFailed(this.#failure)
    } finally {
      this.#inFlight--
      this.#wake?.()
      this.#wake = undefined
    }
  }

  async #confirm(batch: PendingBatch, appended: Promise<{ readonly baseOffset: number }>): Promise<void> {
    const { baseOffset } = await appended.catch((error: unknown) => {
      const what = error instanceof AppendUnknownError ? 'It is not known whether an append was written' : 'An append failed'
      throw error instanceof EventLogError ? new MemoryAheadError(`${what}: ${error.message}`, error) : error
    })
    if (baseOffset < this.#confirmed.offset)
      throw new MemoryAheadError(`An append was acknowledged at ${baseOffset}, before ${this.#confirmed.offset}.`)
    const between = new Chain(this.#confirmed)
    for await (const { records } of readRange(this.#log, this.#topic, this.#partition, this.#confirmed.offset, baseOffset))
      for (const record of records)
        if (between.accept(record)) throw new MemoryAheadError(`Another owner's decision counts at ${record.offset}: this batch is void.`)
    // A log that closes ends its readers: then it is not known what stands there.
    if (between.offset < baseOffset) throw new MemoryAheadError(`What stands before ${baseOffset} could not be read.`)
    const offset = baseOffset + batch.records.length
    this.#confirmed = { offset, head: batch.head, headOffset: offset - 1 }
    this.#recordsInFlight -= batch.records.length
    this.#onConfirmed(batch, baseOffset, between.voided)
  }
}
