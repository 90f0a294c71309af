import { type Codec, UnknownSchemaError } from '@cavea/contracts/codec'
import type { Decision } from '@cavea/contracts/envelope'
import { Chain, type ChainPosition, emptyHead, type Head, headAfter, startOfChain } from '@cavea/contracts/ledger'
import { LogUnavailableError } from './errors.ts'
import { type EventLog, readRange } from './port.ts'
import type { SchemaRegistry } from './registry/port.ts'

export interface CountedDecision {
  readonly offset: number
  /** The head after this record, which names it. */
  readonly head: Head
  readonly decision: Decision
}

export interface LedgerBatch {
  /** The decisions that count, in order; void records are left out. */
  readonly decisions: readonly CountedDecision[]
  /** After the last record of the batch, counted or void: a place to start from another time. */
  readonly position: LedgerStart
  /** Void records in this batch. */
  readonly voided: number
}

/** Decisions come in the order of their commands, by every writer. If not, a writer is broken: the reader stops. */
export class LedgerBrokenError extends Error {
  readonly code = 'LEDGER_BROKEN'
  constructor(topic: string, partition: number, offset: number, detail: string) {
    super(`${topic}/${partition} is broken at offset ${offset}: ${detail}`)
    this.name = 'LedgerBrokenError'
  }
}

/** What a reader needs to know of the place it starts from: it cannot find out by looking at the log. */
export interface LedgerStart extends ChainPosition {
  /** The offset of the last decided command before this place; -1 when there is none. */
  readonly commandOffset: number
}

export const ledgerStart = (topic: string, partition: number): LedgerStart => ({ ...startOfChain(topic, partition), commandOffset: -1 })

/**
 * Whether this log continues what a snapshot folded: the record that its head names stands where it did. Not so when
 * the log lost its tail, or when it was set up anew and old snapshots were left behind.
 */
export async function isInLog(log: EventLog, topic: string, partition: number, position: ChainPosition): Promise<boolean> {
  const { offset, head, headOffset } = position
  if (offset > (await log.endOffset(topic, partition))) return false
  if (headOffset < 0) return head === emptyHead(topic, partition)
  for await (const { records } of readRange(log, topic, partition, headOffset, headOffset + 1)) {
    const [record] = records
    return record?.offset === headOffset && headAfter(record.value) === head
  }
  throw new LogUnavailableError(`${topic}/${partition} was closed before offset ${headOffset} could be read.`)
}

/**
 * Reads the decisions that count from a known position on, waiting at the end for more until `signal` aborts.
 * Schemas that this process does not know are fetched from the registry.
 * Throws `LedgerBrokenError`, or what the log and the registry throw.
 */
export async function* followLedger(
  deps: { readonly log: EventLog; readonly codec: Codec; readonly registry: SchemaRegistry },
  topic: string,
  partition: number,
  start: LedgerStart,
  options: { readonly signal: AbortSignal; readonly batchRecordsMax?: number },
): AsyncIterable<LedgerBatch> {
  const chain = new Chain(start)
  let commandOffset = start.commandOffset
  for await (const { records } of deps.log.read(topic, partition, start.offset, options)) {
    const decisions: CountedDecision[] = []
    const voidedBefore = chain.voided
    for (const record of records) {
      if (!chain.accept(record)) continue
      const decoded = decodeLearning(deps, () => deps.codec.decodeDecision(record.value))
      const decision = decoded instanceof Promise ? await decoded : decoded // Not a microtask for each of millions.
      if (decision.outcome !== 'started') {
        if (decision.commandOffset <= commandOffset)
          throw new LedgerBrokenError(
            topic,
            partition,
            record.offset,
            `command ${decision.commandOffset} is decided after ${commandOffset}.`,
          )
        commandOffset = decision.commandOffset
      }
      decisions.push({ offset: record.offset, head: chain.head, decision })
    }
    yield { decisions, position: { ...chain.position, commandOffset }, voided: chain.voided - voidedBefore }
  }
}

/** Decodes, and where a schema is unknown fetches it and decodes again. Only the rare case costs a wait. */
export function decodeLearning<Value>(
  deps: { readonly codec: Codec; readonly registry: SchemaRegistry },
  decode: () => Value,
): Value | Promise<Value> {
  try {
    return decode()
  } catch (error) {
    if (!(error instanceof UnknownSchemaError)) throw error
    return deps.registry.schemaOf(error.schemaId).then((schema) => {
      deps.codec.learn(error.schemaId, schema)
      return decodeLearning(deps, decode)
    })
  }
}
