import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { COMPILED } from './programs.ts'
import type { HallShape } from './wrk.ts'

export interface OpenLoopOptions {
  readonly url: string
  readonly path: string
  readonly tokensFile: string
  readonly shape: HallShape
  readonly keyPrefix: string
  /** Requests a second. */
  readonly rate: number
  readonly seconds: number
  /** While all are taken, requests queue, and their time runs. */
  readonly connections: number
  /** How long to wait at the end for answers that are still to come. */
  readonly drainMs: number
}

export interface OpenLoopAccount {
  readonly planned: number
  readonly acknowledged: number
  /** Of these, before the load ended; the others while it was waited for what was still to come. */
  readonly inTime: number
  readonly refused: number
  /** Turned away with 503 or 429. */
  readonly shed: number
  readonly broken: number
  /** Never sent, because no connection came free. */
  readonly unsent: number
  /** From when a request was due to its 201. */
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Runs `load/open-loop.ts` as a program of its own. */
export async function loadAtPace(options: OpenLoopOptions): Promise<OpenLoopAccount> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(COMPILED, 'bench/load/open-loop.js'), JSON.stringify(options)])
  return JSON.parse(stdout) as OpenLoopAccount
}
