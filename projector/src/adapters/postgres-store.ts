import { fileURLToPath } from 'node:url'
import { type Head, parseHead, startOfChain } from '@cavea/contracts/ledger'
import type { TableSpec, Value } from '@cavea/contracts/read-models/table'
import type { LedgerStart } from '@cavea/event-log/ledger-reader'
import { runner } from 'node-pg-migrate'
import pg from 'pg'
import type { Projection } from '../application/projection.ts'
import {
  ChangesRefusedError,
  type Generation,
  type GenerationStatus,
  type KeyedChange,
  type PartitionBatch,
  type ProjectionStore,
  type Row,
} from '../ports/projection-store.ts'
import { type Guard, rowOf, selection, upsertsOf } from './postgres-changes.ts'
import { list, quoted, STORE_SCHEMA, tableOf, tableStatements, viewOf, viewStatement } from './postgres-schema.ts'

export interface PostgresStoreOptions {
  /** `postgres://…`, of a database in which schemas may be made. */
  readonly url: string
  /** Told of connections that broke while nobody used them. */
  readonly warn: (message: string, error: unknown) => void
  /** Default 8. */
  readonly connectionsMax?: number
}

type Client = pg.PoolClient

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url))
const CONNECTIONS_MAX = 8
const CONNECT_TIMEOUT_MS = 10_000
const STATEMENT_TIMEOUT_MS = 60_000
const ROWS_PER_READ = 1_000
/** Locks of this store among all advisory locks of the database: "cave". */
const LOCK_CLASS = 0x63617665
/** SQLSTATE of data that do not fit, or are too long for an index: trying again cannot help. */
const REFUSALS = /^(?:22...|23...|54000)$/

// What this store keeps in a bigint is an offset, a time or an amount, all of which a number holds exactly.
const INT8 = 20
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
}

