import { BUGS } from './bugs.ts'
import { optionsOf } from './options.ts'
import type { Result } from './run.ts'
import { simulate } from './run.ts'

/** Seeds that a child is to play. */
export interface Chunk {
  readonly from: number
  readonly count: number
  /** The name of a mistake that is planted into each world; then the first seed that notices it is the last one played. */
  readonly bug?: string
}

/** What it tells of each. */
export type Played = Omit<Result, 'faults' | 'kinds' | 'trace'> & {
  readonly faults: readonly (readonly [string, number])[]
  readonly kinds: readonly (readonly [string, number])[]
}

async function play({ from, count, bug }: Chunk): Promise<void> {
  const played: Played[] = []
  const plant = bug === undefined ? undefined : BUGS.get(bug)
  for (let seed = from; seed < from + count; seed++) {
    const { faults, kinds, trace: _, ...result } = await simulate(optionsOf(seed), plant)
    played.push({ ...result, faults: [...faults], kinds: [...kinds] })
    if (plant !== undefined && result.violation !== undefined) break
  }
  process.send?.(played)
}

process.on('message', (chunk: Chunk) => {
  play(chunk).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exit(1)
  })
})
