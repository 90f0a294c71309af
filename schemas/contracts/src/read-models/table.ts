/** `time` is milliseconds since the epoch here, and a point in time in a database. */
export type ColumnType = 'text' | 'integer' | 'bigint' | 'time' | 'boolean' | 'integers' | 'texts' | 'json'

export type Value = string | number | boolean | null | readonly Value[] | { readonly [field: string]: Value }

/**
 * A table or a collection of a read model, known to who writes it and to who reads it. Each row has besides: `source`, the
 * context and partition that it comes from ("seating/3"), and `version`, the offset of the last decision that changed it.
 */
export interface TableSpec {
  /** snake_case. */
  readonly name: string
  readonly key: readonly string[]
  /** The key's among them. All but those are null until something sets them. */
  readonly columns: Readonly<Record<string, ColumnType>>
  /** What readers look up besides the key, column by column in this order. Tables only. */
  readonly indexes?: readonly (readonly string[])[]
  /**
   * Columns with texts of `searchText`, in which readers look for words; those of the first weigh most. The table has the
   * words of all of them in a column `words` besides. Tables only, two columns at most.
   */
  readonly words?: readonly [string] | readonly [string, string]
}
