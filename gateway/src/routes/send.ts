import type { Context as LogContext } from '@cavea/contracts/topics'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { Context, Middleware } from 'koa'
import { problemOfError, renderDecision, write, writePending } from './command-answers.ts'
import type { RouteDeps } from './deps.ts'
import { envelopeOf, type Intent } from './intent.ts'

const KEY_TTL_MS = 24 * 3_600_000

/** Refuses before any work is done when too much waits, and writes down every trouble of a command as a problem. */
export function commandRoute(deps: Pick<RouteDeps, 'commands'>): Middleware {
  return async function commandRouteMiddleware(context, next) {
    try {
      deps.commands.admit()
      await next()
    } catch (error) {
      throw problemOfError(error, context)
    }
  }
}

/** Refuses a key that named another request before. The decider does so too, where both requests meet in one stream. */
export async function claimKey(deps: Pick<RouteDeps, 'keys'>, intent: Intent): Promise<void> {
  if (!intent.named) return
  if ((await deps.keys.claim(intent.commandId, intent.bodyHash, KEY_TTL_MS)) !== 'other') return
  throw new HttpProblem({
    status: 422,
    code: 'IDEMPOTENCY_KEY_REUSED',
    detail: 'This Idempotency-Key was used before, with another request body.',
  })
}

/** Sends the request's command and writes its answer: the decision's, or 202 when none came in time. */
export async function answerCommand(
  deps: RouteDeps,
  request: Context,
  intent: Intent,
  to: { readonly context: LogContext; readonly bucket: number; readonly message: { readonly type: string } },
): Promise<void> {
  await claimKey(deps, intent)
  const { context, bucket, message } = to
  const answer = await deps.commands.send(context, bucket, { envelope: envelopeOf(request, intent, message.type), message })
  if (answer.outcome === 'undecided') writePending(request, answer.commandId)
  else write(request, await renderDecision(deps, request, answer, message))
}

/** Gives the recorded answer again, if it is remembered here, before anything is looked at that may have changed since. */
export async function answerAgain(deps: RouteDeps, request: Context, intent: Intent): Promise<boolean> {
  const recalled = deps.commands.recall(intent.commandId)
  if (recalled?.outcome !== 'decided' || recalled.asked.envelope.bodyHash !== intent.bodyHash) return false
  const { context, partition, asked } = recalled
  // A message that cannot be read back is no reason to fail: then the request goes its usual way, to the same answer.
  const message = await deps.commands.messageOf(context, partition, asked.commandOffset).catch(() => undefined)
  if (message === undefined) return false
  write(request, await renderDecision(deps, request, recalled, message))
  return true
}
