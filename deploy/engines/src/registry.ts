import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureCached, findCached, workingDir } from './cache.ts'
import { copyArtifact, findJava } from './java.ts'
import { type Engine, EngineError, killProcess, onPort, runCommand, spawnEngine, stopProcess, waitReady } from './process.ts'

const VERSION = '2.6.13.Final'
const CACHED = `apicurio-registry-${VERSION}`
const COMPATIBILITY = 'FULL_TRANSITIVE'

/** The folder with the registry's jar, fetched into the cache when it lacks. */
export async function ensureRegistryJar(): Promise<string> {
  return await ensureCached(CACHED, async (dir) => {
    await copyArtifact(`io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`, dir)
    const archive = (await readdir(dir)).find((file) => file.endsWith('.tar.gz'))
    if (archive === undefined) throw new EngineError('ENGINE_COMMAND_FAILED', 'Maven fetched no archive of the schema registry')
    await runCommand('tar', ['-xzf', join(dir, archive), '-C', dir])
    await rm(join(dir, archive))
  })
}

/** Whether the registry is in the cache. */
export function isRegistryInstalled(): boolean {
  return findCached(CACHED) !== undefined
}

/**
 * Starts the schema registry on 127.0.0.1 with its schemas in a file, since records in Kafka outlive a run and name schemas by
 * id. `url` is the base of the Confluent API, version 7. Global compatibility is FULL_TRANSITIVE. Throws `EngineError`.
 */
export async function startRegistry(options: { port?: number; dir?: string } = {}): Promise<Engine> {
  const java = await findJava()
  const home = await ensureRegistryJar()
  const jar = (await readdir(home)).find((file) => file.endsWith('-runner.jar'))
  if (jar === undefined) throw new EngineError('ENGINE_MISSING', `${home} holds no runner jar: remove that folder and start again`)
  const { dir, remove } = await workingDir('registry', options.dir)
  try {
    return await onPort(options.port, async (port) => {
      const engine = await spawnEngine({
        name: 'Apicurio Registry',
        command: java,
        args: [
          '-Xmx384m',
          '-Dquarkus.http.host=127.0.0.1',
          `-Dquarkus.http.port=${port}`,
          // Without a write delay of 0, a kill loses the schemas of the last half second, whose ids Kafka's records may already name.
          `-Dquarkus.datasource.jdbc.url=jdbc:h2:file:${join(dir, 'schemas')};WRITE_DELAY=0`,
          '-jar',
          join(home, jar),
        ],
        logFile: join(dir, 'registry.log'),
        cwd: dir,
      })
      const url = `http://127.0.0.1:${port}/apis/ccompat/v7`
      await waitReady(engine, async () => (await ask(`${url}/subjects`))?.ok === true, 120_000)
      try {
        await setCompatibility(url)
      } catch (error) {
        await killProcess(engine)
        throw error
      }
      return {
        url,
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

async function ask(url: string): Promise<Response | undefined> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(2_000) })
  } catch {
    return undefined
  }
}

async function setCompatibility(url: string): Promise<void> {
  await fetch(`${url}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ compatibility: COMPATIBILITY }),
    signal: AbortSignal.timeout(10_000),
  })
  const answer = await (await fetch(`${url}/config`, { signal: AbortSignal.timeout(10_000) })).text()
  // The API names the same setting `compatibility` on the way in and `compatibilityLevel` on the way out.
  if (!answer.includes(`"${COMPATIBILITY}"`)) {
    throw new EngineError('ENGINE_START_FAILED', `the schema registry did not take ${COMPATIBILITY} as its global compatibility: ${answer}`)
  }
}
