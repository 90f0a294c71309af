import { onAbort } from '@cavea/event-log/abort'
import {
  AppendRefusedError,
  AppendUnknownError,
  EventLogError,
  LogUnavailableError,
  OffsetOutOfRangeError,
  TopicMissingError,
} from '@cavea/event-log/errors'
import { batchFault } from '@cavea/event-log/limits'
import type { Appended, EventLog, LogRecord, Membership, ReadOptions, RecordBatch } from '@cavea/event-log/port'
import type { Faults } from './faults.ts'
import type { Machine } from './machine.ts'
import type { Group } from './membership.ts'
import type { Scheduler } from './scheduler.ts'

const BATCH_RECORDS_MAX = 1_000

export interface Landed {
  readonly topic: string
  readonly partition: number
  readonly records: readonly LogRecord[]
}

interface Partition {
  readonly records: LogRecord[]
  /** How far the clock of the log is ahead of the world's here: it is another broker's at times. */
  skewMs: number
  waiting: (() => void)[]
}

/** The log itself: what landed, and nothing of how it came there. */
export class SimulatedLog {
  readonly scheduler: Scheduler
  readonly #topics = new Map<string, Partition[]>()
  readonly #onLanded: (landed: Landed) => void

  constructor(scheduler: Scheduler, onLanded: (landed: Landed) => void) {
    this.scheduler = scheduler
    this.#onLanded = onLanded
  }

  ensure(topic: string, partitions: number): void {
    if (this.#topics.has(topic)) return
    this.#topics.set(
      topic,
      Array.from({ length: partitions }, () => ({ records: [], skewMs: 0, waiting: [] })),
    )
  }

  partitions(topic: string): readonly Partition[] {
    const found = this.#topics.get(topic)
    if (found === undefined) throw new TopicMissingError(topic)
    return found
  }

  partition(topic: string, partition: number): Partition {
    const found = this.partitions(topic)[partition]
    if (found === undefined) throw new EventLogError('PARTITION_MISSING', `${topic} has no partition ${partition}.`, { retryable: false })
    return found
  }

  /** Why nothing can ever be written there. */
  faultOfPlace(topic: string, partition: number): string | undefined {
    return this.#topics.get(topic)?.[partition] === undefined ? `There is no ${topic}/${partition}.` : undefined
  }

  topics(): Iterable<string> {
    return this.#topics.keys()
  }

  nowMs(topic: string, partition: number): number {
    return Math.floor(this.scheduler.nowMs + this.partition(topic, partition).skewMs)
  }

  /** Writes a batch, and tells who waits for it. */
  land(topic: string, partition: number, values: readonly Uint8Array[]): Appended {
    const to = this.partition(topic, partition)
    const baseOffset = to.records.length
    const appendTimeMs = this.nowMs(topic, partition)
    const records = values.map((value, at): LogRecord => ({ offset: baseOffset + at, value: Buffer.from(value), appendTimeMs }))
    to.records.push(...records)
    this.#onLanded({ topic, partition, records })
    for (const wake of to.waiting.splice(0)) wake()
    return { baseOffset }
  }
}

