import type { PerformanceAnswer, SeatsAnswer } from './answers.ts'

/** Why a hall could not be loaded. `code` is the problem's, or `UNREACHABLE`. */
export class HallLoadError extends Error {
  readonly code: string
  /** 0 when nothing was answered. */
  readonly status: number
  readonly retryable: boolean
  constructor(code: string, status: number, retryable: boolean, options?: ErrorOptions) {
    super(`The hall could not be loaded: ${code}.`, options)
    this.name = 'HallLoadError'
    this.code = code
    this.status = status
    this.retryable = retryable
  }
}

export interface Source {
  /** Without a slash at its end. Empty: where the page came from. */
  readonly endpoint: string
  readonly performanceId: string
  readonly fetch: typeof fetch
  readonly token: string | undefined
}

export interface LoadedHall {
  readonly performance: PerformanceAnswer
  readonly seats: SeatsAnswer
  /** For the subscription to go on from; undefined when the seats were read from a replica that knew less. */
  readonly since: string | undefined
}

const SINCE_QUERY = 'query Since($id: ID!) { seats(performanceId: $id) { version since } }'

/**
 * The hall over REST, whose answers are cached as bytes. Where to go on from is asked at the same time, and is good only when
 * the seats are no older than it.
 */
export async function loadHall(source: Source, signal: AbortSignal): Promise<LoadedHall> {
  const path = `/v1/performances/${encodeURIComponent(source.performanceId)}`
  const [performance, seats, mark] = await Promise.all([
    read<PerformanceAnswer>(source, path, signal),
    read<SeatsAnswer>(source, `${path}/seats`, signal),
    readMark(source, signal),
  ])
  return { performance, seats, since: mark !== undefined && seats.version >= mark.version ? mark.since : undefined }
}

async function read<Answer>(source: Source, path: string, signal: AbortSignal): Promise<Answer> {
  const response = await ask(source, path, { signal })
  if (response.ok) return (await response.json()) as Answer
  const problem = (await response.json().catch(() => ({}))) as { readonly code?: string; readonly retryable?: boolean }
  throw new HallLoadError(problem.code ?? 'UNEXPECTED', response.status, problem.retryable ?? response.status >= 500)
}

/** Undefined when it cannot be had: the subscription then begins with all seats. */
async function readMark(source: Source, signal: AbortSignal): Promise<{ readonly version: number; readonly since: string } | undefined> {
  const response = await ask(source, '/graphql', {
    signal,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: SINCE_QUERY, variables: { id: source.performanceId } }),
  })
  if (!response.ok) return undefined
  const { data } = (await response.json()) as {
    readonly data?: { readonly seats: { readonly version: number; readonly since: string } | null }
  }
  return data?.seats ?? undefined
}

async function ask({ endpoint, fetch, token }: Source, path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers)
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  try {
    return await fetch(`${endpoint}${path}`, { ...init, headers })
  } catch (cause) {
    throw new HallLoadError('UNREACHABLE', 0, true, { cause })
  }
}
