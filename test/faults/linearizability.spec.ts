import assert from 'node:assert/strict'
import { FREE, Linearizability, type Logged } from '../chaos/history/linearizability.ts'
import type { Operation, Said } from '../chaos/history/operation.ts'

const SEAT = 'A-1 of perf_1'
const granted = (offset: number, hold: string): Said => ({
  ...{ version: `seating/0/${offset}`, code: '', holdId: hold },
  places: ['A-1'],
  expiresAt: '2027-01-01T00:00:00.000Z',
})
const refused = (offset: number, code: string): Said => ({ version: `seating/0/${offset}`, code, holdId: '', places: [], expiresAt: null })

/** An operation that was sent and answered at these times; without an answer it was given up. */
function operation(commandId: string, sentMs: number, answeredMs?: number, ...said: readonly Said[]): Operation {
  return {
    ...{ commandId, what: `request ${commandId}`, seats: null, sentMs },
    answeredMs: answeredMs ?? Number.POSITIVE_INFINITY,
    answers: said.map((one) => ({ said: one, text: JSON.stringify(one) })),
  }
}

function decided(commandId: string, offset: number, said: Said | null, more: Partial<Logged> = {}): Logged {
  return { role: 'answers', place: 'seating/0', offset, commandId, atMs: 0, said, changes: [], found: [], ...more }
}

const taken = (by: string, from = FREE): Logged['changes'] => [{ object: SEAT, from, to: `held by ${by}` }]

function faultsOf(operations: readonly Operation[], logged: readonly Logged[]): string {
  return new Linearizability().check(operations, logged).join('\n')
}

describe('The check of a history', () => {
  it('finds nothing wrong with two requests at once of which one got the seat, in either order', () => {
    const first = operation('a', 0, 10, granted(1, 'h1'))
    const second = operation('b', 5, 9, refused(2, 'SEAT_UNAVAILABLE'))
    const found = [{ object: SEAT, state: 'held' }]
    assert.equal(
      faultsOf(
        [first, second],
        [decided('a', 1, granted(1, 'h1'), { changes: taken('h1') }), decided('b', 2, refused(2, 'SEAT_UNAVAILABLE'), { found })],
      ),
      '',
    )
  })

  it('finds an acknowledgement that the log has lost', () => {
    assert.match(faultsOf([operation('a', 0, 10, granted(1, 'h1'))], []), /request a was answered .* the log has no decision of it/)
  })

  it('finds a seat that was given twice', () => {
    const logged = [
      decided('a', 1, granted(1, 'h1'), { changes: taken('h1') }),
      decided('b', 2, granted(2, 'h2'), { changes: taken('h2') }),
    ]
    const operations = [operation('a', 0, 10, granted(1, 'h1')), operation('b', 0, 10, granted(2, 'h2'))]
    assert.match(faultsOf(operations, logged), /request b .* makes A-1 of perf_1 “held by h2”, which was “held by h1” and not “free”/)
  })

  it('finds a seat that was given again although it had been sold by what was read long before', () => {
    const check = new Linearizability()
    assert.deepEqual(
      check.check([], [decided('x', 1, null, { role: 'follows', changes: [{ object: SEAT, from: FREE, to: 'sold by h1' }] })]),
      [],
    )
    assert.equal(check.stateOf(SEAT), 'sold by h1')
    assert.match(check.check([], [decided('b', 2, granted(2, 'h2'), { changes: taken('h2') })]).join(), /which was “sold by h1”/)
  })

  it('finds an order that is not that of real time, even with others in between', () => {
    const operations = [
      operation('late', 20, 30, refused(1, 'HOLD_NOT_FOUND')),
      operation('other', 0, 40, refused(2, 'HOLD_NOT_FOUND')),
      operation('early', 0, 10, refused(3, 'HOLD_NOT_FOUND')),
    ]
    const logged = ['late', 'other', 'early'].map((id, at) => decided(id, at + 1, refused(at + 1, 'HOLD_NOT_FOUND')))
    assert.match(
      faultsOf(operations, logged),
      /^request late \(seating\/0 at 1\) comes before request early .* 10\.0 ms before the other was sent$/,
    )
    assert.equal(
      faultsOf(
        operations,
        logged.map((entry, at) => ({ ...entry, place: `seating/${at}` })),
      ),
      '',
      'partitions have no common order',
    )
  })

  it('bounds what a cart does on its way to the answer, and not what follows from it later', () => {
    const cart = operation('cart', 0, 10, refused(1, 'X'))
    const later = operation('later', 20, 30, refused(2, 'X'))
    const part = (role: 'precedes' | 'follows'): Logged[] => [
      decided('cart', 1, refused(1, 'X'), { place: 'cart/0' }),
      decided('later', 2, refused(2, 'X')),
      decided('cart', 3, null, { role }),
    ]
    assert.match(faultsOf([cart, later], part('precedes')), /request later .* comes before request cart/)
    assert.equal(faultsOf([cart, later], part('follows')), '')
  })

  it('finds an answer that changed when the request was repeated', () => {
    const answers = [granted(1, 'h1'), refused(7, 'SEAT_UNAVAILABLE')]
    assert.match(
      faultsOf([operation('a', 0, 10, ...answers)], [decided('a', 1, granted(1, 'h1'))]),
      /request a was answered .* and when it was repeated/,
    )
  })

  it('finds an answer that is not the one of the decision', () => {
    const told = operation('a', 0, 10, { ...granted(1, 'h1'), places: ['A-2'] })
    assert.match(faultsOf([told], [decided('a', 1, granted(1, 'h1'))]), /request a was answered .*A-2.*, and decided .*A-1/)
  })

  it('finds seats that were granted and not asked for', () => {
    const asked = { ...operation('a', 0, 10, granted(1, 'h1')), seats: ['A-7'] }
    assert.match(faultsOf([asked], [decided('a', 1, granted(1, 'h1'))]), /granted \["A-1"\], not what it asked for/)
  })

  it('finds a refusal that was not true', () => {
    const logged = [decided('a', 1, refused(1, 'SEAT_UNAVAILABLE'), { found: [{ object: SEAT, state: 'held' }] })]
    assert.match(faultsOf([operation('a', 0, 10, refused(1, 'SEAT_UNAVAILABLE'))], logged), /found A-1 of perf_1 “held”, but it was “free”/)
  })

  it('finds a request that was decided twice, even when nobody was told and it is read much later', () => {
    const check = new Linearizability()
    const unknown = operation('a', 0)
    assert.deepEqual(check.check([unknown], [decided('a', 1, refused(1, 'X'))]), [])
    assert.match(check.check([], [decided('a', 9, refused(9, 'X'))]).join(), /is decided a second time/)
  })

  it('lets a request that was given up be decided soon or never, and finds one that is decided long after', () => {
    const check = new Linearizability()
    assert.deepEqual(
      check.check(
        [operation('soon', 0), operation('never', 0), operation('long after', 0)],
        [decided('soon', 1, refused(1, 'X'), { atMs: 20_000 })],
      ),
      [],
    )
    assert.match(
      check.check([], [decided('long after', 2, refused(2, 'X'), { atMs: 61_000 })]).join(),
      /long after .* was decided 61\.0 s after it was sent and given up/,
    )
  })
})
