import { leavesOpen, settles } from '@cavea/contracts/cart/messages'
import type { Decision } from '@cavea/contracts/envelope'
import type { CommandId } from '@cavea/contracts/ids'
import type { Context } from '@cavea/contracts/topics'
import type { Asked, Decided } from '../ports/command-bus.ts'

/** A cart whose opening was read, and the decision that settles it was not. */
export type Opened = Omit<Decided, 'decision'>

/** Larger ones, such as parts of seat maps, are read from the log again in the rare case that somebody asks. */
const EVENT_BYTES_MAX = 16 * 1024
const OPENED_MAX = 10_000

/** The newest answers by the id of the command that asked. The first answer to an id is the one that stays. */
export interface RecentDecisions {
  /** An answer to a command that had opened a cart closes it here. */
  add(decided: Decided): void
  get(commandId: CommandId): Decided | undefined
  addOpened(opened: Opened): void
  opened(commandId: CommandId): Opened | undefined
}

export function createRecentDecisions(countMax: number): RecentDecisions {
  const byId = new Map<CommandId, Decided>()
  const openedById = new Map<CommandId, Opened>()
  return {
    get: (commandId) => byId.get(commandId),
    opened: (commandId) => openedById.get(commandId),
    addOpened(opened) {
      const { commandId } = opened.asked.envelope
      if (byId.has(commandId)) return
      openedById.set(commandId, opened)
      keepNewest(openedById, OPENED_MAX) // A cart that never settles, as when its section stands still, must not stay for ever.
    },
    add(decided) {
      const { decision, asked } = decided
      const { commandId, actor } = asked.envelope
      if (!isOutcome(decision)) return
      openedById.delete(commandId)
      if (actor.kind === 'system' || byId.has(commandId)) return // Nobody asks after the system's own commands.
      if (decision.events.reduce((bytes, event) => bytes + event.bytes.length, 0) > EVENT_BYTES_MAX) return
      byId.set(commandId, decided)
      keepNewest(byId, countMax)
    },
  }
}

function keepNewest<Value>(values: Map<CommandId, Value>, countMax: number): void {
  if (values.size > countMax) for (const oldest of values.keys()) return void values.delete(oldest)
}

/** Whether this decision is the command's own outcome, not the answer to somebody who used its id again. */
export function isOutcome(decision: Decision): boolean {
  return decision.outcome === 'accepted' || (decision.outcome === 'rejected' && decision.rejection?.code !== 'IDEMPOTENCY_KEY_REUSED')
}

/** Whether its command gets its answer by a later decision. */
export function opensCart(context: Context, { events, rejection }: Decision): boolean {
  return context === 'cart' && rejection === null && leavesOpen(events) && !settles(events)
}

/** The command that an answer is for, where that is not the decided command itself. */
export function settledCommand(context: Context, { events, envelope }: Decision): CommandId | undefined {
  if (context !== 'cart' || !settles(events) || envelope.correlationId === envelope.commandId) return undefined
  return envelope.correlationId as CommandId
}

/** Without the events of the opening: they say all that the buyer wished for, and no answer needs them. */
export const askedBy = ({ envelope, commandOffset }: Decision): Asked => ({ envelope, commandOffset })
