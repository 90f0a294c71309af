import type { TableSpec, Value } from '@cavea/contracts/read-models/table'
import { ChangesRefusedError, type KeyedChange, type Row } from '../ports/projection-store.ts'
import type { Projection } from './projection.ts'

interface HeldRow {
  readonly key: KeyedChange['key']
  readonly source: string
  version: number
  readonly fields: Record<string, Value>
}

/** Which rows a change may not touch: those at its own version too, or only newer ones. */
type Guard = 'newer-only' | 'same-too'

/** The rows of one generation in memory: what its changes add up to, by the rules that every store keeps. */
export interface RowSet {
  /** Answers whether the row took the change. Throws `ChangesRefusedError` for a path into what is no object, and changes nothing. */
  apply(change: KeyedChange, guard?: Guard): boolean
  get(table: string, key: KeyedChange['key']): Row | undefined
  /** In the order of their keys. Without a source all. */
  rows(table: string, source?: string): Row[]
  /** In any order, without a copy. */
  all(table: string): Iterable<Row & { readonly source: string }>
  readonly size: number
}

export function createRowSet(projection: Pick<Projection, 'store' | 'tables'>): RowSet {
  const tables = new Map(projection.tables.map((spec) => [spec.name, { spec, rows: new Map<string, HeldRow>() }]))

  function tableOf(name: string): { readonly spec: TableSpec; readonly rows: Map<string, HeldRow> } {
    const table = tables.get(name)
    if (table === undefined) throw new ChangesRefusedError(`There is no table "${name}".`)
    return table
  }

  function blank({ key, columns }: TableSpec, change: KeyedChange): HeldRow {
    const fields: Record<string, Value> = {}
    if (projection.store === 'tables') for (const column of Object.keys(columns)) fields[column] = null
    for (const [at, column] of key.entries()) fields[column] = change.key[at] ?? null
    return { key: change.key, source: change.source, version: -1, fields }
  }

  return {
    apply(change, guard = 'newer-only') {
      const { spec, rows } = tableOf(change.table)
      const id = JSON.stringify(change.key)
      const row = rows.get(id) ?? blank(spec, change)
      if (guard === 'newer-only' ? row.version >= change.version : row.version > change.version) return false
      for (const field of Object.keys(change.set)) refuseUnlessReachable(row.fields, change.set, field)
      for (const [field, value] of Object.entries(change.set)) setField(row.fields, field, copyOf(value))
      row.version = change.version
      rows.set(id, row)
      return true
    },
    get: (table, key) => tableOf(table).rows.get(JSON.stringify(key)),
    rows: (table, source) =>
      [...tableOf(table).rows.values()]
        .filter((row) => source === undefined || row.source === source)
        .toSorted((a, b) => compareKeys(a.key, b.key)),
    all: (table) => tableOf(table).rows.values(),
    get size() {
      let size = 0
      for (const { rows } of tables.values()) size += rows.size
      return size
    },
  }
}

type Fields = Record<string, Value>

const isObject = (value: Value | undefined): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

function refuseUnlessReachable(fields: Fields, set: KeyedChange['set'], field: string): void {
  let dot = field.indexOf('.')
  let parent: Value | undefined = fields
  let from = 0
  while (dot !== -1) {
    const path = field.slice(0, dot)
    if (Object.hasOwn(set, path)) throw new ChangesRefusedError(`"${path}" and "${field}" cannot be set together.`)
    parent = isObject(parent) ? parent[field.slice(from, dot)] : undefined
    if (parent === undefined) return
    if (!isObject(parent)) throw new ChangesRefusedError(`"${path}" has nothing inside, so "${field}" cannot be set.`)
    from = dot + 1
    dot = field.indexOf('.', from)
  }
}

/** Sets a field, or what a path such as `seats.7` leads to. */
export function setField(fields: Fields, path: string, value: Value): void {
  const names = path.split('.')
  const last = names.pop() ?? path
  let at = fields
  for (const name of names) {
    const inner = at[name]
    if (isObject(inner)) at = inner
    else {
      const made: Fields = {}
      at[name] = made
      at = made
    }
  }
  at[last] = value
}

/** A row changes in place, so it must share nothing with what it was given. */
export function copyOf(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copyOf(inner as Value)]))
}

function compareKeys(a: KeyedChange['key'], b: KeyedChange['key']): number {
  for (const [at, one] of a.entries()) {
    const other = b[at] ?? ''
    if (one !== other) return one < other ? -1 : 1
  }
  return 0
}
