import { HttpProblem } from '@cavea/service-kit/problem'
import type { Currency } from '../application/read-model.ts'

const RETRY_AFTER_S = '1'

export function behind(): HttpProblem {
  return new HttpProblem({
    status: 503,
    code: 'READ_MODEL_BEHIND',
    detail: 'The read model has not caught up with the log yet.',
    retryable: true,
    headers: { 'Retry-After': RETRY_AFTER_S },
  })
}

/** Another replica cannot do better: every reader of a broken ledger stops where it broke. */
export function failed(): HttpProblem {
  return new HttpProblem({
    status: 503,
    code: 'READ_MODEL_FAILED',
    detail: 'This part of the log cannot be read. An operator has to look at it.',
  })
}

/** What is kept in a database cannot be asked for now, or is not kept at all. */
export function unavailable(): HttpProblem {
  return new HttpProblem({
    status: 503,
    code: 'READ_MODEL_UNAVAILABLE',
    detail: 'This is read from a database that cannot be asked now.',
    retryable: true,
    headers: { 'Retry-After': RETRY_AFTER_S },
  })
}

/** Throws unless answers may be given. Nothing is called unknown before all of the log was read that was there at the start. */
export function requireCurrent(currency: Currency): void {
  if (currency === 'behind') throw behind()
  if (currency === 'failed') throw failed()
}

export const notFound = (
  code: 'PERFORMANCE_NOT_FOUND' | 'SECTION_NOT_FOUND' | 'SEAT_NOT_FOUND' | 'HOLD_NOT_FOUND' | 'VENUE_NOT_FOUND' | 'SEAT_MAP_NOT_FOUND',
  detail: string,
): HttpProblem => new HttpProblem({ status: 404, code, detail })

/** A query parameter or header that does not have the right form. */
export const malformed = (code: string, pointer: string, detail: string): HttpProblem =>
  new HttpProblem({ status: 400, code, detail, extra: { errors: [{ pointer, code, detail }] } })
