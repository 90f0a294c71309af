import assert from 'node:assert/strict'
import { exampleCatalog, PERFORMANCE } from '../testing/catalog-example.ts'
import { seatNames } from './seat-names.ts'

const directory = exampleCatalog()
const inStalls = { type: 'HoldSeats', performanceId: PERFORMANCE, sectionId: 'stalls' }
const names = seatNames(directory, inStalls, { sectionId: '' })

describe('the names of seats in a refusal', () => {
  it('are their ids, and for people row by row', () => {
    assert.equal(names.idOf(4), 'B-2')
    assert.equal(names.inWords([0]), 'row A, seat 1')
    assert.equal(names.inWords([0, 1, 2]), 'row A, seats 1, 2 and 3')
    assert.equal(names.inWords([1, 3, 4]), 'row A, seat 2; row B, seats 1 and 2')
  })

  it('are the id where a seat has no number', () => {
    assert.equal(names.inWords([5]), 'row B, seat B-')
  })

  it('are of the section that the refusal names, where the command names several', () => {
    const cart = { type: 'OpenCart', performanceId: PERFORMANCE }
    assert.equal(seatNames(directory, cart, { sectionId: 'stalls' }).idOf(0), 'A-1')
    assert.equal(seatNames(directory, cart, { sectionId: '' }).idOf(0), '0')
  })

  it('are the index where nothing is known', () => {
    for (const unknown of [seatNames(directory, undefined, { sectionId: '' }), seatNames(directory, inStalls, { sectionId: 'gone' })])
      assert.deepEqual([unknown.idOf(3), unknown.inWords([3, 5])], ['3', 'seats 3 and 5'])
  })

  it('are so many at most, and then a number', () => {
    const many = Array.from({ length: 15 }, (_, at) => at + 100)
    assert.match(names.inWords(many), /^seats 100, 101, .* and 111; and 3 more$/)
  })
})
