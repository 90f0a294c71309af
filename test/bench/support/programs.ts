import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort, readLog, spawnEngine, stopProcess, waitReady } from '@cavea/engines/process'
import { NODE_FLAGS } from '@cavea/service-kit/node-flags'

/** The benchmark runs as compiled, like the services: what tsx makes of sources is several times slower. */
export const COMPILED = dirname(dirname(import.meta.dirname))
export const ROOT = rootAbove(import.meta.dirname)

const STOP_GRACE_MS = 40_000
const READY_MS = 120_000
const SHOWN_BYTES = 4_000

export type Env = Readonly<Record<string, string>>

export interface Program {
  readonly name: string
  readonly url: string
  readonly pid: number
  /** SIGTERM, as an operator would. */
  stop(): Promise<void>
}

function rootAbove(dir: string): string {
  return existsSync(join(dir, 'lerna.json')) ? dir : rootAbove(dirname(dir))
}

let scratch: string | undefined

/** A folder that is gone when this process ends. */
export function scratchDir(name: string): string {
  if (scratch === undefined) {
    const dir = mkdtempSync(join(tmpdir(), 'cavea-bench-'))
    process.once('exit', () => rmSync(dir, { recursive: true, force: true }))
    scratch = dir
  }
  const parent = join(scratch, name.replaceAll(/\W+/g, '-'))
  mkdirSync(parent, { recursive: true })
  return mkdtempSync(join(parent, 'run-'))
}

/** Starts a Node program that says under `/readyz` when it is ready. It gets PATH, HOME and `env`, nothing else. */
export async function startProgram(options: {
  readonly name: string
  /** Its file. */
  readonly main: string
  readonly portVariable: string
  readonly env: Env
  /** Of Node itself. */
  readonly flags?: readonly string[]
}): Promise<Program> {
  const { name, main, flags = [] } = options
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const logFile = join(scratchDir(name), 'output.log')
  const running = await spawnEngine({
    name,
    command: process.execPath,
    args: [...NODE_FLAGS, ...flags, main],
    logFile,
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], HOST: '127.0.0.1', ...options.env, [options.portVariable]: String(port) },
  })
  await waitReady(running, () => isReady(url), READY_MS)
  return {
    name,
    url,
    pid: running.pid,
    async stop() {
      await stopProcess(running, 'SIGTERM', STOP_GRACE_MS)
      if (running.ending() === 'exit code 0') return
      throw new Error(`${name} ended with ${running.ending()}:\n${await readLog(logFile, 0, SHOWN_BYTES)}`)
    },
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}
