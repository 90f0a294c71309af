/** Trouble with the log itself. `code` is stable; `retryable` says whether the same call may work later. */
export class EventLogError extends Error {
  readonly code: string
  readonly retryable: boolean

  constructor(code: string, message: string, options: { readonly retryable: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.retryable = options.retryable
  }
}

/** The log said no: nothing of the batch was or will be written. */
export class AppendRefusedError extends EventLogError {
  constructor(message: string, options: { readonly retryable: boolean; readonly cause?: unknown }) {
    super('APPEND_REFUSED', message, options)
  }
}

/** No answer, or one that leaves it open: the batch may be there, may be absent, or may still land. */
export class AppendUnknownError extends EventLogError {
  constructor(message: string, cause?: unknown) {
    super('APPEND_UNKNOWN', message, { retryable: false, cause })
  }
}

export class TopicMissingError extends EventLogError {
  constructor(topic: string) {
    super('TOPIC_MISSING', `The log has no topic "${topic}". Start a service once with the right to create topics.`, { retryable: false })
  }
}

export class OffsetOutOfRangeError extends EventLogError {
  constructor(topic: string, partition: number, offset: number) {
    super('OFFSET_OUT_OF_RANGE', `${topic}/${partition} has no offset ${offset}: it was deleted, or the log lost its tail.`, {
      retryable: false,
    })
  }
}

/** The log cannot be reached or opened. */
export class LogUnavailableError extends EventLogError {
  constructor(message: string, cause?: unknown) {
    super('LOG_UNAVAILABLE', message, { retryable: true, cause })
  }
}
