import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openMongoDocuments } from '@cavea/projector/adapters/mongo-documents'
import { openPostgresStore } from '@cavea/projector/adapters/postgres-store'
import { joinEmbeddedTables } from '@cavea/projector/adapters/relational-tables'
import type { Making } from '@cavea/projector/application/generations'
import type { Generation, ProjectionStore } from '@cavea/projector/ports/projection-store'
import { PROJECTIONS } from '@cavea/projector/projections/all'
import { CliError, EXIT, sentenceOf } from './failure.ts'
import type { Io } from './io.ts'
import { given, type ProfileSettings } from './profile.ts'

export interface Stores {
  readonly all: readonly ProjectionStore[]
  close(): Promise<void>
}

/** What the embedded profile keeps nowhere but in its server. */
export const IN_MEMORY = 'The documents of the embedded profile are in the memory of its server, which makes them anew at each start.'

/** Opens the databases that read models are kept in. */
export async function openStores(io: Io, settings: ProfileSettings): Promise<Stores> {
  const warn = (message: string, error: unknown): void => io.err(`${message} ${sentenceOf(error)}\n`)
  const open = settings.kind === 'embedded' ? await embeddedStores(settings.dataDir, warn) : namedStores(io, warn)
  if (open.length === 0) throw new CliError(EXIT.usage, whyNone(settings))
  const stores = { all: open.map(({ store }) => store), close: async () => void (await Promise.all(open.map((one) => one.close()))) }
  try {
    for (const store of stores.all) await store.prepare()
    return stores
  } catch (error) {
    await stores.close()
    throw new CliError(EXIT.unreachable, `A database of read models cannot be reached. ${sentenceOf(error)}`, error)
  }
}

interface OpenStore {
  readonly store: ProjectionStore
  close(): Promise<void>
}

async function embeddedStores(dataDir: string, warn: (message: string, error: unknown) => void): Promise<OpenStore[]> {
  const dir = join(dataDir, 'tables')
  const tables = existsSync(dir) ? await joinEmbeddedTables({ dir, warn }) : undefined
  return tables === undefined ? [] : [tables]
}

function namedStores({ env }: Io, warn: (message: string, error: unknown) => void): OpenStore[] {
  const [uri, url] = [given(env, 'MONGODB_URI'), given(env, 'DATABASE_URL')]
  const stores = [
    ...(uri === undefined ? [] : [openMongoDocuments({ uri })]),
    ...(url === undefined ? [] : [openPostgresStore({ url, warn })]),
  ]
  return stores.map((store) => ({ store, close: () => store.close() }))
}

function whyNone(settings: ProfileSettings): string {
  return settings.kind === 'embedded'
    ? `There are no relational read models in ${settings.dataDir}. ${IN_MEMORY}`
    : 'Set MONGODB_URI or DATABASE_URL, as the projector has them.'
}

/** The generations of one projection in its store, with what this build knows of it; those of another version are left out. */
export const makingsOf = (store: ProjectionStore, generations: readonly Generation[]): Making[] =>
  generations.flatMap((generation) => {
    const projection = PROJECTIONS.find(({ name }) => name === generation.projection)
    return projection?.store === store.kind && projection.version === generation.version ? [{ store, projection, generation }] : []
  })
