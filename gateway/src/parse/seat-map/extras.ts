import { type Extras, isRecord, PLAN_LIMITS } from './plan.ts'
import type { Report, Things } from './report.ts'
import { quote } from './text.ts'

/** How much may still be kept of the whole plan's extra fields; shared by all calls of one run. */
export interface ExtrasBudget {
  left: number
  isExceeded: boolean
}

export interface ExtrasRules {
  /** Fields that the parser reads itself. */
  readonly read: ReadonlySet<string>
  /** Fields that the format defines and Cavea only carries: kept without a word. */
  readonly carried: ReadonlySet<string>
  /** Where the owner stands, for patterns: `zones[].rows[]`; empty for the document. */
  readonly path: string
  readonly things: Things
}

interface Copying {
  left: number
  flaw: 'TOO_DEEP' | 'TOO_LARGE' | undefined
  dropped: boolean
}

/** The largest that one owner may keep, in characters of JSON, roughly. */
export const OWNER_MAX: Readonly<Record<Things, number>> = {
  plan: PLAN_LIMITS.extrasOfSectionMax,
  zone: PLAN_LIMITS.extrasOfSectionMax,
  section: PLAN_LIMITS.extrasOfSectionMax,
  category: PLAN_LIMITS.extrasOfSeatMax,
  row: PLAN_LIMITS.extrasOfSeatMax,
  seat: PLAN_LIMITS.extrasOfSeatMax,
}

export function extrasBudget(left: number = PLAN_LIMITS.extrasMax): ExtrasBudget {
  return { left, isExceeded: false }
}

/** Copies the fields of `owner` that the parser does not read, or gives undefined when there is none. */
export function keepExtras(
  report: Report,
  budget: ExtrasBudget,
  owner: Readonly<Record<string, unknown>>,
  rules: ExtrasRules,
  pointer: () => string,
): Record<string, unknown> | undefined {
  let kept: Record<string, unknown> | undefined
  let left = OWNER_MAX[rules.things]
  for (const key of Object.keys(owner)) {
    if (rules.read.has(key)) continue
    const pattern = `${rules.path === '' ? '' : `${rules.path}.`}${key.length > 60 ? quote(key) : key}`
    const at = (): string => `${pointer()}/${pointerToken(key)}`
    if (key === '__proto__') {
      report.tally('FIELD_DROPPED', pattern, rules.things, at)
      continue
    }
    const copy = copyBounded(report, budget, owner[key], { sizeMax: left - key.length, depth: 0 }, pattern, rules.things, at)
    if (copy === undefined) continue
    left -= key.length + copy.size
    kept ??= {}
    kept[key] = copy.value
    if (!rules.carried.has(key)) report.tally('UNKNOWN_FIELD', pattern, rules.things, at)
  }
  return kept
}

/** Copies one JSON value within the limits; a value past them is a fault and gives undefined. `depth` is the value's own. */
export function copyBounded(
  report: Report,
  budget: ExtrasBudget,
  value: unknown,
  limits: { readonly sizeMax: number; readonly depth: number },
  pattern: string,
  things: Things,
  pointer: () => string,
): { readonly value: unknown; readonly size: number } | undefined {
  const allowed = Math.min(limits.sizeMax, budget.left)
  const copying: Copying = { left: allowed, flaw: undefined, dropped: false }
  const copy = copyJson(value, copying, limits.depth)
  if (copying.dropped) report.tally('FIELD_DROPPED', `${pattern}…__proto__`, things, pointer)
  if (copying.flaw === 'TOO_DEEP') {
    report.fault(
      pointer(),
      'EXTRA_FIELD_TOO_DEEP',
      `The extra field ${quote(pattern)} is nested deeper than ${PLAN_LIMITS.extrasDepthMax.toString()} levels.`,
    )
    return undefined
  }
  if (copying.flaw === 'TOO_LARGE' && budget.left <= limits.sizeMax) {
    if (!budget.isExceeded)
      report.fault(pointer(), 'EXTRA_FIELDS_TOO_LARGE', 'The extra fields of the plan are together too large to keep.')
    budget.isExceeded = true
    return undefined
  }
  if (copying.flaw === 'TOO_LARGE') {
    report.fault(pointer(), 'EXTRA_FIELD_TOO_LARGE', `The extra field ${quote(pattern)} is too large to keep.`)
    return undefined
  }
  const size = allowed - copying.left
  budget.left -= size
  return { value: copy, size }
}

/** Both bounds hold before each step, so neither a deep nor a wide value can exhaust the stack or the memory. */
function copyJson(value: unknown, copying: Copying, depth: number): unknown {
  copying.left -= typeof value === 'string' ? value.length + 2 : 4
  if (copying.left < 0) copying.flaw ??= 'TOO_LARGE'
  if (depth > PLAN_LIMITS.extrasDepthMax) copying.flaw ??= 'TOO_DEEP'
  if (copying.flaw !== undefined) return null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  // JSON.parse reads 1e999 as Infinity and keeps -0; neither survives being written again.
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const item of value) {
      items.push(copyJson(item, copying, depth + 1))
      if (copying.flaw !== undefined) break
    }
    return items
  }
  if (!isRecord(value)) return null
  const members: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    if (key === '__proto__') {
      copying.dropped = true
      continue
    }
    copying.left -= key.length + 3
    members[key] = copyJson(value[key], copying, depth + 1)
    if (copying.flaw !== undefined) break
  }
  return members
}

/** Spreads into an object: the field is absent, never undefined, when there is nothing to keep. */
export function withExtras(extras: Extras | undefined): { readonly extras?: Extras } {
  return extras === undefined ? {} : { extras }
}

/** A field's name as one step of a JSON pointer (RFC 6901), bounded. */
export function pointerToken(key: string): string {
  return key.slice(0, 200).replaceAll('~', '~0').replaceAll('/', '~1')
}
