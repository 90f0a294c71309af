import type { CommandId, EpochMillis } from './ids.ts'
import type { Head } from './ledger.ts'
import type { RecordedRejection } from './rejections.ts'

/** On whose behalf a command is sent. The id is opaque: names and addresses are never here. */
export interface Actor {
  readonly kind: 'buyer' | 'organiser' | 'system'
  readonly id: string
}

/** What travels with every command and is copied into its decision. */
export interface Envelope {
  readonly commandId: CommandId
  /** The command's type: `HoldSeats`. */
  readonly commandType: string
  readonly actor: Actor
  readonly organisation: string
  /** 16 bytes of the request body's SHA-256 in hex: the same key with another body is refused. Empty for reactions. */
  readonly bodyHash: string
  /** The command or decision that led to this command; empty when a person did. */
  readonly causationId: string
  /** The first command of the chain of causes. */
  readonly correlationId: string
  /** W3C trace context, or empty. */
  readonly traceparent: string
}

export interface Command<Message> {
  readonly envelope: Envelope
  readonly message: Message
}

/** A message as it lies in a record, not decoded yet. */
export interface EncodedMessage {
  readonly type: string
  readonly schemaId: number
  readonly bytes: Buffer
}

/** `duplicate`: the command id was decided before, and `duplicateOf` names that decision. */
export type Outcome = 'accepted' | 'rejected' | 'duplicate' | 'started'

export interface DuplicateOf {
  /** The first decision is at this events offset, or, where void records came between, a little after. */
  readonly offset: number
  /** The head after the first decision, which is its hash: it names that record and no other. */
  readonly head: Head
}

/** One record of an events topic. A rejection is a decision too, and may follow events: a lapse is recorded first. */
export interface Decision {
  readonly link: Head
  readonly envelope: Envelope
  /** The decided command's offset in the commands topic, same partition; -1 when an owner started. */
  readonly commandOffset: number
  /** The time that was decided by: the log's append time of the command, made monotonic in the partition. */
  readonly atMs: EpochMillis
  /** Which version of the deciding code: the same version decides the same again. */
  readonly ruleVersion: number
  readonly outcome: Outcome
  readonly duplicateOf: DuplicateOf | null
  readonly rejection: RecordedRejection | null
  readonly events: readonly EncodedMessage[]
  /**
   * What follows from the events before this offset, in this topic and partition, had been sent when this was decided: a
   * later owner need not send it again. 0 says nothing.
   */
  readonly reactedTo: number
}
