import type { Command, Decision } from '@cavea/contracts/envelope'
import type { CommandId } from '@cavea/contracts/ids'
import type { Context } from '@cavea/contracts/topics'

/** The decision of the command itself says who sent it and where its message is. */
export type Asked = Pick<Decision, 'envelope' | 'commandOffset'>

export interface Decided {
  /** The decision that has the answer. Where it stands in the log is the answer's version. */
  readonly decision: Decision
  /** The command's own decision: the same one, unless that opened a cart, which a later one settles. */
  readonly asked: Asked
  readonly context: Context
  readonly partition: number
}

/** What became of a command, as a reader of the log saw it. `undecided` is also a cart that is open still. */
export type Answer = (Decided & { readonly outcome: 'decided' }) | { readonly outcome: 'undecided'; readonly commandId: CommandId }

/** What is known of a command by its id alone. */
export type Recalled =
  | (Decided & { readonly outcome: 'decided' })
  | { readonly outcome: 'pending'; readonly actorKind: string; readonly actorId: string }

export interface CommandBus {
  /**
   * Appends the command and waits until the decision that answers it counts. A known command id gives its first answer again.
   * Throws `OverloadedError` and `CommandNotSentError` when nothing was appended, `CommandUnknownError` when that is open.
   */
  send(context: Context, bucket: number, command: Command<{ readonly type: string }>): Promise<Answer>
  /** Throws `OverloadedError` when `send` would: to refuse before any work is done. */
  admit(): void
  /** Whether so many at once are as many as are decided in good time, as far as was seen lately; always before the log was read. */
  isFull(inside: number): boolean
  recall(commandId: CommandId): Recalled | undefined
  /** Reads back the message of a decided command. Undefined when the log no longer has it. */
  messageOf(context: Context, partition: number, commandOffset: number): Promise<{ readonly type: string } | undefined>
  /** Waits until all that is in the context's log by now was read; false when that took too long. */
  refresh(context: Context): Promise<boolean>
  /** Whether everything that was in the log when the bus started was read. */
  caughtUp(context?: Context): boolean
}

/** More commands wait for their decision than this process takes on. Nothing was done. */
export class OverloadedError extends Error {
  readonly code = 'OVERLOADED'
  readonly retryable = true
  constructor(inFlightMax: number) {
    super(`${inFlightMax} commands wait for their decision.`)
    this.name = 'OverloadedError'
  }
}

/** The command is not in the log and will not be. */
export class CommandNotSentError extends Error {
  readonly code = 'COMMAND_NOT_SENT'
  readonly retryable = true
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'CommandNotSentError'
  }
}

/** Nobody knows yet whether the command reached the log. Sending the same command id again is safe. */
export class CommandUnknownError extends Error {
  readonly code = 'COMMAND_UNKNOWN'
  readonly retryable = true
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'CommandUnknownError'
  }
}
