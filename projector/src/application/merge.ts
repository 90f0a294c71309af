import type { Value } from '@cavea/contracts/read-models/table'
import type { KeyedChange } from '../ports/projection-store.ts'
import type { Change } from './projection.ts'
import { copyOf, setField } from './row-set.ts'

export interface DecisionChanges {
  readonly offset: number
  readonly changes: readonly Change[]
}

interface Merging {
  readonly table: string
  readonly key: Change['key']
  set: Change['set'] | Map<string, Value>
  version: number
}

/**
 * At most one change of each key, which says all that the decisions say of it in their order. Its version is the offset of the
 * last of them, never the end of the batch: so rows are the same however the log was cut into batches.
 */
export function mergeChanges(source: string, decisions: Iterable<DecisionChanges>): KeyedChange[] {
  const merged = new Map<string, Merging>()
  for (const { offset, changes } of decisions)
    for (const { table, key, set } of changes) {
      const id = `${table}/${JSON.stringify(key)}`
      const known = merged.get(id)
      if (known === undefined) {
        merged.set(id, { table, key, set, version: offset })
        continue
      }
      if (!(known.set instanceof Map)) known.set = new Map(Object.entries(known.set)) // Most keys change once in a batch.
      for (const field of Object.keys(set)) assign(known.set, field, set[field] ?? null)
      known.version = offset
    }
  return Array.from(merged.values(), ({ table, key, set, version }) => {
    return { table, key, set: set instanceof Map ? Object.fromEntries(set) : set, source, version }
  })
}

/** The later of two that set the same place wins; a path goes into a value that is set whole. */
function assign(set: Map<string, Value>, field: string, value: Value): void {
  for (let dot = field.indexOf('.'); dot !== -1; dot = field.indexOf('.', dot + 1)) {
    const whole = set.get(field.slice(0, dot))
    if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) continue
    const copy = copyOf(whole) as Record<string, Value>
    setField(copy, field.slice(dot + 1), value)
    set.set(field.slice(0, dot), copy)
    return
  }
  if (typeof value === 'object' || !field.includes('.')) for (const path of set.keys()) if (path.startsWith(`${field}.`)) set.delete(path)
  set.set(field, value)
}
