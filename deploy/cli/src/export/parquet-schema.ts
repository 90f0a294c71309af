import type { AvroField, AvroSchema } from '@cavea/contracts/avro'

/** An element of Parquet's schema tree, in the order in which a file lists them: a group, then its children. */
export interface ParquetElement {
  readonly name: string
  readonly type?: 'BOOLEAN' | 'INT32' | 'INT64' | 'BYTE_ARRAY'
  readonly converted_type?: 'UTF8' | 'TIMESTAMP_MILLIS' | 'LIST'
  readonly repetition_type?: 'REQUIRED' | 'OPTIONAL' | 'REPEATED'
  readonly num_children?: number
}

/** How a value of Avro is given to the writer of Parquet: 64 bits as a bigint, a time as a date. */
type Convert = (value: unknown) => unknown

export interface ParquetColumn {
  readonly name: string
  readonly convert: Convert
}

interface RecordSchema {
  readonly type: 'record'
  readonly fields: readonly AvroField[]
}

interface Mapped {
  readonly elements: readonly ParquetElement[]
  readonly convert: Convert
}

const asIs: Convert = (value) => value
const PRIMITIVES: Readonly<Record<string, { readonly leaf: Omit<ParquetElement, 'name'>; readonly convert: Convert }>> = {
  string: { leaf: { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, convert: asIs },
  boolean: { leaf: { type: 'BOOLEAN' }, convert: asIs },
  int: { leaf: { type: 'INT32' }, convert: asIs },
  long: { leaf: { type: 'INT64' }, convert: (value) => BigInt(value as number) },
}

/** The schema of a table with the columns of an Avro record: lists and records stay nested, as readers of Parquet know them. */
export function parquetSchemaOf(schema: AvroSchema): {
  readonly elements: readonly ParquetElement[]
  readonly columns: readonly ParquetColumn[]
} {
  const { fields } = recordOf(schema)
  const mapped = fields.map(({ name, type }) => ({ name, ...mapType(name, type, 'REQUIRED') }))
  return {
    elements: [{ name: 'event', num_children: fields.length }, ...mapped.flatMap(({ elements }) => elements)],
    columns: mapped.map(({ name, convert }) => ({ name, convert })),
  }
}

function mapType(name: string, type: AvroSchema, repetition_type: 'REQUIRED' | 'OPTIONAL'): Mapped {
  if (typeof type === 'string') {
    const known = PRIMITIVES[type]
    if (known === undefined) throw new TypeError(`Parquet gets no ${type}.`)
    return { elements: [{ name, ...known.leaf, repetition_type }], convert: known.convert }
  }
  if (Array.isArray(type)) {
    const branch = (type as readonly AvroSchema[]).find((one) => one !== 'null')
    if (branch === undefined || type.length !== 2) throw new TypeError(`${name} is no value that may be null.`)
    const { elements, convert } = mapType(name, branch, 'OPTIONAL')
    return { elements, convert: (value) => (value === null ? null : convert(value)) }
  }
  const { type: kind, logicalType, items } = type as Readonly<Record<string, unknown>>
  if (logicalType === 'timestamp-millis')
    return {
      elements: [{ name, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type }],
      convert: (value) => new Date(value as number),
    }
  if (kind === 'array') {
    const item = mapType('element', items as AvroSchema, 'REQUIRED')
    return {
      elements: [
        { name, converted_type: 'LIST', repetition_type, num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        ...item.elements,
      ],
      convert: (value) => (value as readonly unknown[]).map(item.convert),
    }
  }
  return mapRecord(name, recordOf(type), repetition_type)
}

function mapRecord(name: string, { fields }: RecordSchema, repetition_type: 'REQUIRED' | 'OPTIONAL'): Mapped {
  const mapped = fields.map((field) => ({ name: field.name, ...mapType(field.name, field.type, 'REQUIRED') }))
  return {
    elements: [{ name, repetition_type, num_children: fields.length }, ...mapped.flatMap(({ elements }) => elements)],
    convert: (value) =>
      Object.fromEntries(mapped.map((of) => [of.name, of.convert((value as Readonly<Record<string, unknown>>)[of.name])])),
  }
}

function recordOf(schema: AvroSchema): RecordSchema {
  const { type } = schema as { readonly type?: unknown }
  if (type !== 'record') throw new TypeError(`Parquet gets no ${JSON.stringify(type)}.`)
  return schema as unknown as RecordSchema
}
