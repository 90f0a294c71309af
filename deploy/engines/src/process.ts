import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** An engine, or a command that prepares one, ended or did not become ready. `message` carries the last lines of its output. */
export class EngineError extends Error {
  readonly code: string
  constructor(code: 'ENGINE_START_FAILED' | 'ENGINE_COMMAND_FAILED' | 'ENGINE_MISSING', message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EngineError'
    this.code = code
  }
}

/** What every started engine offers. */
export interface Engine {
  /** Where clients connect. */
  readonly url: string
  /** The process, or undefined when the engine is someone else's (named by the environment). */
  readonly pid: number | undefined
  /** Its folder: data, configuration and log. Undefined when the engine is someone else's. */
  readonly dir: string | undefined
  /** Asks it to end, insists after a while, and removes the folder when the start made it. */
  stop(): Promise<void>
  /** Ends it at once, as a power cut would; data stays. */
  kill(): Promise<void>
  /** Resolves with how the process ended, in words. */
  whenEnded(): Promise<string>
}

/** A process that we started and only ever signal through its handle, so that a reused process id is never hit. */
export interface EngineProcess {
  readonly name: string
  readonly pid: number
  readonly logFile: string
  /** Where this run's lines begin in the log file, in bytes. */
  readonly logStart: number
  readonly ended: Promise<string>
  /** How it ended, or undefined while it runs. */
  ending(): string | undefined
  signal(signal: NodeJS.Signals): void
}

export interface SpawnOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly logFile: string
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly uid?: number
  readonly gid?: number
}

/** Runs a small command to its end. `timeoutMs` is 10 minutes unless given. */
export interface CommandOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly uid?: number
  readonly gid?: number
  readonly timeoutMs?: number
  /** False leaves the command to end by itself when this process exits: a package manager must not be cut off. */
  readonly killWithParent?: boolean
}

const live = new Set<ChildProcess>()
const ready = new WeakSet<ChildProcess>()
let exitHookInstalled = false

function track(child: ChildProcess): void {
  if (!exitHookInstalled) {
    exitHookInstalled = true
    process.once('exit', endAllNow)
  }
  live.add(child)
}

/** Kills, at once, whatever this module started and still runs. Synchronous, so that an exit handler may call it. */
export function endAllNow(): void {
  for (const child of live) child.kill('SIGKILL')
}

/** Kills what has not become ready yet: a start under way then fails, while running engines keep running. */
export function endUnready(): void {
  for (const child of live) if (!ready.has(child)) child.kill('SIGKILL')
}

/** The full path of a command on PATH, or undefined. */
export function onPath(command: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '' && existsSync(join(folder, command))) return join(folder, command)
  }
  return undefined
}

/** On Linux, has the kernel kill the child when this process dies in a way that runs no exit handler. */
function dyingWithParent(command: string, args: readonly string[]): { command: string; args: readonly string[] } {
  const setpriv = process.platform === 'linux' ? onPath('setpriv') : undefined
  return setpriv === undefined ? { command, args } : { command: setpriv, args: ['--pdeathsig', 'KILL', '--', command, ...args] }
}

/** The last `count` lines that say something. */
export function lastLines(text: string, count: number): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  return lines.slice(-count).join('\n')
}

/**
 * What a reader of a failed start needs of a log: the first error with the line after it (a server that fails to bind goes on to
 * log its whole shutdown), then the last lines. Stack frames are left out.
 */
export function digest(log: string): string {
  const lines = log.split(/\r?\n/).filter((line) => line.trim() !== '' && !/^\s+(at |\.\.\. \d+ more)/.test(line))
  const tailStart = Math.max(0, lines.length - 20)
  const firstError = lines.findIndex((line) => /\b(ERROR|FATAL)\b/.test(line))
  const cause = firstError < 0 || firstError >= tailStart ? [] : [...lines.slice(firstError, Math.min(firstError + 2, tailStart)), '…']
  return [...cause, ...lines.slice(tailStart)].join('\n')
}

/** What a log file holds from `start` (bytes) on, at most its last `bytesMax`; empty when there is no file. */
export async function readLog(path: string, start = 0, bytesMax = 1_000_000): Promise<string> {
  const size = await sizeOf(path)
  const from = Math.max(start, size - bytesMax)
  if (size <= from) return ''
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}

/**
 * Starts an engine in a process group of its own, so that a terminal's Ctrl-C reaches only us and engines stop in order.
 * Both outputs go to `logFile`. Throws `EngineError` when the command cannot be started.
 */
export async function spawnEngine(options: SpawnOptions): Promise<EngineProcess> {
  const logStart = await sizeOf(options.logFile)
  const log = await open(options.logFile, 'a')
  try {
    const { command, args } = dyingWithParent(options.command, options.args)
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      cwd: options.cwd,
      env: options.env ?? process.env,
      uid: options.uid,
      gid: options.gid,
    })
    const state: { ending?: string } = {}
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (exitCode, signal) => {
        state.ending = signal === null ? `exit code ${exitCode}` : `signal ${signal}`
        live.delete(child)
        resolve(state.ending)
      })
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', (cause) => {
        reject(new EngineError('ENGINE_START_FAILED', `${options.name} cannot be started: ${cause.message}`, { cause }))
      })
    })
    track(child)
    const started: EngineProcess = {
      name: options.name,
      pid: child.pid ?? 0,
      logFile: options.logFile,
      logStart,
      ended,
      ending: () => state.ending,
      signal: (signal) => void child.kill(signal),
    }
    childOf.set(started, child)
    return started
  } finally {
    await log.close()
  }
}

