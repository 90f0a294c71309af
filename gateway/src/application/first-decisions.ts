import type { Codec } from '@cavea/contracts/codec'
import type { Decision } from '@cavea/contracts/envelope'
import type { CommandId } from '@cavea/contracts/ids'
import { headAfter } from '@cavea/contracts/ledger'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import { decodeLearning, followLedger, type LedgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import { type Clock, within } from './clock.ts'
import { settledCommand } from './recent-decisions.ts'

export interface FirstDecision {
  readonly decision: Decision
  /** Right after it. */
  readonly next: LedgerStart
}

/** Looks up in the log what is not remembered. Every look-up ends after `timeoutMs`, or when `signal` aborts. */
export interface FirstDecisions {
  /** The decision that a duplicate repeats; undefined when it is not where the duplicate says, or when that took too long. */
  find(context: Context, partition: number, duplicate: Decision): Promise<FirstDecision | undefined>
  /** The decision that settles a cart which was opened before `from`; undefined when none counts up to the log's present end. */
  findSettling(context: Context, partition: number, from: LedgerStart, opening: CommandId): Promise<Decision | undefined>
  /** The message of a decided command; undefined when the log no longer has it. */
  messageOf(context: Context, partition: number, commandOffset: number): Promise<{ readonly type: string } | undefined>
}

/** Void records may stand before a first decision; so many in a row mean that it is not there. */
const FIRST_DECISION_WITHIN = 2_000
const BATCH_RECORDS_MAX = 200

export function firstDecisions(options: {
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
  readonly clock: Clock
  readonly topicPrefix: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}): FirstDecisions {
  const { log, codec, topicPrefix, timeoutMs } = options

  /** Ends what `look` reads as soon as it has found what it looks for. */
  const bounded = <Found>(look: (signal: AbortSignal) => Promise<Found>): Promise<Found> =>
    within(options.clock, timeoutMs, options.signal, look)

  return {
    find: (context, partition, { duplicateOf }) =>
      bounded(async (signal) => {
        if (duplicateOf === null) return undefined
        const reading = { signal, batchRecordsMax: BATCH_RECORDS_MAX }
        let seen = 0
        for await (const { records } of log.read(topicsOf(context, topicPrefix).events, partition, duplicateOf.offset, reading)) {
          for (const { offset, value } of records) {
            const head = headAfter(value)
            if (head === duplicateOf.head) {
              const decision = await decodeLearning(options, () => codec.decodeDecision(value))
              return { decision, next: { offset: offset + 1, head, headOffset: offset, commandOffset: decision.commandOffset } }
            }
            if (++seen >= FIRST_DECISION_WITHIN) return undefined
          }
        }
        return undefined
      }),

    findSettling: (context, partition, from, opening) =>
      bounded(async (signal) => {
        const topic = topicsOf(context, topicPrefix).events
        const end = await log.endOffset(topic, partition)
        if (from.offset >= end) return undefined
        const reading = { signal, batchRecordsMax: BATCH_RECORDS_MAX }
        for await (const { decisions, position } of followLedger(options, topic, partition, from, reading)) {
          const settling = decisions.find(({ decision }) => settledCommand(context, decision) === opening)
          if (settling !== undefined) return settling.decision
          if (position.offset >= end) return undefined
        }
        return undefined
      }),

    messageOf: (context, partition, commandOffset) =>
      bounded(async (signal) => {
        const reading = { signal, batchRecordsMax: 1 }
        for await (const { records } of log.read(topicsOf(context, topicPrefix).commands, partition, commandOffset, reading)) {
          const record = records[0]
          if (record?.offset !== commandOffset) return undefined
          const { payload } = await decodeLearning(options, () => codec.decodeCommand(record.value))
          return await decodeLearning(options, () => codec.decodeMessage(context, payload))
        }
        return undefined
      }),
  }
}
