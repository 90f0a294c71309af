import { parseAmount } from './money-text.ts'
import { instantOf } from './zoned-time.ts'

export const ORPHAN_RULES = ['off', 'lenient', 'strict'] as const
export type OrphanRule = (typeof ORPHAN_RULES)[number]

/** What an organiser filled in, as it stands in the fields. Times are the venue's. */
export interface SaleForm {
  readonly name: string
  readonly startsAt: string
  readonly endsAt: string
  readonly opens: 'now' | 'at'
  readonly saleStartsAt: string
  readonly closes: 'start' | 'never' | 'at'
  readonly saleEndsAt: string
  readonly currency: string
  /** By category. */
  readonly prices: Readonly<Record<string, string>>
  readonly holdMinutes: string
  readonly extensionMinutes: string
  readonly maxMinutes: string
  readonly seatsPerHold: string
  /** Empty: no limit. */
  readonly purchaseLimit: string
  readonly orphanRule: OrphanRule
}

export type SaleField = Exclude<keyof SaleForm, 'prices'> | `price-${number}`
export type SaleFault = 'REQUIRED' | 'TIME' | 'PAST' | 'BEFORE_START' | 'AMOUNT' | 'NUMBER' | 'TOO_SHORT'
export type SaleFaults = ReadonlyMap<SaleField, SaleFault>

export interface SaleOf {
  readonly seatMapId: string
  readonly timeZone: string
  readonly categories: readonly string[]
  readonly nowMs: number
}

/** The request that opens the performance, or what has to be mended first, in the order of the form. */
export function readSale(
  form: SaleForm,
  { seatMapId, timeZone, categories, nowMs }: SaleOf,
): { readonly outcome: 'ready'; readonly request: object } | { readonly outcome: 'faulty'; readonly faults: SaleFaults } {
  const faults = new Map<SaleField, SaleFault>()
  const refuse = (field: SaleField, fault: SaleFault): void => void (faults.has(field) || faults.set(field, fault))

  const time = (field: 'startsAt' | 'endsAt' | 'saleStartsAt' | 'saleEndsAt', isRequired: boolean): string | null => {
    const text = form[field]
    if (text === '') {
      if (isRequired) refuse(field, 'REQUIRED')
      return null
    }
    const instant = instantOf(text, timeZone)
    if (instant === undefined) refuse(field, 'TIME')
    return instant ?? null
  }
  const whole = (
    field: 'holdMinutes' | 'extensionMinutes' | 'maxMinutes' | 'seatsPerHold' | 'purchaseLimit',
    min: number,
    max: number,
  ): number => {
    const count = /^\d{1,6}$/.test(form[field].trim()) ? Number(form[field]) : Number.NaN
    if (count >= min && count <= max) return count
    refuse(field, 'NUMBER')
    return min
  }

  const name = form.name.trim()
  if (name === '') refuse('name', 'REQUIRED')
  const startsAt = time('startsAt', true)
  if (startsAt !== null && Date.parse(startsAt) <= nowMs) refuse('startsAt', 'PAST')
  const endsAt = time('endsAt', false)
  if (startsAt !== null && endsAt !== null && endsAt <= startsAt) refuse('endsAt', 'BEFORE_START')
  const prices = categories.map((category, at) => {
    const text = form.prices[category] ?? ''
    const amount = parseAmount(text, form.currency)
    if (amount === undefined) refuse(`price-${at}`, text.trim() === '' ? 'REQUIRED' : 'AMOUNT')
    return { category, amount: amount ?? 0 }
  })
  const saleStartsAt = form.opens === 'at' ? time('saleStartsAt', true) : null
  const saleEndsAt = form.closes === 'at' ? time('saleEndsAt', true) : form.closes === 'start' ? startsAt : null
  if (saleEndsAt !== null && !faults.has('startsAt') && (saleStartsAt ?? new Date(nowMs).toISOString()) >= saleEndsAt)
    refuse(form.closes === 'at' ? 'saleEndsAt' : 'saleStartsAt', 'BEFORE_START')
  const [holdMinutes, extensionMinutes, maxMinutes] = [
    whole('holdMinutes', 1, 1_440),
    whole('extensionMinutes', 0, 1_440),
    whole('maxMinutes', 1, 2_880),
  ]
  if (maxMinutes < holdMinutes) refuse('maxMinutes', 'TOO_SHORT')
  const seatsPerHold = whole('seatsPerHold', 1, 100)
  const purchaseLimit = form.purchaseLimit.trim() === '' ? null : whole('purchaseLimit', 1, 10_000)

  if (faults.size > 0) return { outcome: 'faulty', faults }
  return {
    outcome: 'ready',
    request: {
      ...{ seatMapId, name, startsAt, endsAt, saleStartsAt, saleEndsAt },
      holdPolicy: { ttlSeconds: holdMinutes * 60, extensionSeconds: extensionMinutes * 60, maxSeconds: maxMinutes * 60 },
      ...{ purchaseLimit, seatsPerHold, orphanRule: form.orphanRule, prices, currency: form.currency },
    },
  }
}

const FIELD_OF: Readonly<Record<string, SaleField>> = {
  '/holdPolicy/ttlSeconds': 'holdMinutes',
  '/holdPolicy/extensionSeconds': 'extensionMinutes',
  '/holdPolicy/maxSeconds': 'maxMinutes',
}
const FIELDS = new Set([
  'name',
  'startsAt',
  'endsAt',
  'saleStartsAt',
  'saleEndsAt',
  'currency',
  'seatsPerHold',
  'purchaseLimit',
  'orphanRule',
])

/** The field that a fault of the request is about; undefined when it is about none of them. */
export function fieldAt(pointer: string): SaleField | undefined {
  const price = /^\/prices\/(\d+)/.exec(pointer)?.[1]
  if (price !== undefined) return `price-${Number(price)}`
  const field = pointer.slice(1)
  return FIELD_OF[pointer] ?? (FIELDS.has(field) ? (field as SaleField) : undefined)
}
