import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProjectionStore } from '../ports/projection-store.ts'
import { openPostgresStore } from './postgres-store.ts'
import { answers, startPrivatePostgres } from './relational-engine.ts'

/** The tables of one data folder. */
export interface EmbeddedTables {
  readonly store: ProjectionStore
  /** Where readers find what the store keeps. It holds a password. */
  readonly url: string
  /** Closes the store, and ends the database where this process started it. */
  close(): Promise<void>
}

export interface EmbeddedTablesOptions {
  /** A folder of its own, which is made when it is missing. All that is in it can be made again from the log. */
  readonly dir: string
  readonly warn: (message: string, error: unknown) => void
}

/**
 * Starts a private PostgreSQL for this process alone. Undefined, and a warning, where that is not possible: there the product
 * runs without reports.
 */
export async function openEmbeddedTables({ dir, warn }: EmbeddedTablesOptions): Promise<EmbeddedTables | undefined> {
  try {
    const engine = await startPrivatePostgres(dir)
    const address = join(dir, 'url')
    await writeFile(address, engine.url, { mode: 0o600 })
    const store = openPostgresStore({ url: engine.url, warn })
    return {
      store,
      url: engine.url,
      async close() {
        await store.close()
        await rm(address, { force: true })
        await engine.stop()
      },
    }
  } catch (error) {
    warn('The relational read models are left out, and with them the reports: PostgreSQL cannot run here.', error)
    return undefined
  }
}

/** The same for a second process, such as a command line: uses the database of the server that runs on the folder, if one does. */
export async function joinEmbeddedTables({ dir, warn }: EmbeddedTablesOptions): Promise<EmbeddedTables | undefined> {
  const url = await readFile(join(dir, 'url'), 'utf8').catch(() => undefined)
  if (url === undefined || !(await answers(url))) return await openEmbeddedTables({ dir, warn })
  const store = openPostgresStore({ url, warn })
  return { store, url, close: () => store.close() }
}
