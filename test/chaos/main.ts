import { parseArgs } from 'node:util'
import { ensureEngines } from '@cavea/engines/install'
import { endUnready } from '@cavea/engines/process'
import { endAll } from '../support/endings.ts'
import { showOutput } from '../support/program.ts'
import { type ChaosCluster, startChaosCluster } from './chaos-cluster.ts'
import { HistoryCheck } from './check.ts'
import { FAULTS } from './faults/all.ts'
import { roundsOf } from './plan.ts'
import { describePlayed, playRound } from './round.ts'
import { describeTotals, Totals } from './totals.ts'

const NAMES = FAULTS.map(({ fault }) => fault.name)
const USAGE = `Usage: npm run chaos -- [--seed <number>] [--minutes <how long>] [--only <fault,fault …>]
Without --minutes every fault comes as often as it is meant to, once through; with it, no round begins after so many minutes.
Faults: ${NAMES.join(' ')}`
const EXIT_INTERRUPTED = 130
/** One Ctrl-C under npm comes twice: from the terminal, and from npm. */
const ONE_KEYPRESS_MS = 400

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
const minutes = values.minutes === undefined ? undefined : Number(values.minutes)
const only = values.only.split(',').filter((name) => name !== '')
const areWrong = !Number.isSafeInteger(seed) || !(minutes === undefined || minutes > 0) || only.some((name) => !NAMES.includes(name))
if (values.help || areWrong) {
  say(USAGE)
  process.exit(values.help ? 0 : 2)
}
const command = [
  'npm run chaos -- --seed',
  seed,
  ...(minutes === undefined ? [] : ['--minutes', minutes]),
  ...(only.length === 0 ? [] : ['--only', only.join()]),
].join(' ')

let starting: Promise<ChaosCluster> | undefined
let interruptedMs: number | undefined
let at = 'at the start'
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    const sinceMs = performance.now() - (interruptedMs ?? performance.now())
    if (sinceMs > ONE_KEYPRESS_MS) process.exit(EXIT_INTERRUPTED) // Asked twice: all that was started dies with this process.
    if (interruptedMs !== undefined) return
    interruptedMs = performance.now()
    say('Stopping …')
    endUnready() // A start under way fails then, and is not waited for.
    void end().finally(() => process.exit(EXIT_INTERRUPTED))
  })

async function end(): Promise<void> {
  const cluster = await starting?.catch(() => undefined)
  await cluster?.stop().catch((error: unknown) => say(`Not all ended well: ${(error as Error).message}`))
  await endAll()
}

async function play(): Promise<void> {
  const startedMs = performance.now()
  const isOver = (): boolean => minutes !== undefined && performance.now() - startedMs > minutes * 60_000
  const { missing } = await ensureEngines(['kafka', 'registry', 'redis'], say)
  for (const { name, why } of missing) say(`${name} is not available: ${why}`)
  say(`Seed ${seed}. Starting Kafka, a schema registry and Redis, two workers, two gateways and a query service …`)
  starting = startChaosCluster(seed)
  const cluster = await starting
  for (const { fault } of FAULTS) {
    const why = fault.isPermitted(cluster)
    if (why !== undefined) say(`skipped ${fault.name}: ${why}`)
  }
  const history = new HistoryCheck(cluster.services)
  const totals = new Totals()
  for (const round of roundsOf(seed, only)) {
    at = `in round ${round.number}`
    const counts = await playRound(cluster, history, round, (played) => {
      totals.addPlayed(played)
      say(`${String(totals.played).padStart(4)}  ${describePlayed(played)}`)
    })
    totals.addLoad(counts)
    say(`round ${round.number} is checked: ${counts.requests} requests, ${counts.doubtful} doubtful, ${counts.unanswered} never answered`)
    if (minutes === undefined ? round.isLastOfPass : isOver()) break
  }
  at = 'in the audit'
  await cluster.services.audit()
  say(`cavea audit verify --redecide finds the log intact.\n`)
  say(describeTotals(totals, history.log, performance.now() - startedMs))
}

let exitCode = 0
try {
  await play()
} catch (error) {
  exitCode = 1
  if (interruptedMs === undefined) {
    await showOutput()
    say(
      `\n✗ ${at}: ${error instanceof Error ? error.message : String(error)}\n\nSeed ${seed}; the same faults again, though never the same timing:\n  ${command}`,
    )
  }
}
if (interruptedMs !== undefined) await new Promise(() => undefined) // The one who stops everything ends the process.
await end()
process.exit(exitCode)
