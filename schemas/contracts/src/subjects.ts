import { type AvroSchema, arrayOf, nullable, record } from './avro.ts'
import { CART_SCHEMAS } from './cart/schemas.ts'
import { CATALOG_SCHEMAS } from './catalog/schemas.ts'
import { REJECTION } from './rejection-schema.ts'
import { SEATING_SCHEMAS } from './seating/schemas.ts'
import type { Context } from './topics.ts'

const NAMESPACE = 'cavea'
const ENVELOPE = {
  commandId: 'string',
  commandType: 'string',
  actorKind: 'string',
  actorId: 'string',
  organisation: 'string',
  bodyHash: 'string',
  causationId: 'string',
  correlationId: 'string',
  traceparent: 'string',
} as const

const MESSAGE = record(NAMESPACE, 'Message', { type: 'string', schemaId: 'int', bytes: 'bytes' })
const DUPLICATE_OF = record(NAMESPACE, 'DuplicateOf', {
  offset: 'long',
  head: { type: 'fixed', name: 'DuplicateHead', namespace: NAMESPACE, size: 32 },
})

export const COMMAND_SUBJECT = 'cavea.Command'
export const DECISION_SUBJECT = 'cavea.Decision'

export const COMMAND_SCHEMA = record(NAMESPACE, 'Command', { ...ENVELOPE, schemaId: 'int', bytes: 'bytes' })

/** The link is the first field in every version: the ledger rule reads it by its place, without Avro. */
export const DECISION_SCHEMA = record(NAMESPACE, 'Decision', {
  link: { type: 'fixed', name: 'Link', namespace: NAMESPACE, size: 32 },
  commandOffset: 'long',
  atMs: 'long',
  ruleVersion: 'int',
  outcome: 'string',
  ...ENVELOPE,
  duplicateOf: nullable(DUPLICATE_OF),
  rejection: nullable(REJECTION),
  events: arrayOf(MESSAGE),
  reactedTo: { type: 'long', default: 0 },
})

const MESSAGES: Readonly<Record<Context, Readonly<Record<string, AvroSchema>>>> = {
  catalog: CATALOG_SCHEMAS,
  seating: SEATING_SCHEMAS,
  cart: CART_SCHEMAS,
}

export const subjectOf = (context: Context, type: string): string => `${context}.${type}`

/** Every subject with its newest schema, as it is registered and as `avro/` keeps its history. */
export const SUBJECTS: ReadonlyMap<string, AvroSchema> = new Map<string, AvroSchema>([
  [COMMAND_SUBJECT, COMMAND_SCHEMA],
  [DECISION_SUBJECT, DECISION_SCHEMA],
  ...Object.entries(MESSAGES).flatMap(([context, schemas]) =>
    Object.entries(schemas).map(([type, schema]): [string, AvroSchema] => [subjectOf(context as Context, type), schema]),
  ),
])
