import { z } from 'zod'
import type { ZodOpenApiPathsObject } from 'zod-openapi'
import { BlockRequest, HoldRequest, PerformancePatch, PerformanceRequest, VenueRequest } from '../parse/requests.ts'
import { SEAT_MAP_MEDIA_TYPES } from '../parse/seat-map/parse-seat-map.ts'
import * as answer from './answers.ts'
import { anyone, command, commandHeaders, json, location, organisers, param, read, tag } from './operations.ts'
import { OF_BODIES, problemResponses } from './problem-responses.ts'
import { PAGE_QUERY, REPORT_PATHS, SEARCH_QUERY } from './report-paths.ts'
import { SEAT_MAP_EXAMPLES } from './seat-map-examples.ts'

const performance = param('performanceId')
const hold = param('holdId')

/** One for each kind of hold. */
const HOLD_EXAMPLES = {
  bestAvailable: { summary: 'The two best seats', value: { bestAvailable: { quantity: 2 } } },
  priced: { summary: 'The two best seats for at most 60.00 each', value: { bestAvailable: { quantity: 2, price: { max: 6000 } } } },
  seats: { summary: 'These seats', value: { seats: ['Stalls-A-1', 'Stalls-A-2'] } },
  area: { summary: 'Four places on the floor', value: { area: 'floor', quantity: 4 } },
}

