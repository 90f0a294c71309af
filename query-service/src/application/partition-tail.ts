import { setTimeout as sleep } from 'node:timers/promises'
import { type Codec, UndecodableError } from '@cavea/contracts/codec'
import { OffsetOutOfRangeError } from '@cavea/event-log/errors'
import { followLedger, type LedgerBatch, LedgerBrokenError, type LedgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import type { Logger } from '@cavea/service-kit/logger'

/** `starting` and `catching-up` until everything was read that was there at the start; `failed` is for good. */
export type TailStatus = 'starting' | 'catching-up' | 'current' | 'failed'
export type Waited = 'reached' | 'behind' | 'failed'

export interface PartitionTail {
  readonly topic: string
  readonly partition: number
  readonly status: () => TailStatus
  /** How far it was folded; undefined until the start is known. */
  readonly position: () => LedgerStart | undefined
  /** Waits until the decision on the command with this offset was folded, or a later one. */
  readonly waitFor: (commandOffset: number, timeoutMs: number) => Promise<Waited>
  /** Resolves when the tail is current or failed. */
  readonly settled: Promise<void>
  /** Reads until `signal` aborts or the partition fails. Never rejects. */
  readonly run: (signal: AbortSignal) => Promise<void>
}

export interface TailDeps {
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
  readonly logger: Logger
}

export interface TailHandlers {
  /** Where to start; asked again after trouble, until it answers. */
  readonly start: () => Promise<LedgerStart>
  /** Decodes what a batch says and answers how to fold it, in one go. When it throws, nothing was folded. */
  readonly prepare: (batch: LedgerBatch) => (() => void) | Promise<() => void>
  /** After a batch was folded. */
  readonly folded: (batch: LedgerBatch) => void
  /** When nothing more will be folded, for good. */
  readonly failed?: () => void
}

interface Waiter {
  readonly commandOffset: number
  readonly resolve: (waited: Waited) => void
}

const BACKOFF_MIN_MS = 100
const BACKOFF_MAX_MS = 5_000

/** Trouble that another attempt cannot end: the log says something that this reader must not answer from. */
const isFinal = (error: unknown): boolean =>
  error instanceof LedgerBrokenError || error instanceof OffsetOutOfRangeError || error instanceof UndecodableError

/** Tails the decisions of one partition. */
export function createPartitionTail(deps: TailDeps, topic: string, partition: number, handlers: TailHandlers): PartitionTail {
  const waiters = new Set<Waiter>()
  let status: TailStatus = 'starting'
  let position: LedgerStart | undefined
  let endAtStart: number | undefined
  let settle: () => void = () => undefined
  const settled = new Promise<void>((resolve) => {
    settle = resolve
  })

  function advanceTo(next: LedgerStart): void {
    position = next
    if (status !== 'current' && endAtStart !== undefined && next.offset >= endAtStart) {
      status = 'current'
      settle()
    }
    for (const waiter of waiters) if (waiter.commandOffset <= next.commandOffset) waiter.resolve('reached')
  }

  function fail(error: unknown): void {
    status = 'failed'
    settle()
    deps.logger.error({ err: error, topic, partition }, 'A partition cannot be read any further.')
    for (const waiter of waiters) waiter.resolve('failed')
    handlers.failed?.()
  }

  async function read(signal: AbortSignal): Promise<void> {
    position ??= await handlers.start()
    endAtStart ??= await deps.log.endOffset(topic, partition)
    if (status === 'starting') status = 'catching-up'
    advanceTo(position)
    for await (const batch of followLedger(deps, topic, partition, position, { signal })) {
      const fold = await handlers.prepare(batch)
      fold()
      advanceTo(batch.position)
      handlers.folded(batch)
    }
  }

  return {
    topic,
    partition,
    settled,
    status: () => status,
    position: () => position,
    waitFor(commandOffset, timeoutMs) {
      if (status === 'failed') return Promise.resolve('failed')
      if (position !== undefined && position.commandOffset >= commandOffset) return Promise.resolve('reached')
      return new Promise((resolve) => {
        const timer = setTimeout(() => waiter.resolve('behind'), timeoutMs)
        const waiter: Waiter = {
          commandOffset,
          resolve(waited) {
            waiters.delete(waiter)
            clearTimeout(timer)
            resolve(waited)
          },
        }
        waiters.add(waiter)
      })
    },
    async run(signal) {
      let backoffMs = BACKOFF_MIN_MS
      while (!signal.aborted) {
        const from = position?.offset
        try {
          await read(signal)
        } catch (error) {
          if (signal.aborted) return
          if (isFinal(error)) {
            fail(error)
            return
          }
          deps.logger.warn({ err: error, topic, partition, backoffMs }, 'Reading a partition failed; trying again.')
          // What was decided meanwhile is not known here, so nothing is answered until the end was reached again.
          if (status === 'current') status = 'catching-up'
          endAtStart = undefined
        }
        if (position?.offset !== from) backoffMs = BACKOFF_MIN_MS
        await sleep(backoffMs, undefined, { signal }).catch(() => undefined) // Also after a log that just ended.
        backoffMs = Math.min(2 * backoffMs, BACKOFF_MAX_MS)
      }
    },
  }
}
