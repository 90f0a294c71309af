import { randomInt } from 'node:crypto'
import { readFileSync, readlinkSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from 'lmdb'
import { LogUnavailableError } from '../errors.ts'

/** Who writes to a data folder. Empty strings stand for what the platform does not tell. */
interface Writer {
  readonly pid: number
  /** When the process started, in the kernel's ticks: tells it from a later process with the same pid. */
  readonly startedAt: string
  readonly bootId: string
  /** Pids of another namespace (another container) say nothing here. */
  readonly pidNamespace: string
}

export interface WriterLock {
  readonly key: string
  /** The version of the lock's entry while it is ours. Every write is conditional on it, so a writer that lost the lock writes nothing. */
  readonly token: number
  release(): Promise<void>
}

const KEY = 'writer'
const BEAT_FILE = 'writer.lock'
const BEAT_INTERVAL_MS = 1_000
const BEAT_STALE_MS = 5_000
const PATIENCE_MS = 1_500
const PATIENCE_STEP_MS = 100

/**
 * Takes the folder for this process, or throws `LogUnavailableError` when another process that is still alive has it.
 * Of two that try at the same time one gets it, because the entry changes hands inside a write transaction.
 */
export async function acquireWriterLock(dir: string, meta: Database<unknown, string>): Promise<WriterLock> {
  const beatFile = join(dir, BEAT_FILE)
  const own = describeProcess(process.pid)
  const before = await untilFree(dir, meta, own, beatFile)

  const token = randomInt(1, 2 ** 47)
  writeFileSync(beatFile, `${process.pid}\n`)
  const taken = await (before === undefined
    ? meta.ifNoExists(KEY, () => void meta.put(KEY, own, token))
    : meta.ifVersion(KEY, before.version ?? 0, () => void meta.put(KEY, own, token)))
  if (!taken) {
    const winner = meta.getEntry(KEY)
    throw winner === undefined
      ? new LogUnavailableError(`The data folder ${dir} changes hands just now.`)
      : heldBy(dir, winner.value as Writer)
  }
  const beat = setInterval(() => touch(beatFile), BEAT_INTERVAL_MS)
  beat.unref()
  return {
    key: KEY,
    token,
    async release() {
      clearInterval(beat)
      await meta.remove(KEY, token)
    },
  }
}

/** A process that was just killed takes a moment to be gone. */
async function untilFree(
  dir: string,
  meta: Database<unknown, string>,
  own: Writer,
  beatFile: string,
): Promise<ReturnType<typeof meta.getEntry>> {
  for (let waitedMs = 0; ; waitedMs += PATIENCE_STEP_MS) {
    const held = meta.getEntry(KEY)
    if (held === undefined || !(await isAlive(held.value as Writer, own, beatFile))) return held
    if (waitedMs >= PATIENCE_MS) throw heldBy(dir, held.value as Writer)
    await sleep(PATIENCE_STEP_MS)
  }
}

function heldBy(dir: string, writer: Writer): LogUnavailableError {
  return new LogUnavailableError(
    `The data folder ${dir} is in use by process ${writer.pid}. Only one process may write to it: stop that one, or open the log read-only.`,
  )
}

async function isAlive(writer: Writer, own: Writer, beatFile: string): Promise<boolean> {
  if (writer.bootId !== own.bootId) return false
  if (writer.pidNamespace === own.pidNamespace) {
    if (!hasProcess(writer.pid) || isZombie(writer.pid)) return false
    const { startedAt } = describeProcess(writer.pid)
    if (startedAt !== '') return startedAt === writer.startedAt
  }
  return hasBeat(beatFile)
}

/** For a writer whose pid proves nothing: it touches a file every second. */
async function hasBeat(beatFile: string): Promise<boolean> {
  const first = beatOf(beatFile)
  while (beatOf(beatFile) === first) {
    if (Date.now() - first > BEAT_STALE_MS) return false
    await sleep(BEAT_INTERVAL_MS / 4)
  }
  return true
}

function beatOf(beatFile: string): number {
  return statSync(beatFile, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function touch(beatFile: string): void {
  const now = new Date()
  try {
    utimesSync(beatFile, now, now)
  } catch {
    // The folder was removed under the process; its writes fail by themselves and say so.
  }
}

function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Dead, but nobody has asked for its exit code yet: so it stays where no init process reaps, as in many containers. */
function isZombie(pid: number): boolean {
  const stat = readText(`/proc/${pid}/stat`)
  return stat[stat.lastIndexOf(')') + 2] === 'Z'
}

function describeProcess(pid: number): Writer {
  const stat = readText(`/proc/${pid}/stat`)
  // The name in parentheses may hold spaces; the start time is the 20th field behind it.
  const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  return { pid, startedAt, bootId: readText('/proc/sys/kernel/random/boot_id').trim(), pidNamespace: readLink('/proc/self/ns/pid') }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
