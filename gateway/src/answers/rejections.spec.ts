import assert from 'node:assert/strict'
import { epochMillis, seatIndex } from '@cavea/contracts/ids'
import { recorded } from '@cavea/contracts/rejections'
import { PROBLEM_STATUS } from '../openapi/problem-responses.ts'
import { problemOfRejection, REFUSALS } from './rejections.ts'
import type { SeatNames } from './seat-names.ts'

const names: SeatNames = { idOf: (seat) => `seat ${seat}`, inWords: (seats) => `row A, seats ${seats.join(', ')}` }
const given = { nowMs: 1_000, headers: { 'Cavea-Version': 'seating/0/1' }, names }

describe('a recorded rejection as a problem', () => {
  it('is in the OpenAPI document with the status that it has here', () => {
    for (const [code, refusal] of Object.entries(REFUSALS)) {
      const shown = 'code' in refusal ? refusal.code : code
      assert.equal(PROBLEM_STATUS[shown as keyof typeof PROBLEM_STATUS], refusal.status, code)
    }
  })

  it('names seats by their ids, with since and mayFreeAt as RFC 3339', () => {
    const problem = problemOfRejection(
      recorded({
        code: 'SEAT_UNAVAILABLE',
        conflicts: [
          { seat: seatIndex(3), reason: 'held', sinceMs: epochMillis(0), mayFreeAtMs: epochMillis(60_000) },
          { seat: seatIndex(4), reason: 'sold', sinceMs: epochMillis(1), mayFreeAtMs: null },
        ],
      }),
      given,
    )
    assert.equal(problem.status, 409)
    assert.deepEqual(problem.extra['conflicts'], [
      { seatId: 'seat 3', reason: 'held', since: '1970-01-01T00:00:00.000Z', mayFreeAt: '1970-01-01T00:01:00.000Z' },
      { seatId: 'seat 4', reason: 'sold', since: '1970-01-01T00:00:00.001Z' },
    ])
    assert.deepEqual(problem.headers, given.headers)
  })

  it('says when a sale opens and how long to wait, rounded up', () => {
    const problem = problemOfRejection(recorded({ code: 'SALE_NOT_OPEN', opensAtMs: epochMillis(2_500), closedAtMs: null }), given)
    assert.equal(problem.headers['Retry-After'], '2')
    assert.equal(problem.extra['opensAt'], '1970-01-01T00:00:02.500Z')
  })

  it('says nothing about waiting when the sale is over', () => {
    const problem = problemOfRejection(recorded({ code: 'SALE_NOT_OPEN', opensAtMs: epochMillis(0), closedAtMs: epochMillis(500) }), given)
    assert.equal(problem.headers['Retry-After'], undefined)
  })

  it('is shown to clients as PURCHASE_LIMIT when a hold has too many seats', () => {
    const problem = problemOfRejection(recorded({ code: 'SEATS_PER_HOLD', limit: 10, asked: 11 }), given)
    assert.deepEqual([problem.status, problem.code, problem.extra], [409, 'PURCHASE_LIMIT', { limit: 10, asked: 11 }])
  })

  it('is shown to clients as PURCHASE_LIMIT when a section has too many of the buyer', () => {
    const problem = problemOfRejection(recorded({ code: 'SECTION_LIMIT', limit: 4, have: 3, asked: 2 }), given)
    assert.deepEqual([problem.status, problem.code, problem.extra], [409, 'PURCHASE_LIMIT', { limit: 4, have: 3, asked: 2 }])
    assert.match(problem.detail, /4 seats in one section; there are 3 already, and 2 more/)
  })

  it('says how many seats there are, and whether it is they or their places that are wanting', () => {
    const detail = (have: number): string => problemOfRejection(recorded({ code: 'NOT_ENOUGH_SEATS', asked: 4, have }), given).detail
    assert.deepEqual(
      [detail(0), detail(1), detail(3), detail(4)],
      [
        'No such seat is left here.',
        'Only 1 such seat is left here.',
        'Only 3 such seats are left here.',
        '4 such seats are free here, but not as they were asked for.',
      ],
    )
    const apart = problemOfRejection(recorded({ code: 'SEATS_NOT_TOGETHER', asked: 2, have: 5, step: 'any' }), given)
    assert.deepEqual([apart.status, apart.code, apart.extra], [409, 'NOT_ENOUGH_SEATS', { asked: 2, have: 5 }])
  })

  it('tells which seats would be left alone and what to take instead', () => {
    const refused = (alternative: readonly number[]) =>
      problemOfRejection(recorded({ code: 'ORPHAN_SEAT', seats: [seatIndex(4)], alternative: alternative.map(seatIndex) }), given)
    assert.equal(
      refused([5, 6]).detail,
      'This would leave a single seat that nobody takes: row A, seats 4. Take row A, seats 5, 6 instead.',
    )
    assert.deepEqual(refused([5, 6]).extra, { orphans: ['seat 4'], alternative: ['seat 5', 'seat 6'] })
    assert.match(refused([]).detail, /No other choice of as many seats here avoids that/)
  })

  it('names the other chairs of a table that is sold whole', () => {
    const problem = problemOfRejection(recorded({ code: 'TABLE_SOLD_WHOLE', seats: [seatIndex(2), seatIndex(3)] }), given)
    assert.deepEqual([problem.status, problem.code, problem.extra], [409, 'TABLE_SOLD_WHOLE', { missing: ['seat 2', 'seat 3'] }])
    assert.match(problem.detail, /take row A, seats 2, 3 as well/)
  })

  it('remains a refusal when a newer version recorded a code that is not known here', () => {
    const problem = problemOfRejection({ ...recorded({ code: 'HOLD_NOT_FOUND' }), code: 'ORPHAN_SEAT' }, given)
    assert.deepEqual([problem.status, problem.code], [409, 'ORPHAN_SEAT'])
  })
})
