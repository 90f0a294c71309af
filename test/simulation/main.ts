import { parseArgs } from 'node:util'
import { playMany } from './many.ts'
import { optionsOf } from './options.ts'
import { describeResult } from './report.ts'
import { simulate } from './run.ts'
import { shrink } from './shrink.ts'
import { Tally } from './tally.ts'

const USAGE = `Usage: npm run simulate -- [--seeds <how many>] [--seed <first>] [--shrink] [--jobs <processes>]

Plays the real workers and gateways over a simulated log and clock, one world for each seed, and checks the invariants.
  --seeds   How many seeds. Default 1, of which everything is told; of more, how often each fault and decision happened.
  --seed    The first of them. Default 1.
  --shrink  Makes the first failing world as small as it can before it is told; without it, it is told as it is.
  --jobs    Processes. Default: one for each core.
Ends with exit code 1 when a seed failed. The first that did is told with its options, its clients' steps, its trace, and
the command that repeats it: a seed is always played the same way.`
const SAID_EVERY_MS = 5_000

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string' },
    shrink: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const say = (text: string): void => void process.stdout.write(`${text}\n`)
const from = Number(values.seed)
const count = Number(values.seeds)
const jobs = values.jobs === undefined ? undefined : Number(values.jobs)
const isCount = (number: number | undefined): boolean => number === undefined || (Number.isSafeInteger(number) && number >= 1)

/** Tells all of one world. */
async function tell(seed: number): Promise<boolean> {
  const options = optionsOf(seed)
  const result = await simulate(options)
  const isGood = result.violation === undefined
  const smaller = isGood || !values.shrink ? { options, result } : await shrink(options)
  say(describeResult(smaller.options, smaller.result))
  return isGood
}

async function playAll(): Promise<boolean> {
  const tally = new Tally()
  let saidMs = tally.startedMs
  await playMany(
    { from, count },
    (played) => {
      tally.add(played)
      if (played.violation !== undefined) say(`✗ seed ${played.seed}: ${played.violation.text}`)
      if (performance.now() - saidMs < SAID_EVERY_MS) return
      saidMs = performance.now()
      say(tally.progress(count))
    },
    jobs,
  )
  const [first] = tally.failed.map(({ seed }) => seed).sort((a, b) => a - b)
  if (first !== undefined) await tell(first)
  say(tally.summary())
  return first === undefined
}

if (values.help || !Number.isSafeInteger(from) || !isCount(count) || !isCount(jobs)) {
  say(USAGE)
  process.exit(values.help ? 0 : 2)
}
process.exit((await (count === 1 ? tell(from) : playAll())) ? 0 : 1)
