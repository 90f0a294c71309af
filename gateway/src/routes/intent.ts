import { randomUUID } from 'node:crypto'
import type { Envelope } from '@cavea/contracts/envelope'
import { type CommandId, commandIdOf } from '@cavea/contracts/ids'
import type { Context } from 'koa'
import { callerOf, stateOf } from '../middleware/request-state.ts'

/** What one request means to do, and the id under which the log knows it. */
export interface Intent {
  readonly commandId: CommandId
  readonly bodyHash: string
  /** Whether the client named it, so that it can repeat it. */
  readonly named: boolean
}

/** Without an idempotency key every request is an intent of its own. */
export function intentOf(context: Context, bodyHash: string): Intent {
  const caller = callerOf(context)
  const { idempotencyKey } = stateOf(context)
  const who = `${caller.kind}:${caller.id}`
  const route = `${context.method} ${context.path}`
  const commandId = idempotencyKey === undefined ? commandIdOf(who, route, '', randomUUID()) : commandIdOf(who, route, idempotencyKey)
  return { commandId, bodyHash, named: idempotencyKey !== undefined }
}

/** The envelope of an intent's own command, or with `commandId` of a further command that it leads to. */
export function envelopeOf(context: Context, intent: Intent, commandType: string, commandId = intent.commandId): Envelope {
  const caller = callerOf(context)
  return {
    commandId,
    commandType,
    actor: { kind: caller.kind, id: caller.id },
    organisation: caller.organisation,
    bodyHash: intent.bodyHash,
    causationId: commandId === intent.commandId ? '' : intent.commandId,
    correlationId: intent.commandId,
    traceparent: stateOf(context).traceparent,
  }
}
