import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where the embedded profile keeps everything. Deleting the folder starts over. */
export interface DataFolder {
  readonly dir: string
  readonly log: string
  readonly snapshots: string
  readonly readSnapshots: string
  readonly keys: string
  /** Relational read models, which can be made again from the log. */
  readonly tables: string
  readonly adminTokenFile: string
  /** Given, or made at the first start and kept. */
  readonly adminToken: string
  /** Signs buyers' tokens. Made at the first start and kept, so that they stay valid. */
  readonly tokenSecret: string
}

/** Makes what is missing. Secrets are readable by their owner only. */
export async function openDataFolder(
  dir: string,
  given: { readonly adminToken: string | undefined; readonly tokenSecret: string | undefined },
): Promise<DataFolder> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const adminTokenFile = join(dir, 'admin-token')
  return {
    dir,
    log: join(dir, 'log'),
    snapshots: join(dir, 'snapshots'),
    readSnapshots: join(dir, 'read-snapshots'),
    keys: join(dir, 'keys'),
    tables: join(dir, 'tables'),
    adminTokenFile,
    adminToken: given.adminToken ?? (await keptSecret(adminTokenFile)),
    tokenSecret: given.tokenSecret ?? (await keptSecret(join(dir, 'token-secret'))),
  }
}

async function keptSecret(file: string): Promise<string> {
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  if (kept.trim() !== '') return kept.trim()
  const secret = randomBytes(24).toString('base64url')
  const unfinished = `${file}.${process.pid}.tmp` // Renamed when it is whole: a crash must not leave an empty secret.
  await writeFile(unfinished, `${secret}\n`, { mode: 0o600 })
  await rename(unfinished, file)
  return secret
}
