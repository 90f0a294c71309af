import type { Decision } from '@cavea/contracts/envelope'
import type { CommandId } from '@cavea/contracts/ids'
import type { Context } from '@cavea/contracts/topics'

export interface RecentDecision {
  readonly decision: Decision
  readonly context: Context
  readonly partition: number
}

/** Larger ones, such as parts of seat maps, are read from the log again in the rare case that somebody asks. */
const EVENT_BYTES_MAX = 16 * 1024

/** The newest decisions by command id. The first decision of an id is the one that stays. */
export interface RecentDecisions {
  add(recent: RecentDecision): void
  get(commandId: CommandId): RecentDecision | undefined
}

export function createRecentDecisions(countMax: number): RecentDecisions {
  const byId = new Map<CommandId, RecentDecision>()
  return {
    get: (commandId) => byId.get(commandId),
    add(recent) {
      const { envelope, outcome, events } = recent.decision
      if (!isOutcome(recent.decision) || byId.has(envelope.commandId) || outcome === 'started') return
      if (events.reduce((bytes, event) => bytes + event.bytes.length, 0) > EVENT_BYTES_MAX) return
      byId.set(envelope.commandId, recent)
      if (byId.size > countMax) for (const oldest of byId.keys()) return void byId.delete(oldest)
    },
  }
}

/** Whether this decision is the command's own outcome, not the answer to somebody who used its id again. */
export function isOutcome(decision: Decision): boolean {
  return decision.outcome === 'accepted' || (decision.outcome === 'rejected' && decision.rejection?.code !== 'IDEMPOTENCY_KEY_REUSED')
}
