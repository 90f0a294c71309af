import { join } from 'node:path'
import type { BenchDeps, Result } from '../support/measure.ts'
import { runHolds } from '../support/measuring.ts'
import { nowUs, readProfile, type Share } from '../support/profiles.ts'
import { scratchDir } from '../support/programs.ts'
import { caveaEmbedded, caveaOnKafka } from '../support/sides.ts'
import { shown } from '../support/statistics.ts'
import { CONNECTIONS, rowOf, SHAPE } from './holds.ts'

const WARM_SECONDS = 10
const RUN_SECONDS = 10
const ORIGINS_SHOWN = 14
const FUNCTIONS_SHOWN = 30

/** Where the processor's time goes under the load of `holds`: says the profiles, and answers the costs, which profiling inflates. */
export async function profile({ engines, say }: BenchDeps): Promise<Result> {
  const rows: Result['rows'][number][] = []
  for (const make of [caveaOnKafka.bind(undefined, false), caveaEmbedded]) {
    const dir = scratchDir('profiles')
    const side = make({ flags: (part) => ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${join(dir, part)}`] })
    const running = await side.start(engines, { shape: SHAPE, performances: 2 })
    const [warm = '', measured = ''] = running.performanceIds
    await runHolds(running, warm, { shape: SHAPE, connections: CONNECTIONS, seconds: WARM_SECONDS })
    const fromUs = nowUs()
    const run = await runHolds(running, measured, { shape: SHAPE, connections: CONNECTIONS, seconds: RUN_SECONDS })
    const toUs = fromUs + RUN_SECONDS * 1_000_000
    await running.stop()
    rows.push(rowOf(side.name, side.durability, [run]))
    for (const part of ['gateway', 'worker-1', 'worker-2', 'query', 'embedded']) {
      if (!(part === 'embedded' ? 'embedded' in run.cpuUs : 'gateway' in run.cpuUs)) continue
      const { busyUs, origins, self, total } = readProfile(join(dir, part), fromUs, toUs)
      say(`\n${side.name}, ${part}: busy ${shown(busyUs / 1_000_000)} s of ${RUN_SECONDS}`)
      say(`by origin\n${listed(origins, ORIGINS_SHOWN)}\nself\n${listed(self, FUNCTIONS_SHOWN)}\ntotal\n${listed(total, FUNCTIONS_SHOWN)}`)
    }
  }
  return { title: 'Costs while profiling', how: 'Profiling inflates them: they are no figures to quote.', rows }
}

const listed = (shares: readonly Share[], count: number): string =>
  shares
    .slice(0, count)
    .map(({ name, share }) => `${(share * 100).toFixed(1).padStart(6)} % ${name}`)
    .join('\n')
