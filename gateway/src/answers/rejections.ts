import type { RecordedRejection, Rejection } from '@cavea/contracts/rejections'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { SeatNames } from './seat-names.ts'
import { rfc3339 } from './values.ts'

interface Refusal {
  readonly status: number
  /** What clients see, where it is not the recorded code. */
  readonly code?: string
  readonly detail: (rejection: RecordedRejection, names: SeatNames) => string
  /** What the recorded seats are, for the code that has some. */
  readonly seatsAs?: 'orphans' | 'missing'
}

/** Every recorded refusal in HTTP's words. A new one does not compile until it has a status. */
export const REFUSALS = {
  SEAT_UNAVAILABLE: {
    status: 409,
    detail: ({ conflicts }) => (conflicts.length === 1 ? 'A seat cannot be had.' : `${conflicts.length} seats cannot be had.`),
  },
  SEAT_NOT_FOUND: { status: 404, detail: () => 'The section does not have all of these seats.' },
  NOT_ENOUGH_SEATS: { status: 409, detail: enoughDetail },
  SEATS_NOT_TOGETHER: { status: 409, code: 'NOT_ENOUGH_SEATS', detail: enoughDetail },
  TABLE_SOLD_WHOLE: {
    status: 409,
    seatsAs: 'missing',
    detail: ({ seats }, { inWords }) => `A table is sold whole: take ${inWords(seats)} as well, or none of its seats.`,
  },
  ORPHAN_SEAT: { status: 409, seatsAs: 'orphans', detail: orphanDetail },
  SECTION_NOT_OPEN: {
    status: 503,
    code: 'PERFORMANCE_OPENING',
    detail: () => 'The section was not open yet. Ask again with a new Idempotency-Key.',
  },
  SALE_NOT_OPEN: { status: 409, detail: saleDetail },
  SEATS_PER_HOLD: {
    status: 409,
    code: 'PURCHASE_LIMIT',
    detail: ({ limit, asked }) => `A hold has at most ${limit} seats; ${asked} were asked for.`,
  },
  PURCHASE_LIMIT: {
    status: 409,
    detail: ({ limit, have, asked }) =>
      `A buyer may have ${limit} seats in this performance; there are ${have} already, and ${asked} more were asked for.`,
  },
  SECTION_LIMIT: {
    status: 409,
    code: 'PURCHASE_LIMIT',
    detail: ({ limit, have, asked }) =>
      `A buyer may have ${limit} seats in one section; there are ${have} already, and ${asked} more were asked for.`,
  },
  PART_UNANSWERED: {
    status: 503,
    detail: () => 'A section did not answer in time, so nothing is held. Ask again with a new Idempotency-Key.',
  },
  HOLD_NOT_FOUND: { status: 404, detail: () => 'There is no such hold.' },
  HOLD_EXPIRED: { status: 410, detail: () => 'The hold has expired.' },
  HOLD_RELEASED: { status: 410, detail: () => 'The hold was released.' },
  HOLD_SOLD: { status: 409, detail: () => 'The seats of this hold are sold.' },
  HOLD_NOT_EXTENDABLE: {
    status: 409,
    detail: ({ extensionsLeft }) =>
      extensionsLeft === 0 ? 'The hold was extended as often as it may be.' : 'The hold already lives as long as it may.',
  },
  BLOCK_NOT_FOUND: { status: 404, detail: () => 'There is no such block.' },
  NOT_PERMITTED: { status: 403, code: 'FORBIDDEN', detail: () => 'This is not yours to do.' },
  VENUE_NOT_FOUND: { status: 404, detail: () => 'There is no such venue.' },
  SEAT_MAP_NOT_FOUND: { status: 404, detail: () => 'There is no such seat map.' },
  SEAT_MAP_INCOMPLETE: { status: 409, detail: ({ detail }) => detail || 'Parts of the seat map are missing.' },
  PERFORMANCE_NOT_FOUND: { status: 404, detail: () => 'There is no such performance.' },
  PRICES_INVALID: { status: 400, detail: ({ detail }) => detail || 'The prices do not fit the seat map.' },
  REVISION_CONFLICT: {
    status: 412,
    code: 'PRECONDITION_FAILED',
    detail: ({ revision }) => `The performance has changed since; its revision is ${revision}.`,
  },
  IDEMPOTENCY_KEY_REUSED: { status: 422, detail: () => 'This Idempotency-Key was used before, with another request body.' },
  COMMAND_UNREADABLE: { status: 500, code: 'INTERNAL', detail: () => 'The command could not be read where it is decided.' },
  COMMAND_QUARANTINED: { status: 500, code: 'INTERNAL', detail: () => 'The command could not be decided and was set aside.' },
} as const satisfies Readonly<Record<Rejection['code'], Refusal>>

