import type { Played } from './child.ts'

/** What happened in many worlds, added up. */
export class Tally {
  readonly startedMs = performance.now()
  played = 0
  readonly failed: Played[] = []
  decisions = 0
  voids = 0
  answers = 0
  virtualMs = 0
  readonly faults = new Map<string, number>()
  readonly kinds = new Map<string, number>()

  add(played: Played): void {
    this.played++
    if (played.violation !== undefined) this.failed.push(played)
    for (const key of ['decisions', 'voids', 'answers', 'virtualMs'] as const) this[key] += played[key]
    for (const [name, times] of played.faults) this.faults.set(name, (this.faults.get(name) ?? 0) + times)
    for (const [name, times] of played.kinds) this.kinds.set(name, (this.kinds.get(name) ?? 0) + times)
  }

  get perSecond(): number {
    return (this.played * 1_000) / (performance.now() - this.startedMs)
  }

  progress(of: number): string {
    const leftMs = ((of - this.played) * 1_000) / this.perSecond
    return `… ${this.played} of ${of} seeds, ${this.failed.length} failed, ${this.perSecond.toFixed(1)} a second, ${duration(leftMs)} left`
  }

  /** The account of all that was played. */
  summary(): string {
    return [
      `faults:    ${listed(this.faults)}`,
      `decisions: ${listed(this.kinds)}`,
      `${this.played} seeds, ${this.failed.length} failed: ${this.decisions} decisions, ${this.voids} void records, ${this.answers} answers, ` +
        `${duration(this.virtualMs)} of simulated time in ${duration(performance.now() - this.startedMs)}`,
    ].join('\n')
  }
}

const listed = (times: ReadonlyMap<string, number>): string =>
  [...times]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none'

function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`
}
