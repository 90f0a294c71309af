import type { CountedDecision, LedgerBatch, LedgerStart } from '@cavea/event-log/ledger-reader'

export interface GatherLimits {
  /** A batch has at least one ledger batch, and then no more once it has so many decisions, or so many bytes of events. */
  readonly decisionsMax: number
  readonly bytesMax: number
  /** How long it waits for more. */
  readonly lingerMs: number
}

export interface Gathered {
  readonly decisions: readonly CountedDecision[]
  readonly position: LedgerStart
}

const bytesOf = (decisions: readonly CountedDecision[]): number => {
  let bytes = 0
  for (const { decision } of decisions) for (const event of decision.events) bytes += event.bytes.length
  return bytes
}

/** Makes fewer and larger batches of many small ones, so that each can have a transaction of its own. */
export async function* gathered(batches: AsyncIterable<LedgerBatch>, limits: GatherLimits): AsyncGenerator<Gathered> {
  const iterator = batches[Symbol.asyncIterator]()
  const next = (): Promise<IteratorResult<LedgerBatch>> => {
    const pending = iterator.next()
    pending.catch(() => undefined) // Whoever waits for it sees it fail; until then it must not count as unhandled.
    return pending
  }
  let pending = next()
  for (;;) {
    const first = await pending
    if (first.done === true) return
    const decisions = [...first.value.decisions]
    let { position } = first.value
    let bytes = bytesOf(decisions)
    let hasEnded = false
    pending = next()
    const linger = timer(limits.lingerMs)
    while (decisions.length < limits.decisionsMax && bytes < limits.bytesMax) {
      const more = await Promise.race([pending, linger.over])
      if (more === undefined) break
      if (more.done === true) {
        hasEnded = true
        break
      }
      for (const decision of more.value.decisions) decisions.push(decision)
      position = more.value.position
      bytes += bytesOf(more.value.decisions)
      pending = next()
    }
    linger.stop()
    yield { decisions, position }
    if (hasEnded) return
  }
}

function timer(ms: number): { readonly over: Promise<undefined>; readonly stop: () => void } {
  let timeout: NodeJS.Timeout | undefined
  const over = new Promise<undefined>((resolve) => {
    timeout = setTimeout(() => resolve(undefined), ms)
  })
  return { over, stop: () => clearTimeout(timeout) }
}
