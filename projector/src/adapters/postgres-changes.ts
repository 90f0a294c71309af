import type { ColumnType, TableSpec, Value } from '@cavea/contracts/read-models/table'
import type { Projection } from '../application/projection.ts'
import { ChangesRefusedError, type Generation, type KeyedChange, type Row } from '../ports/projection-store.ts'
import { list, quoted, tableOf } from './postgres-schema.ts'

/** Rows that a statement writes at once. More gain nothing and make the longest wait longer. */
const ROWS_MAX = 2_000

/** Which rows a change may not touch: those at its own version too, or only newer ones. */
export type Guard = '<' | '<='

/** With the guard `<=` it answers the keys of the rows that it changed. */
export interface Upsert {
  readonly text: string
  /** A column each, as the literal of an array. */
  readonly values: readonly string[]
  readonly changes: readonly KeyedChange[]
}

interface Column {
  /** Of the array that it is sent as. What is an array itself goes as a text: an array in an array would be flattened. */
  readonly sent: 'text' | 'integer' | 'bigint' | 'boolean' | 'float8'
  readonly read: (sent: string) => string
}

const asSent = (sent: string): string => sent
const COLUMNS: Readonly<Record<ColumnType, Column>> = {
  text: { sent: 'text', read: asSent },
  integer: { sent: 'integer', read: asSent },
  bigint: { sent: 'bigint', read: asSent },
  time: { sent: 'float8', read: (sent) => `to_timestamp(${sent} / 1000)` },
  boolean: { sent: 'boolean', read: asSent },
  integers: { sent: 'text', read: (sent) => `${sent}::integer[]` },
  texts: { sent: 'text', read: (sent) => `${sent}::text[]` },
  json: { sent: 'text', read: (sent) => `${sent}::jsonb` },
}

export function* upsertsOf(
  { name, tables }: Pick<Projection, 'name' | 'tables'>,
  generation: Generation,
  changes: readonly KeyedChange[],
  guard: Guard,
): Iterable<Upsert> {
  for (const group of groupsOf(changes)) {
    const [first] = group
    if (first === undefined) continue
    const spec = tables.find((table) => table.name === first.table)
    if (spec === undefined) throw new ChangesRefusedError(`${name} has no table "${first.table}".`)
    const fields = Object.keys(first.set)
    for (const field of fields)
      if (spec.columns[field] === undefined || spec.key.includes(field))
        throw new ChangesRefusedError(`"${field}" of ${spec.name} is no column that a change may set.`)
    const text = upsertStatement(spec, generation, fields, guard)
    for (let from = 0; from < group.length; from += ROWS_MAX) {
      const part = group.slice(from, from + ROWS_MAX)
      yield { text, values: valuesOf(spec, fields, part), changes: part }
    }
  }
}

/** A change leaves alone what it does not name, so only those that set the same columns go together. */
function groupsOf(changes: readonly KeyedChange[]): Iterable<KeyedChange[]> {
  const groups = new Map<string, KeyedChange[]>()
  for (const change of changes) {
    const id = `${change.table}/${Object.keys(change.set).join(',')}`
    const group = groups.get(id)
    if (group === undefined) groups.set(id, [change])
    else group.push(change)
  }
  return groups.values()
}

function upsertStatement(spec: TableSpec, generation: Generation, fields: readonly string[], guard: Guard): string {
  const given = [...spec.key, ...fields]
  const types: ColumnType[] = [...given.map((column) => spec.columns[column] ?? 'text'), 'text', 'bigint']
  const columns = [...given, 'source', 'version']
  const taken = [...fields, 'source', 'version'].map((column) => `${quoted(column)} = excluded.${quoted(column)}`)
  return `INSERT INTO ${tableOf(spec.name, generation)} AS t (${list(columns)})
    SELECT ${types.map((type, at) => COLUMNS[type].read(`x.c${at}`)).join(', ')}
    FROM unnest(${types.map((type, at) => `$${at + 1}::${COLUMNS[type].sent}[]`).join(', ')}) AS x (${types.map((_, at) => `c${at}`).join(', ')})
    ON CONFLICT (${list(spec.key)}) DO UPDATE SET ${taken.join(', ')} WHERE t.version ${guard} excluded.version
    ${guard === '<=' ? `RETURNING ${list(spec.key)}` : ''}`
}

function valuesOf(spec: TableSpec, fields: readonly string[], changes: readonly KeyedChange[]): string[] {
  return [
    ...spec.key.map((_, at) => arrayLiteral(changes.map(({ key }) => key[at] ?? null))),
    ...fields.map((field) => arrayLiteral(changes.map(({ set }) => sentAs(spec.columns[field] ?? 'text', set[field] ?? null)))),
    arrayLiteral(changes.map(({ source }) => source)),
    arrayLiteral(changes.map(({ version }) => version)),
  ]
}

function sentAs(type: ColumnType, value: Value): string | number | boolean | null {
  if (value === null || (typeof value !== 'object' && type !== 'json')) return value
  return type !== 'json' && Array.isArray(value) ? arrayLiteral(value) : JSON.stringify(value)
}

/** `{1,NULL,"a \\"text\\""}` */
function arrayLiteral(items: readonly Value[]): string {
  let text = '{'
  for (const [at, item] of items.entries()) {
    if (at > 0) text += ','
    if (item === null) text += 'NULL'
    else if (typeof item === 'string') text += `"${NEEDS_ESCAPE.test(item) ? item.replace(/["\\]/g, '\\$&') : item}"`
    else text += typeof item === 'object' ? `"${JSON.stringify(item).replace(/["\\]/g, '\\$&')}"` : String(item)
  }
  return `${text}}`
}

const NEEDS_ESCAPE = /["\\]/

/** What a query must select so that `rowOf` can read it. */
export const selection = ({ columns }: TableSpec): string =>
  [
    ...Object.entries(columns).map(([name, type]) =>
      type === 'time' ? `(extract(epoch FROM ${quoted(name)}) * 1000)::bigint AS ${quoted(name)}` : quoted(name),
    ),
    'version',
  ].join(', ')

export function rowOf(spec: TableSpec, { version, ...fields }: Record<string, Value>): Row {
  return { key: spec.key.map((column) => fields[column] as string | number), version: Number(version), fields }
}
