import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureCached } from '@cavea/engines/cache'
import { runCommand } from '@cavea/engines/process'
import { seatsOf } from '../support/organiser.ts'
import type { HallShape } from '../support/wrk.ts'
import { type HoldToMake, type SeatStore, sameCount } from './store.ts'

const DRIVER = 'pg@8.23.0'
const CONNECTIONS = 24
const FILL_ROWS = 10_000

interface Result {
  readonly rows: readonly Record<string, unknown>[]
  readonly rowCount: number | null
}
interface Query {
  /** A named statement is parsed and planned once per connection. */
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
}
interface Client {
  query(query: Query | string): Promise<Result>
  release(): void
}
interface Pool {
  query(query: Query | string): Promise<Result>
  connect(): Promise<Client>
  end(): Promise<void>
}

/** The driver lives in the cache of engines: the product has no use for it, so its lock file does not name it. */
async function openPool(url: string): Promise<Pool> {
  const dir = await ensureCached(`node-${DRIVER.replace('@', '-')}`, async (at) => {
    await runCommand('npm', ['install', '--no-audit', '--no-fund', '--prefix', at, DRIVER])
  })
  const driver = (await import(pathToFileURL(join(dir, 'node_modules/pg/lib/index.js')).href)) as {
    default: { Pool: new (options: { connectionString: string; max: number }) => Pool }
  }
  return new driver.default.Pool({ connectionString: url, max: CONNECTIONS })
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS seats (
    performance_id text NOT NULL, seat_id text NOT NULL, status text NOT NULL DEFAULT 'free',
    hold_id text, buyer_id text, expires_at timestamptz, PRIMARY KEY (performance_id, seat_id));
  CREATE TABLE IF NOT EXISTS audit (
    id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), command_id text NOT NULL, performance_id text NOT NULL,
    seat_id text NOT NULL, hold_id text NOT NULL, buyer_id text NOT NULL, what text NOT NULL);`

const SET = `status = 'held', hold_id = $3, buyer_id = $4, expires_at = to_timestamp($5 / 1000.0)`
const AUDIT = `INSERT INTO audit (command_id, performance_id, seat_id, hold_id, buyer_id, what)`

/** Locks the row, looks, writes seat and audit row, and commits: a transaction of five round trips. */
export const openForUpdate = (url: string): Promise<SeatStore> =>
  openStore(url, async (pool, hold) => {
    const client = await pool.connect()
    const { performanceId, seatId, holdId, buyerId, commandId, expiresAtMs } = hold
    try {
      await client.query('BEGIN')
      const { rows } = await client.query({
        name: 'lock',
        text: 'SELECT status FROM seats WHERE performance_id = $1 AND seat_id = $2 FOR UPDATE',
        values: [performanceId, seatId],
      })
      if (rows[0]?.['status'] !== 'free') {
        await client.query('ROLLBACK')
        return 'taken'
      }
      await client.query({
        name: 'hold',
        text: `UPDATE seats SET ${SET} WHERE performance_id = $1 AND seat_id = $2`,
        values: [performanceId, seatId, holdId, buyerId, expiresAtMs],
      })
      await client.query({
        name: 'audit',
        text: `${AUDIT} VALUES ($1, $2, $3, $4, $5, 'held')`,
        values: [commandId, performanceId, seatId, holdId, buyerId],
      })
      await client.query('COMMIT')
      return 'held'
    } catch (error) {
      await client.query('ROLLBACK')
      throw error
    } finally {
      client.release()
    }
  })

/** Takes the seat only where it is free, and writes the audit row in the same statement: one round trip, one transaction. */
export const openConditionalUpdate = (url: string): Promise<SeatStore> =>
  openStore(url, async (pool, { performanceId, seatId, holdId, buyerId, expiresAtMs, commandId }) => {
    const { rowCount } = await pool.query({
      name: 'hold-if-free',
      text: `WITH held AS (
          UPDATE seats SET ${SET} WHERE performance_id = $1 AND seat_id = $2 AND status = 'free' RETURNING seat_id)
        ${AUDIT} SELECT $6, $1, seat_id, $3, $4, 'held' FROM held`,
      values: [performanceId, seatId, holdId, buyerId, expiresAtMs, commandId],
    })
    return rowCount === 1 ? 'held' : 'taken'
  })

async function openStore(url: string, hold: (pool: Pool, hold: HoldToMake) => Promise<'held' | 'taken'>): Promise<SeatStore> {
  const pool = await openPool(url)
  await pool.query(TABLES)
  return {
    async fill(performanceId: string, shape: HallShape) {
      const ids = [...seatsOf(shape)].map(({ id }) => id)
      for (let at = 0; at < ids.length; at += FILL_ROWS)
        await pool.query({
          name: 'fill',
          text: 'INSERT INTO seats (performance_id, seat_id) SELECT $1, unnest($2::text[])',
          values: [performanceId, ids.slice(at, at + FILL_ROWS)],
        })
      // As autovacuum would have done in the days between the opening and the sale.
      await pool.query('VACUUM ANALYZE seats')
    },
    hold: (of) => hold(pool, of),
    async held(performanceId) {
      const { rows } = await pool.query({
        name: 'held', // One statement, hence one snapshot: what is still under way is in both counts or in none.
        text: `SELECT (SELECT count(*)::int FROM seats WHERE status = 'held' AND performance_id = $1) AS seats,
          (SELECT count(*)::int FROM audit WHERE what = 'held' AND performance_id = $1) AS entries`,
        values: [performanceId],
      })
      return sameCount(Number(rows[0]?.['seats']), Number(rows[0]?.['entries']))
    },
    close: () => pool.end(),
  }
}
