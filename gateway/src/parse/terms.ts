import type { PerformanceTerms, Price } from '@cavea/contracts/catalog/messages'
import { type EpochMillis, epochMillis } from '@cavea/contracts/ids'
import type { PerformanceInput, PerformancePatchInput } from './requests.ts'
import { type InputError, InvalidInputError } from './validate.ts'

/** What the terms of sale must fit: the performance's own time, and the categories of its seat map. */
export interface Occasion {
  readonly startsAtMs: EpochMillis
  readonly endsAtMs: EpochMillis | null
  readonly categories: readonly { readonly name: string }[]
}

const millisOf = (time: string): EpochMillis => epochMillis(Date.parse(time))

const millisOrNull = (time: string | null | undefined): EpochMillis | null => (time === null || time === undefined ? null : millisOf(time))

/** The times of a new performance. Throws `InvalidInputError` when it ends before it starts. */
export function timesOf({ startsAt, endsAt }: PerformanceInput): Pick<Occasion, 'startsAtMs' | 'endsAtMs'> {
  const startsAtMs = millisOf(startsAt)
  const endsAtMs = millisOrNull(endsAt)
  if (endsAtMs !== null && endsAtMs <= startsAtMs)
    throw new InvalidInputError([{ pointer: '/endsAt', code: 'BEFORE_START', detail: 'A performance ends after it starts.' }])
  return { startsAtMs, endsAtMs }
}

/** The terms that a new performance starts with. Throws `InvalidInputError` with everything that does not fit. */
export function initialTerms(input: PerformanceInput, occasion: Occasion): PerformanceTerms {
  return checked(
    {
      saleStartsAtMs: millisOrNull(input.saleStartsAt),
      saleEndsAtMs: millisOrNull(input.saleEndsAt),
      holdTtlMs: input.holdPolicy.ttlSeconds * 1_000,
      extensionMs: input.holdPolicy.extensionSeconds * 1_000,
      holdMaxMs: input.holdPolicy.maxSeconds * 1_000,
      seatsPerHoldMax: input.seatsPerHold,
      purchaseLimit: input.purchaseLimit,
      sectionLimit: input.sectionLimit,
      orphanRule: input.orphanRule,
      prices: pricesOf(input.prices),
    },
    occasion,
  )
}

/** The present terms with what the patch names changed; null takes a limit away. Throws `InvalidInputError`. */
export function revisedTerms(present: PerformanceTerms, patch: PerformancePatchInput, occasion: Occasion): PerformanceTerms {
  const { saleStartsAt, saleEndsAt, holdPolicy, purchaseLimit, sectionLimit, orphanRule, seatsPerHold, prices } = patch
  const inMillis = (seconds: number | undefined, kept: number): number => (seconds === undefined ? kept : seconds * 1_000)
  return checked(
    {
      saleStartsAtMs: saleStartsAt === undefined ? present.saleStartsAtMs : millisOrNull(saleStartsAt),
      saleEndsAtMs: saleEndsAt === undefined ? present.saleEndsAtMs : millisOrNull(saleEndsAt),
      holdTtlMs: inMillis(holdPolicy?.ttlSeconds, present.holdTtlMs),
      extensionMs: inMillis(holdPolicy?.extensionSeconds, present.extensionMs),
      holdMaxMs: inMillis(holdPolicy?.maxSeconds, present.holdMaxMs),
      seatsPerHoldMax: seatsPerHold ?? present.seatsPerHoldMax,
      purchaseLimit: purchaseLimit === undefined ? present.purchaseLimit : purchaseLimit,
      sectionLimit: sectionLimit === undefined ? present.sectionLimit : sectionLimit,
      orphanRule: orphanRule ?? present.orphanRule,
      prices: prices === undefined ? present.prices : pricesOf(prices),
    },
    occasion,
  )
}

const pricesOf = (prices: PerformanceInput['prices']): readonly Price[] =>
  prices.map(({ category, amount }) => ({ category, ticketType: '', amount }))

function checked(terms: PerformanceTerms, { categories }: Occasion): PerformanceTerms {
  const errors: InputError[] = [...priceErrors(terms.prices, new Set(categories.map(({ name }) => name)))]
  const { saleStartsAtMs, saleEndsAtMs, holdTtlMs, holdMaxMs } = terms
  if (saleStartsAtMs !== null && saleEndsAtMs !== null && saleEndsAtMs <= saleStartsAtMs)
    errors.push({ pointer: '/saleEndsAt', code: 'BEFORE_START', detail: 'The sale ends after it starts.' })
  if (holdMaxMs < holdTtlMs)
    errors.push({
      pointer: '/holdPolicy/maxSeconds',
      code: 'TOO_SMALL',
      detail: 'A hold may live at least as long as it does without an extension.',
    })
  if (errors.length > 0) throw new InvalidInputError(errors)
  return terms
}

function priceErrors(prices: readonly Price[], categories: ReadonlySet<string>): readonly InputError[] {
  const priced = new Set<string>()
  const errors: InputError[] = []
  for (const [index, { category }] of prices.entries()) {
    const pointer = `/prices/${index}/category`
    if (!categories.has(category)) errors.push({ pointer, code: 'UNKNOWN_CATEGORY', detail: `The seat map has no category "${category}".` })
    if (priced.has(category)) errors.push({ pointer, code: 'DUPLICATE', detail: `"${category}" has a price already.` })
    priced.add(category)
  }
  for (const name of categories)
    if (!priced.has(name)) errors.push({ pointer: '/prices', code: 'PRICE_MISSING', detail: `The category "${name}" has no price.` })
  return errors
}
