import { EventLogError } from '../errors.ts'

/** Knows the schemas of what is in the log. A subject is the schema's full name. */
export interface SchemaRegistry {
  /**
   * Makes sure that the registry knows the schema under the subject, and answers its id. The same schema always has the same id.
   * Throws `SchemaIncompatibleError` when the registry refuses it, `RegistryUnavailableError` when it does not answer.
   */
  register(subject: string, schema: object): Promise<number>
  /** The schema with this id. Throws `SchemaUnknownError` when there is none. */
  schemaOf(id: number): Promise<object>
}

export class SchemaIncompatibleError extends EventLogError {
  constructor(subject: string, reason: string, cause?: unknown) {
    super('SCHEMA_INCOMPATIBLE', `The registry refuses the schema of "${subject}": ${reason}`, { retryable: false, cause })
  }
}

export class SchemaUnknownError extends EventLogError {
  constructor(id: number, cause?: unknown) {
    super('SCHEMA_UNKNOWN', `The registry knows no schema with the id ${id}.`, { retryable: false, cause })
  }
}

export class RegistryUnavailableError extends EventLogError {
  constructor(url: string, cause?: unknown) {
    super('REGISTRY_UNAVAILABLE', `The schema registry at ${url} does not answer as one.`, { retryable: true, cause })
  }
}
