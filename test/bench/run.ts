/** `npm run bench -- [--repeats 3] [measure …]`: measures, and writes what it found to `test/bench/results`. */

import { MEASURES } from './measures.ts'
import { benchEngines } from './support/engines.ts'
import { record } from './support/results.ts'

const REPEATS = 3
const say = (line: string): void => void process.stderr.write(`${line}\n`)

const { names, repeats, writes } = read(process.argv.slice(2))
const engines = benchEngines()
try {
  for (const name of names) {
    say(`▶ ${name}`)
    const result = await MEASURES[name]({ engines, repeats, say })
    const written = record(name, result, { repeats, writes })
    process.stdout.write(`${written}\n`)
  }
} finally {
  await engines.stop()
}
process.exit(0)

function read(args: readonly string[]): { names: readonly (keyof typeof MEASURES)[]; repeats: number; writes: boolean } {
  const chosen: (keyof typeof MEASURES)[] = []
  let repeatsAsked = REPEATS
  let isDry = false
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (arg === '--repeats') repeatsAsked = Number(args[++at])
    else if (arg === '--dry') isDry = true
    else if (Object.hasOwn(MEASURES, arg)) chosen.push(arg as keyof typeof MEASURES)
    else {
      say(`Usage: npm run bench -- [--repeats 3] [--dry] [measure …]\nMeasures: ${Object.keys(MEASURES).join(' ')}; none named means all.`)
      process.exit(arg === '--help' ? 0 : 2)
    }
  }
  if (!Number.isInteger(repeatsAsked) || repeatsAsked < 1) throw new RangeError('--repeats takes a number from 1 on.')
  const all = (Object.keys(MEASURES) as (keyof typeof MEASURES)[]).filter((name) => name !== 'quick' && name !== 'profile')
  return { names: chosen.length > 0 ? chosen : all, repeats: repeatsAsked, writes: !isDry }
}
