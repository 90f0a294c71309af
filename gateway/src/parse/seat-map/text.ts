import { PLAN_LIMITS } from './plan.ts'
import type { Report } from './report.ts'

// Controls, lone surrogates (UTF-8 cannot carry them), line separators, and the marks that reorder what a reader sees.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u
const ALL_UNPRINTABLE = new RegExp(UNPRINTABLE, 'gu')

/** Where a text stands, for a fault's pointer and sentence. Asked for only when something is wrong. */
export interface TextPlace {
  readonly pointer: string
  /** What the text is and where, as the start of a sentence: `The name of zone no. 3`. */
  readonly what: string
}

/** Whether the text needs no closer look: within the length and without unprintable characters. Blank text is clean. */
export function isCleanText(value: unknown, lengthMax: number = PLAN_LIMITS.textLengthMax): value is string {
  return typeof value === 'string' && value.length <= lengthMax && !UNPRINTABLE.test(value)
}

/** Gives the value if it is clean text, else reports why not. `blank` text is refused unless allowed. */
export function readText(
  report: Report,
  value: unknown,
  place: () => TextPlace,
  rules: { readonly blank: 'allowed' | 'refused'; readonly lengthMax?: number },
): string | undefined {
  const lengthMax = rules.lengthMax ?? PLAN_LIMITS.textLengthMax
  if (isCleanText(value, lengthMax) && (rules.blank === 'allowed' || value.trim() !== '')) return value
  const { pointer, what } = place()
  if (value === undefined || value === null) report.fault(pointer, 'MISSING', `${what} is missing.`)
  else if (typeof value !== 'string') report.fault(pointer, 'NOT_TEXT', `${what} must be text, not ${kindOf(value)}.`)
  else if (value.length > lengthMax)
    report.fault(pointer, 'TOO_LONG', `${what} is longer than ${lengthMax.toString()} characters: ${quote(value)}.`)
  else if (value.trim() === '') report.fault(pointer, 'BLANK', `${what} is empty.`)
  else report.fault(pointer, 'UNPRINTABLE_CHARACTER', `${what} contains a control character or another unprintable one: ${quote(value)}.`)
  return undefined
}

/** The text in quotation marks, short and printable whatever it is. */
export function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}…` : text
  return `"${short.replace(ALL_UNPRINTABLE, '\ufffd')}"`
}

/** What a JSON value is, for a sentence. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'boolean') return 'true or false'
  return typeof value === 'number' ? 'a number' : 'text'
}
