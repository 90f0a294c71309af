import { setTimeout as sleep } from 'node:timers/promises'
import { randomOf } from '../support/random.ts'
import type { ChaosCluster } from './chaos-cluster.ts'
import type { HistoryCheck } from './check.ts'
import type { Fault } from './faults/fault.ts'
import { type Load, type LoadCounts, makeLoad, nowMs } from './load.ts'
import type { Round } from './plan.ts'

/** One fault as it went. Rates are final answers a second. */
export interface Played {
  readonly name: string
  readonly what: string
  readonly lastedMs: number
  /** How long after the harm was done all partitions had decided something new while it lasted; undefined when they had not. */
  readonly takenOverMs: number | undefined
  /** How long after it was healed the last partition decided something new. */
  readonly recoveredMs: number
  readonly before: number
  readonly during: number
  readonly after: number
}

/** Far beyond what is aimed at (10 s after a kill, 2 s after a farewell): a busy machine is no violation, standing still is one. */
const DECIDES_WITHIN_MS = 90_000
/** New requests a second. */
const RATE = 160
const RATE_OVER_MS = 1_500

/** Plays the faults of a round while a load runs, each when everything decides again after the one before, and checks the history. */
export async function playRound(
  cluster: ChaosCluster,
  history: HistoryCheck,
  round: Pick<Round, 'seed' | 'faults'> & { readonly rate?: number },
  onPlayed: (played: Played) => void,
): Promise<LoadCounts> {
  const { services } = cluster
  const load = await makeLoad({ urls: () => services.urls, adminToken: services.adminToken, seed: round.seed, rate: round.rate ?? RATE })
  const random = randomOf(round.seed)
  load.start()
  try {
    await sleep(RATE_OVER_MS)
    await load.untilAllDecide(nowMs(), DECIDES_WITHIN_MS)
    for (const fault of round.faults) if (fault.isPermitted(cluster) === undefined) onPlayed(await play(fault, cluster, load, random))
  } finally {
    await load.stop()
  }
  await history.check(load)
  return load.counts()
}

async function play(fault: Fault, cluster: ChaosCluster, load: Load, random: () => number): Promise<Played> {
  const rate = (fromMs: number, toMs: number): number => (load.answeredBetween(fromMs, toMs) * 1_000) / (toMs - fromMs)
  const fromMs = nowMs()
  let takenOverMs: number | undefined
  const harm = await fault.inflict(cluster, random)
  const isOver = new AbortController()
  const takingOver = load.untilAllDecide(nowMs(), DECIDES_WITHIN_MS, isOver.signal).then(
    (ms) => (takenOverMs = ms),
    () => undefined,
  )
  await sleep(harm.lastsMs)
  isOver.abort()
  await takingOver
  await harm.heal()
  const healedMs = nowMs()
  const recoveredMs = await load.untilAllDecide(healedMs, DECIDES_WITHIN_MS).catch((error: unknown) => {
    throw new Error(`After ${fault.name} (${harm.what}) had been healed: ${(error as Error).message}`)
  })
  const decidingMs = nowMs()
  await sleep(RATE_OVER_MS)
  return {
    name: fault.name,
    what: harm.what,
    lastedMs: healedMs - fromMs,
    takenOverMs,
    recoveredMs,
    before: rate(fromMs - RATE_OVER_MS, fromMs),
    during: rate(fromMs, healedMs),
    after: rate(decidingMs, nowMs()),
  }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

/** One fault in one line. */
export function describePlayed({ name, what, lastedMs, takenOverMs, recoveredMs, before, during, after }: Played): string {
  const rates = [before, during, after].map((rate) => Math.round(rate)).join(' → ')
  const takenOver = takenOverMs === undefined ? '' : `, all partitions decided without it after ${seconds(takenOverMs)}`
  return [
    `${name}: ${what}, for ${seconds(lastedMs)}${takenOver}`,
    `all partitions decide ${seconds(recoveredMs)} after it`,
    `answers a second before → during → after: ${rates}`,
  ].join('; ')
}
