import { randomBytes } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Context, Middleware } from 'koa'
import type { Logger } from './logger.ts'

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

export interface Problem {
  readonly status: number
  /** Stable and upper snake case: clients match on it. */
  readonly code: string
  /** What happened this time, for a person. Never text of an error from elsewhere. */
  readonly detail: string
  /** Whether the same request may succeed later. Default false. */
  readonly retryable?: boolean
  /** More members of the body, such as `errors` or `conflicts`. */
  readonly extra?: Readonly<Record<string, unknown>>
  /** Headers of the answer, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Thrown by routes and middleware; `answerProblems` writes it as RFC 9457 has it. */
export class HttpProblem extends Error implements Problem {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly retryable: boolean
  readonly extra: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(problem: Problem, cause?: unknown) {
    super(`${problem.code}: ${problem.detail}`, { cause })
    this.name = 'HttpProblem'
    this.status = problem.status
    this.code = problem.code
    this.detail = problem.detail
    this.retryable = problem.retryable ?? false
    this.extra = problem.extra ?? {}
    this.headers = problem.headers ?? {}
  }
}

export interface ProblemBody {
  /** A URI reference that names the kind of problem; `about:blank` where the status says all. */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: string
  readonly retryable: boolean
  readonly traceId: string
  readonly [extra: string]: unknown
}

/** Codes that say no more than their status does. */
const PLAIN_CODES: ReadonlyMap<number, string> = new Map([
  [400, 'BAD_REQUEST'],
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
  [404, 'NOT_FOUND'],
  [405, 'METHOD_NOT_ALLOWED'],
  [406, 'NOT_ACCEPTABLE'],
  [408, 'REQUEST_TIMEOUT'],
  [409, 'CONFLICT'],
  [410, 'GONE'],
  [411, 'LENGTH_REQUIRED'],
  [412, 'PRECONDITION_FAILED'],
  [413, 'PAYLOAD_TOO_LARGE'],
  [414, 'URI_TOO_LONG'],
  [415, 'UNSUPPORTED_MEDIA_TYPE'],
  [416, 'RANGE_NOT_SATISFIABLE'],
  [417, 'EXPECTATION_FAILED'],
  [422, 'UNPROCESSABLE'],
  [428, 'PRECONDITION_REQUIRED'],
  [429, 'RATE_LIMITED'],
  [431, 'HEADERS_TOO_LARGE'],
  [500, 'INTERNAL'],
  [501, 'NOT_IMPLEMENTED'],
  [502, 'BAD_GATEWAY'],
  [503, 'SERVICE_UNAVAILABLE'],
  [504, 'GATEWAY_TIMEOUT'],
])
const INTERNAL: Problem = { status: 500, code: 'INTERNAL', detail: 'The request failed here. The trace id finds the reason in the log.' }

/** The body of a problem. Members of its own win over extras of the same name. */
export function problemBody(problem: Problem, place: { readonly instance: string; readonly traceId: string }): ProblemBody {
  const { status, code, detail, retryable = false } = problem
  const plain = PLAIN_CODES.get(status) === code
  const words = code.toLowerCase().replaceAll('_', ' ')
  return {
    type: plain ? 'about:blank' : `/problems/${words.replaceAll(' ', '-')}`,
    title: plain ? (STATUS_CODES[status] ?? words) : words.charAt(0).toUpperCase() + words.slice(1),
    status,
    detail,
    instance: place.instance,
    code,
    retryable,
    ...without(problem.extra ?? {}, ['type', 'title', 'status', 'detail', 'instance', 'code', 'retryable', 'traceId']),
    traceId: place.traceId,
  }
}

function without(extra: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(extra).filter(([name]) => !names.includes(name)))
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/
const NO_TRACE = '0'.repeat(32)

/**
 * The trace that a request belongs to: what a middleware put into `state.traceId`, else the W3C `traceparent` header's,
 * else a new one. It stays the same for the rest of the request.
 */
export function traceIdOf(context: Context): string {
  const state = context.state as { traceId?: unknown }
  if (typeof state.traceId === 'string') return state.traceId
  const received = TRACEPARENT.exec(context.get('traceparent'))?.[1]
  const traceId = received === undefined || received === NO_TRACE ? randomBytes(16).toString('hex') : received
  state.traceId = traceId
  return traceId
}

/** Writes a problem as the answer, with its headers. What the route prepared for a success is dropped. */
export function answerProblem(context: Context, problem: Problem): void {
  for (const name of ['ETag', 'Last-Modified', 'Content-Encoding', 'Content-Length', 'Content-Disposition', 'Location'])
    context.remove(name)
  context.status = problem.status
  context.set('Cache-Control', 'no-store')
  for (const [name, value] of Object.entries(problem.headers ?? {})) context.set(name, value)
  context.body = JSON.stringify(problemBody(problem, { instance: context.path, traceId: traceIdOf(context) }))
  context.type = PROBLEM_MEDIA_TYPE
}

/**
 * The outermost error handler: everything thrown inside, and every 404, 405 and 501 without a body (as the router's
 * `allowedMethods` leaves them, with `Allow`), becomes a problem. An unknown error tells the client nothing but its trace.
 */
export function answerProblems(deps: { readonly log: Logger }): Middleware {
  return async function answerProblemsMiddleware(context, next) {
    try {
      await next()
      const unanswered = unansweredOf(context)
      if (unanswered !== undefined) answerProblem(context, unanswered)
    } catch (error) {
      const problem = problemOf(error)
      const line = { traceId: traceIdOf(context), method: context.method, path: context.path, status: problem.status, code: problem.code }
      if (problem.status < 500) deps.log.debug(line, 'A request was refused.')
      else if (problem === INTERNAL || problem.retryable !== true) deps.log.error({ ...line, err: error }, 'A request failed.')
      // What has no cause is no news but that there is too much to do, and then stacks would be too much of it.
      else deps.log.warn(hasCause(error) ? { ...line, err: error } : line, 'A request could not be served now.')
      if (context.headerSent)
        context.res.destroy() // Cutting it off is the only way left to say that the body is incomplete.
      else answerProblem(context, problem)
    }
  }
}

const hasCause = (error: unknown): boolean => !(error instanceof HttpProblem) || error.cause !== undefined

function unansweredOf(context: Context): Problem | undefined {
  if (context.headerSent || context.respond === false || (context.body !== undefined && context.body !== null)) return undefined
  if (context.status === 404) return { status: 404, code: 'NOT_FOUND', detail: `There is nothing at ${context.path}.` }
  if (context.status === 405)
    return { status: 405, code: 'METHOD_NOT_ALLOWED', detail: `${context.method} is not offered here. Allowed: ${allowedAt(context)}.` }
  if (context.status === 501) return { status: 501, code: 'NOT_IMPLEMENTED', detail: `${context.method} is not offered anywhere.` }
  return undefined
}

const allowedAt = (context: Context): string => String(context.response.get('Allow') || 'nothing')

/** What an error means to the client. Only errors that say so themselves (`expose`, as http-errors has it) show their message. */
function problemOf(error: unknown): Problem {
  if (error instanceof HttpProblem) return error
  if (!(error instanceof Error)) return INTERNAL
  const { status, statusCode, expose, headers } = error as Error & Record<'status' | 'statusCode' | 'expose' | 'headers', unknown>
  const number = typeof status === 'number' ? status : statusCode
  if (typeof number !== 'number') return INTERNAL
  const code = PLAIN_CODES.get(number)
  if (code === undefined || number === 500) return INTERNAL
  const shown = expose === true && number < 500 ? error.message : (STATUS_CODES[number] ?? '')
  return { status: number, code, detail: shown, retryable: number === 503 || number === 504, headers: stringsOf(headers) }
}

function stringsOf(headers: unknown): Readonly<Record<string, string>> {
  if (typeof headers !== 'object' || headers === null) return {}
  return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}