/** Read models in PostgreSQL. Several processes may use one database. */
export function openPostgresStore({ url, warn, connectionsMax = CONNECTIONS_MAX }: PostgresStoreOptions): ProjectionStore {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'cavea projector',
    types,
  })
  let closed: Promise<void> | undefined
  pool.on('error', (error) => {
    // The driver hangs its connection on its errors, which is nothing to log.
    if (closed === undefined) warn('A connection to PostgreSQL broke.', new Error(error.message))
  })

  /** Runs `work` in one transaction. A connection that cannot even roll back is closed. */
  async function inTransaction<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    const client = await pool.connect()
    let broken: Error | undefined
    try {
      await client.query('BEGIN')
      const result = await work(client)
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch((cause: unknown) => {
        broken = cause instanceof Error ? cause : new Error(String(cause))
      })
      throw refusalOf(error)
    } finally {
      client.release(broken)
    }
  }

  /** One at a time begins, activates or drops generations of a projection. */
  const lock = (client: Client, projection: string): Promise<unknown> =>
    client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK_CLASS, projection])

  async function find(client: Client, projection: string, number: number): Promise<(Generation & { tables: string[] }) | undefined> {
    const { rows } = await client.query<Generation & { tables: string[] }>(
      `SELECT projection, version, number, status, tables FROM ${STORE_SCHEMA}.generations WHERE projection = $1 AND number = $2`,
      [projection, number],
    )
    return rows[0]
  }

  const setStatus = (client: Client, projection: string, number: number, status: GenerationStatus): Promise<unknown> =>
    client.query(`UPDATE ${STORE_SCHEMA}.generations SET status = $3 WHERE projection = $1 AND number = $2`, [projection, number, status])

  return {
    kind: 'tables',
    async prepare() {
      const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
      client.on('error', () => undefined) // Whoever waits for an answer is told as well.
      await client.connect()
      try {
        await runner({
          dbClient: client,
          dir: MIGRATIONS,
          direction: 'up',
          schema: STORE_SCHEMA,
          createSchema: true,
          migrationsTable: 'migrations',
          advisoryLockMode: 'wait',
          logger: { info: () => undefined, warn: (message) => warn(message, undefined), error: () => undefined }, // What fails is thrown.
        })
      } finally {
        await client.end()
      }
    },
    async generations() {
      const { rows } = await pool.query<Generation>(
        `SELECT projection, version, number, status FROM ${STORE_SCHEMA}.generations ORDER BY number, projection`,
      )
      return rows
    },
    async begin({ name, version, tables }, number) {
      return await inTransaction(async (client) => {
        await lock(client, name)
        const known = await find(client, name, number)
        if (known !== undefined) return { projection: name, version: known.version, number, status: known.status }
        await client.query(
          `INSERT INTO ${STORE_SCHEMA}.generations (projection, number, version, status, tables) VALUES ($1, $2, $3, 'building', $4)`,
          [name, number, version, tables.map((spec) => spec.name)],
        )
        for (const spec of tables) for (const statement of tableStatements(spec, { version, number })) await client.query(statement)
        return { projection: name, version, number, status: 'building' }
      })
    },
    async checkpoints({ projection, number }) {
      const { rows } = await pool.query<Checkpoint>(
        `SELECT topic, "partition", log_offset, head, head_offset, command_offset FROM ${STORE_SCHEMA}.checkpoints
         WHERE projection = $1 AND number = $2`,
        [projection, number],
      )
      return new Map(rows.map((row) => [`${row.topic}/${row.partition}`, startOf(row)]))
    },
    async write(projection, generation, batch) {
      return await inTransaction(async (client) => {
        // What a crash of the database takes back, rows and checkpoint together, is written again from the log.
        await client.query('SET LOCAL synchronous_commit = off')
        if (!(await advance(client, generation, batch))) return 'superseded'
        await upsert(client, projection, generation, batch.changes, '<')
        return 'written'
      })
    },
    async activate({ name, tables }, { number }) {
      await inTransaction(async (client) => {
        await lock(client, name)
        const generation = await find(client, name, number)
        const { rows } = await client.query<{ number: number; tables: string[] }>(
          `SELECT number, tables FROM ${STORE_SCHEMA}.generations WHERE projection = $1 AND status = 'active'`,
          [name],
        )
        const [former] = rows
        if (generation === undefined || (former !== undefined && former.number >= number)) return
        if (former !== undefined) {
          for (const table of former.tables) await client.query(`DROP VIEW IF EXISTS ${viewOf(table)}`)
          await setStatus(client, name, former.number, 'retired')
        }
        for (const spec of tables) await client.query(viewStatement(spec, generation))
        await setStatus(client, name, number, 'active')
      })
    },
    async amend(projection, generation, changes) {
      return await inTransaction(async (client) => {
        if ((await find(client, generation.projection, generation.number)) === undefined) return []
        return await upsert(client, projection, generation, changes, '<=')
      })
    },
    async drop({ name }, { number }) {
      await inTransaction(async (client) => {
        await lock(client, name)
        const generation = await find(client, name, number)
        if (generation === undefined) return
        if (generation.status === 'active') throw new Error(`Generation ${number} of ${name} is active.`)
        // The checkpoints first: who writes holds one of them, and finds it gone instead of its tables.
        await client.query(`DELETE FROM ${STORE_SCHEMA}.generations WHERE projection = $1 AND number = $2`, [name, number])
        for (const table of generation.tables) await client.query(`DROP TABLE ${tableOf(table, generation)}`)
      })
    },
    async *rows(projection, generation, table, source) {
      const spec = projection.tables.find(({ name }) => name === table)
      if (spec === undefined) return
      let after: Row['key'] | undefined
      for (;;) {
        const rows = await pageOf(pool, spec, generation, source, after)
        yield* rows
        after = rows.at(-1)?.key
        if (rows.length < ROWS_PER_READ || after === undefined) return
      }
    },
    async close() {
      closed ??= pool.end()
      await closed
    },
  }
}

