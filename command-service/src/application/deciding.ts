import { type EncodedCommand, UndecodableError } from '@cavea/contracts/codec'
import type { Decision, EncodedMessage, Envelope } from '@cavea/contracts/envelope'
import { type CommandId, type EpochMillis, epochMillis, parseCommandId } from '@cavea/contracts/ids'
import { headAfter } from '@cavea/contracts/ledger'
import { type RecordedRejection, recorded } from '@cavea/contracts/rejections'
import { EventLogError } from '@cavea/event-log/errors'
import { decodeLearning } from '@cavea/event-log/ledger-reader'
import type { LogRecord } from '@cavea/event-log/port'
import { NO_BODY } from './decided-commands.ts'
import type { Message, OwnedState } from './owned-state.ts'
import type { Reaction } from './policies.ts'
import type { WorkerOptions } from './worker-options.ts'

/** The decider or the fold threw on a command. Memory may be half changed, so it must go. */
export class DeciderThrewError extends Error {
  readonly code = 'DECIDER_THREW'
  readonly commandOffset: number
  constructor(commandOffset: number, cause: unknown) {
    super(`The decider threw on the command at offset ${commandOffset}.`, { cause })
    this.name = 'DeciderThrewError'
    this.commandOffset = commandOffset
  }
}

/** How often the decider may throw on one command before it is set aside. */
export const THROWS_MAX = 2

export interface DecisionRecord {
  readonly value: Buffer
  readonly decision: Decision
  readonly reactions: readonly Reaction[]
}

interface ReadCommand extends EncodedCommand {
  readonly message: Message
}

type Judgement = Pick<Decision, 'outcome' | 'duplicateOf' | 'rejection'> & { readonly events: readonly Message[] }

const UNREADABLE: Envelope = {
  commandId: '' as CommandId,
  commandType: '',
  actor: { kind: 'system', id: '' },
  organisation: '',
  bodyHash: '',
  causationId: '',
  correlationId: '',
  traceparent: '',
}

/**
 * Decides one command on the state and folds the decision into it: the state is then ahead of the log until the log
 * has acknowledged the record. `throws` counts, by command offset, how often deciding failed; `reactedTo` is written down.
 */
export async function decideCommand(
  options: WorkerOptions,
  partition: number,
  state: OwnedState,
  { throws, reactedTo }: { readonly throws: ReadonlyMap<number, number>; readonly reactedTo: number },
  record: LogRecord,
): Promise<DecisionRecord> {
  const { codec, decider, policy } = options
  const command = await read(options, partition, record)
  const atMs = epochMillis(Math.max(state.lastMs, record.appendTimeMs))
  try {
    const { outcome, duplicateOf, rejection, events } = judge(options, state, throws, command, record.offset, atMs)
    const decision: Decision = {
      link: state.position.head,
      envelope: command?.envelope ?? UNREADABLE,
      commandOffset: record.offset,
      atMs,
      ruleVersion: decider.ruleVersion,
      outcome,
      duplicateOf,
      rejection,
      events: events.map((event): EncodedMessage => codec.encodeMessage(decider.context, event)),
      reactedTo,
    }
    const value = codec.encodeDecision(decision)
    state.apply({ offset: state.position.offset, head: headAfter(value), decision }, events)
    return { value, decision, reactions: events.flatMap((event) => policy(event as never, decision, state.domain as never)) }
  } catch (error) {
    throw new DeciderThrewError(record.offset, error)
  }
}

/** The command, or undefined when its bytes are none; that a registry does not answer is not the command's fault. */
async function read(options: WorkerOptions, partition: number, record: LogRecord): Promise<ReadCommand | undefined> {
  const { codec, decider, telemetry } = options
  try {
    const decoded = decodeLearning(options, () => {
      const { envelope, payload } = codec.decodeCommand(record.value)
      return { envelope, payload, message: codec.decodeMessage<Message>(decider.context, payload) }
    })
    const command = decoded instanceof Promise ? await decoded : decoded
    if (parseCommandId(command.envelope.commandId) === undefined) throw new UndecodableError('The command id is none.')
    return command
  } catch (error) {
    if (error instanceof EventLogError && error.retryable) throw error
    telemetry.unreadable(decider.context, partition, record.offset, error)
    return undefined
  }
}

function judge(
  { decider }: WorkerOptions,
  state: OwnedState,
  throws: ReadonlyMap<number, number>,
  command: ReadCommand | undefined,
  commandOffset: number,
  now: EpochMillis,
): Judgement {
  if (command === undefined) return refused(recorded({ code: 'COMMAND_UNREADABLE' }))
  const { envelope, message } = command
  const known = state.decided.get(envelope.commandId)
  if (known !== undefined) {
    if (known.bodyHash !== (envelope.bodyHash || NO_BODY)) return refused(recorded({ code: 'IDEMPOTENCY_KEY_REUSED' }))
    return { outcome: 'duplicate', duplicateOf: { offset: known.offset, head: known.head }, rejection: null, events: [] }
  }
  if ((throws.get(commandOffset) ?? 0) >= THROWS_MAX) return refused(recorded({ code: 'COMMAND_QUARANTINED' }))
  const { events, rejection } = decider.decide(message as never, state.domain as never, { envelope, now })
  if (rejection === null) return { outcome: 'accepted', duplicateOf: null, rejection: null, events }
  return refused(recorded(rejection), events)
}

const refused = (rejection: RecordedRejection, events: readonly Message[] = []): Judgement => ({
  outcome: 'rejected',
  duplicateOf: null,
  rejection,
  events,
})
