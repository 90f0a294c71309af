import { DECIDERS } from '@cavea/command-service/application/command-service'
import { NO_BODY } from '@cavea/command-service/application/decided-commands'
import { type Message, OwnedState } from '@cavea/command-service/application/owned-state'
import type { PluggedDecider } from '@cavea/command-service/domain/decider'
import { UndecodableError } from '@cavea/contracts/codec'
import type { Decision, DuplicateOf, EncodedMessage } from '@cavea/contracts/envelope'
import { type EpochMillis, epochMillis, parseCommandId } from '@cavea/contracts/ids'
import { startOfChain } from '@cavea/contracts/ledger'
import { type RecordedRejection, recorded } from '@cavea/contracts/rejections'
import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import { decodeLearning, followLedger } from '@cavea/event-log/ledger-reader'
import { type EventLog, type LogRecord, readRange } from '@cavea/event-log/port'
import { SchemaUnknownError } from '@cavea/event-log/registry/port'
import { timeText } from './findings.ts'
import type { AuditDeps } from './verify.ts'

/** Where the recorded decision is not what the present code decides on the same command and the same state. */
export interface Difference {
  readonly context: Context
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly commandOffset: number
  readonly why: string
}

export interface Redecided {
  readonly context: Context
  readonly partition: number
  /** Decisions that were made anew and came out the same. */
  readonly compared: number
  /** By another version of the rules, so not comparable. */
  readonly otherRules: number
  /** Commands on which the decider threw then: recorded as set aside, and not asked again. */
  readonly quarantined: number
  /** The first one; the partition is not read further. */
  readonly difference: Difference | null
}

type Judgement = Pick<Decision, 'outcome' | 'duplicateOf' | 'rejection'> & { readonly events: readonly Message[] }

/**
 * Decides every recorded command of every partition again with the deciders of this version, each on the state that
 * the recorded decisions before it fold to.
 */
export async function redecideLog(
  deps: AuditDeps,
  /** Partitions that are known to be broken: their decisions fold to nothing. */
  leaveOut: (context: Context, partition: number) => boolean = () => false,
  progress: (recordsDone: number, recordsTotal: number) => void = () => {},
): Promise<Redecided[]> {
  const extents: { readonly context: Context; readonly partition: number; readonly end: number }[] = []
  for (const context of CONTEXTS) {
    const { events } = topicsOf(context, deps.topicPrefix)
    const partitions = await deps.log.partitionCount(events)
    for (let partition = 0; partition < partitions; partition++)
      if (!leaveOut(context, partition)) extents.push({ context, partition, end: await deps.log.endOffset(events, partition) })
  }
  const total = extents.reduce((sum, { end }) => sum + end, 0)
  let done = 0
  const results: Redecided[] = []
  const step = (records: number): void => {
    done += records
    progress(done, total)
  }
  for (const { context, partition, end } of extents) results.push(await redecidePartition(deps, context, partition, end, step))
  return results
}

async function redecidePartition(
  deps: AuditDeps,
  context: Context,
  partition: number,
  end: number,
  step: (records: number) => void,
): Promise<Redecided> {
  const topics = topicsOf(context, deps.topicPrefix)
  const decider: PluggedDecider = DECIDERS[context].decider
  const folding = { codec: deps.codec, registry: deps.registry, decider }
  const state = OwnedState.empty(folding, topics.events, partition)
  const tally = { compared: 0, otherRules: 0, quarantined: 0 }
  if (end === 0) return { context, partition, ...tally, difference: null }

  const commands = await CommandCursor.open(deps.log, topics.commands, partition)
  const stop = new AbortController()
  try {
    const start = { ...startOfChain(topics.events, partition), commandOffset: -1 }
    for await (const batch of followLedger(deps, topics.events, partition, start, { signal: stop.signal })) {
      for (const counted of batch.decisions) {
        if (counted.offset >= end) break
        const { decision } = counted
        if (decision.outcome !== 'started') {
          const { record, skipped } = await commands.at(decision.commandOffset)
          const why = skipped ?? (await compare(deps, decider, state, decision, record, tally))
          if (why !== undefined) {
            const at = { offset: counted.offset, commandOffset: decision.commandOffset }
            return { context, partition, ...tally, difference: { context, topic: topics.events, partition, ...at, why } }
          }
        }
        await state.fold(counted, () => {})
      }
      step(batch.decisions.length + batch.voided)
      if (batch.position.offset >= end) break
    }
    return { context, partition, ...tally, difference: null }
  } finally {
    stop.abort()
    await commands.close()
  }
}