/** The log as one machine sees it: through a network that delays, loses and doubles. */
export function logOf(machine: Machine, log: SimulatedLog, groups: (name: string) => Group, faults: Faults): EventLog {
  const written = new Map<string, number>()
  const readers = new Set<() => void>()
  const memberships = new Set<Membership>()
  let isClosed = false

  /** An answer after the way there and back. */
  function ask<Answer>(answer: () => Answer, isRefused = faults.refusesQuestion()): Promise<Answer> {
    return new Promise((resolve, reject) => {
      machine.later(faults.askMs(), () => {
        if (isRefused || isClosed) return reject(new LogUnavailableError('It does not answer.'))
        try {
          resolve(answer())
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  function append(topic: string, partition: number, values: readonly Uint8Array[]): Promise<Appended> {
    if (machine.state === 'dead') return new Promise(() => {})
    const fault = isClosed ? 'It is closed.' : (batchFault(values) ?? log.faultOfPlace(topic, partition))
    if (fault !== undefined) return Promise.reject(new AppendRefusedError(fault, { retryable: false }))
    const fate = faults.appendFate(topic, partition, () => machine.isWorker && !isTick(values))
    const { scheduler } = log
    return new Promise((resolve, reject) => {
      const unknown = (): void => reject(new AppendUnknownError(`Nobody knows what became of it: ${fate.kind}.`))
      if (fate.kind === 'refused') {
        machine.later(fate.answerMs, () => reject(new AppendRefusedError('Not now.', { retryable: true })))
        return
      }
      if (fate.kind === 'lost') {
        machine.later(fate.answerMs, unknown)
        return
      }
      if (fate.kind === 'late') {
        scheduler.after(fate.landMs, () => log.land(topic, partition, values))
        machine.later(fate.answerMs, unknown)
        return
      }
      // What is not late is written in the order of the calls.
      const place = `${topic}/${partition}`
      const atMs = Math.max(scheduler.nowMs + fate.landMs, written.get(place) ?? 0)
      written.set(place, atMs)
      scheduler.after(atMs - scheduler.nowMs, () => {
        const answer = log.land(topic, partition, values)
        if (fate.againMs !== undefined) scheduler.after(fate.againMs, () => log.land(topic, partition, values))
        machine.later(fate.answerMs, () => (fate.kind === 'unanswered' ? unknown() : resolve(answer)))
      })
    })
  }

  return {
    append,
    ensureTopics: (topics) =>
      ask(() => {
        for (const { topic, partitions } of topics) log.ensure(topic, partitions)
      }),
    partitionCount: (topic) => ask(() => log.partitions(topic).length),
    endOffset: (topic, partition) => ask(() => log.partition(topic, partition).records.length),
    read: (topic, partition, fromOffset, options) => ({
      [Symbol.asyncIterator]() {
        if (isClosed) throw new LogUnavailableError('It is closed.')
        return readerOf(machine, log, faults, { topic, partition, fromOffset }, options, readers)
      },
    }),
    join: (name, topics, handler) =>
      ask(() => {
        const membership = groups(name).join(machine, topics, handler)
        memberships.add(membership)
        return membership
      }, false),
    async close() {
      isClosed = true
      for (const end of readers) end()
      for (const membership of memberships) await membership.leave()
    },
  }
}

const TICK = Buffer.from('Tick')
const isTick = ([value]: readonly Uint8Array[]): boolean => value !== undefined && Buffer.from(value).includes(TICK)

function readerOf(
  machine: Machine,
  log: SimulatedLog,
  faults: Faults,
  { topic, partition, fromOffset }: { readonly topic: string; readonly partition: number; readonly fromOffset: number },
  { signal, batchRecordsMax = BATCH_RECORDS_MAX }: ReadOptions,
  readers: Set<() => void>,
): AsyncIterator<RecordBatch> {
  const from = log.partition(topic, partition)
  let at = fromOffset
  let isOver = false
  let settleNow = (): void => {}
  readers.add(end)

  function end(): void {
    isOver = true
    readers.delete(end)
    settleNow()
  }

  function next(): Promise<IteratorResult<RecordBatch>> {
    if (isOver || signal.aborted) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => {
      let isSettled = false
      settleNow = () => settle(() => resolve({ done: true, value: undefined }))
      const forget = onAbort(signal, end)
      function settle(by: () => void): void {
        if (isSettled) return
        isSettled = true
        forget()
        by()
      }
      function look(): void {
        if (isSettled) return
        if (at > from.records.length) {
          settle(() => reject(new OffsetOutOfRangeError(topic, partition, at)))
          end()
          return
        }
        if (at < from.records.length) machine.later(faults.fetchMs(), take)
        else from.waiting.push(look)
      }
      function take(): void {
        const count = Math.min(batchRecordsMax, faults.fetchRecords())
        settle(() => {
          const records = from.records.slice(at, at + count)
          at += records.length
          resolve({ done: false, value: { records } })
        })
      }
      machine.later(faults.askMs(), look)
    })
  }

  return {
    next,
    return() {
      end()
      return Promise.resolve({ done: true, value: undefined })
    },
  }
}
