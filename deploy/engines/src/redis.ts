import { join } from 'node:path'
import { workingDir } from './cache.ts'
import { askPort, type Engine, EngineError, killProcess, onPath, onPort, spawnEngine, stopProcess, waitReady } from './process.ts'

/** The path of redis-server, or undefined. */
export function findRedis(): string | undefined {
  return onPath('redis-server')
}

/** Starts Redis on 127.0.0.1 with its append-only file on. `url` is a `redis://` address. Throws `EngineError`. */
export async function startRedis(options: { port?: number; dir?: string } = {}): Promise<Engine> {
  const command = findRedis()
  if (command === undefined) throw new EngineError('ENGINE_MISSING', 'redis-server is not on PATH: install it, on Debian redis-server')
  const { dir, remove } = await workingDir('redis', options.dir)
  try {
    return await onPort(options.port, async (port) => {
      const engine = await spawnEngine({
        name: 'Redis',
        command,
        args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--appendonly', 'yes', '--save', '', '--daemonize', 'no'],
        logFile: join(dir, 'redis.log'),
        cwd: dir,
      })
      await waitReady(engine, async () => (await askPort(port, 'PING\r\n'))?.toString().startsWith('+PONG') === true, 15_000)
      return {
        url: `redis://127.0.0.1:${port}`,
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
