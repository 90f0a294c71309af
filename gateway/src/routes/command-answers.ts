import { decodeLearning } from '@cavea/event-log/ledger-reader'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { Context } from 'koa'
import { type HoldToRead, presentAccepted, type Rendered } from '../answers/presenters.ts'
import { problemOfRejection } from '../answers/rejections.ts'
import { seatNames } from '../answers/seat-names.ts'
import { versionToken } from '../answers/values.ts'
import { stateOf } from '../middleware/request-state.ts'
import { InvalidInputError } from '../parse/validate.ts'
import { CommandNotSentError, CommandUnknownError, type Decided, OverloadedError } from '../ports/command-bus.ts'
import type { RouteDeps } from './deps.ts'
import { readHold } from './hold-reader.ts'

type AnswerDeps = Pick<RouteDeps, 'commands' | 'directory' | 'codec' | 'registry' | 'reads'>

/**
 * The answer that a decided command gets, now or later. `message` is its own: a refusal names seats by their index in its
 * section. Throws the problem that a rejection is.
 */
export async function renderDecision(
  deps: AnswerDeps,
  request: Context,
  { decision, context, partition }: Omit<Decided, 'asked'>,
  message: { readonly type: string } | undefined,
): Promise<Rendered> {
  const version = versionToken(context, partition, decision.commandOffset)
  const headers = { 'Cavea-Version': version }
  if (decision.rejection !== null)
    throw problemOfRejection(decision.rejection, {
      ...{ nowMs: Date.now(), headers },
      names: seatNames(deps.directory, message, decision.rejection),
    })
  if (message === undefined) throw new CommandUnknownError(`The command of ${version} could not be read back.`)

  const events: { readonly type: string }[] = []
  for (const event of decision.events) events.push(await decodeLearning(deps, () => deps.codec.decodeMessage(context, event)))
  try {
    const rendered = await presentRefreshing(deps, message, events)
    const made = 'readHold' in rendered ? await readHold(deps, request, rendered.readHold, version) : rendered
    return {
      status: made.status,
      body: made.body,
      headers: made.headers === undefined ? headers : { ...made.headers, 'Cavea-Version': version },
    }
  } catch (error) {
    if (error instanceof HttpProblem) throw new HttpProblem({ ...error, headers: { ...headers, ...error.headers } }, error)
    throw error
  }
}

/** A decision may be read before the catalog's news that it rests on: then those are waited for, once. */
async function presentRefreshing(
  deps: AnswerDeps,
  message: { readonly type: string },
  events: readonly { readonly type: string }[],
): Promise<Rendered | HoldToRead> {
  try {
    return presentAccepted(message, events, deps.directory)
  } catch (error) {
    if (!(error instanceof HttpProblem) || error.code !== 'CATALOG_LOADING') throw error
    await deps.commands.refresh('catalog')
    return presentAccepted(message, events, deps.directory)
  }
}

export function write(context: Context, { status, headers, body }: Rendered): void {
  context.status = status
  context.set(headers ?? {})
  context.body = body
}

/** The command is in the log and will be decided: where to ask for the outcome. */
export function writePending(context: Context, commandId: string): void {
  context.status = 202
  context.set({ Location: `/v1/commands/${commandId}`, 'Retry-After': '1' })
  context.body = { commandId, status: 'pending' }
}

/** What trouble on the way means to a client. Anything else is returned as it came. */
export function problemOfError(error: unknown, context: Context): unknown {
  const retry = { retryable: true, headers: { 'Retry-After': '1' } }
  if (error instanceof InvalidInputError)
    return new HttpProblem({ status: 400, code: error.code, detail: 'The request is not valid.', extra: { errors: error.errors } })
  if (error instanceof OverloadedError)
    return new HttpProblem({ status: 503, code: error.code, detail: 'Too many requests wait already.', ...retry })
  if (error instanceof CommandNotSentError)
    return new HttpProblem({ status: 503, code: error.code, detail: 'The request was not taken. Repeat it.', ...retry }, error)
  if (error instanceof CommandUnknownError) {
    const again =
      stateOf(context).idempotencyKey === undefined
        ? 'Look whether it was done before you repeat it.'
        : 'Repeat it with the same Idempotency-Key.'
    return new HttpProblem(
      { status: 503, code: error.code, detail: `It is not known whether the request was taken. ${again}`, ...retry },
      error,
    )
  }
  return error
}
