import { type Codec, UndecodableError } from '@cavea/contracts/codec'
import { Chain } from '@cavea/contracts/ledger'
import type { Context } from '@cavea/contracts/topics'
import { decodeLearning, LedgerBrokenError, type LedgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog, LogRecord } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import type { EventsOf, Fact } from './projection.ts'

export interface LogDeps {
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
}

export interface Place {
  readonly context: Context
  readonly topic: string
  readonly partition: number
}

/** A record that counts. */
export interface Counted {
  readonly offset: number
  /** After the record before it that counts. */
  readonly before: LedgerStart
  /** After this record: where to go on. */
  readonly after: LedgerStart
  /** As it lies in the log. */
  readonly value: Buffer
  /** Or why it cannot be read. A schema that the registry does not have is its trouble and not the record's: that is thrown. */
  readonly content: Fact | UndecodableError
}

export interface FactBatch {
  readonly from: LedgerStart
  readonly to: LedgerStart
  readonly counted: readonly Counted[]
  /** With those that are void. */
  readonly records: number
  /** When the log took the last of them, milliseconds since the epoch. */
  readonly appendTimeMs: number
}

/**
 * Reads one partition from a known place on, and waits at the end for more until `signal` aborts. What is void is left out; what
 * counts and cannot be decoded is answered as such. Throws `LedgerBrokenError`, and what the log and the registry throw.
 */
export async function* readFacts(
  deps: LogDeps,
  { context, topic, partition }: Place,
  start: LedgerStart,
  options: { readonly signal: AbortSignal; readonly batchRecordsMax?: number },
): AsyncGenerator<FactBatch> {
  const chain = new Chain(start)
  let { commandOffset } = start
  let from = start
  let last = start // What is void after it changes nothing.

  /** A promise only where a schema has to be fetched: a microtask for each of millions of records would cost more than decoding. */
  function read(record: LogRecord): Counted | undefined | Promise<Counted> {
    if (!chain.accept(record)) return undefined
    const content = decode(deps, context, partition, record)
    return content instanceof Promise ? content.then((late) => count(record, late)) : count(record, content)
  }

  function count(record: LogRecord, content: Counted['content']): Counted {
    if (!(content instanceof Error) && content.decision.outcome !== 'started') {
      const next = content.decision.commandOffset
      if (next <= commandOffset)
        throw new LedgerBrokenError(topic, partition, record.offset, `command ${next} is decided after ${commandOffset}.`)
      commandOffset = next
    }
    const before = last
    last = { offset: record.offset + 1, head: chain.head, headOffset: record.offset, commandOffset }
    return { offset: record.offset, before, after: last, value: record.value, content }
  }

  for await (const { records } of deps.log.read(topic, partition, start.offset, options)) {
    const counted: Counted[] = []
    for (const record of records) {
      const one = read(record)
      if (one !== undefined) counted.push(one instanceof Promise ? await one : one)
    }
    const to = { ...chain.position, commandOffset }
    yield { from, to, counted, records: records.length, appendTimeMs: records.at(-1)?.appendTimeMs ?? 0 }
    from = to
  }
}

/** What one record says. */
export function decode(
  deps: Pick<LogDeps, 'codec' | 'registry'>,
  context: Context,
  partition: number,
  { offset, value }: Pick<LogRecord, 'offset' | 'value'>,
): Counted['content'] | Promise<Counted['content']> {
  return decodeLearning(deps, (): Counted['content'] => {
    try {
      const decision = deps.codec.decodeDecision(value)
      const events = decision.events.map((encoded) => deps.codec.decodeMessage<EventsOf[Context]>(context, encoded))
      return { context, partition, offset, decision, events }
    } catch (error) {
      if (error instanceof UndecodableError) return error
      throw error
    }
  })
}
