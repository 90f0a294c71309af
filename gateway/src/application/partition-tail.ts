import type { Codec } from '@cavea/contracts/codec'
import { OffsetOutOfRangeError } from '@cavea/event-log/errors'
import { followLedger, type LedgerBatch, LedgerBrokenError, type LedgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import { type Clock, sleep } from './clock.ts'

const BACKOFF_MIN_MS = 100
const BACKOFF_MAX_MS = 5_000

export interface TailDeps {
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
  readonly clock: Clock
}

export interface PartitionTail {
  /** `failed` is for good: what the log says is broken, and answering from it would be wrong. */
  readonly status: () => 'reading' | 'retrying' | 'failed'
  /** Why not `reading`, for an operator. */
  readonly reason: () => string
  readonly position: () => LedgerStart | undefined
  readonly caughtUp: () => boolean
  /** Resolves with true when everything before `offset` was handled, with false when `signal` aborts first. */
  readonly reached: (offset: number, signal: AbortSignal) => Promise<boolean>
  /** Resolves after `signal` aborted or the partition failed. */
  readonly done: Promise<void>
}

/**
 * Reads one partition of decisions for ever. `onBatch` has to be all or nothing: what it refuses is handed to it again
 * after a pause. `onFailed` is called once, when the partition cannot be read any further.
 */
export function followPartition(
  deps: TailDeps,
  place: { readonly topic: string; readonly partition: number; readonly start: () => Promise<LedgerStart> },
  handlers: {
    readonly signal: AbortSignal
    readonly onBatch: (batch: LedgerBatch) => Promise<void> | void
    readonly onRetry: (error: unknown) => void
    readonly onFailed: (error: unknown) => void
  },
): PartitionTail {
  const { topic, partition } = place
  const { signal } = handlers
  let status: 'reading' | 'retrying' | 'failed' = 'reading'
  let reason = ''
  let position: LedgerStart | undefined
  let endAtStart: number | undefined
  let waiting: { readonly offset: number; readonly resolve: (reached: boolean) => void }[] = []

  function release(): void {
    const at = position?.offset ?? 0
    const ready = waiting.filter(({ offset }) => offset <= at)
    if (ready.length === 0) return
    waiting = waiting.filter(({ offset }) => offset > at)
    for (const { resolve } of ready) resolve(true)
  }

  async function read(): Promise<void> {
    position ??= await place.start()
    const end = await deps.log.endOffset(topic, partition)
    endAtStart ??= end
    if (position.offset >= end) status = 'reading' // Where there is nothing to read, no batch will say that the trouble is over.
    for await (const batch of followLedger(deps, topic, partition, position, { signal })) {
      await handlers.onBatch(batch)
      position = batch.position
      status = 'reading'
      release()
    }
  }

  async function follow(): Promise<void> {
    let backoffMs = BACKOFF_MIN_MS
    while (!signal.aborted) {
      const from = position?.offset
      try {
        await read()
      } catch (error) {
        if (signal.aborted) return
        reason = `${topic}/${partition}: ${error instanceof Error ? error.message : 'unknown trouble'}`
        if (error instanceof LedgerBrokenError || error instanceof OffsetOutOfRangeError) {
          status = 'failed'
          for (const { resolve } of waiting.splice(0)) resolve(false)
          handlers.onFailed(error)
          return
        }
        status = 'retrying'
        handlers.onRetry(error)
        if (position?.offset !== from) backoffMs = BACKOFF_MIN_MS
        await sleep(deps.clock, backoffMs * (0.5 + deps.clock.random() / 2), signal)
        backoffMs = Math.min(2 * backoffMs, BACKOFF_MAX_MS)
      }
    }
  }

  return {
    status: () => status,
    reason: () => reason,
    position: () => position,
    caughtUp: () => endAtStart !== undefined && (position?.offset ?? 0) >= endAtStart,
    reached(offset, stop) {
      if ((position?.offset ?? 0) >= offset) return Promise.resolve(true)
      if (stop.aborted || status === 'failed') return Promise.resolve(false)
      return new Promise((resolve) => {
        const entry = { offset, resolve }
        waiting.push(entry)
        stop.addEventListener(
          'abort',
          () => {
            waiting = waiting.filter((other) => other !== entry)
            resolve(false)
          },
          { once: true },
        )
      })
    },
    done: follow(),
  }
}