interface Checkpoint {
  readonly topic: string
  readonly partition: number
  readonly log_offset: number
  readonly head: string
  readonly head_offset: number
  readonly command_offset: number
}

function startOf({ topic, partition, log_offset, head, head_offset, command_offset }: Checkpoint): LedgerStart {
  const known: Head | undefined = parseHead(head)
  if (known === undefined) throw new Error(`The checkpoint of ${topic}/${partition} has no head.`)
  return { offset: log_offset, head: known, headOffset: head_offset, commandOffset: command_offset }
}

/** Moves a checkpoint from where its writer believes it to be, and locks it until the end of the transaction. */
async function advance(
  client: Client,
  { projection, number }: Generation,
  { topic, partition, from, to }: PartitionBatch,
): Promise<boolean> {
  const values = [projection, number, topic, partition, to.offset, to.head, to.headOffset, to.commandOffset, from.offset, from.head]
  const beginning = startOfChain(topic, partition)
  const isFirst = from.offset === beginning.offset && from.head === beginning.head
  // Where there is none yet, the partition is at its beginning; of a dropped generation none may come to be.
  const text = isFirst
    ? `INSERT INTO ${STORE_SCHEMA}.checkpoints AS c
         (projection, number, topic, "partition", log_offset, head, head_offset, command_offset)
       SELECT g.projection, g.number, $3, $4, $5, $6, $7, $8 FROM ${STORE_SCHEMA}.generations g
       WHERE g.projection = $1 AND g.number = $2 FOR KEY SHARE
       ON CONFLICT (projection, number, topic, "partition") DO UPDATE
         SET log_offset = $5, head = $6, head_offset = $7, command_offset = $8
         WHERE c.log_offset = $9 AND c.head = $10`
    : `UPDATE ${STORE_SCHEMA}.checkpoints SET log_offset = $5, head = $6, head_offset = $7, command_offset = $8
       WHERE projection = $1 AND number = $2 AND topic = $3 AND "partition" = $4 AND log_offset = $9 AND head = $10`
  const { rowCount } = await client.query(text, values)
  return rowCount === 1
}

/** With the guard `<=` it answers the changes whose rows stay as they are. */
async function upsert(
  client: Client,
  projection: Projection,
  generation: Generation,
  changes: readonly KeyedChange[],
  guard: Guard,
): Promise<KeyedChange[]> {
  const kept: KeyedChange[] = []
  for (const { text, values, changes: part } of upsertsOf(projection, generation, changes, guard)) {
    const { rows, rowCount } = await client.query<Record<string, string | number>>(text, [...values])
    if (guard === '<' || rowCount === part.length) continue
    const taken = new Set(rows.map((row) => JSON.stringify(Object.values(row))))
    for (const change of part) if (!taken.has(JSON.stringify(change.key))) kept.push(change)
  }
  return kept
}

async function pageOf(
  pool: pg.Pool,
  spec: TableSpec,
  generation: Generation,
  source: string,
  after: Row['key'] | undefined,
): Promise<Row[]> {
  const beyond = after === undefined ? '' : `AND (${list(spec.key)}) > (${spec.key.map((_, at) => `$${at + 2}`).join(', ')})`
  const { rows } = await pool.query<Record<string, Value>>(
    `SELECT ${selection(spec)} FROM ${tableOf(spec.name, generation)} WHERE source = $1 ${beyond}
     ORDER BY ${spec.key.map(quoted).join(', ')} LIMIT ${ROWS_PER_READ}`,
    [source, ...(after ?? [])],
  )
  return rows.map((row) => rowOf(spec, row))
}

function refusalOf(error: unknown): unknown {
  return error instanceof pg.DatabaseError && error.code !== undefined && REFUSALS.test(error.code)
    ? new ChangesRefusedError(`PostgreSQL refuses the data: ${error.message}`, error)
    : error
}
