import pg from 'pg'
import type { StoreHarness } from '../testing/store-contract.ts'

const UNDEFINED_TABLE = '42P01'

/** Reads what readers see, as any client of the database would. */
export function readersOf(url: string): { readonly read: StoreHarness['read']; close(): Promise<void> } {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  pool.on('error', () => undefined) // The engine ends before its clients now and then.
  return {
    async read({ name }) {
      try {
        return (await pool.query(`SELECT * FROM read_models."${name}"`)).rows
      } catch (error) {
        if (error instanceof pg.DatabaseError && error.code === UNDEFINED_TABLE) return undefined
        throw error
      }
    },
    close: () => pool.end(),
  }
}
