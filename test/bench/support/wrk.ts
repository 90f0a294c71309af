import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { onPath, runCommand } from '@cavea/engines/process'
import { ROOT } from './programs.ts'

const SCRIPT = join(ROOT, 'test/bench/load/holds.lua')
const SUMMARY = /^SUMMARY (\{.*\})$/m

/** What wrk counted. Latencies include the wait of a connection for its own former answer: they are no answer to "how long at this rate". */
export interface WrkSummary {
  readonly requests: number
  readonly durationUs: number
  /** Answers above 399. */
  readonly refused: number
  /** Connections that failed, and requests that got no answer. */
  readonly broken: number
  readonly p50Us: number
  readonly p99Us: number
}

let found: Promise<string> | undefined

/** The path of wrk, installed where this may be done. Throws in words for the operator where not. */
export function ensureWrk(): Promise<string> {
  found ??= find()
  return found
}

async function find(): Promise<string> {
  const there = onPath('wrk')
  if (there !== undefined) return there
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    await runCommand('apt-get', ['-q', 'update'], { env, killWithParent: false }).catch(() => undefined)
    await runCommand('apt-get', ['-q', 'install', '-y', '--no-install-recommends', 'wrk'], { env, killWithParent: false })
  }
  const installed = onPath('wrk')
  if (installed === undefined)
    throw new Error('The load generator wrk is missing: install it, on Debian as root by `apt-get install wrk`, and start again.')
  return installed
}

export interface HallShape {
  readonly sections: number
  readonly rows: number
  readonly seatsPerRow: number
}

/** Sends one hold after the other on each connection for so long, as fast as answers come. */
export async function loadHolds(options: {
  readonly url: string
  readonly path: string
  readonly tokensFile: string
  readonly shape: HallShape
  readonly connections: number
  readonly seconds: number
  /** No two runs on one server may have the same. */
  readonly keyPrefix: string
  /** The seats that all requests are for; 0: each request has its own. */
  readonly hotSeats?: number
}): Promise<WrkSummary> {
  const { shape, connections, seconds } = options
  const wrk = await ensureWrk()
  const script = [options.tokensFile, options.path, options.keyPrefix, shape.sections, shape.rows, shape.seatsPerRow, options.hotSeats ?? 0]
  const output = await run(wrk, [
    ...['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--timeout', '10s', '-s', SCRIPT, options.url, '--'],
    ...script.map(String),
  ])
  const summary = SUMMARY.exec(output)?.[1]
  if (summary === undefined) throw new Error(`wrk said no summary:\n${output}`)
  return JSON.parse(summary) as WrkSummary
}

/** As a child of this process, which waits for it: so its processor time is found in this process's account. */
async function run(command: string, args: readonly string[]): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const parts: Buffer[] = []
    child.stdout.on('data', (part: Buffer) => parts.push(part))
    child.once('error', reject)
    child.once('close', (code) => {
      const output = Buffer.concat(parts).toString('utf8')
      if (code === 0) resolve(output)
      else reject(new Error(`wrk ended with ${code}:\n${output}`))
    })
  })
}
