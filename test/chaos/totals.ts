import { percentile } from '../support/numbers.ts'
import type { LogReader } from './history/log-reader.ts'
import type { LoadCounts } from './load.ts'
import type { Played } from './round.ts'

/** What a run was, summed up. */
export class Totals {
  readonly #played: Played[] = []
  readonly #loads: LoadCounts[] = []

  get played(): number {
    return this.#played.length
  }

  addPlayed(played: Played): void {
    this.#played.push(played)
  }

  addLoad(counts: LoadCounts): void {
    this.#loads.push(counts)
  }

  of(name: string): readonly Played[] {
    return this.#played.filter((played) => played.name === name)
  }

  names(): readonly string[] {
    return [...new Set(this.#played.map(({ name }) => name))].toSorted()
  }

  sum(what: keyof LoadCounts): number {
    return this.#loads.reduce((sum, counts) => sum + counts[what], 0)
  }
}

const COLUMNS = ['fault', 'times', 'lasted', 'taken over after', 'longest', 'decides again after', 'longest']

export function describeTotals(totals: Totals, log: LogReader, tookMs: number): string {
  const seconds = (ms: number): string => (Number.isFinite(ms) ? `${(ms / 1_000).toFixed(1)} s` : '–')
  const medianAndMax = (values: readonly number[]): readonly number[] => [percentile(values, 0.5), Math.max(...values)]
  const rows = totals.names().map((name) => {
    const played = totals.of(name)
    const takenOver = medianAndMax(played.flatMap(({ takenOverMs }) => takenOverMs ?? []))
    const recovered = medianAndMax(played.map(({ recoveredMs }) => recoveredMs))
    const lasted = percentile(
      played.map(({ lastedMs }) => lastedMs),
      0.5,
    )
    return [name, String(played.length), ...[lasted, ...takenOver, ...recovered].map(seconds)]
  })
  const widths = COLUMNS.map((column, at) => Math.max(...[column, ...rows.map((row) => row[at] ?? '')].map(({ length }) => length)))
  const table = [COLUMNS, ...rows].map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
  )
  const number = (what: Parameters<Totals['sum']>[0]): string => totals.sum(what).toLocaleString('en')
  return [
    ...table,
    'Times are medians; taken over: while it still lasted, by the others.',
    '',
    `${totals.played} faults in ${(tookMs / 60_000).toFixed(1)} minutes.`,
    `${number('requests')} requests in ${number('sendings')} sendings: ${number('granted')} granted, ${number('refused')} refused;`,
    `${number('doubtful')} were answered after it had been unknown what became of them, ${number('unanswered')} were given up.`,
    `${log.decisions.toLocaleString('en')} decisions count, ${log.voids.toLocaleString('en')} records beside them are void.`,
    'No violation.',
  ].join('\n')
}
