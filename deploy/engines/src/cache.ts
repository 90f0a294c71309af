import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const STALE_LOCK_MS = 15 * 60_000
const held = new Set<string>()

/** Where downloaded engines are kept: `CAVEA_ENGINES_DIR`, or the user's cache folder. */
export function enginesCacheDir(): string {
  const chosen = process.env['CAVEA_ENGINES_DIR']
  if (chosen !== undefined && chosen !== '') return resolve(chosen)
  const cache = process.env['XDG_CACHE_HOME']
  return join(cache !== undefined && cache !== '' ? cache : join(homedir(), '.cache'), 'cavea', 'engines')
}

/** The folder of a cached engine when it is complete, else undefined. */
export function findCached(name: string): string | undefined {
  const pointer = join(enginesCacheDir(), name)
  return existsSync(pointer) ? pointer : undefined
}

/**
 * The folder `name` in the cache, built when it lacks. It is a link that appears only when `build` is through, so half a
 * download is never taken as complete; the build's own path never changes, as Python environments require. When two processes
 * build the same thing after all (the lock only saves the work), the first link wins.
 */
export async function ensureCached(name: string, build: (dir: string) => Promise<void>): Promise<string> {
  const root = enginesCacheDir()
  const pointer = join(root, name)
  if (existsSync(pointer)) return pointer
  await mkdir(root, { recursive: true })
  return await withLock(name, async () => {
    if (existsSync(pointer)) return pointer
    await removeAbandoned(root, name)
    const built = join(root, `${name}.${process.pid}.${randomBytes(4).toString('hex')}`)
    try {
      await mkdir(built)
      await build(built)
      await symlink(built, pointer)
    } catch (error) {
      await rm(built, { recursive: true, force: true })
      if (!existsSync(pointer)) throw error
    }
    return pointer
  })
}

/** Runs `work` while no other process of this user runs work of the same name. */
export async function withLock<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const root = enginesCacheDir()
  await mkdir(root, { recursive: true })
  const path = join(root, `${name}.lock`)
  while (!(await tryLock(path))) await sleep(200)
  try {
    return await work()
  } finally {
    held.delete(path)
    await rm(path, { force: true })
  }
}

async function tryLock(path: string): Promise<boolean> {
  if (held.has(path)) return false
  held.add(path)
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    held.delete(path)
    if (!isExisting(error)) throw error
  }
  if (await isStale(path)) await rm(path, { force: true })
  return false
}

/** A holder that is gone, or that has our own process id without being us (containers reuse small ids), holds nothing. */
async function isStale(path: string): Promise<boolean> {
  try {
    if (held.has(path)) return false
    const { mtimeMs } = await stat(path)
    const age = Date.now() - mtimeMs
    const pid = Number(await readFile(path, 'utf8'))
    // A lock file is empty for an instant between its creation and its content.
    if (!Number.isInteger(pid) || pid <= 0) return age > 5_000
    return pid === process.pid || !isAlive(pid) || age > STALE_LOCK_MS
  } catch {
    return false
  }
}

/** Whether a process of this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}

async function removeAbandoned(root: string, name: string): Promise<void> {
  for (const entry of await readdir(root)) {
    if (!entry.startsWith(`${name}.`) || entry === `${name}.lock`) continue
    const pid = Number(entry.slice(name.length + 1).split('.')[0])
    if (Number.isInteger(pid) && (pid === process.pid || !isAlive(pid))) await rm(join(root, entry), { recursive: true, force: true })
  }
}

/** The folder an engine works in: the one given, or a temporary one that is ours to remove. */
export async function workingDir(name: string, dir: string | undefined): Promise<{ dir: string; remove: () => Promise<void> }> {
  if (dir === undefined) {
    const made = await mkdtemp(join(tmpdir(), `cavea-${name}-`))
    return { dir: made, remove: async () => await rm(made, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }) }
  }
  const given = resolve(dir)
  await mkdir(given, { recursive: true })
  return { dir: given, remove: async () => undefined }
}
