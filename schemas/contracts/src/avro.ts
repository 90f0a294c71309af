/** Just enough of Avro's schema language to write our records down; the result is plain JSON. */
export type AvroSchema = string | readonly AvroSchema[] | { readonly [key: string]: unknown }
export type AvroField = { readonly name: string; readonly type: AvroSchema; readonly default?: unknown }

/** A field by its type alone, or with the default that an added field must have to stay compatible. */
type FieldSpec = AvroSchema | { readonly type: AvroSchema; readonly default: unknown }

const hasDefault = (spec: FieldSpec): spec is { readonly type: AvroSchema; readonly default: unknown } =>
  typeof spec === 'object' && !Array.isArray(spec) && 'default' in spec

export function record(namespace: string, name: string, fields: Readonly<Record<string, FieldSpec>>): AvroSchema {
  return {
    type: 'record',
    name,
    namespace,
    fields: Object.entries(fields).map(
      ([field, spec]): AvroField => (hasDefault(spec) ? { name: field, ...spec } : { name: field, type: spec }),
    ),
  }
}

export const arrayOf = (items: AvroSchema): AvroSchema => ({ type: 'array', items })
export const nullable = (type: AvroSchema): FieldSpec => ({ type: ['null', type], default: null })
