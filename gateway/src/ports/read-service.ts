import type { Readable } from 'node:stream'

export interface ReadRequest {
  readonly method: 'GET' | 'HEAD'
  /** Path and query, already encoded. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
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
