import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, chown, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { workingDir } from './cache.ts'
import { type Engine, EngineError, killProcess, onPath, onPort, runCommand, spawnEngine, stopProcess, waitReady } from './process.ts'

const PREFERRED_MAJOR = '15'
const DEBIAN_ROOT = '/usr/lib/postgresql'

interface Owner {
  readonly uid: number
  readonly gid: number
}

/** The folder with PostgreSQL's binaries: of version `major` when given, else 15, else the newest; undefined when there is none. */
export function findPostgres(major?: string): string | undefined {
  const complete = (bin: string): boolean => existsSync(join(bin, 'postgres')) && existsSync(join(bin, 'initdb'))
  const versions = existsSync(DEBIAN_ROOT) ? readdirSync(DEBIAN_ROOT).sort((a, b) => Number(b) - Number(a)) : []
  const wanted = major === undefined ? [PREFERRED_MAJOR, ...versions] : [major]
  for (const version of wanted) {
    const bin = join(DEBIAN_ROOT, version, 'bin')
    if (complete(bin)) return bin
  }
  // Elsewhere than Debian the binaries are on PATH, and only one version is.
  const postgres = onPath('postgres')
  return postgres !== undefined && complete(dirname(postgres)) ? dirname(postgres) : undefined
}

/** PostgreSQL refuses to run as root, so root lends it the account `postgres`, or `nobody`. */
async function ownerForRoot(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.find((fields) => fields[0] === name)
    if (account !== undefined) return { uid: Number(account[2]), gid: Number(account[3]) }
  }
  return { uid: 65_534, gid: 65_534 }
}

/** A folder below root's home cannot be entered by another account; its data then lives under /var/lib/cavea instead. */
async function reachableDir(dir: string, owner: Owner | undefined): Promise<string> {
  if (owner === undefined) return dir
  try {
    await runCommand('test', ['-x', dir], { ...owner, timeoutMs: 10_000 })
    return dir
  } catch {
    const elsewhere = join('/var/lib/cavea', `postgres-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`)
    await mkdir(elsewhere, { recursive: true, mode: 0o755 })
    return elsewhere
  }
}

async function versionOf(data: string): Promise<string | undefined> {
  return existsSync(join(data, 'PG_VERSION')) ? (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim() : undefined
}

/**
 * Starts PostgreSQL on 127.0.0.1, with a superuser and a database both named `cavea`, without a password. As root it runs under
 * another account. `url` is a `postgres://` address; `dir` tells where the data is. Throws `EngineError`.
 */
export async function startPostgres(options: { port?: number; dir?: string } = {}): Promise<Engine> {
  const owner = await ownerForRoot()
  const working = await workingDir('postgres', options.dir)
  const chosen = working.dir
  let remove = working.remove
  try {
    // mkdtemp makes folders that only their maker can enter.
    if (options.dir === undefined && owner !== undefined) await chmod(chosen, 0o711)
    const dir = await reachableDir(chosen, owner)
    if (options.dir === undefined && dir !== chosen) {
      remove = async () => {
        await rm(dir, { recursive: true, force: true })
        await working.remove()
      }
    }
    const removeAtEnd = remove
    const data = join(dir, 'data')
    const major = await versionOf(data)
    const bin = findPostgres(major)
    if (bin === undefined) {
      const version = major === undefined ? '' : ` ${major} (the data folder's version)`
      throw new EngineError(
        'ENGINE_MISSING',
        `PostgreSQL${version} is not installed: install it, on Debian postgresql-${major ?? PREFERRED_MAJOR}`,
      )
    }
    if (major === undefined) await initialise(bin, dir, data, owner)
    return await onPort(options.port, async (port) => await run(bin, dir, data, port, owner, removeAtEnd))
  } catch (error) {
    await remove()
    throw error
  }
}

/** initdb into a folder beside, renamed at the end: an interrupted one leaves nothing that looks like a database. */
async function initialise(bin: string, dir: string, data: string, owner: Owner | undefined): Promise<void> {
  const fresh = join(dir, 'data.new')
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { mode: 0o700 })
  if (owner !== undefined) await chown(fresh, owner.uid, owner.gid)
  const args = ['-D', fresh, '-U', 'cavea', '--auth=trust', '--encoding=UTF8', '--locale=C']
  await runCommand(join(bin, 'initdb'), args, { ...owner, cwd: fresh })
  await rename(fresh, data)
}

async function run(
  bin: string,
  dir: string,
  data: string,
  port: number,
  owner: Owner | undefined,
  remove: () => Promise<void>,
): Promise<Engine> {
  const engine = await spawnEngine({
    name: 'PostgreSQL',
    command: join(bin, 'postgres'),
    args: ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    logFile: join(dir, 'postgres.log'),
    cwd: data,
    ...owner,
  })
  const client = ['-h', '127.0.0.1', '-p', String(port), '-U', 'cavea']
  const succeeds = async (tool: string, args: readonly string[]): Promise<boolean> => {
    try {
      await runCommand(join(bin, tool), args, { timeoutMs: 10_000 })
      return true
    } catch {
      return false
    }
  }
  await waitReady(engine, async () => await succeeds('pg_isready', [...client, '-d', 'postgres', '-q']), 30_000)
  if (!(await succeeds('psql', [...client, '-d', 'cavea', '-qc', 'select 1']))) {
    try {
      await runCommand(join(bin, 'createdb'), [...client, '--maintenance-db=postgres', 'cavea'], { timeoutMs: 30_000 })
    } catch (error) {
      await killProcess(engine)
      throw error
    }
  }
  return {
    url: `postgres://cavea@127.0.0.1:${port}/cavea`,
    pid: engine.pid,
    dir,
    // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave.
    stop: async () => {
      await stopProcess(engine, 'SIGINT')
      await remove()
    },
    kill: async () => await killProcess(engine),
    whenEnded: async () => await engine.ended,
  }
}
