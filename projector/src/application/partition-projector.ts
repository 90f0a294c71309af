import { OffsetOutOfRangeError } from '@cavea/event-log/errors'
import { isInLog, LedgerBrokenError, type LedgerStart, ledgerStart } from '@cavea/event-log/ledger-reader'
import { ChangesRefusedError, type Generation, type ProjectionStore } from '../ports/projection-store.ts'
import { appendDeadLetterEntry, type DeadLetter, type DeadLetterReason } from './dead-letters.ts'
import type { Counted, FactBatch, Place } from './facts.ts'
import type { Feed } from './feed.ts'
import { type DecisionChanges, mergeChanges } from './merge.ts'
import type { Change, Fact, Projection } from './projection.ts'
import type { LanePlace, ProjectorOptions } from './projector-options.ts'

/** `current`: it has been at the end of the log since it started; `failed` is for good. */
export type LaneStatus = 'starting' | 'catching-up' | 'current' | 'failed'

/** The generation was made from another log than this one, or this one lost its tail. */
export class ForeignLogError extends Error {
  readonly code = 'FOREIGN_LOG'
  constructor(place: Place, offset: number) {
    super(`${place.topic}/${place.partition} does not continue what this generation was made from up to offset ${offset}.`)
    this.name = 'ForeignLogError'
  }
}

export interface Lag {
  readonly records: number
  /** How old what its readers see may be. */
  readonly seconds: number
}

type LaneOptions = Pick<ProjectorOptions, 'log' | 'clock' | 'telemetry' | 'limits' | 'topicPrefix' | 'pace'> & {
  readonly store: ProjectionStore
  readonly projection: Projection
  readonly generation: Generation
  readonly place: Place
  readonly feed: Feed
}

/** A decision and what it changes, or why it cannot be said. */
interface Projected extends DecisionChanges {
  readonly counted: Counted
}

const isFinal = (error: unknown): boolean =>
  error instanceof LedgerBrokenError || error instanceof OffsetOutOfRangeError || error instanceof ForeignLogError

/**
 * Keeps one generation of a projection up to date with one partition. It goes on from the checkpoint, which moves together with
 * the rows and only from where this writer believes it to be; so it may be killed anywhere, and there may be two of it.
 */
export class PartitionProjector {
  readonly place: LanePlace
  readonly #options: LaneOptions
  readonly #stop = new AbortController()
  #status: LaneStatus = 'starting'
  #position: LedgerStart | undefined
  #endAtStart: number | undefined
  #end = 0
  /** What readers see is complete up to this time. */
  #completeUpToMs: number
  #isKnown = false
  #backoffMs: number

  constructor(options: LaneOptions) {
    this.#options = options
    this.place = { ...options.place, projection: options.projection.name, generation: options.generation.number }
    this.#completeUpToMs = options.clock.nowMs()
    this.#backoffMs = options.limits.backoffMinMs
  }

  get status(): LaneStatus {
    return this.#status
  }

  get position(): LedgerStart | undefined {
    return this.#position
  }

