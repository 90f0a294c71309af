import type { BenchDeps, Result } from '../support/measure.ts'
import { type HoldsRun, runHolds } from '../support/measuring.ts'
import { caveaEmbedded, caveaOnKafka, contender, type Side } from '../support/sides.ts'
import { shown, spreadOf } from '../support/statistics.ts'

export const SHAPE = { sections: 40, rows: 50, seatsPerRow: 100 }
export const CONNECTIONS = 512
export const WARM_SECONDS = 4
export const RUN_SECONDS = 8
const HOT_SEATS = 100

/** Durable holds a second at 512 connections: Cavea in both profiles against the usual ways to keep seats. */
export async function holds(deps: BenchDeps): Promise<Result> {
  return await compare(deps, 'Durable holds over HTTP, 512 connections', [
    contender('for-update', 'gateway'),
    contender('conditional-update', 'gateway'),
    contender('redis-script', 'gateway'),
    contender('redis-script', 'bare'),
    caveaOnKafka(false),
    caveaOnKafka(true),
    caveaEmbedded(),
  ])
}

/** The embedded profile alone, which is what `npm start` gives. */
export async function embedded(deps: BenchDeps): Promise<Result> {
  return await compare(deps, 'Embedded profile: durable holds over HTTP, 512 connections', [caveaEmbedded()])
}

/** One Kafka contender and one other, to see quickly whether everything works. */
export async function quick(deps: BenchDeps): Promise<Result> {
  return await compare(deps, 'Quick look', [contender('conditional-update', 'gateway'), caveaOnKafka(false)])
}

/** Requests a second when all want the same 100 seats, against each having its own. */
export async function hotSeats({ engines, repeats }: BenchDeps): Promise<Result> {
  const side = caveaOnKafka(false)
  const uniform: HoldsRun[] = []
  const hot: HoldsRun[] = []
  for (let repeat = 0; repeat < repeats; repeat++) {
    const running = await side.start(engines, { shape: SHAPE, performances: 3 })
    try {
      const [warm = '', forUniform = '', forHot = ''] = running.performanceIds
      const load = { shape: SHAPE, connections: CONNECTIONS, seconds: RUN_SECONDS }
      await runHolds(running, warm, { ...load, seconds: WARM_SECONDS })
      uniform.push(await runHolds(running, forUniform, load))
      hot.push(await runHolds(running, forHot, { ...load, hotSeats: HOT_SEATS }))
    } finally {
      await running.stop()
    }
  }
  const requests = (runs: readonly HoldsRun[]) => ({ 'requests/s': spreadOf(runs.map(({ requestRate }) => requestRate)) })
  return {
    title: '100 hot seats against uniform',
    how: `Cavea on Kafka, ${CONNECTIONS} connections, ${RUN_SECONDS} s each, ${repeats} interleaved repeats; of the requests for hot seats nearly all are refused, which is an answer from the log like any other.`,
    plot: 'requests/s',
    rows: [uniform, hot].map((runs, at) => {
      const { of, figures } = rowOf(at === 0 ? 'each its own seat' : `${HOT_SEATS} hot seats`, '', runs)
      return { of, figures: { ...requests(runs), ...figures } }
    }),
  }
}

const PARTITION_COUNTS = [1, 4, 16, 64]

/** What a hold costs as the number of partitions grows. */
export async function partitions(deps: BenchDeps): Promise<Result> {
  const sides = PARTITION_COUNTS.map((count) => ({
    ...caveaOnKafka(false, { env: { CAVEA_PARTITIONS: String(count) } }),
    name: `${count} partitions`,
  }))
  return { ...(await compare(deps, 'Growth of the partitions', sides)), plot: 'CPU µs/hold' }
}

async function compare({ engines, repeats, say }: BenchDeps, title: string, sides: readonly Side[]): Promise<Result> {
  const runs = new Map<string, HoldsRun[]>(sides.map(({ name }) => [name, []]))
  for (let repeat = 1; repeat <= repeats; repeat++)
    for (const side of sides) {
      // Each starts afresh: a side that only waits would take processor time from the one that is measured.
      const running = await side.start(engines, { shape: SHAPE, performances: 2 })
      try {
        const [warm = '', measured = ''] = running.performanceIds
        await runHolds(running, warm, { shape: SHAPE, connections: CONNECTIONS, seconds: WARM_SECONDS })
        const run = await runHolds(running, measured, { shape: SHAPE, connections: CONNECTIONS, seconds: RUN_SECONDS })
        runs.get(side.name)?.push(run)
        const cpu = Object.entries(run.cpuUs).map(([part, us]) => `${part} ${shown(us)}`)
        say(
          `${repeat}/${repeats} ${side.name}: ${shown(run.rate)} holds/s; CPU µs: ${cpu.join(', ')}; wrk ${shown(run.loadCpuUs)}; p99 ${shown(run.p99Ms)} ms; refused ${shown(run.refusedShare)}; broken ${run.broken}; others ${shown(run.othersBusy)}`,
        )
      } finally {
        await running.stop()
      }
    }
  return {
    title,
    how: `${repeats} interleaved runs of ${RUN_SECONDS} s, each after ${WARM_SECONDS} s on another performance, each side started afresh; 200,000 seats in 40 sections; one free seat and one idempotency key per request, 2,000 buyers in turn; what was acknowledged is compared with what is recorded.`,
    plot: 'holds/s',
    rows: sides.map(({ name, durability }) => rowOf(name, durability, runs.get(name) ?? [])),
  }
}

export function rowOf(of: string, note: string, runs: readonly HoldsRun[]): Result['rows'][number] {
  const parts = Object.keys(runs[0]?.cpuUs ?? {})
  const figure = (read: (run: HoldsRun) => number) => spreadOf(runs.map(read))
  return {
    of,
    note,
    figures: {
      'holds/s': figure(({ rate }) => rate),
      'CPU µs/hold': figure(({ cpuUs }) => Object.values(cpuUs).reduce((sum, us) => sum + us, 0)),
      ...Object.fromEntries(parts.map((part) => [`${part} µs`, figure(({ cpuUs }) => cpuUs[part] ?? Number.NaN)])),
      'wrk µs': figure(({ loadCpuUs }) => loadCpuUs),
      'refused share': figure(({ refusedShare }) => refusedShare),
      'p50 ms': figure(({ p50Ms }) => p50Ms),
      'p99 ms': figure(({ p99Ms }) => p99Ms),
      'others busy': figure(({ othersBusy }) => othersBusy),
    },
  }
}
