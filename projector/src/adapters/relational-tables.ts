import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
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

const CLAIM_TIMEOUT_MS = 60_000
const POLL_MS = 100

/**
 * Starts a private PostgreSQL for this process alone; one that is still there from before, or looks after the same data, is
 * waited for. Undefined, and a warning, where that is not possible: there the product runs without reports.
 */
export async function openEmbeddedTables({ dir, warn }: EmbeddedTablesOptions): Promise<EmbeddedTables | undefined> {
  let release: (() => Promise<void>) | undefined
  try {
    release = await claim(dir)
    const giveBack = release
    const engine = await startPrivatePostgres(dir)
    const address = join(dir, ADDRESS)
    await writeFile(address, engine.url, { mode: 0o600 })
    const store = openPostgresStore({ url: engine.url, warn })
    return {
      store,
      url: engine.url,
      async close() {
        await store.close()
        await rm(address, { force: true })
        await engine.stop()
        await giveBack()
      },
    }
  } catch (error) {
    await release?.()
    warn('The relational read models are left out, and with them the reports: PostgreSQL cannot run here.', error)
    return undefined
  }
}

/** The same for a second process, such as a command line: uses the database of the server that runs on the folder, if one does. */
export async function joinEmbeddedTables({ dir, warn }: EmbeddedTablesOptions): Promise<EmbeddedTables | undefined> {
  // A server that has just started says who it is at once, and where its database is a little later.
  for (const deadlineMs = performance.now() + CLAIM_TIMEOUT_MS; ; await sleep(POLL_MS)) {
    const url = await readFile(join(dir, ADDRESS), 'utf8').catch(() => undefined)
    if (url !== undefined && (await answers(url))) {
      const store = openPostgresStore({ url, warn })
      return { store, url, close: () => store.close() }
    }
    if (!(await isClaimed(dir)) || performance.now() > deadlineMs) return await openEmbeddedTables({ dir, warn })
  }
}

const ADDRESS = 'url'
const OWNER = 'owner'

/** Makes this process the only one that starts a database on the folder. Answers how to give it back. */
async function claim(dir: string): Promise<() => Promise<void>> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const path = join(dir, OWNER)
  const own = `${path}.${process.pid}`
  await writeFile(own, String(process.pid), { mode: 0o600 })
  try {
    for (const deadlineMs = performance.now() + CLAIM_TIMEOUT_MS; ; await sleep(POLL_MS)) {
      try {
        await link(own, path) // With its content, so that nobody finds it empty.
        return () => rm(path, { force: true })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || performance.now() > deadlineMs) throw error
        if (!(await isClaimed(dir))) await rm(path, { force: true })
      }
    }
  } finally {
    await rm(own, { force: true })
  }
}

/** Whether another process that is still there has the folder. A process that finds its own number there has inherited it. */
async function isClaimed(dir: string): Promise<boolean> {
  const owner = Number(await readFile(join(dir, OWNER), 'utf8').catch(() => ''))
  if (!(owner > 0) || owner === process.pid) return false
  try {
    process.kill(owner, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
