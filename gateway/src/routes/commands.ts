import { parseCommandId } from '@cavea/contracts/ids'
import { HttpProblem, PROBLEM_MEDIA_TYPE, problemBody } from '@cavea/service-kit/problem'
import type { Router } from '@koa/router'
import { isPresentable } from '../answers/presenters.ts'
import { requireCaller } from '../middleware/authenticate.ts'
import { callerOf, stateOf } from '../middleware/request-state.ts'
import { problemOfError, renderDecision, write, writePending } from './command-answers.ts'
import type { RouteDeps } from './deps.ts'

/** What became of a command that was answered with 202. Only who sent it may ask. */
export function mountCommands(router: Router, deps: RouteDeps): void {
  router.get('/v1/commands/:commandId', requireCaller, async function readCommand(context) {
    const commandId = parseCommandId(context.params['commandId'] ?? '')
    const recalled = commandId && deps.commands.recall(commandId)
    const caller = callerOf(context)
    if (commandId === undefined || recalled === undefined) throw notFound()
    if (recalled.outcome === 'pending') {
      if (recalled.actorKind !== caller.kind || recalled.actorId !== caller.id) throw notFound()
      return writePending(context, commandId)
    }
    const { decision, asked, partition } = recalled
    const { actor, commandType } = asked.envelope
    if (actor.kind !== caller.kind || actor.id !== caller.id || !isPresentable(commandType)) throw notFound()
    const message = await deps.commands.messageOf(recalled.context, partition, asked.commandOffset)
    try {
      const rendered = await renderDecision(deps, context, recalled, message)
      write(context, { ...rendered, status: 200, headers: { ...rendered.headers, 'Cavea-Outcome': 'accepted' } })
    } catch (error) {
      if (!(error instanceof HttpProblem) || decision.rejection === null) throw problemOfError(error, context)
      // The question was answered, so this is 200; the problem inside says what the command itself got.
      const body = problemBody(error, { instance: context.path, traceId: stateOf(context).traceId })
      write(context, { status: 200, headers: { ...error.headers, 'Cavea-Outcome': 'rejected' }, body: JSON.stringify(body) })
      context.type = PROBLEM_MEDIA_TYPE
    }
  })
}

function notFound(): HttpProblem {
  return new HttpProblem({
    status: 404,
    code: 'COMMAND_NOT_FOUND',
    detail:
      'This gateway knows no such command, or not any more. The request, repeated with its Idempotency-Key, gets the recorded answer.',
    retryable: true, // Another gateway may have taken it and this one not have seen its decision yet.
  })
}
