import type { Envelope } from '@cavea/contracts/envelope'
import type { EpochMillis } from '@cavea/contracts/ids'
import type { RecordedRejection, Rejection } from '@cavea/contracts/rejections'
import type { Context } from '@cavea/contracts/topics'

/** What is decided about one command. A refusal may follow events: a hold that lapsed is recorded as expired first. */
export interface Decided<Event, Refusal> {
  readonly events: readonly Event[]
  readonly rejection: Refusal | null
}

const NOTHING: Decided<never, never> = { events: [], rejection: null }

/** No events: what was asked for is already true. */
export function accept<Event>(...events: readonly Event[]): Decided<Event, never> {
  return events.length === 0 ? NOTHING : { events, rejection: null }
}

export function reject<Event, Refusal>(rejection: Refusal, ...events: readonly Event[]): Decided<Event, Refusal> {
  return { events, rejection }
}

/** What a decider knows besides the command and the state: who asks, and the log's time. */
export interface Given {
  readonly envelope: Envelope
  readonly now: EpochMillis
}

/**
 * One context's rules over the state of one partition. `decide` reads and answers; only the partition worker calls
 * `evolve`, which folds in place. Both are pure of clocks, randomness and I/O.
 */
export interface Decider<
  Command extends { readonly type: string },
  Event extends { readonly type: string },
  View,
  State extends View,
  Refusal,
> {
  readonly context: Context
  /** Raised with every change of the rules, so that history says by which rules it was decided. */
  readonly ruleVersion: number
  readonly initialState: () => State
  readonly decide: (command: Command, view: View, given: Given) => Decided<Event, Refusal>
  readonly evolve: (state: State, event: Event, atMs: EpochMillis) => void
  /** When something falls due, so that the owner sends a `Tick` then; null: nothing will. */
  readonly nextDueMs: (view: View) => EpochMillis | null
  /** The same state gives the same bytes, however it came about: their hash is the state's. */
  readonly encodeState: (view: View) => Buffer
  /** Throws on bytes that it cannot read. */
  readonly decodeState: (bytes: Buffer) => State
}

/**
 * A decider as the worker sees it, which hands it its own state and messages back without looking into them: any
 * `Decider` is one.
 */
export interface PluggedDecider {
  readonly context: Context
  readonly ruleVersion: number
  readonly initialState: () => unknown
  readonly decide: (command: never, view: never, given: Given) => Decided<{ readonly type: string }, Rejection | RecordedRejection>
  readonly evolve: (state: never, event: never, atMs: EpochMillis) => void
  readonly nextDueMs: (view: never) => EpochMillis | null
  readonly encodeState: (view: never) => Buffer
  readonly decodeState: (bytes: Buffer) => unknown
}
