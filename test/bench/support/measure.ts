import type { BenchEngines } from './engines.ts'
import type { Spread } from './statistics.ts'

/** One line of a table: whose figures they are, and the figures by the name of their column. */
export interface Row {
  readonly of: string
  readonly note?: string
  readonly figures: Readonly<Record<string, Spread>>
}

export interface Result {
  readonly title: string
  /** What was done, so that a reader may judge it: sizes, times, repeats. */
  readonly how: string
  readonly rows: readonly Row[]
  /** The figure that the plot shows. */
  readonly plot?: string
}

export interface BenchDeps {
  readonly engines: BenchEngines
  /** At least 3 for figures that are to be quoted. */
  readonly repeats: number
  readonly say: (line: string) => void
}

export type Measure = (deps: BenchDeps) => Promise<Result>
