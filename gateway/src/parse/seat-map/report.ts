import { type Fault, type ParseResult, PLAN_LIMITS, type SeatMapPlan } from './plan.ts'

/** What one run of a parser found out about its document. */
export interface Report {
  readonly fault: (pointer: string, code: string, detail: string) => void
  readonly warn: (pointer: string, code: string, detail: string) => void
  /** Counts what may occur on every seat: one warning per code and pattern, with the number of `things` it was seen on. */
  readonly tally: (code: string, pattern: string, things: Things, pointer: () => string) => void
  readonly isFaulty: () => boolean
  /** So many faults that reading on helps nobody and only costs time: the parser should stop. */
  readonly isFlooded: () => boolean
  /** The result: the plan if there was no fault, else all faults. */
  readonly conclude: (plan: () => SeatMapPlan) => ParseResult
}

export type Things = 'plan' | 'category' | 'zone' | 'section' | 'row' | 'seat'

interface Tally {
  readonly code: string
  readonly pattern: string
  readonly things: Things
  readonly pointer: string
  count: number
}

const TALLY_REASONS: Readonly<Record<string, string>> = {
  UNKNOWN_FIELD: 'this field is not part of the format; it is kept as it is and has no effect',
  FIELD_DROPPED: 'a field of this name is not safe to keep and was left out',
  NUMBER_READ_AS_TEXT: 'the format wants text here and the plan has a number; it was read as text',
  SEAT_WITHOUT_NUMBER: 'seats have no number, so a buyer sees only the section and the row',
  ROW_WITHOUT_LABEL: 'rows have no label, so a buyer sees only the section and the seat number',
  EMPTY_ROW: 'rows have no seats and were left out',
}

const FLOOD = 10_000

/** Starts a report. Past the limits faults and warnings are only counted. */
export function startReport(): Report {
  const faults: Fault[] = []
  const warnings: Fault[] = []
  const tallies = new Map<string, Tally>()
  let faultCount = 0
  let warningCount = 0
  const allWarnings = (): readonly Fault[] => {
    for (const tally of tallies.values()) {
      const counted = `${tally.count.toString()} ${plural(tally.things, tally.count)}`
      keepWarning({
        pointer: tally.pointer,
        code: tally.code,
        detail: `${tally.pattern} (${counted}): ${TALLY_REASONS[tally.code] ?? tally.code}.`,
      })
    }
    return bounded(warnings, warningCount, 'MORE_WARNINGS')
  }
  const keepWarning = (warning: Fault): void => {
    warningCount += 1
    if (warnings.length < PLAN_LIMITS.warningsMax) warnings.push(warning)
  }
  return {
    fault: (pointer, code, detail) => {
      faultCount += 1
      if (faults.length < PLAN_LIMITS.faultsMax) faults.push({ pointer, code, detail })
    },
    warn: (pointer, code, detail) => keepWarning({ pointer, code, detail }),
    tally: (code, pattern, things, pointer) => {
      const key = `${code} ${pattern}`
      const seen = tallies.get(key)
      if (seen) seen.count += 1
      else if (tallies.size >= FLOOD) warningCount += 1
      else tallies.set(key, { code, pattern, things, pointer: pointer(), count: 1 })
    },
    isFaulty: () => faultCount > 0,
    isFlooded: () => faultCount >= FLOOD,
    conclude: (plan) =>
      faultCount > 0
        ? { outcome: 'faulty', faults: bounded(faults, faultCount, 'MORE_FAULTS') }
        : { outcome: 'parsed', plan: plan(), warnings: allWarnings() },
  }
}

function bounded(found: readonly Fault[], count: number, code: string): readonly Fault[] {
  const more = count - found.length
  return more === 0 ? found : [...found, { pointer: '', code, detail: `And ${more.toString()} more.` }]
}

function plural(thing: Things, count: number): string {
  if (count === 1) return thing
  return thing === 'category' ? 'categories' : `${thing}s`
}
