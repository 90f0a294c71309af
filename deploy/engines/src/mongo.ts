import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureCached, findCached, workingDir } from './cache.ts'
import {
  askPort,
  type Engine,
  EngineError,
  killProcess,
  onPath,
  onPort,
  runCommand,
  spawnEngine,
  stopProcess,
  waitReady,
} from './process.ts'

const VERSION = '0.7.0b3'
const CACHED = `secantusdb-${VERSION}`

/** The MongoDB that the environment names, or undefined. */
export function mongoOfEnvironment(): string | undefined {
  const uri = process.env['MONGODB_URI']
  return uri === undefined || uri === '' ? undefined : uri
}

/** A Python that can make virtual environments, or undefined. */
export async function findPython(): Promise<string | undefined> {
  for (const python of new Set([onPath('python3'), '/usr/bin/python3'])) {
    if (python === undefined || !existsSync(python)) continue
    try {
      await runCommand(python, ['-c', 'import venv, ensurepip'], { timeoutMs: 30_000 })
      return python
    } catch {
      // Debian ships python3 without ensurepip; another python3 may have it.
    }
  }
  return undefined
}

/** The command of SecantusDB, a stand-in for MongoDB that serves tests only; fetched into the cache when it lacks. */
export async function ensureSecantus(): Promise<string> {
  const installed = await ensureCached(CACHED, async (dir) => {
    const python = await findPython()
    if (python === undefined) throw new EngineError('ENGINE_MISSING', 'Python 3 with venv is needed: install it, on Debian python3-venv')
    await runCommand(python, ['-m', 'venv', join(dir, 'venv')])
    const pip = join(dir, 'venv', 'bin', 'pip')
    await runCommand(pip, ['install', '--quiet', '--disable-pip-version-check', `secantusdb==${VERSION}`])
    await runCommand(join(dir, 'venv', 'bin', 'secantusd-py'), ['--help'], { timeoutMs: 60_000 })
  })
  return join(installed, 'venv', 'bin', 'secantusd-py')
}

/** Whether SecantusDB is in the cache. */
export function isSecantusInstalled(): boolean {
  return findCached(CACHED) !== undefined
}

/** The command `hello` as one OP_MSG; any answer shows that the server speaks the protocol. */
export function helloMessage(): Buffer {
  const document = Buffer.from('\0\0\0\0\x10hello\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0', 'latin1')
  document.writeInt32LE(document.length, 0)
  const header = Buffer.alloc(21)
  header.writeInt32LE(header.length + document.length, 0)
  header.writeInt32LE(1, 4)
  header.writeInt32LE(2013, 12)
  return Buffer.concat([header, document])
}

/**
 * The MongoDB named by `MONGODB_URI` when set (stop and kill then do nothing), else SecantusDB on 127.0.0.1.
 * `url` is a `mongodb://` address. Throws `EngineError`.
 */
export async function startMongo(options: { port?: number; dir?: string } = {}): Promise<Engine> {
  const given = mongoOfEnvironment()
  if (given !== undefined) {
    const nothing = async (): Promise<void> => undefined
    return {
      url: given,
      pid: undefined,
      dir: undefined,
      stop: nothing,
      kill: nothing,
      whenEnded: () => new Promise<string>(() => undefined),
    }
  }
  const command = await ensureSecantus()
  const { dir, remove } = await workingDir('mongo', options.dir)
  try {
    return await onPort(options.port, async (port) => {
      const engine = await spawnEngine({
        name: 'SecantusDB',
        command,
        args: ['--host', '127.0.0.1', '--port', String(port), '--storage-path', join(dir, 'data'), '--sync-on-commit'],
        logFile: join(dir, 'mongo.log'),
        cwd: dir,
      })
      await waitReady(engine, async () => ((await askPort(port, helloMessage()))?.length ?? 0) > 16, 30_000)
      return {
        url: `mongodb://127.0.0.1:${port}/?directConnection=true`,
        pid: engine.pid,
        dir,
        stop: async () => {
          await stopProcess(engine)
          await remove()
        },
        kill: async () => await killProcess(engine),
        whenEnded: async () => await engine.ended,
      }
    })
  } catch (error) {
    await remove()
    throw error
  }
}
