import { z } from 'zod'

/** The answers as the OpenAPI document describes them. Fields may be added to them; clients ignore what they do not know. */

const time = z.iso.datetime().meta({ example: '2027-05-01T12:30:00.000Z' })
const id = (prefix: string): z.ZodString => z.string().meta({ example: `${prefix}_01jm2c7v9q4h8d3k5n6p7r8s9t` })

export const Money = z
  .object({
    amount: z.int().meta({ description: "In the currency's minor units (ISO 4217).", example: 125000 }),
    currency: z.string().meta({ example: 'VND' }),
  })
  .meta({ id: 'Money' })

const standing = z
  .boolean()
  .meta({ description: 'Whether it is a standing area, whose places are all alike and asked for by their number.' })
const Section = z
  .object({
    sectionId: z.string().meta({ example: 'stalls' }),
    name: z.string().meta({ example: 'Stalls' }),
    capacity: z.int().meta({ description: 'Seats, or places to stand.' }),
    standing,
  })
  .meta({ id: 'Section' })

export const Buyer = z
  .object({
    buyerId: id('buyer'),
    buyerToken: z
      .string()
      .meta({ description: 'Send it as "Authorization: Bearer …". Who has it owns the holds made with it. Valid for 30 days.' }),
  })
  .meta({ id: 'Buyer' })

export const Venue = z
  .object({
    venueId: id('venue'),
    name: z.string(),
    timeZone: z.string(),
    address: z.object({ street: z.string(), city: z.string(), postalCode: z.string(), country: z.string() }),
  })
  .meta({ id: 'Venue' })

export const ImportedSeatMap = z
  .object({
    seatMapId: id('seatmap'),
    version: z.int().meta({ description: 'From 1, per venue.' }),
    capacity: z.int(),
    sections: z.array(Section),
    warnings: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })),
  })
  .meta({ id: 'ImportedSeatMap' })

const terms = {
  saleStartsAt: time.nullable(),
  saleEndsAt: time.nullable(),
  holdPolicy: z.object({ ttlSeconds: z.number(), extensionSeconds: z.number(), maxSeconds: z.number() }),
  purchaseLimit: z.int().nullable().meta({ description: 'Seats that one buyer may have in the performance.' }),
  sectionLimit: z.int().nullable().meta({ description: 'Seats that one buyer may have in each section.' }),
  orphanRule: z.enum(['off', 'lenient', 'strict']),
  seatsPerHold: z.int(),
  prices: z.array(z.object({ category: z.string(), price: Money })),
  currency: z.string(),
}
const occasion = {
  performanceId: id('perf'),
  venueId: id('venue'),
  seatMapId: id('seatmap'),
  name: z.string(),
  startsAt: time,
  endsAt: time.nullable(),
  revision: z.int().meta({ description: 'Grows with every change of the terms; it is what the ETag says.' }),
  capacity: z.int(),
}
const performanceStatus = z
  .enum(['opening', 'scheduled'])
  .meta({ description: '`opening` until every section answered; holds wait until then.' })

export const ScheduledPerformance = z
  .object({ ...occasion, status: performanceStatus, ...terms, sections: z.array(Section) })
  .meta({ id: 'ScheduledPerformance' })
export const RevisedPerformance = z.object({ ...occasion, ...terms, sections: z.array(Section) }).meta({ id: 'RevisedPerformance' })

export const Performance = z
  .object({
    ...occasion,
    status: performanceStatus,
    ...terms,
    categories: z.array(z.object({ name: z.string(), color: z.string().nullable(), price: Money.nullable() })),
    focalPoint: z
      .object({ x: z.number(), y: z.number() })
      .nullable()
      .meta({ description: "What the audience looks at, in the drawing's units; null: the middle of its upper edge." }),
    sections: z.array(
      Section.extend({
        category: z.string().optional().meta({ description: 'Of a standing area; each seat has its own.' }),
        bounds: z
          .object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
          .nullable()
          .optional()
          .meta({ description: 'Where a standing area is; null: it was not drawn.' }),
      }).meta({ id: 'PerformanceSection' }),
    ),
  })
  .meta({ id: 'Performance' })

export const PerformanceList = z
  .object({
    data: z.array(
      z.object({
        ...occasion,
        status: performanceStatus,
        saleStartsAt: time.nullable(),
        saleEndsAt: time.nullable(),
        currency: z.string(),
      }),
    ),
    next: z.string().nullable().meta({ description: 'Send it as `cursor` for the next page; null on the last one.' }),
  })
  .meta({ id: 'PerformanceList' })

