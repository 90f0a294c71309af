import { z } from 'zod'
import type { ZodOpenApiPathsObject } from 'zod-openapi'
import * as answer from './answers.ts'
import { anyone, organisers, param, read } from './operations.ts'
import type { ProblemCode } from './problem-responses.ts'

const time = z.iso.datetime().meta({ example: '2027-05-01T12:30:00.000Z' })
const moment = (description: string): z.ZodType => z.string().optional().meta({ description, example: '2027-05-01' })
const counts = { available: z.int(), held: z.int(), sold: z.int(), blocked: z.int() }
const next = z.string().nullable().meta({ description: 'Send it as `cursor` for the next page; null on the last one.' })

export const PAGE_QUERY = { limit: z.coerce.number().int().min(1).max(100).optional(), cursor: z.string().optional() }

export const SEARCH_QUERY = {
  q: z.string().max(200).optional().meta({
    description:
      "Beginnings of words of the performance's, its venue's or its city's name, all of them, in any order. Accents and case do not matter.",
    example: 'nha hat',
  }),
  from: moment('Starts then or later: a day, in UTC, or a time with its zone.'),
  to: moment('Starts before.'),
  city: z.string().max(200).optional().meta({ example: 'Rotterdam' }),
  country: z.string().length(2).optional().meta({ description: 'ISO 3166-1 alpha-2.', example: 'NL' }),
}

const History = z
  .object({ data: z.array(z.object({ at: time, ...counts })).meta({ description: 'From the first decision to now.' }) })
  .meta({ id: 'History' })

const Sales = z
  .object({
    data: z.array(
      z.object({
        day: z.string().meta({ description: "In the venue's time zone.", example: '2027-05-01' }),
        category: z.string(),
        seats: z.int(),
        revenue: answer.Money,
      }),
    ),
    total: z.object({ seats: z.int(), revenue: answer.Money }),
  })
  .meta({ id: 'Sales' })

const SeatDecisions = z
  .object({
    data: z.array(
      z.object({
        at: time,
        event: z.string().nullable().meta({ description: 'What happened; null for a refusal.', example: 'SeatsHeld' }),
        status: z.enum(['available', 'held', 'sold', 'blocked']).nullable().meta({ description: 'Of the seat from then on.' }),
        outcome: z.enum(['accepted', 'rejected', 'started']),
        code: z.string().nullable().meta({ description: 'Why it was refused.', example: 'SEAT_UNAVAILABLE' }),
        commandType: z.string().meta({ example: 'HoldSeats' }),
        commandId: z.string(),
        causationId: z.string().meta({ description: 'The command or decision that led to it; empty when a person did.' }),
        holdId: z.string().nullable(),
        actor: z.object({ kind: z.enum(['buyer', 'organiser', 'system']), id: z.string() }),
        decision: z.string().meta({ description: 'Where it stands in the log.', example: 'seating/3/1204' }),
      }),
    ),
    next,
  })
  .meta({ id: 'SeatDecisions' })

const Holds = z.object({ data: z.array(answer.Hold), next }).meta({ id: 'HoldList' })

const OF_REPORTS: readonly ProblemCode[] = ['INVALID_INPUT', 'UNAUTHENTICATED', 'READ_MODEL_UNAVAILABLE']
const OF_PERFORMANCES: readonly ProblemCode[] = [...OF_REPORTS, 'FORBIDDEN', 'PERFORMANCE_NOT_FOUND']
const performance = param('performanceId')

/** What is read from tables. A deployment without a database answers 503 `READ_MODEL_UNAVAILABLE`. */
export const REPORT_PATHS: ZodOpenApiPathsObject = {
  '/v1/performances/{performanceId}/history': {
    get: read({
      id: 'readHistory',
      tags: ['Organisers'],
      summary: 'How many seats were available, held, sold and blocked, over time',
      path: performance,
      query: z.object({
        points: z.coerce.number().int().min(2).max(1000).optional().meta({ description: 'At most so many; 200 unless given.' }),
      }),
      answer: History,
      security: organisers,
      problems: OF_PERFORMANCES,
    }),
  },
  '/v1/performances/{performanceId}/sales': {
    get: read({
      id: 'readSales',
      tags: ['Organisers'],
      summary: 'Seats sold and revenue, by day and category',
      path: performance,
      query: z.object({ by: z.literal('day').optional() }),
      answer: Sales,
      security: organisers,
      problems: OF_PERFORMANCES,
    }),
  },
  '/v1/performances/{performanceId}/seats/{seatId}/decisions': {
    get: read({
      id: 'readSeatDecisions',
      tags: ['Organisers'],
      summary: 'Everything that was decided about a seat, in the order of the log',
      path: z.object({ performanceId: z.string(), seatId: z.string() }),
      query: z.object(PAGE_QUERY),
      answer: SeatDecisions,
      security: organisers,
      problems: [...OF_PERFORMANCES, 'SEAT_NOT_FOUND'],
    }),
  },
  '/v1/holds': {
    get: read({
      id: 'listHolds',
      tags: ['Holds'],
      summary: 'Your own holds, the newest first',
      description: 'Holds that were released or expired long ago may be left out.',
      query: z.object({ status: z.enum(['held', 'sold', 'released', 'expired']).optional(), ...PAGE_QUERY }),
      answer: Holds,
      security: anyone,
      problems: OF_REPORTS,
    }),
  },
}
