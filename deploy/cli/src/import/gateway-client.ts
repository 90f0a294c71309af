import { setTimeout as sleep } from 'node:timers/promises'
import { CliError, EXIT } from '../failure.ts'

const REQUEST_TIMEOUT_MS = 120_000
/** How long a command that was answered with 202 is asked after. */
const PENDING_MAX_MS = 120_000
const PENDING_INTERVAL_MS = 1_000

export interface Fault {
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

/** The gateway refused: its problem, as it came. */
export class RefusedError extends Error {
  readonly code: string
  readonly status: number
  readonly detail: string
  readonly faults: readonly Fault[]
  constructor(
    status: number,
    problem: { readonly code?: unknown; readonly title?: unknown; readonly detail?: unknown; readonly errors?: unknown },
  ) {
    const detail =
      typeof problem.detail === 'string'
        ? problem.detail
        : typeof problem.title === 'string'
          ? problem.title
          : `The gateway answered ${status}.`
    super(detail)
    this.name = 'RefusedError'
    this.status = status
    this.code = typeof problem.code === 'string' ? problem.code : `HTTP_${status}`
    this.detail = detail
    this.faults = Array.isArray(problem.errors) ? (problem.errors as Fault[]) : []
  }
}

export interface GatewayClient {
  /** Posts, follows a 202 to its outcome, and answers the body. Throws `RefusedError` or `CliError`. */
  post(
    path: string,
    request: { readonly body: Buffer | string; readonly mediaType: string; readonly idempotencyKey: string },
  ): Promise<Record<string, unknown>>
}

export function gatewayClient(
  base: string,
  token: string,
  options: { readonly signal: AbortSignal; readonly waiting: (location: string) => void },
): GatewayClient {
  const url = baseUrl(base)
  const authorization = `Bearer ${token}`

  async function request(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(new URL(path, url), {
        ...init,
        redirect: 'error',
        signal: AbortSignal.any([options.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      })
    } catch (error) {
      throw new CliError(
        EXIT.unreachable,
        `The gateway at ${base} cannot be reached. Is the server running? Name another one with --url.`,
        error,
      )
    }
  }

  async function outcomeOf(response: Response): Promise<Record<string, unknown>> {
    const deadlineMs = performance.now() + PENDING_MAX_MS
    let answer = response
    while (answer.status === 202) {
      const location = answer.headers.get('Location')
      if (location === null) throw new CliError(EXIT.unreachable, 'The gateway has not decided yet and does not say where to ask.')
      if (performance.now() > deadlineMs)
        throw new CliError(
          EXIT.unreachable,
          `The gateway did not decide in time. Run the same command again: it goes on where this one stopped (${location}).`,
        )
      await answer.arrayBuffer()
      options.waiting(location)
      const seconds = Number(answer.headers.get('Retry-After'))
      await sleep(Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : PENDING_INTERVAL_MS, undefined, { signal: options.signal })
      answer = await request(location, { headers: { Authorization: authorization, Accept: 'application/json' } })
    }
    const body = await jsonOf(answer)
    // An asked-after command answers 200 also where it was refused; then the body is the problem.
    const isProblem = answer.headers.get('Content-Type')?.includes('problem+json') === true
    if (!answer.ok || isProblem) throw new RefusedError(typeof body['status'] === 'number' ? body['status'] : answer.status, body)
    return body
  }

  return {
    async post(path, { body, mediaType, idempotencyKey }) {
      const headers = {
        Authorization: authorization,
        'Content-Type': mediaType,
        'Idempotency-Key': idempotencyKey,
        Accept: 'application/json',
      }
      const bytes = typeof body === 'string' ? body : new Uint8Array(body)
      return await outcomeOf(await request(path, { method: 'POST', headers, body: bytes }))
    },
  }
}

export function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new CliError(EXIT.usage, `"${text}" is no http or https address.`)
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

async function jsonOf(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json()
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