const version = z.int().meta({ description: 'Grows with every change; the same on every server.' })

const counts = { available: z.int(), held: z.int(), sold: z.int(), blocked: z.int() }

export const Availability = z
  .object({
    version,
    sections: z.array(z.object({ sectionId: z.string(), name: z.string(), capacity: z.int(), standing, ...counts })),
  })
  .meta({ id: 'Availability' })

export const Seats = z
  .object({
    version,
    sections: z.array(
      z.object({
        sectionId: z.string(),
        standing,
        seats: z.array(
          z.object({
            seatId: z.string(),
            row: z.string(),
            number: z.string(),
            x: z.number(),
            y: z.number(),
            category: z.string(),
            type: z.enum(['standard', 'wheelchair', 'companion', 'restricted-view', 'vip']),
            status: z.enum(['available', 'held', 'sold', 'blocked']),
          }),
        ),
        capacity: z.int().optional().meta({ description: 'Of a standing area, which has no seats but these numbers.' }),
        ...z.object(counts).partial().shape,
      }),
    ),
  })
  .meta({ id: 'Seats' })

const labels = { seatId: z.string(), section: z.string(), row: z.string(), number: z.string(), category: z.string() }
const ofHold = {
  holdId: id('hold'),
  performanceId: id('perf'),
  sectionId: z.string().optional().meta({ description: 'There when all of it is in one section.' }),
}
const life = { expiresAt: time, extensionsLeft: z.int() }
const places = {
  seats: z.array(z.object({ ...labels, price: Money })),
  quantity: z.int().meta({ description: 'Seats and places in standing areas together.' }),
  areas: z
    .array(z.object({ sectionId: z.string(), name: z.string(), category: z.string(), quantity: z.int(), price: Money }))
    .meta({ description: 'Places in standing areas, with the price of one.' }),
  total: Money,
}

export const NewHold = z
  .object({
    ...ofHold,
    status: z.literal('held'),
    ...places,
    ...life,
    bestAvailable: z
      .object({
        step: z
          .enum(['adjacent-no-orphan', 'adjacent', 'split-rows', 'any', 'combined'])
          .meta({ description: '`combined`: no section had all of them, so they are of several.' }),
        sections: z.array(z.string()).optional().meta({ description: 'Where they are, when several sections were asked.' }),
      })
      .optional()
      .meta({ description: 'How the seats were found, where the choice was left to us.' }),
  })
  .meta({ id: 'NewHold' })
export const Hold = z
  .object({ ...ofHold, status: z.enum(['held', 'sold', 'released', 'expired']), ...places, ...life })
  .meta({ id: 'Hold' })
export const ExtendedHold = z.object({ ...ofHold, status: z.literal('held'), ...life }).meta({ id: 'ExtendedHold' })
export const SoldHold = z.object({ ...ofHold, status: z.literal('sold'), ...places }).meta({ id: 'SoldHold' })
export const ReleasedHold = z.object({ holdId: id('hold'), status: z.literal('released') }).meta({ id: 'ReleasedHold' })

export const Block = z.object({ blockId: id('block'), performanceId: id('perf'), seats: z.array(z.string()) }).meta({ id: 'Block' })
export const RemovedBlock = z.object({ blockId: id('block'), status: z.literal('removed') }).meta({ id: 'RemovedBlock' })

export const PendingCommand = z.object({ commandId: id('cmd'), status: z.literal('pending') }).meta({ id: 'PendingCommand' })

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string().meta({ description: 'Stable: match on this.', example: 'SEAT_UNAVAILABLE' }),
    retryable: z.boolean().meta({ description: 'Whether the same request, with the same Idempotency-Key, may succeed later.' }),
    traceId: z.string(),
    errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })).optional(),
    conflicts: z
      .array(
        z.object({
          seatId: z.string(),
          reason: z.enum(['held', 'sold', 'blocked', 'unknown']),
          since: time.optional(),
          mayFreeAt: time.optional(),
        }),
      )
      .optional(),
    orphans: z.array(z.string()).optional().meta({ description: 'Seats that would be left alone.' }),
    alternative: z.array(z.string()).optional().meta({ description: 'A choice that leaves none alone; empty when there is none.' }),
    missing: z.array(z.string()).optional().meta({ description: 'The other seats of a table that is sold whole.' }),
    opensAt: time.optional(),
    closedAt: time.optional(),
    limit: z.int().optional(),
    have: z.int().optional().meta({ description: 'As many are free, or as many the buyer has already: the `code` tells.' }),
    asked: z.int().optional(),
    extensionsLeft: z.int().optional(),
    revision: z.int().optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457.' })