/** Says how the recorded decision differs; undefined when it does not, or cannot be compared. */
async function compare(
  deps: AuditDeps,
  decider: PluggedDecider,
  state: OwnedState,
  decision: Decision,
  record: LogRecord | undefined,
  tally: { compared: number; otherRules: number; quarantined: number },
): Promise<string | undefined> {
  if (record === undefined) return `the commands topic has no command at ${decision.commandOffset}`
  const command = await readCommand(deps, decider, record)
  if (command !== undefined && command.envelope.commandId !== decision.envelope.commandId)
    return `it decides ${decision.envelope.commandId}, but the command there is ${command.envelope.commandId}`
  const atMs = epochMillis(Math.max(state.lastMs, record.appendTimeMs))
  if (atMs !== decision.atMs) return `it is decided by the time ${timeText(decision.atMs)}, but the log's time is ${timeText(atMs)}`
  if (decision.rejection?.code === 'COMMAND_QUARANTINED') {
    tally.quarantined++
    return undefined
  }
  if (decision.ruleVersion !== decider.ruleVersion) {
    tally.otherRules++
    return undefined
  }
  let made: Judgement
  try {
    made = judge(decider, state, command, atMs)
  } catch (error) {
    return `the decider throws on the command now: ${(error as Error).message}`
  }
  const encoded = made.events.map((event) => deps.codec.encodeMessage(decider.context, event))
  const [was, is] = [await textOf(deps, decider, decision, decision.events), await textOf(deps, decider, made, encoded)]
  if (was !== is) return `recorded was ${was}, decided anew it is ${is}`
  tally.compared++
  return undefined
}

type ReadCommand = { readonly envelope: Decision['envelope']; readonly message: Message }

/** Undefined when the bytes are no command: that is decided too. */
async function readCommand(deps: AuditDeps, decider: PluggedDecider, record: LogRecord): Promise<ReadCommand | undefined> {
  try {
    return await decodeLearning(deps, () => {
      const { envelope, payload } = deps.codec.decodeCommand(record.value)
      if (parseCommandId(envelope.commandId) === undefined) throw new UndecodableError('The command id is none.')
      return { envelope, message: deps.codec.decodeMessage<Message>(decider.context, payload) }
    })
  } catch (error) {
    if (error instanceof UndecodableError || error instanceof SchemaUnknownError) return undefined
    throw error
  }
}

function judge(decider: PluggedDecider, state: OwnedState, command: ReadCommand | undefined, now: EpochMillis): Judgement {
  if (command === undefined) return refused(recorded({ code: 'COMMAND_UNREADABLE' }))
  const { envelope, message } = command
  const known = state.decided.get(envelope.commandId)
  if (known !== undefined) {
    if (known.bodyHash !== (envelope.bodyHash || NO_BODY)) return refused(recorded({ code: 'IDEMPOTENCY_KEY_REUSED' }))
    return { outcome: 'duplicate', duplicateOf: { offset: known.offset, head: known.head }, rejection: null, events: [] }
  }
  const { events, rejection } = decider.decide(message as never, state.domain as never, { envelope, now })
  if (rejection === null) return { outcome: 'accepted', duplicateOf: null, rejection: null, events }
  return { ...refused(recorded(rejection)), events }
}

const refused = (rejection: RecordedRejection): Judgement => ({ outcome: 'rejected', duplicateOf: null, rejection, events: [] })

/** One text for one decision, whatever the order of its fields. A duplicate's first decision is named by its head alone. */
async function textOf(
  deps: AuditDeps,
  decider: PluggedDecider,
  {
    outcome,
    duplicateOf,
    rejection,
  }: { readonly outcome: string; readonly duplicateOf: DuplicateOf | null; readonly rejection: RecordedRejection | null },
  encoded: readonly EncodedMessage[],
): Promise<string> {
  const events: Message[] = []
  for (const event of encoded) events.push(await decodeLearning(deps, () => deps.codec.decodeMessage<Message>(decider.context, event)))
  return sortedJson({ outcome, duplicateOf: duplicateOf?.head, rejection: rejection ?? undefined, events })
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/** The commands of one partition, read once, in step with their decisions. */
class CommandCursor {
  readonly #records: AsyncGenerator<LogRecord>
  #nextOffset = 0

  private constructor(records: AsyncGenerator<LogRecord>) {
    this.#records = records
  }

  static async open(log: EventLog, topic: string, partition: number): Promise<CommandCursor> {
    return new CommandCursor(recordsOf(log, topic, partition, await log.endOffset(topic, partition)))
  }

  /** The command at this offset, and what is wrong when commands before it were never decided. */
  async at(offset: number): Promise<{ readonly record: LogRecord | undefined; readonly skipped: string | undefined }> {
    if (offset < this.#nextOffset) return { record: undefined, skipped: `command ${offset} comes after command ${this.#nextOffset - 1}` }
    const next = await this.#records.next()
    if (next.done === true || next.value.offset > offset) return { record: undefined, skipped: undefined }
    const record = next.value
    if (record.offset < offset) return { record, skipped: `command ${record.offset} comes before command ${offset} and was never decided` }
    this.#nextOffset = offset + 1
    return { record, skipped: undefined }
  }

  async close(): Promise<void> {
    await this.#records.return(undefined)
  }
}

async function* recordsOf(log: EventLog, topic: string, partition: number, end: number): AsyncGenerator<LogRecord> {
  for await (const { records } of readRange(log, topic, partition, 0, end)) yield* records
}
