import { z } from 'zod'
import { isCurrency } from './money.ts'

/**
 * What clients may send. The same objects check requests and describe them in the OpenAPI document, so neither can be
 * right without the other. Every object is strict: a misspelt field is refused, not ignored.
 */

const name = z.string().trim().min(1).max(200)
const time = z.iso
  .datetime({ offset: true })
  .meta({ description: 'RFC 3339. Answers are in UTC with milliseconds.', example: '2027-05-01T19:30:00.000Z' })
const seconds = (max: number): z.ZodInt => z.int().min(0).max(max)

const seatIds = z
  .array(z.string().min(1).max(100))
  .min(1)
  .max(1_000)
  .superRefine((ids, context) => {
    const seen = new Set<string>()
    for (const [index, id] of ids.entries()) {
      if (seen.has(id))
        context.addIssue({ code: 'custom', path: [index], message: `The seat "${id}" is named twice.`, params: { code: 'DUPLICATE_SEAT' } })
      seen.add(id)
    }
  })
  .meta({
    description: "Ids of seats in the seat map (a pretix plan's `seat_guid`).",
    example: ['Stalls-A-1', 'Stalls-A-2'],
  })

const currency = z
  .string()
  .refine(isCurrency, { message: 'This is no currency code of ISO 4217.' })
  .meta({ description: 'ISO 4217.', example: 'VND' })

const timeZone = z
  .string()
  .max(100)
  .refine(isTimeZone, { message: 'This is no time zone of the IANA database.' })
  .meta({ example: 'Asia/Ho_Chi_Minh' })

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return !/^[+-]/.test(zone) // An offset is no zone: it knows nothing of daylight saving.
  } catch {
    return false
  }
}

export const VenueRequest = z
  .strictObject({
    name: name.meta({ example: 'Small theatre' }),
    timeZone,
    address: z.strictObject({
      street: z.string().trim().max(200),
      city: z.string().trim().max(200),
      postalCode: z.string().trim().max(20),
      country: z
        .string()
        .regex(/^[A-Z]{2}$/, 'A country is two capital letters.')
        .meta({ description: 'ISO 3166-1 alpha-2.', example: 'VN' }),
    }),
  })
  .meta({ id: 'VenueRequest' })

const SEATS_PER_HOLD_MAX = 100

const price = z.strictObject({
  category: z.string().min(1).max(200),
  amount: z.int().min(0).meta({ description: "In the currency's minor units.", example: 125000 }),
})

const holdPolicy = z
  .strictObject({
    ttlSeconds: seconds(86_400).min(1).default(600).meta({ description: 'How long a hold lives.' }),
    extensionSeconds: seconds(86_400).default(600).meta({ description: 'How much its one extension adds.' }),
    maxSeconds: seconds(172_800).min(1).default(1_800).meta({ description: 'No hold lives longer than this.' }),
  })
  .meta({ id: 'HoldPolicy' })

const limit = z.int().min(1).max(10_000).nullable()
const purchaseLimit = limit.meta({
  description: 'Seats that one buyer may have in the performance, held and sold together; null: no limit.',
  example: 6,
})
const sectionLimit = limit.meta({
  description: 'Seats that one buyer may have in each section, held and sold together; null: no limit.',
  example: 4,
})
const seatsPerHold = z.int().min(1).max(SEATS_PER_HOLD_MAX)
const orphanRule = z
  .enum(['off', 'lenient', 'strict'])
  .meta({ description: 'Whether a hold may leave a single empty seat: yes; only where it cannot be avoided; never.' })
const prices = z.array(price).min(1).max(1_000)

export const PerformanceRequest = z
  .strictObject({
    seatMapId: z.string().min(1).max(100),
    venueId: z.string().min(1).max(100).optional().meta({ description: "May be left out. When given, it must be the seat map's." }),
    name: name.optional().meta({ description: "Default: the seat map's name." }),
    startsAt: time,
    endsAt: time.nullable().optional(),
    saleStartsAt: time.nullable().optional().meta({ description: 'Buyers may hold from then on. Default: at once.' }),
    saleEndsAt: time.nullable().optional().meta({ description: 'Buyers may hold before then. Default: no end.' }),
    holdPolicy: holdPolicy.prefault({}),
    purchaseLimit: purchaseLimit.default(null),
    sectionLimit: sectionLimit.default(null),
    orphanRule: orphanRule.default('off'),
    seatsPerHold: seatsPerHold.default(10),
    prices: prices.meta({ description: 'One for every category of the seat map.' }),
    currency,
  })
  .meta({ id: 'PerformanceRequest' })

