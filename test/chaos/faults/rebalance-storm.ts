import { setTimeout as sleep } from 'node:timers/promises'
import type { Program } from '../../support/program.ts'
import { randomOf } from '../../support/random.ts'
import type { ChaosCluster } from '../chaos-cluster.ts'
import { always, between, type Fault } from './fault.ts'

/** A worker needs a second or two to come and go, so some do so at the same time. */
const AT_ONCE = 3
const STAYS_MIN_MS = 500
const STAYS_MAX_MS = 2_000
const KILLED = 0.2

/** Further workers join and leave every few hundred milliseconds, one in five without a word. */
export const rebalanceStorm: Fault = {
  name: 'rebalance-storm',
  isPermitted: always,
  async inflict(cluster, random) {
    const over = new AbortController()
    let started = 0
    const storm = Array.from({ length: AT_ONCE }, () =>
      comeAndGo(cluster, randomOf(random() * 2 ** 32), over.signal, () => {
        started++
      }),
    )
    return {
      get what() {
        return `${started} further workers, ${AT_ONCE} at a time`
      },
      lastsMs: between(7_000, 12_000, random),
      async heal() {
        over.abort()
        await Promise.all(storm)
      },
    }
  },
}

async function comeAndGo({ services }: ChaosCluster, random: () => number, over: AbortSignal, onStart: () => void): Promise<void> {
  while (!over.aborted) {
    const worker = await services.passingWorker()
    onStart()
    await sleep(between(STAYS_MIN_MS, STAYS_MAX_MS, random), undefined, { signal: over }).catch(() => undefined)
    if (random() < KILLED) await worker.kill9()
    else await leave(worker)
  }
}

/** One that is asked to go before it can hear so goes at once. */
async function leave(worker: Program): Promise<void> {
  await worker.stop().catch((error: unknown) => {
    if (!(error instanceof Error && error.message.includes('ended with signal SIGTERM'))) throw error
  })
}
