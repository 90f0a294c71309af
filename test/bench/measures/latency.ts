import type { BenchDeps, Result } from '../support/measure.ts'
import { runHolds } from '../support/measuring.ts'
import { loadAtPace, type OpenLoopAccount } from '../support/open-loop.ts'
import { caveaEmbedded, caveaOnKafka, type RunningSide } from '../support/sides.ts'
import { spreadOf } from '../support/statistics.ts'
import { CONNECTIONS, RUN_SECONDS, SHAPE, WARM_SECONDS } from './holds.ts'

const LONE_RATE = 20
const LONE_SECONDS = 15
const OVERLOAD = 3
/** More than can be worked on at once, so that there is a line. */
const OVERLOAD_CONNECTIONS = 6_000
const DRAIN_MS = 5_000

const pathOf = (performanceId: string): string => `/v1/performances/${performanceId}/holds`

/** How long one buyer waits when nobody else asks, and how long one in a hundred waits at half of what the side can do. */
export async function latency({ engines, repeats }: BenchDeps): Promise<Result> {
  const rows: Result['rows'][number][] = []
  for (const side of [caveaOnKafka(false), caveaOnKafka(true), caveaEmbedded()]) {
    const lone: OpenLoopAccount[] = []
    const half: OpenLoopAccount[] = []
    const rates: number[] = []
    for (let repeat = 0; repeat < repeats; repeat++) {
      const running = await side.start(engines, { shape: SHAPE, performances: 3 })
      try {
        const [warm = '', forLone = '', forHalf = ''] = running.performanceIds
        const { rate } = await peakOf(running, warm)
        rates.push(rate / 2)
        lone.push(await paced(running, forLone, { rate: LONE_RATE, seconds: LONE_SECONDS, connections: 1, keyPrefix: `lone${repeat}-` }))
        half.push(
          await paced(running, forHalf, { rate: rate / 2, seconds: RUN_SECONDS, connections: CONNECTIONS, keyPrefix: `half${repeat}-` }),
        )
      } finally {
        await running.stop()
      }
    }
    rows.push({
      of: side.name,
      note: side.durability,
      figures: {
        'lone p50 ms': spreadOf(lone.map(({ p50Ms }) => p50Ms)),
        'lone p99 ms': spreadOf(lone.map(({ p99Ms }) => p99Ms)),
        'half of the peak, holds/s': spreadOf(rates),
        'p50 ms at half': spreadOf(half.map(({ p50Ms }) => p50Ms)),
        'p99 ms at half': spreadOf(half.map(({ p99Ms }) => p99Ms)),
      },
    })
  }
  return {
    title: 'Latency of a hold',
    how: `Lone: ${LONE_RATE} requests a second on one connection for ${LONE_SECONDS} s. Half: an even pace of half the rate that wrk reached just before, for ${RUN_SECONDS} s. Times run from when a request was due. ${repeats} repeats.`,
    plot: 'p99 ms at half',
    rows,
  }
}

/** What is still done when three times as much is asked as can be. */
export async function overload({ engines, repeats }: BenchDeps): Promise<Result> {
  const peaks: number[] = []
  const goodput: number[] = []
  const shed: number[] = []
  const ratios: number[] = []
  const p99: number[] = []
  for (let repeat = 0; repeat < repeats; repeat++) {
    const running = await caveaOnKafka(false).start(engines, { shape: SHAPE, performances: 3 })
    try {
      const [warm = '', forPeak = '', measured = ''] = running.performanceIds
      await peakOf(running, warm) // The broker and every process are slow at first: then the peak would look low.
      const { rate } = await peakOf(running, forPeak)
      const load = { rate: OVERLOAD * rate, seconds: RUN_SECONDS, connections: OVERLOAD_CONNECTIONS, keyPrefix: `over${repeat}-` }
      const account = await paced(running, measured, load)
      peaks.push(rate)
      goodput.push(account.inTime / RUN_SECONDS)
      ratios.push(account.inTime / RUN_SECONDS / rate)
      shed.push(account.shed / account.planned)
      p99.push(account.p99Ms)
    } finally {
      await running.stop()
    }
  }
  return {
    title: 'Goodput at three times the peak',
    how: `Cavea on Kafka: the peak by wrk, then an even pace of ${OVERLOAD} times as much over ${OVERLOAD_CONNECTIONS} connections for ${RUN_SECONDS} s; what is acknowledged within this time counts. The load takes its processor time from the same machine. ${repeats} repeats.`,
    rows: [
      {
        of: 'Cavea on Kafka',
        figures: {
          'peak, holds/s': spreadOf(peaks),
          'goodput, holds/s': spreadOf(goodput),
          'of the peak': spreadOf(ratios),
          'turned away, share': spreadOf(shed),
          'p99 ms': spreadOf(p99),
        },
      },
    ],
  }
}

const peakOf = (running: RunningSide, performanceId: string) =>
  runHolds(running, performanceId, { shape: SHAPE, connections: CONNECTIONS, seconds: WARM_SECONDS + RUN_SECONDS })

const paced = (
  running: RunningSide,
  performanceId: string,
  load: { readonly rate: number; readonly seconds: number; readonly connections: number; readonly keyPrefix: string },
): Promise<OpenLoopAccount> =>
  loadAtPace({ ...load, url: running.url, path: pathOf(performanceId), tokensFile: running.tokensFile, shape: SHAPE, drainMs: DRAIN_MS })
