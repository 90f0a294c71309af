import type { TableSpec, Value } from '@cavea/contracts/read-models/table'
import type { StoredDocument } from '../ports/document-reader.ts'

/** One text per key: the parts with slashes between them, those that have one themselves escaped. */
export const documentId = (key: readonly (string | number)[]): string =>
  key.map((part) => String(part).replace(/[%/]/g, (char) => encodeURIComponent(char))).join('/')

/** What a field is kept as: times as dates, as they are in every database. */
export function toStored({ columns }: TableSpec, field: string, value: Value): Value | Date {
  return columns[field] === 'time' && typeof value === 'number' ? new Date(value) : value
}

function fromStored(value: Value | Date): Value {
  return value instanceof Date ? value.getTime() : value
}

/** The fields of a document without what the store added. */
export function fieldsOf({ _id, source, version, ...fields }: StoredDocument): Record<string, Value> {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, fromStored(value)]))
}
