import type { ZodOpenApiResponsesObject } from 'zod-openapi'
import { Problem } from './answers.ts'

/** Every code that a client may meet, with the status that it comes with. The document lists them per operation. */
export const PROBLEM_STATUS = {
  INVALID_INPUT: 400,
  NOT_SUPPORTED: 400,
  MALFORMED_JSON: 400,
  MALFORMED_TEXT: 400,
  MALFORMED_BODY: 400,
  IDEMPOTENCY_KEY_REQUIRED: 400,
  IDEMPOTENCY_KEY_INVALID: 400,
  SEAT_MAP_INVALID: 400,
  SEATS_SPAN_SECTIONS: 400,
  PRICES_INVALID: 400,
  MIN_VERSION_INVALID: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  ORIGIN_NOT_ALLOWED: 403,
  NOT_FOUND: 404,
  VENUE_NOT_FOUND: 404,
  SEAT_MAP_NOT_FOUND: 404,
  PERFORMANCE_NOT_FOUND: 404,
  SECTION_NOT_FOUND: 404,
  SEAT_NOT_FOUND: 404,
  HOLD_NOT_FOUND: 404,
  BLOCK_NOT_FOUND: 404,
  COMMAND_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TIMEOUT: 408,
  SEAT_UNAVAILABLE: 409,
  NOT_ENOUGH_SEATS: 409,
  TABLE_SOLD_WHOLE: 409,
  ORPHAN_SEAT: 409,
  SALE_NOT_OPEN: 409,
  PURCHASE_LIMIT: 409,
  HOLD_SOLD: 409,
  HOLD_NOT_EXTENDABLE: 409,
  SEAT_MAP_INCOMPLETE: 409,
  ALREADY_DECIDED: 409,
  HOLD_EXPIRED: 410,
  HOLD_RELEASED: 410,
  PRECONDITION_FAILED: 412,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  IDEMPOTENCY_KEY_REUSED: 422,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  NOT_IMPLEMENTED: 501,
  OVERLOADED: 503,
  COMMAND_NOT_SENT: 503,
  COMMAND_UNKNOWN: 503,
  CATALOG_LOADING: 503,
  PERFORMANCE_OPENING: 503,
  PART_UNANSWERED: 503,
  READ_MODEL_BEHIND: 503,
  READ_MODEL_UNAVAILABLE: 503,
  READ_SERVICE_UNAVAILABLE: 503,
  READ_SERVICE_TIMEOUT: 504,
} as const

export type ProblemCode = keyof typeof PROBLEM_STATUS

const EVERYWHERE: readonly ProblemCode[] = ['RATE_LIMITED', 'INTERNAL']
export const OF_BODIES: readonly ProblemCode[] = [
  'INVALID_INPUT',
  'MALFORMED_JSON',
  'MALFORMED_TEXT',
  'MALFORMED_BODY',
  'REQUEST_TIMEOUT',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
]
export const OF_COMMANDS: readonly ProblemCode[] = [
  'IDEMPOTENCY_KEY_INVALID',
  'UNAUTHENTICATED',
  'IDEMPOTENCY_KEY_REUSED',
  'ALREADY_DECIDED',
  'OVERLOADED',
  'COMMAND_NOT_SENT',
  'COMMAND_UNKNOWN',
]
export const OF_READS: readonly ProblemCode[] = [
  'MIN_VERSION_INVALID',
  'READ_MODEL_BEHIND',
  'READ_SERVICE_UNAVAILABLE',
  'READ_SERVICE_TIMEOUT',
]

/** One response per status, which names its codes. */
export function problemResponses(...codes: readonly ProblemCode[]): ZodOpenApiResponsesObject {
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of new Set([...codes, ...EVERYWHERE]))
    byStatus.set(PROBLEM_STATUS[code], [...(byStatus.get(PROBLEM_STATUS[code]) ?? []), code])
  const entries = [...byStatus].sort(([a], [b]) => a - b)
  return Object.fromEntries(
    entries.map(([status, of]) => [
      String(status),
      { description: of.map((code) => `\`${code}\``).join(' · '), content: { 'application/problem+json': { schema: Problem } } },
    ]),
  ) as ZodOpenApiResponsesObject
}
