import assert from 'node:assert/strict'
import type { Actor, Envelope } from '@cavea/contracts/envelope'
import { type CommandId, commandIdOf, type EpochMillis, epochMillis } from '@cavea/contracts/ids'
import type { Decided, Decider, Given } from './decider.ts'

/** An event with the log time of its decision. */
export interface Recorded<Event> {
  readonly atMs: EpochMillis
  readonly event: Event
}

export const at = <Event>(ms: number, event: Event): Recorded<Event> => ({ atMs: epochMillis(ms), event })

/** Who asks, and when by the log's time in milliseconds. */
export interface Asking {
  readonly actor: Actor
  readonly at: number
  /** Default: `ORGANISATION`. */
  readonly organisation?: string
  /** Default: `COMMAND_ID`. */
  readonly commandId?: CommandId
}

export const ORGANISATION = 'org_opera'
export const COMMAND_ID: CommandId = commandIdOf('the command under test')

export function givenOf(commandType: string, { actor, at, organisation = ORGANISATION, commandId = COMMAND_ID }: Asking): Given {
  const envelope: Envelope = {
    commandId,
    commandType,
    actor,
    organisation,
    bodyHash: '',
    causationId: '',
    correlationId: commandId,
    traceparent: '',
  }
  return { envelope, now: epochMillis(at) }
}

export interface Expectation<Event, Rejection> {
  /** Accepted with exactly these events. */
  readonly then: (...events: readonly Event[]) => void
  /** Rejected with exactly this, after exactly these events. */
  readonly thenRejected: (rejection: Rejection, ...events: readonly Event[]) => void
  /** Accepted, and nothing is to be recorded. */
  readonly thenNothing: () => void
}

export interface Situation<Command, Event, Rejection> {
  readonly when: (command: Command, asking: Asking) => Expectation<Event, Rejection>
}

/**
 * Given recorded events, when a command comes, then exactly this is decided. On the way each example also asserts that
 * deciding left the state untouched, that a state restored from its snapshot decides the same, and that the outcome folds.
 */
export function specification<
  Command extends { readonly type: string },
  Event extends { readonly type: string },
  View,
  State extends View,
  Rejection,
>(
  decider: Decider<Command, Event, View, State, Rejection>,
): (...recorded: readonly Recorded<Event>[]) => Situation<Command, Event, Rejection> {
  function assertRestores(state: State): State {
    const bytes = decider.encodeState(state)
    const restored = decider.decodeState(bytes)
    assert.deepEqual(decider.encodeState(restored), bytes, 'a restored state encodes to other bytes')
    assert.equal(decider.nextDueMs(restored), decider.nextDueMs(state), 'a restored state is due at another time')
    return restored
  }

  return (...recorded) => ({
    when(command, asking) {
      const state = decider.initialState()
      for (const { atMs, event } of recorded) decider.evolve(state, event, atMs)
      const restored = assertRestores(state)
      const given = givenOf(command.type, asking)

      const before = decider.encodeState(state)
      const decided: Decided<Event, Rejection> = decider.decide(command, state, given)
      assert.deepEqual(decider.encodeState(state), before, 'deciding changed the state')
      assert.deepEqual(decider.decide(command, state, given), decided, 'deciding again decides differently')
      assert.deepEqual(decider.decide(command, restored, given), decided, 'a restored state decides differently')

      for (const event of decided.events) decider.evolve(state, event, given.now)
      assertRestores(state)
      for (const event of decided.events) decider.evolve(restored, event, given.now)
      assert.deepEqual(decider.encodeState(restored), decider.encodeState(state), 'a restored state folds differently')

      const expect = (rejection: Rejection | null, events: readonly Event[]) => assert.deepEqual(decided, { events, rejection })
      return {
        // biome-ignore lint/suspicious/noThenProperty: given, when, then; nobody awaits an expectation.
        then: (...events) => expect(null, events),
        thenRejected: (rejection, ...events) => expect(rejection, events),
        thenNothing: () => expect(null, []),
      }
    },
  })
}
