import { HttpProblem } from '@cavea/service-kit/problem'
import type { Context } from 'koa'
import type { Rendered } from '../answers/presenters.ts'
import { stateOf } from '../middleware/request-state.ts'
import { type ReadRequest, type ReadService, ReadServiceError } from '../ports/read-service.ts'

const ANSWER_BYTES_MAX = 1024 * 1024

/** Reads a hold on the caller's behalf, as it is at `version` or later. */
export async function readHold(
  deps: { readonly reads: ReadService },
  context: Context,
  holdId: string,
  version: string,
): Promise<Rendered> {
  try {
    const headers = { authorization: context.get('Authorization'), 'cavea-min-version': version, traceparent: stateOf(context).traceparent }
    return { status: 200, body: await readJson(deps.reads, { method: 'GET', target: `/v1/holds/${holdId}`, headers }) }
  } catch (error) {
    throw problemOfReading(error)
  }
}

/** What a read that must succeed answers. Throws `ReadServiceError`, and `SyntaxError` for what is no JSON. */
export async function readJson(reads: ReadService, request: ReadRequest): Promise<unknown> {
  const { status, body } = await reads.ask(request)
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of body as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > ANSWER_BYTES_MAX) throw new ReadServiceError('READ_SERVICE_UNAVAILABLE', 'The answer is too large.')
    parts.push(part)
  }
  if (status !== 200) throw new ReadServiceError('READ_SERVICE_UNAVAILABLE', `The read service answered ${status}.`)
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown
}

/** The request itself was fine: reading is what cannot be done now. */
export function problemOfReading(error: unknown): unknown {
  if (!(error instanceof ReadServiceError) && !(error instanceof SyntaxError)) return error
  const timeout = error instanceof ReadServiceError && error.code === 'READ_SERVICE_TIMEOUT'
  return new HttpProblem(
    {
      status: timeout ? 504 : 503,
      code: timeout ? 'READ_SERVICE_TIMEOUT' : 'READ_SERVICE_UNAVAILABLE',
      detail: timeout ? 'Reading took too long.' : 'Reads cannot be answered at the moment.',
      retryable: true,
      headers: { 'Retry-After': '1' },
    },
    error,
  )
}