const isKnown = (code: string): code is keyof typeof REFUSALS => Object.hasOwn(REFUSALS, code)

/**
 * A recorded rejection as a problem. It is final: the same key gets the same answer, so none is retryable.
 * `names` calls the seats by what they are called in the hall.
 */
export function problemOfRejection(
  rejection: RecordedRejection,
  given: { readonly nowMs: number; readonly headers: Readonly<Record<string, string>>; readonly names: SeatNames },
): HttpProblem {
  // A code that a newer version recorded is still a refusal of what was asked.
  const refusal: Refusal = isKnown(rejection.code) ? REFUSALS[rejection.code] : { status: 409, detail: () => 'The request was refused.' }
  return new HttpProblem({
    status: refusal.status,
    code: refusal.code ?? rejection.code,
    detail: refusal.detail(rejection, given.names),
    extra: extraOf(rejection, refusal, given.names),
    headers: { ...given.headers, ...retryAfter(rejection, refusal.status, given.nowMs) },
  })
}

function extraOf(rejection: RecordedRejection, { seatsAs }: Refusal, { idOf }: SeatNames): Record<string, unknown> {
  const { conflicts, seats, alternative, limit, have, asked, opensAtMs, closedAtMs, extensionsLeft, revision } = rejection
  return {
    ...(conflicts.length > 0 && {
      conflicts: conflicts.map(({ seat, reason, sinceMs, mayFreeAtMs }) => ({
        seatId: idOf(seat),
        reason,
        since: rfc3339(sinceMs),
        ...(mayFreeAtMs !== null && { mayFreeAt: rfc3339(mayFreeAtMs) }),
      })),
    }),
    ...(seatsAs === 'orphans' && { orphans: seats.map(idOf), alternative: alternative.map(idOf) }),
    ...(seatsAs === 'missing' && { missing: seats.map(idOf) }),
    ...(limit !== null && { limit }),
    ...(have !== null && { have }),
    ...(asked !== null && { asked }),
    ...(opensAtMs !== null && { opensAt: rfc3339(opensAtMs) }),
    ...(closedAtMs !== null && { closedAt: rfc3339(closedAtMs) }),
    ...(extensionsLeft !== null && { extensionsLeft }),
    ...(revision !== null && { revision }),
  }
}

function retryAfter({ opensAtMs }: RecordedRejection, status: number, nowMs: number): Record<string, string> {
  if (status === 503) return { 'Retry-After': '1' }
  if (opensAtMs === null || opensAtMs <= nowMs) return {}
  return { 'Retry-After': String(Math.ceil((opensAtMs - nowMs) / 1_000)) }
}

function saleDetail({ opensAtMs, closedAtMs }: RecordedRejection): string {
  if (opensAtMs !== null && closedAtMs !== null) return `Seats are on sale from ${rfc3339(opensAtMs)} to ${rfc3339(closedAtMs)} only.`
  if (closedAtMs !== null) return `The sale closed at ${rfc3339(closedAtMs)}.`
  return opensAtMs === null ? 'The sale is not open.' : `The sale opens at ${rfc3339(opensAtMs)}.`
}

/** Fewer seats than were asked for, or as many, but not as they were asked for: side by side, or by the rule. */
function enoughDetail({ asked, have }: RecordedRejection): string {
  if (have === null || asked === null) return 'There are not as many seats as were asked for.'
  if (have === 0) return 'No such seat is left here.'
  const are = have === 1 ? '1 such seat is' : `${have} such seats are`
  return have < asked ? `Only ${are} left here.` : `${are} free here, but not as they were asked for.`
}

function orphanDetail({ seats, alternative }: RecordedRejection, { inWords }: SeatNames): string {
  const alone = `This would leave ${seats.length === 1 ? 'a single seat' : 'single seats'} that nobody takes: ${inWords(seats)}.`
  return alternative.length > 0
    ? `${alone} Take ${inWords(alternative)} instead.`
    : `${alone} No other choice of as many seats here avoids that: take more of them, or fewer, or other seats.`
}
