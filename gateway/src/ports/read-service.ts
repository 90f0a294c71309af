import type { Readable } from 'node:stream'

export interface ReadRequest {
  /** POST for reads that say in a body what they want: they change nothing either. */
  readonly method: 'GET' | 'HEAD' | 'POST'
  /** Path and query, already encoded. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
  readonly signal?: AbortSignal
}

export interface ReadAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readable
}

/** Answers reads from the read models. Throws `ReadServiceError`. */
export interface ReadService {
  ask(request: ReadRequest): Promise<ReadAnswer>
  close(): void
}

export class ReadServiceError extends Error {
  readonly code: 'READ_SERVICE_UNAVAILABLE' | 'READ_SERVICE_TIMEOUT'
  readonly retryable = true
  constructor(code: ReadServiceError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'ReadServiceError'
    this.code = code
  }
}