const childOf = new WeakMap<EngineProcess, ChildProcess>()

/** Waits until `isReady` answers true; ends the process and throws `EngineError` with its last log lines when that fails. */
export async function waitReady(engine: EngineProcess, isReady: () => Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs
  while (engine.ending() === undefined && Date.now() < deadlineMs) {
    if (await isReady()) {
      const child = childOf.get(engine)
      if (child !== undefined) ready.add(child)
      return
    }
    await sleep(50)
  }
  const why = engine.ending() === undefined ? `was not ready after ${timeoutMs} ms` : `ended (${engine.ending()}) before it was ready`
  await killProcess(engine)
  const log = digest(await readLog(engine.logFile, engine.logStart))
  throw new EngineError('ENGINE_START_FAILED', `${engine.name} ${why}. From ${engine.logFile}:\n${log}`)
}

/** Sends `signal`, waits `graceMs`, then kills. A paused process is woken first, since it could not act on the signal. */
export async function stopProcess(engine: EngineProcess, signal: NodeJS.Signals = 'SIGTERM', graceMs = 15_000): Promise<void> {
  if (engine.ending() !== undefined) return
  engine.signal(signal)
  engine.signal('SIGCONT')
  const timer = setTimeout(() => engine.signal('SIGKILL'), graceMs)
  await engine.ended
  clearTimeout(timer)
}

/** Kills a process and waits until it is gone. */
export async function killProcess(engine: EngineProcess): Promise<void> {
  engine.signal('SIGKILL')
  await engine.ended
}

/** Runs a command to its end and answers its standard output; throws `EngineError` with its last lines on any failure. */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { killWithParent = true, timeoutMs = 600_000, ...spawnOptions } = options
  const called = killWithParent ? dyingWithParent(command, args) : { command, args }
  const child = spawn(called.command, called.args, { stdio: ['ignore', 'pipe', 'pipe'], ...spawnOptions })
  if (killWithParent) track(child)
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-64_000)))
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  try {
    const ending = await new Promise<string | undefined>((resolve, reject) => {
      child.once('error', (cause) => {
        reject(new EngineError('ENGINE_COMMAND_FAILED', `${command} cannot be run: ${cause.message}`, { cause }))
      })
      child.once('close', (exitCode, signal) => resolve(exitCode === 0 ? undefined : (signal ?? `exit code ${exitCode}`)))
    })
    if (ending === undefined) return output
    throw new EngineError('ENGINE_COMMAND_FAILED', `${command} failed (${ending}):\n${lastLines(`${output}\n${errors}`, 15)}`)
  } finally {
    clearTimeout(timer)
    live.delete(child)
  }
}

const handedOut = new Set<number>()

/**
 * A port on 127.0.0.1 that nobody listens on. It lies below the range that systems give to outgoing connections: there, a client
 * that retries while its engine is down can take the port, or even connect to itself.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const port = randomInt(15_000, 32_000)
    if (handedOut.has(port) || !(await isPortFree(port))) continue
    handedOut.add(port)
    return port
  }
  throw new EngineError('ENGINE_START_FAILED', 'no free port was found on 127.0.0.1')
}

export async function isPortFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** Sends bytes over TCP and answers the first bytes that come back; undefined when there is no answer within a second. */
export async function askPort(port: number, question: string | Uint8Array): Promise<Buffer | undefined> {
  return await new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const finish = (answer: Buffer | undefined): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1_000, () => finish(undefined))
    socket.once('error', () => finish(undefined))
    socket.once('end', () => finish(undefined))
    socket.once('data', finish)
    socket.once('connect', () => void socket.write(question))
  })
}

/** Whether something accepts connections. */
export async function canConnect(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const finish = (connected: boolean): void => {
      socket.destroy()
      resolve(connected)
    }
    socket.setTimeout(1_000, () => finish(false))
    socket.once('error', () => finish(false))
    socket.once('connect', () => finish(true))
  })
}

/**
 * Starts on `port`, or on free ports, again when another process took the port in between or when what a killed predecessor
 * left behind (PostgreSQL's shared memory) has not gone yet.
 */
export async function onPort<Started>(port: number | undefined, start: (port: number) => Promise<Started>): Promise<Started> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(port ?? (await freePort()))
    } catch (error) {
      const passing = error instanceof Error && /shared memory block/i.test(error.message)
      const taken = error instanceof Error && /address already in use|bindexception|already bound/i.test(error.message)
      if (attempt === 3 || !(passing || (taken && port === undefined))) throw error
      await sleep(300)
    }
  }
}
