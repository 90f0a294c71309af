import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type EngineProcess, killProcess, onPath, readLog, spawnEngine } from '@cavea/engines/process'

/** A small disk of its own for one program, which nobody else on the machine sees and which goes with the process that has it. */
export interface Disk {
  readonly bytes: number
  /** Runs the command behind it where the disk is. */
  readonly runner: readonly string[]
  /** Leaves no byte free. */
  fill(): void
  /** Takes away what `fill` put there. */
  free(): void
  usedBytes(): number
  stop(): Promise<void>
}

const MOUNT = (dir: string, bytes: number): string => `mount -t tmpfs -o size=${bytes} cavea-disk '${dir}'`
const CHUNK_BYTES = 1 << 20
const LAST_CHUNK_BYTES = 512

/** Why this machine does not allow such a disk; undefined when it does. */
export function whyNoDisk(dir: string): string | undefined {
  if (process.platform !== 'linux' || onPath('unshare') === undefined || onPath('nsenter') === undefined)
    return 'there is no unshare and nsenter here'
  mkdirSync(dir, { recursive: true })
  const tried = spawnSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', MOUNT(dir, CHUNK_BYTES)], { encoding: 'utf8' })
  return tried.status === 0 ? undefined : `a private mount is not permitted: ${tried.stderr.trim()}`
}

/** Mounts a tmpfs over `dir` in a mount namespace of its own. */
export async function startDisk(options: { readonly dir: string; readonly bytes: number; readonly logFile: string }): Promise<Disk> {
  const { dir, bytes, logFile } = options
  mkdirSync(dir, { recursive: true })
  const script = `${MOUNT(dir, bytes)} && echo mounted && exec sleep infinity`
  const keeper = await spawnEngine({
    name: 'the keeper of the disk',
    command: 'unshare',
    args: ['--mount', '--propagation', 'private', 'sh', '-c', script],
    logFile,
  })
  await untilMounted(keeper)
  const inside = `/proc/${keeper.pid}/root${dir}`
  const filler = `${inside}/filler`
  return {
    bytes,
    runner: ['nsenter', `--mount=/proc/${keeper.pid}/ns/mnt`, `--wdns=${dirname(dir)}`, '--'],
    fill() {
      const file = openSync(filler, 'a')
      for (let chunk = CHUNK_BYTES; chunk >= LAST_CHUNK_BYTES; chunk /= 2) fillBy(file, Buffer.alloc(chunk))
      closeSync(file)
    },
    free: () => rmSync(filler, { force: true }),
    usedBytes() {
      const { blocks, bfree, bsize } = statfsSync(inside)
      return (blocks - bfree) * bsize
    },
    stop: async () => await killProcess(keeper),
  }
}

function fillBy(file: number, chunk: Buffer): void {
  try {
    while (writeSync(file, chunk) === chunk.length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

async function untilMounted(keeper: EngineProcess): Promise<void> {
  for (;;) {
    const said = await readLog(keeper.logFile, keeper.logStart)
    if (said.includes('mounted')) return
    if (keeper.ending() !== undefined) throw new Error(`The disk could not be mounted: ${said}`)
    await sleep(20)
  }
}
