import assert from 'node:assert/strict'
import { epochMillis, seatIndex } from '@cavea/contracts/ids'
import { recorded } from '@cavea/contracts/rejections'
import { PROBLEM_STATUS } from '../openapi/problem-responses.ts'
import { problemOfRejection, REFUSALS } from './rejections.ts'

const given = { nowMs: 1_000, headers: { 'Cavea-Version': 'seating/0/1' }, seatIdOf: (seat: number) => `seat ${seat}` }

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

  it('remains a refusal when a newer version recorded a code that is not known here', () => {
    const problem = problemOfRejection({ ...recorded({ code: 'HOLD_NOT_FOUND' }), code: 'ORPHAN_SEAT' }, given)
    assert.deepEqual([problem.status, problem.code], [409, 'ORPHAN_SEAT'])
  })
})
