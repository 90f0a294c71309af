import type { ColumnType, TableSpec } from '@cavea/contracts/read-models/table'
import type { Generation } from '../ports/projection-store.ts'

/** Of the store's own tables and of every generation's. */
export const STORE_SCHEMA = 'projector'
/** Of the views that readers use. */
const READERS_SCHEMA = 'read_models'

// Texts compare by their bytes: so keys come in one order whatever the database's locale, and indexes on them are small and quick.
const TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'text COLLATE "C"',
  integer: 'integer',
  bigint: 'bigint',
  time: 'timestamptz',
  boolean: 'boolean',
  integers: 'integer[]',
  texts: 'text[]',
  json: 'jsonb',
}
const WEIGHTS = ['A', 'B'] as const
const WORDS_COLUMN = 'words'

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** `projector."holds_v2_3"`: the third making of the projection, at version 2. */
export const tableOf = (name: string, { version, number }: Pick<Generation, 'version' | 'number'>): string =>
  `${STORE_SCHEMA}.${quoted(`${name}_v${version}_${number}`)}`

export const viewOf = (name: string): string => `${READERS_SCHEMA}.${quoted(name)}`

/** The statements that make an empty table with its indexes. */
export function tableStatements(spec: TableSpec, generation: Pick<Generation, 'version' | 'number'>): readonly string[] {
  const table = tableOf(spec.name, generation)
  const columns = Object.entries(spec.columns).map(([name, type]) => `${quoted(name)} ${TYPES[type]}`)
  const words = spec.words?.map(
    (column, at) => `setweight(to_tsvector('simple'::regconfig, coalesce(${quoted(column)}, '')), '${WEIGHTS[at] ?? 'D'}')`,
  )
  if (words !== undefined) columns.push(`${WORDS_COLUMN} tsvector GENERATED ALWAYS AS (${words.join(' || ')}) STORED`)
  columns.push('source text COLLATE "C" NOT NULL', 'version bigint NOT NULL', `PRIMARY KEY (${list(spec.key)})`)
  return [
    // A row's later changes leave its indexed columns alone, mostly: with room in the page they touch no index.
    `CREATE TABLE ${table} (${columns.join(', ')}) WITH (fillfactor = 85)`,
    ...(spec.indexes ?? []).map((on) => `CREATE INDEX ON ${table} (${list(on)})`),
    ...(words === undefined ? [] : [`CREATE INDEX ON ${table} USING gin (${WORDS_COLUMN})`]),
  ]
}

/** The statement that shows a generation's table to readers, under the table's own name. */
export function viewStatement(spec: TableSpec, generation: Pick<Generation, 'version' | 'number'>): string {
  const columns = [...Object.keys(spec.columns), ...(spec.words === undefined ? [] : [WORDS_COLUMN]), 'source', 'version']
  return `CREATE VIEW ${viewOf(spec.name)} AS SELECT ${list(columns)} FROM ${tableOf(spec.name, generation)}`
}

export const list = (columns: readonly string[]): string => columns.map(quoted).join(', ')
