import { setTimeout as sleep } from 'node:timers/promises'
import { createDirectory, type Directory } from '@cavea/contracts/catalog/directory'
import type { CatalogEvent } from '@cavea/contracts/catalog/messages'
import { UndecodableError } from '@cavea/contracts/codec'
import { topicsOf } from '@cavea/contracts/topics'
import { OffsetOutOfRangeError } from '@cavea/event-log/errors'
import { decodeLearning, followLedger, LedgerBrokenError, type LedgerStart, ledgerStart } from '@cavea/event-log/ledger-reader'
import type { FactDeps } from './facts.ts'

/** Follows the catalog, all of it, for the names of what the other contexts call by number. */
export interface CatalogReader {
  readonly directory: Directory
  /**
   * Resolves when everything is read that is in the catalog's log now. A decision names only what was decided before it, so what
   * the directory does not have then is nowhere. Rejects when the catalog cannot be read, or when the reader was stopped.
   */
  readOn(): Promise<void>
  stop(): Promise<void>
}

interface Waiter {
  readonly offset: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

interface Tail {
  readonly partition: number
  position: LedgerStart
  failure: Error | undefined
  readonly waiters: Set<Waiter>
}

const BACKOFF_MIN_MS = 100
const BACKOFF_MAX_MS = 5_000

/** Trouble that another attempt cannot end. */
export const isFinal = (error: unknown): boolean =>
  error instanceof LedgerBrokenError || error instanceof OffsetOutOfRangeError || error instanceof UndecodableError

export interface CatalogReaderDeps extends FactDeps {
  readonly trouble: (error: unknown, partition: number) => void
}

export async function readCatalog(deps: CatalogReaderDeps): Promise<CatalogReader> {
  const directory = createDirectory()
  const topic = topicsOf('catalog', deps.topicPrefix).events
  const stopping = new AbortController()
  const { signal } = stopping
  const tails = Array.from({ length: await deps.log.partitionCount(topic) }, (_, partition): Tail => {
    return { partition, position: ledgerStart(topic, partition), failure: undefined, waiters: new Set() }
  })
  const running = tails.map(follow)

  async function fold(tail: Tail): Promise<void> {
    for await (const { decisions, position } of followLedger(deps, topic, tail.partition, tail.position, { signal })) {
      const events: CatalogEvent[] = [] // All before the first is applied: a batch that fails half-way is read again.
      for (const { decision } of decisions)
        for (const encoded of decision.events)
          events.push(await decodeLearning(deps, () => deps.codec.decodeMessage<CatalogEvent>('catalog', encoded)))
      for (const event of events) directory.apply(event)
      tail.position = position
      for (const waiter of tail.waiters) if (waiter.offset <= position.offset) waiter.resolve()
    }
  }

  async function follow(tail: Tail): Promise<void> {
    let backoffMs = BACKOFF_MIN_MS
    while (!signal.aborted) {
      const from = tail.position.offset
      try {
        await fold(tail)
      } catch (error) {
        if (signal.aborted) break
        deps.trouble(error, tail.partition)
        if (isFinal(error)) {
          tail.failure = error as Error
          break
        }
      }
      if (tail.position.offset !== from) backoffMs = BACKOFF_MIN_MS
      await sleep(backoffMs, undefined, { signal }).catch(() => undefined)
      backoffMs = Math.min(2 * backoffMs, BACKOFF_MAX_MS)
    }
    for (const waiter of tail.waiters) waiter.reject(tail.failure ?? stopped())
  }

  async function reached(tail: Tail): Promise<void> {
    const offset = await deps.log.endOffset(topic, tail.partition)
    if (tail.position.offset >= offset) return
    if (tail.failure !== undefined) throw tail.failure
    if (signal.aborted) throw stopped()
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        offset,
        resolve() {
          tail.waiters.delete(waiter)
          resolve()
        },
        reject,
      }
      tail.waiters.add(waiter)
    })
  }

  return {
    directory,
    async readOn() {
      await Promise.all(tails.map(reached))
    },
    async stop() {
      stopping.abort()
      await Promise.all(running)
    },
  }
}

const stopped = (): Error => new Error('The catalog is not read any more.')
