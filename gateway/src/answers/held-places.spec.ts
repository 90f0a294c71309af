import assert from 'node:assert/strict'
import { createDirectory } from '@cavea/contracts/catalog/directory'
import { exampleCatalog, PERFORMANCE } from '../testing/catalog-example.ts'
import { heldPlaces } from './held-places.ts'

const directory = exampleCatalog()
const money = (amount: number) => ({ amount, currency: 'EUR' })
const held = (...parts: readonly [string, readonly number[], number?][]) =>
  heldPlaces(
    directory,
    PERFORMANCE,
    parts.map(([sectionId, seats, priceRevision = 1]) => ({ sectionId, seats, priceRevision })),
  )

describe('what a hold has', () => {
  it('is its seats by their labels, each with the price that its part locked', () => {
    const { seats, quantity, areas, total, sectionId } = held(['stalls', [4], 2], ['stalls', [0]])
    const of = { section: 'Stalls', category: 'Seat' }
    assert.deepEqual(seats, [
      { ...of, seatId: 'B-2', row: 'B', number: '2', price: money(200) },
      { ...of, seatId: 'A-1', row: 'A', number: '1', price: money(100) },
    ])
    assert.deepEqual([quantity, areas, total, sectionId], [2, [], money(300), 'stalls'])
  })

  it('is one area, however many of its shards have a part', () => {
    const { seats, quantity, areas, total, sectionId } = held(['floor~0', [0, 1]], ['floor~2', [7]])
    assert.deepEqual(areas, [{ sectionId: 'floor', name: 'Floor', category: 'Place', quantity: 3, price: money(50) }])
    assert.deepEqual([seats, quantity, total, sectionId], [[], 3, money(150), 'floor'])
  })

  it('shows places of an area apart when their prices differ, so that the total can be reckoned', () => {
    const { areas, total } = held(['floor~0', [0, 1]], ['floor~1', [0], 2])
    assert.deepEqual(
      areas.map(({ quantity, price }) => [quantity, price.amount]),
      [
        [2, 50],
        [1, 100],
      ],
    )
    assert.deepEqual(total, money(200))
  })

  it('is in no one section when its parts are in several', () => {
    const places = held(['floor~0', [0]], ['stalls', [1]])
    assert.deepEqual([places.quantity, places.sectionId, places.total], [2, undefined, money(150)])
  })

  it('cannot be said before the catalog is known so far', () => {
    for (const say of [
      () => heldPlaces(createDirectory(), PERFORMANCE, []),
      () => held(['stalls', [0], 3]),
      () => held(['stalls', [6]]),
      () => held(['balcony', [0]]),
    ])
      assert.throws(say, { code: 'CATALOG_LOADING', status: 503, retryable: true })
  })
})