export const PerformancePatch = z
  .strictObject({
    saleStartsAt: time.nullable(),
    saleEndsAt: time.nullable(),
    holdPolicy: z.strictObject({
      ttlSeconds: seconds(86_400).min(1).optional(),
      extensionSeconds: seconds(86_400).optional(),
      maxSeconds: seconds(172_800).min(1).optional(),
    }),
    purchaseLimit,
    sectionLimit,
    orphanRule,
    seatsPerHold,
    prices,
  })
  .partial()
  .meta({ id: 'PerformancePatch', description: 'What is left out stays as it is.' })

const quantity = z.int().min(1).max(SEATS_PER_HOLD_MAX)
const minorUnits = z.int().min(0)

const priceRange = z
  .strictObject({ min: minorUnits.optional(), max: minorUnits.optional() })
  .superRefine(({ min, max }, context) => {
    if (min !== undefined && max !== undefined && min > max)
      context.addIssue({ code: 'custom', message: '`min` is above `max`.', params: { code: 'MIN_ABOVE_MAX' } })
  })
  .meta({ description: "Seats of the categories whose price is within, in the currency's minor units.", example: { max: 6000 } })

const bestAvailable = z
  .strictObject({
    quantity,
    section: z.string().min(1).max(100).optional().meta({ description: 'Seats of this section only. Default: of any.', example: 'stalls' }),
    category: z.string().min(1).max(200).optional().meta({ description: 'Seats of this category only.', example: 'Premium' }),
    price: priceRange.optional(),
    accessible: z.boolean().default(false).meta({ description: 'Wheelchair places with the companions beside them.' }),
  })
  .meta({ description: 'Leaves the choice to us: side by side and near the stage where that can be.' })

export const HoldRequest = z
  .strictObject({
    seats: seatIds.optional(),
    bestAvailable: bestAvailable.optional(),
    area: z.string().min(1).max(100).optional().meta({ description: 'The id of a standing area.', example: 'floor' }),
    quantity: quantity.optional().meta({ description: 'Places in the standing area.' }),
  })
  .superRefine(({ seats, bestAvailable: wish, area, quantity: places }, context) => {
    const named = [seats, wish, area].filter((choice) => choice !== undefined).length
    if (named !== 1)
      context.addIssue({
        code: 'custom',
        message: 'Name either `seats`, or `bestAvailable`, or `area` with `quantity`.',
        params: { code: 'ONE_OF' },
      })
    if (area !== undefined && places === undefined)
      context.addIssue({
        code: 'custom',
        path: ['quantity'],
        message: 'Say how many places the area is asked for.',
        params: { code: 'REQUIRED' },
      })
    if (area === undefined && places !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['quantity'],
        message: 'A quantity stands with an `area`; the best seats have theirs in `bestAvailable`.',
        params: { code: 'WITHOUT_AREA' },
      })
  })
  .meta({ id: 'HoldRequest', description: 'Exactly one of `seats`, `bestAvailable`, or `area` with `quantity`.' })

export const BlockRequest = z
  .strictObject({
    seats: seatIds,
    note: z.string().max(500).default('').meta({ description: 'Kept for ever, so not for names of people.', example: 'Sound desk' }),
  })
  .meta({ id: 'BlockRequest' })

/** Requests that need no body may send an empty object. */
export const NoFields = z.strictObject({})

export type PerformanceInput = z.output<typeof PerformanceRequest>
export type PerformancePatchInput = z.output<typeof PerformancePatch>
export type HoldInput = z.output<typeof HoldRequest>
export type BestAvailableInput = NonNullable<HoldInput['bestAvailable']>

/** Fields that the contract names and this version cannot serve: refusing them by name is better than "unknown field". */
const NOT_YET: ReadonlySet<string> = new Set(['waitingRoom', 'ticketType'])

export const isNotYet = (field: string): boolean => NOT_YET.has(field)
