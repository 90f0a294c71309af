import { serverClock } from './server-clock.ts'

/** What the API says when it refuses (RFC 9457), with what clients may match on. */
export interface ProblemBody {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly retryable: boolean
  readonly conflicts?: readonly SeatConflict[]
  readonly orphans?: readonly string[]
  readonly alternative?: readonly string[]
  readonly missing?: readonly string[]
  readonly limit?: number
  readonly have?: number
  readonly asked?: number
  readonly opensAt?: string
  readonly closedAt?: string
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[]
}

export interface SeatConflict {
  readonly seatId: string
  readonly reason: 'held' | 'sold' | 'blocked' | 'unknown'
  readonly since?: string
  readonly mayFreeAt?: string
}

/** The API refused. */
export class ApiProblem extends Error {
  readonly body: ProblemBody
  readonly retryAfterMs: number
  constructor(body: ProblemBody, retryAfterMs: number) {
    super(`${body.code}: ${body.detail}`)
    this.name = 'ApiProblem'
    this.body = body
    this.retryAfterMs = retryAfterMs
  }
}

/** No answer came. Whether the request arrived is not known. */
export class UnreachableError extends Error {
  constructor(cause: unknown) {
    super('The server cannot be reached.', { cause })
    this.name = 'UnreachableError'
  }
}

export interface Asked {
  /** Sent as JSON, unless it is a blob with a media type of its own. */
  readonly body?: object | Blob
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export interface Answered<Body> {
  readonly status: number
  readonly body: Body
  readonly headers: Headers
}

const RETRY_AFTER_MS = 1_000

/** One request with this browser's session. Throws `ApiProblem`, `UnreachableError`, and what an aborted signal gives. */
export async function ask<Body>(method: string, path: string, { body, headers, signal }: Asked = {}): Promise<Answered<Body>> {
  const sentMs = Date.now()
  const response = await send(path, {
    method,
    credentials: 'same-origin',
    headers: {
      Accept: 'application/json, application/problem+json',
      ...(body !== undefined && { 'Content-Type': body instanceof Blob ? body.type : 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: body instanceof Blob ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  })
  serverClock.note(response.headers.get('Date'), sentMs, Date.now())
  const answer = await readJson(response)
  if (response.ok) return { status: response.status, body: answer as Body, headers: response.headers }
  throw new ApiProblem(problemOf(response, answer), retryAfterOf(response.headers))
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init)
  } catch (error) {
    if (init.signal?.aborted === true) throw error
    throw new UnreachableError(error)
  }
}

/** Undefined for what is not JSON, as an answer of a proxy in between. */
async function readJson(response: Response): Promise<unknown> {
  try {
    return response.status === 204 ? undefined : ((await response.json()) as unknown)
  } catch {
    return undefined
  }
}

function problemOf({ status }: Response, answer: unknown): ProblemBody {
  if (typeof answer === 'object' && answer !== null && 'code' in answer && typeof answer.code === 'string') return answer as ProblemBody
  return { status, code: 'UNKNOWN', detail: `The server answered ${status}.`, retryable: status >= 502 }
}

/** Milliseconds. */
export function retryAfterOf(headers: Headers): number {
  const seconds = Number(headers.get('Retry-After') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : RETRY_AFTER_MS
}
