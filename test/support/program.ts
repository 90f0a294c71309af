import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type EngineProcess, freePort, killProcess, readLog, runCommand, spawnEngine, stopProcess, waitReady } from '@cavea/engines/process'

/** A service as a process of its own, which may be killed and started again on the same port and settings. */
export interface Program {
  readonly name: string
  readonly url: string
  /** Of the process started last. */
  readonly pid: number
  readonly isRunning: boolean
  /** It runs, and has been ready since its last start. */
  readonly isReady: boolean
  /** SIGKILL, and waits until it is gone. */
  kill9(): Promise<void>
  /** SIGTERM, as an operator would, and answers how long it took. Throws when the process did not end with 0. */
  stop(): Promise<number>
  /** SIGSTOP: it keeps its connections and does nothing. */
  pause(): void
  /** SIGCONT. */
  resume(): void
  /** Starts it after `kill9` or `stop`, and answers after how many milliseconds it was ready. Running, it is stopped first. */
  restart(env?: Readonly<Record<string, string>>): Promise<number>
  /** What it wrote so far, in all its lives. */
  output(): string
}

export interface ProgramOptions {
  readonly name: string
  /** Of the compiled program, from the root of the repository. */
  readonly main: string
  /** The variable by which it learns its port. */
  readonly portVariable: string
  /** All that it gets, beside PATH and HOME: what this process has in its environment must not change a test. */
  readonly env: Readonly<Record<string, string>>
  /** Default 150,000, since a busy machine is no failure; 0: nobody waits until it is ready. */
  readonly readyTimeoutMs?: number
}

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const PROGRAMS = ['deploy/standalone', 'deploy/cli', 'command-service', 'query-service', 'gateway']
const READY_TIMEOUT_MS = 150_000
const STOP_GRACE_MS = 40_000
const SHOWN_CHARS = 4_000

let building: Promise<void> | undefined
let logs: string | undefined
/** Programs that run, or ended during the present test. */
let present: { readonly name: string; readonly logFile: string; readonly isRunning: () => boolean }[] = []

/** Brings the compiled programs up to date, once per process, so that a group of tests also runs alone. */
export function built(): Promise<void> {
  building ??= runCommand(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b', ...PROGRAMS], { cwd: ROOT }).then(
    () => undefined,
    // Types are checked elsewhere; what was emitted nevertheless is what the tests are about.
    (error: unknown) => console.log(`The compiler complains: ${error instanceof Error ? error.message : String(error)}`),
  )
  return building
}

/** A folder for this process's tests, gone when it ends. */
export function scratchDir(name: string): string {
  if (logs === undefined) {
    const dir = mkdtempSync(join(tmpdir(), 'cavea-e2e-'))
    process.once('exit', () => rmSync(dir, { recursive: true, force: true }))
    logs = dir
  }
  return mkdtempSync(join(logs, `${name}-`))
}

export async function startProgram(options: ProgramOptions): Promise<Program> {
  await built()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const logFile = join(scratchDir(options.name), 'output.log')
  let env = options.env
  let wasReady = false
  let running = await launch()
  if (options.readyTimeoutMs !== 0) present.push({ name: options.name, logFile, isRunning: () => running.ending() === undefined })
  await ready(running)

  async function launch(): Promise<EngineProcess> {
    return await spawnEngine({
      name: options.name,
      command: process.execPath,
      args: [join(ROOT, options.main)],
      logFile,
      cwd: ROOT,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], HOST: '127.0.0.1', ...env, [options.portVariable]: String(port) },
    })
  }

  async function ready(process: EngineProcess): Promise<void> {
    const { readyTimeoutMs = READY_TIMEOUT_MS } = options
    if (readyTimeoutMs === 0) return
    wasReady = false
    await waitReady(process, () => answersReady(url), readyTimeoutMs)
    wasReady = true
  }

  async function stop(): Promise<number> {
    const startedMs = performance.now()
    await stopProcess(running, 'SIGTERM', STOP_GRACE_MS)
    const ending = running.ending()
    if (ending !== 'exit code 0') throw new Error(`${options.name} ended with ${ending}:\n${await readLog(logFile, 0, SHOWN_CHARS)}`)
    return performance.now() - startedMs
  }

  return {
    name: options.name,
    url,
    get pid() {
      return running.pid
    },
    get isRunning() {
      return running.ending() === undefined
    },
    get isReady() {
      return wasReady && running.ending() === undefined
    },
    kill9: async () => await killProcess(running),
    stop,
    pause: () => running.signal('SIGSTOP'),
    resume: () => running.signal('SIGCONT'),
    async restart(more = {}) {
      if (running.ending() === undefined) await stop()
      env = { ...env, ...more }
      const startedMs = performance.now()
      wasReady = false
      running = await launch()
      await ready(running)
      return performance.now() - startedMs
    },
    output: () => readFileSync(logFile, 'utf8'),
  }
}

async function answersReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}

/** Prints the end of what each program wrote that runs, or ended during the present test. */
export async function showOutput(): Promise<void> {
  for (const { name, logFile } of present) {
    const text = await readLog(logFile, 0, SHOWN_CHARS)
    console.log(text === '' ? `--- ${name} wrote nothing` : `--- the end of what ${name} wrote\n${text}`)
  }
}

if (typeof afterEach === 'function')
  afterEach(async function showOutputOfFailure() {
    if (this.currentTest?.state === 'failed') await showOutput()
    present = present.filter(({ isRunning }) => isRunning())
  })
