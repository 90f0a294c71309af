import { createHash } from 'node:crypto'
import { SchemaIncompatibleError, type SchemaRegistry, SchemaUnknownError } from './port.ts'

export interface RegisteredSchema {
  readonly subject: string
  readonly schema: object
}

/**
 * A registry of the schemas that this build was made with; an older version of a subject stays readable while the table lists it.
 * An id is made of the subject and the schema's text, so it is the same on every start and in every process.
 */
export function inProcessRegistry(subjects: readonly RegisteredSchema[]): SchemaRegistry {
  const schemas = new Map<number, RegisteredSchema>()
  for (const entry of subjects) {
    const id = schemaId(entry.subject, entry.schema)
    const other = schemas.get(id)
    if (other !== undefined && (other.subject !== entry.subject || canonicalText(other.schema) !== canonicalText(entry.schema))) {
      throw new Error(`The schemas of "${other.subject}" and "${entry.subject}" have the same id ${id}: change a doc text in one of them.`)
    }
    schemas.set(id, entry)
  }
  return {
    async register(subject, schema) {
      const id = schemaId(subject, schema)
      if (schemas.has(id)) return id
      const known = subjects.some((entry) => entry.subject === subject)
      throw new SchemaIncompatibleError(
        subject,
        known ? 'it is none of the versions that this build knows.' : 'this build knows no such subject.',
      )
    },
    async schemaOf(id) {
      const entry = schemas.get(id)
      if (entry === undefined) throw new SchemaUnknownError(id)
      return entry.schema
    },
  }
}

/** Between 1 and 2^31 - 1, so that it fits the four bytes of the wire format as a positive number. */
export function schemaId(subject: string, schema: object): number {
  const digest = createHash('sha256')
    .update(`${subject}\n${canonicalText(schema)}`)
    .digest()
  return digest.readUInt32BE(0) & 0x7fffffff || 1
}

/** JSON with sorted keys and no spaces: the same schema written in another order of keys is the same schema. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