export const PATHS: ZodOpenApiPathsObject = {
  '/v1/buyers': {
    post: {
      operationId: 'createBuyer',
      tags: ['Buyers'],
      summary: 'Become an anonymous buyer',
      security: [{}],
      responses: {
        '201': { description: 'A new buyer.', content: json(answer.Buyer) },
        ...problemResponses(...OF_BODIES, 'OVERLOADED'),
      },
    },
  },
  '/v1/venues': {
    post: command({
      id: 'createVenue',
      tags: ['Organisers'],
      summary: 'Create a venue',
      content: json(VenueRequest),
      status: '201',
      answer: answer.Venue,
      answerHeaders: location,
      problems: [],
    }),
  },
  '/v1/venues/{venueId}': {
    get: read({
      id: 'readVenue',
      tags: ['Organisers'],
      summary: 'A venue',
      path: param('venueId'),
      answer: answer.Venue,
      security: organisers,
      problems: ['UNAUTHENTICATED', 'VENUE_NOT_FOUND'],
    }),
  },
  '/v1/venues/{venueId}/seat-maps': {
    post: command({
      id: 'importSeatMap',
      tags: ['Organisers'],
      summary: 'Import a seat map',
      description:
        'A pretix seating plan, our own format, or CSV: the media type tells, and JSON is told apart by its fields. Our own format and CSV also have standing areas (a capacity instead of seats) and tables, sold `whole` or by the `chairs`; our own has aisles that override the drawing (`aisleAfter`) and the focal point. At most 16 MiB. Nothing of the map exists to anybody until all of it was accepted.',
      path: param('venueId'),
      query: z.object({ name: z.string().max(200).optional().meta({ description: 'Names a plan that has no name of its own, as CSV.' }) }),
      content: Object.fromEntries(
        SEAT_MAP_MEDIA_TYPES.map((type) => {
          const example = SEAT_MAP_EXAMPLES[type]
          return [type, { schema: type === 'text/csv' ? z.string() : z.looseObject({}), ...(example !== undefined && { example }) }]
        }),
      ),
      status: '201',
      answer: answer.ImportedSeatMap,
      answerHeaders: location,
      problems: ['SEAT_MAP_INVALID', 'VENUE_NOT_FOUND', 'SEAT_MAP_NOT_FOUND', 'SEAT_MAP_INCOMPLETE', 'CATALOG_LOADING'],
    }),
  },
  '/v1/seat-maps/{seatMapId}': {
    get: read({
      id: 'readSeatMap',
      tags: ['Organisers'],
      summary: 'A seat map in our own format',
      path: param('seatMapId'),
      answer: z.looseObject({ seatMapId: z.string() }),
      security: organisers,
      problems: ['UNAUTHENTICATED', 'SEAT_MAP_NOT_FOUND'],
    }),
  },
  '/v1/performances': {
    post: command({
      id: 'schedulePerformance',
      tags: ['Organisers'],
      summary: 'Put a performance on sale',
      description: 'It is `opening` until all its sections answered; then seats can be held.',
      content: json(PerformanceRequest),
      status: '201',
      answer: answer.ScheduledPerformance,
      answerHeaders: { ...location, ETag: tag },
      problems: ['NOT_SUPPORTED', 'SEAT_MAP_NOT_FOUND', 'PRICES_INVALID', 'CATALOG_LOADING'],
    }),
    get: read({
      id: 'listPerformances',
      tags: ['Performances'],
      summary: 'Performances on sale; to organisers, all of theirs',
      description:
        'With any of `q`, `from`, `to`, `city` and `country` those that match: the best match first where `q` is given, else the next one to start.',
      query: z.object({ ...SEARCH_QUERY, ...PAGE_QUERY }),
      answer: answer.PerformanceList,
      security: [{}, ...organisers],
      problems: ['INVALID_INPUT', 'READ_MODEL_UNAVAILABLE'],
    }),
  },
  '/v1/performances/{performanceId}': {
    get: read({
      id: 'readPerformance',
      tags: ['Performances'],
      summary: 'A performance',
      path: performance,
      answer: answer.Performance,
      problems: ['PERFORMANCE_NOT_FOUND'],
    }),
    patch: command({
      id: 'revisePerformance',
      tags: ['Organisers'],
      summary: 'Change the terms of sale',
      description:
        'What is left out stays as it is. With `If-Match`, only if nobody changed them since. Holds that exist keep the prices they were made with.',
      path: performance,
      headers: { 'If-Match': z.string().optional().meta({ description: "The performance's `ETag`.", example: '"r1"' }) },
      content: { ...json(PerformancePatch), 'application/merge-patch+json': { schema: PerformancePatch } },
      status: '200',
      answer: answer.RevisedPerformance,
      answerHeaders: { ETag: tag },
      problems: ['NOT_SUPPORTED', 'PERFORMANCE_NOT_FOUND', 'PRICES_INVALID', 'PRECONDITION_FAILED', 'CATALOG_LOADING'],
    }),
  },
  '/v1/performances/{performanceId}/availability': {
    get: read({
      id: 'readAvailability',
      tags: ['Performances'],
      summary: 'How many seats and places are free, by section',
      path: performance,
      answer: answer.Availability,
      problems: ['PERFORMANCE_NOT_FOUND'],
    }),
  },
  '/v1/performances/{performanceId}/seats': {
    get: read({
      id: 'readSeats',
      tags: ['Performances'],
      summary: 'Every seat and its status',
      path: performance,
      query: z.object({ section: z.string().optional().meta({ description: 'Only this section. May be given several times.' }) }),
      answer: answer.Seats,
      problems: ['PERFORMANCE_NOT_FOUND', 'SECTION_NOT_FOUND'],
    }),
  },
  '/v1/performances/{performanceId}/holds': {
    post: command({
      id: 'holdSeats',
      tags: ['Holds'],
      summary: 'Hold seats',
      description:
        'All of them or none, in as many sections as it takes: chosen seats, the best available ones, or places in a standing area. It is one hold wherever they are. Organisers may hold before the sale opens.',
      security: anyone,
      key: 'required',
      path: performance,
      content: { 'application/json': { schema: HoldRequest, examples: HOLD_EXAMPLES } },
      status: '201',
      answer: answer.NewHold,
      answerHeaders: location,
      problems: [
        'IDEMPOTENCY_KEY_REQUIRED',
        'NOT_SUPPORTED',
        'PERFORMANCE_NOT_FOUND',
        'SEAT_NOT_FOUND',
        'SEAT_UNAVAILABLE',
        'NOT_ENOUGH_SEATS',
        'TABLE_SOLD_WHOLE',
        'ORPHAN_SEAT',
        'SALE_NOT_OPEN',
        'PURCHASE_LIMIT',
        'PERFORMANCE_OPENING',
        'PART_UNANSWERED',
        'CATALOG_LOADING',
      ],
    }),
  },
  '/v1/performances/{performanceId}/blocks': {
    post: command({
      id: 'blockSeats',
      tags: ['Organisers'],
      summary: 'Keep seats off sale',
      path: performance,
      content: json(BlockRequest),
      status: '201',
      answer: answer.Block,
      answerHeaders: location,
      problems: [
        'SEATS_SPAN_SECTIONS',
        'PERFORMANCE_NOT_FOUND',
        'SEAT_NOT_FOUND',
        'SEAT_UNAVAILABLE',
        'PERFORMANCE_OPENING',
        'CATALOG_LOADING',
      ],
    }),
  },
  '/v1/performances/{performanceId}/blocks/{blockId}': {
    delete: command({
      id: 'unblockSeats',
      tags: ['Organisers'],
      summary: 'Put blocked seats on sale again',
      path: z.object({ performanceId: z.string(), blockId: z.string() }),
      status: '200',
      answer: answer.RemovedBlock,
      problems: ['PERFORMANCE_NOT_FOUND', 'BLOCK_NOT_FOUND', 'CATALOG_LOADING'],
    }),
  },
  '/v1/holds/{holdId}': {
    get: read({
      id: 'readHold',
      tags: ['Holds'],
      summary: 'A hold of your own',
      path: hold,
      answer: answer.Hold,
      security: anyone,
      problems: ['UNAUTHENTICATED', 'HOLD_NOT_FOUND'],
    }),
    delete: command({
      id: 'releaseHold',
      tags: ['Holds'],
      summary: 'Give the seats back',
      description: 'Doing so again answers the same.',
      security: anyone,
      path: hold,
      status: '200',
      answer: answer.ReleasedHold,
      problems: ['HOLD_NOT_FOUND', 'HOLD_SOLD', 'HOLD_EXPIRED'],
    }),
  },
  '/v1/holds/{holdId}/extend': {
    post: command({
      id: 'extendHold',
      tags: ['Holds'],
      summary: 'Keep the seats a while longer',
      security: anyone,
      path: hold,
      status: '200',
      answer: answer.ExtendedHold,
      problems: ['HOLD_NOT_FOUND', 'HOLD_SOLD', 'HOLD_NOT_EXTENDABLE', 'HOLD_EXPIRED', 'HOLD_RELEASED'],
    }),
  },
  '/v1/holds/{holdId}/sell': {
    post: command({
      id: 'sellHold',
      tags: ['Organisers'],
      summary: 'Sell without an order, as a box office does',
      path: hold,
      status: '200',
      answer: answer.SoldHold,
      problems: ['HOLD_NOT_FOUND', 'HOLD_EXPIRED', 'HOLD_RELEASED', 'READ_SERVICE_UNAVAILABLE', 'READ_SERVICE_TIMEOUT'],
    }),
  },
  '/v1/commands/{commandId}': {
    get: {
      operationId: 'readCommand',
      tags: ['Commands'],
      summary: 'What became of a command',
      description:
        'For who sent it only. The body is what the request would have got: its answer or, where `Cavea-Outcome` is `rejected`, its problem.',
      security: anyone,
      requestParams: { path: param('commandId') },
      responses: {
        '200': {
          description: 'Decided.',
          headers: z.object({ 'Cavea-Outcome': z.enum(['accepted', 'rejected']), ...commandHeaders }),
          content: { 'application/json': { schema: z.looseObject({}) }, 'application/problem+json': { schema: answer.Problem } },
        },
        '202': { description: 'Not decided yet.', headers: z.object({ 'Retry-After': z.string() }), content: json(answer.PendingCommand) },
        ...problemResponses('UNAUTHENTICATED', 'COMMAND_NOT_FOUND', 'CATALOG_LOADING'),
      },
    },
  },
  ...REPORT_PATHS,
}
