import { setTimeout as sleep } from 'node:timers/promises'
import { type Account, openAccount } from './accounting.ts'
import type { RunningSide } from './sides.ts'
import { type HallShape, loadHolds } from './wrk.ts'

/** What one run of the load over HTTP came to. */
export interface HoldsRun {
  /** Acknowledged holds a second. */
  readonly rate: number
  /** Requests a second, refused ones too. */
  readonly requestRate: number
  readonly refusedShare: number
  readonly broken: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Processor microseconds of each part per request. */
  readonly cpuUs: Readonly<Record<string, number>>
  readonly loadCpuUs: number
  /** Processors that others kept busy meanwhile, of this machine's. */
  readonly othersBusy: number
}

export interface HoldsLoad {
  readonly shape: HallShape
  readonly connections: number
  readonly seconds: number
  readonly hotSeats?: number
}

const SETTLE_MS = 500
let runs = 0

/** Loads one performance of a side, and checks that what was acknowledged is recorded. */
export async function runHolds(side: RunningSide, performanceId: string, load: HoldsLoad): Promise<HoldsRun> {
  const path = `/v1/performances/${performanceId}/holds`
  const close = openAccount(side.parts)
  const summary = await loadHolds({ ...load, url: side.url, path, tokensFile: side.tokensFile, keyPrefix: `run${++runs}-` })
  const account = close()
  const acknowledged = summary.requests - summary.refused
  const held = await settledHeld(side, performanceId)
  // Requests under way when the load ends may be recorded without an answer; answers without a record may not be.
  if (held < acknowledged || held > acknowledged + load.connections + summary.broken)
    throw new Error(`${acknowledged} holds were acknowledged, and ${held} seats are held.`)
  return runOf(summary, account)
}

/** What is recorded once nothing is added any more. */
async function settledHeld(side: RunningSide, performanceId: string): Promise<number> {
  for (let last = -1; ; await sleep(SETTLE_MS)) {
    const held = await side.held(performanceId)
    if (held === last) return held
    last = held
  }
}

function runOf(summary: Awaited<ReturnType<typeof loadHolds>>, account: Account): HoldsRun {
  const { requests, refused, broken, durationUs, p50Us, p99Us } = summary
  const seconds = durationUs / 1_000_000
  return {
    rate: (requests - refused) / seconds,
    requestRate: requests / seconds,
    refusedShare: requests === 0 ? 0 : refused / requests,
    broken,
    p50Ms: p50Us / 1_000,
    p99Ms: p99Us / 1_000,
    cpuUs: Object.fromEntries(Object.entries(account.parts).map(([part, us]) => [part, us / requests])),
    loadCpuUs: account.loadUs / requests,
    othersBusy: account.othersUs / durationUs,
  }
}
