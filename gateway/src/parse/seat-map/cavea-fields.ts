import { copyBounded, type ExtrasBudget, OWNER_MAX, pointerToken } from './extras.ts'
import { isObject, type Json } from './json-fields.ts'
import { type Extras, isRecord } from './plan.ts'
import type { Report, Things } from './report.ts'
import type { SeatRegister } from './seat-register.ts'
import { quote, readText } from './text.ts'

// Whatever another parser kept must be readable here, where it stands up to three levels deeper and the wrapping counts.
export const EXTRAS_ROOM = 2
const EXTRAS_WRAPPING = 3

/** A part of the document as a fault names it. */
export interface Spot {
  readonly pointer: string
  readonly where: string
}

export interface SeatSpot {
  readonly row: Spot
  readonly index: number
}

/** What one run of the parser carries along. */
export interface Reading {
  readonly report: Report
  readonly budget: ExtrasBudget
  readonly register: SeatRegister<SeatSpot>
  readonly categories: ReadonlySet<string>
}

/** Whether the document says anything here; absent and null are the same. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

/** The name of a category that the plan lists, or the empty string and a fault. */
export function readCategoryName({ report, categories }: Reading, value: unknown, place: () => Spot): string {
  const name =
    readText(
      report,
      value,
      () => {
        const { pointer, where } = place()
        return { pointer, what: `The category of ${where}` }
      },
      { blank: 'refused' },
    )?.trim() ?? ''
  if (name === '' || categories.has(name)) return name
  const { pointer, where } = place()
  report.fault(pointer, 'UNKNOWN_CATEGORY', `The category ${quote(name)} of ${where} is not in the plan's list of categories.`)
  return name
}

export function readExtras(
  report: Report,
  budget: ExtrasBudget,
  value: unknown,
  things: Things,
  pointer: () => string,
): Extras | undefined {
  if (value === undefined) return undefined
  const at = (): string => `${pointer()}/extras`
  if (!isObject(report, value, at, 'The field "extras"')) return undefined
  const copy = copyBounded(
    report,
    budget,
    value,
    { sizeMax: OWNER_MAX[things] * EXTRAS_ROOM, depth: -EXTRAS_WRAPPING },
    'extras',
    things,
    at,
  )?.value
  return isRecord(copy) && Object.keys(copy).length > 0 ? copy : undefined
}

export function refuseUnknown(report: Report, item: Json, known: ReadonlySet<string>, place: () => Spot): void {
  for (const key of Object.keys(item)) {
    if (known.has(key)) continue
    const { pointer, where } = place()
    report.fault(
      `${pointer}/${pointerToken(key)}`,
      'UNKNOWN_FIELD',
      `The field ${quote(key)} of ${where} is not part of the format; fields of your own belong into "extras".`,
    )
  }
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
