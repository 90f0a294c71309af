import { onAbort } from '@cavea/event-log/abort'
import type { LedgerStart } from '@cavea/event-log/ledger-reader'
import { type FactBatch, type LogDeps, type Place, readFacts } from './facts.ts'

/** Batches that are kept for those who come a little later: so many, and no more than so many bytes of the log. */
const KEPT = 8
const KEPT_BYTES = 4 * 1024 * 1024

export interface FeedReader {
  /** The next batch; waits for it at the end of the log. Undefined when `signal` has aborted or the feed has stopped. */
  next(signal: AbortSignal): Promise<FactBatch | undefined>
  close(): void
}

/**
 * The facts of one partition for several readers, each at its own place and pace. Readers that are close to one another share one
 * reading of the log, which decodes once; one that lags reads for itself until it has caught up. Nothing is read before somebody
 * asks, so memory holds a few batches, however slow a reader is.
 */
export interface Feed {
  reader(start: LedgerStart): FeedReader
  stop(): void
}

interface Source {
  readonly batches: AsyncGenerator<FactBatch>
  readonly stop: () => void
  /** Where its next batch begins. */
  offset: number
  pulling: Promise<void> | undefined
}

export function createFeed(deps: LogDeps, place: Place, options: { readonly batchRecordsMax: number }): Feed {
  const stopped = new AbortController()
  let shared: Source | undefined
  let kept: FactBatch[] = []

  function open(start: LedgerStart): Source {
    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, stopped.signal])
    return {
      batches: readFacts(deps, place, start, { ...options, signal }),
      stop: () => stop.abort(),
      offset: start.offset,
      pulling: undefined,
    }
  }

  /** The kept batch in which this place is, from there on. */
  function find(from: LedgerStart): FactBatch | undefined {
    const batch = kept.find((one) => one.from.offset <= from.offset && from.offset < one.to.offset)
    if (batch === undefined || batch.from.offset === from.offset) return batch
    const counted = batch.counted.filter(({ offset }) => offset >= from.offset)
    return { ...batch, from, counted, records: batch.to.offset - from.offset }
  }

  async function pull(source: Source): Promise<void> {
    try {
      const { value, done } = await source.batches.next()
      if (done === true) {
        if (shared === source) shared = undefined
        return
      }
      kept = trimmed([...kept, value])
      source.offset = value.to.offset
    } catch (error) {
      if (shared === source) shared = undefined
      throw error
    } finally {
      source.pulling = undefined
    }
  }

  return {
    reader(start) {
      let position = start
      let own: Source | undefined

      function closeOwn(): void {
        own?.stop()
        own = undefined
      }

      async function take(): Promise<FactBatch | undefined> {
        const found = find(position)
        if (found !== undefined) {
          closeOwn()
          return found
        }
        if (shared !== undefined && position.offset < shared.offset) {
          own ??= open(position)
          const { value, done } = await own.batches.next()
          if (done === true) own = undefined
          return done === true ? undefined : value
        }
        closeOwn()
        if (shared === undefined || position.offset > shared.offset) {
          shared?.stop() // It is behind, and so are those who wait for it: each of them reads for itself now.
          shared = open(position)
        }
        shared.pulling ??= pull(shared)
        await shared.pulling
        return find(position)
      }

      return {
        async next(signal) {
          while (!signal.aborted && !stopped.signal.aborted) {
            const batch = await unlessAborted(take(), signal)
            if (batch === undefined) continue
            position = batch.to
            return batch
          }
          return undefined
        },
        close: closeOwn,
      }
    },
    stop() {
      stopped.abort()
      kept = []
    },
  }
}

/** The newest of them, and the very newest in any case. */
function trimmed(batches: readonly FactBatch[]): FactBatch[] {
  const kept: FactBatch[] = []
  let bytes = 0
  for (const batch of batches.slice(-KEPT).toReversed()) {
    for (const { value } of batch.counted) bytes += value.length
    if (kept.length > 0 && bytes > KEPT_BYTES) break
    kept.unshift(batch)
  }
  return kept
}

/** What is still under way when the signal aborts is nobody's concern any more. */
function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const stopListening = onAbort(signal, () => resolve(undefined))
    promise.then(resolve, reject).finally(stopListening)
  })
}