  get lag(): Lag {
    const records = Math.max(0, this.#end - (this.#position?.offset ?? 0))
    const seconds = records === 0 ? 0 : Math.max(0, this.#options.clock.nowMs() - this.#completeUpToMs) / 1_000
    return { records, seconds }
  }

  /** Tells where the partition ended just now. */
  observeEnd(offset: number): void {
    this.#end = offset
    this.#endAtStart ??= offset
    this.#settle()
  }

  stop(): void {
    this.#stop.abort()
  }

  /** Runs until it is stopped or fails for good. Never rejects. */
  async run(): Promise<void> {
    const { clock, limits, telemetry } = this.#options
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        await this.#follow(signal)
        if (signal.aborted) return
        telemetry.superseded(this.place)
      } catch (error) {
        if (signal.aborted) return
        if (isFinal(error)) {
          this.#status = 'failed'
          telemetry.failed(this.place, error)
          return
        }
        telemetry.trouble(this.place, error)
      }
      await clock.sleep(this.#backoffMs, signal)
      this.#backoffMs = Math.min(2 * this.#backoffMs, limits.backoffMaxMs)
    }
  }

  /** Ends when it was stopped, or superseded. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { clock, limits, feed, pace, store } = this.#options
    this.#position = await this.#checkpoint()
    if (this.#status === 'starting') this.#status = 'catching-up'
    this.#settle()
    const reader = feed.reader(this.#position)
    try {
      while (!signal.aborted) {
        const batch = await reader.next(signal)
        if (batch === undefined) return
        const take = () => this.#take(batch)
        const outcome = await (pace === undefined ? take() : pace.turn(store.kind, signal, take))
        if (outcome !== 'written') return
        this.#backoffMs = limits.backoffMinMs
        await clock.sleep(batch.records < limits.batchRecordsMax / 2 ? limits.pauseMs : 0, signal)
      }
    } finally {
      reader.close()
    }
  }

  async #checkpoint(): Promise<LedgerStart> {
    const { store, generation, log, place } = this.#options
    const { topic, partition } = place
    const checkpoint = (await store.checkpoints(generation)).get(`${topic}/${partition}`) ?? ledgerStart(topic, partition)
    if (!this.#isKnown && !(await isInLog(log, topic, partition, checkpoint))) throw new ForeignLogError(place, checkpoint.offset)
    this.#isKnown = true
    return checkpoint
  }

  async #take(batch: FactBatch): Promise<'written' | 'superseded'> {
    const projected: Projected[] = []
    for (const counted of batch.counted) {
      const changes = await this.#project(counted)
      if (changes.length > 0) projected.push({ counted, offset: counted.offset, changes })
    }
    const outcome = await this.#write(batch.from, batch.to, projected)
    if (outcome === 'superseded') return outcome
    this.#options.telemetry.written(this.place, batch.records, projected.length)
    this.#completeUpToMs = Math.max(this.#completeUpToMs, batch.appendTimeMs)
    this.#settle()
    return outcome
  }

  async #project(counted: Counted): Promise<readonly Change[]> {
    const { content } = counted
    if (content instanceof Error) {
      await this.#setAside(counted, 'undecodable', content)
      return []
    }
    try {
      return changesOf(this.#options.projection, content)
    } catch (error) {
      await this.#setAside(counted, 'not-projected', error)
      return []
    }
  }

  /** Writes in halves what cannot be written whole, until the one decision is found that the store does not take. */
  async #write(from: LedgerStart, to: LedgerStart, projected: readonly Projected[]): Promise<'written' | 'superseded'> {
    const { store, projection, generation, place } = this.#options
    const { topic, partition } = place
    const changes = mergeChanges(`${place.context}/${partition}`, projected)
    try {
      const outcome = await store.write(projection, generation, { topic, partition, from, to, changes })
      if (outcome === 'written') this.#position = to
      return outcome
    } catch (error) {
      if (!(error instanceof ChangesRefusedError)) throw error
      const [first] = projected
      if (first === undefined) throw error
      if (projected.length === 1) {
        await this.#setAside(first.counted, 'refused', error)
        return await this.#write(from, to, [])
      }
      const middle = Math.ceil(projected.length / 2)
      const half = projected[middle - 1]?.counted.after ?? to
      if ((await this.#write(from, half, projected.slice(0, middle))) === 'superseded') return 'superseded'
      return await this.#write(half, to, projected.slice(middle))
    }
  }

  /** Before the checkpoint passes it, so that it cannot be lost. */
  async #setAside({ offset, before, after, value }: Counted, reason: DeadLetterReason, error: unknown): Promise<void> {
    const { log, topicPrefix, clock, projection, place, telemetry, generation } = this.#options
    const letter: DeadLetter = {
      projection: projection.name,
      version: projection.version,
      generation: generation.number,
      ...place,
      offset,
      before,
      after,
      reason,
      error: error instanceof Error ? error.message : String(error),
      atMs: clock.nowMs(),
      value,
    }
    await appendDeadLetterEntry(log, topicPrefix, { type: 'dead', letter })
    telemetry.deadLetter(letter)
  }

  #settle(): void {
    const offset = this.#position?.offset
    if (offset === undefined) return
    if (offset >= this.#end) this.#completeUpToMs = this.#options.clock.nowMs()
    if (this.#status === 'catching-up' && this.#endAtStart !== undefined && offset >= this.#endAtStart) this.#status = 'current'
  }
}

/** What a projection says of a fact; nothing of a context that it does not read. */
export function changesOf(projection: Projection, fact: Fact): readonly Change[] {
  const project = projection.project[fact.context] as ((fact: Fact) => readonly Change[]) | undefined
  return project?.(fact) ?? []
}
