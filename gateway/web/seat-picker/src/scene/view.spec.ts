import assert from 'node:assert/strict'
import { isAccessible, isFiltering, matches, NO_FILTER, pricesOf } from './filter.ts'
import { between, fit, keepInSight, pan, revealing, toScene, toScreen, type View, zoomAt } from './view.ts'

const SIZE = { width: 400, height: 300 }
const HALL = { x: 100, y: 50, width: 800, height: 300 }
const LIMITS = { min: 0.1, max: 8 }

function assertNear(actual: object, expected: object): void {
  for (const [key, value] of Object.entries(expected))
    assert.ok(Math.abs(((actual as Record<string, number>)[key] as number) - (value as number)) < 1e-6, `${key}: ${JSON.stringify(actual)}`)
}

describe('A view', () => {
  it('fits a rectangle into the middle, and no larger than it may be', () => {
    assertNear(fit(HALL, SIZE, 0), { scale: 0.5, x: 100, y: -100 })
    assertNear(fit(HALL, SIZE, 0, 0.25), { scale: 0.25, x: -300, y: -400 })
  })

  it('keeps what is under the finger while it zooms, within its limits', () => {
    const view: View = { x: 10, y: 20, scale: 1 }
    const at = { x: 120, y: 80 }
    assertNear(toScene(zoomAt(view, 3, at, LIMITS), at), toScene(view, at))
    assert.equal(zoomAt(view, 100, at, LIMITS).scale, 8)
    assert.equal(zoomAt(view, 0.001, at, LIMITS).scale, 0.1)
  })

  it('moves with the finger, pixel by pixel', () => {
    const view: View = { x: 10, y: 20, scale: 2 }
    const seat = { x: 50, y: 60 }
    const before = toScreen(view, seat)
    assertNear(toScreen(pan(view, 7, -9), seat), { x: before.x + 7, y: before.y - 9 })
  })

  it('never loses the hall, and shows it whole where it fits', () => {
    const far = keepInSight({ x: 9_999, y: 9_999, scale: 2 }, HALL, SIZE)
    assertNear(far, { x: 800, y: 275 })
    const whole = keepInSight({ x: -9_999, y: 9_999, scale: 0.4 }, HALL, SIZE)
    assert.ok(whole.x <= HALL.x && whole.x + SIZE.width / 0.4 >= HALL.x + HALL.width)
    assert.ok(whole.y <= HALL.y && whole.y + SIZE.height / 0.4 >= HALL.y + HALL.height)
  })

  it('begins and ends a glide where it should', () => {
    const [from, to] = [fit(HALL, SIZE, 0), { x: 300, y: 60, scale: 4 }]
    assertNear(between(from, to, 0, SIZE), from)
    assertNear(between(from, to, 1, SIZE), to)
    assertNear(between(from, { ...from, x: from.x + 50 }, 0.5, SIZE), { ...from, x: from.x + 25 })
  })

  it('moves a seat into sight by as little as is needed, and not at all when it is', () => {
    const view: View = { x: 0, y: 0, scale: 1 }
    assertNear(revealing(view, { x: 200, y: 150 }, SIZE, 40), view)
    assertNear(toScreen(revealing(view, { x: 500, y: 10 }, SIZE, 40), { x: 500, y: 10 }), { x: 360, y: 40 })
  })
})

describe('A filter', () => {
  const gold = { category: 'Gold', type: 'standard' }

  it('lets all through that it does not ask about', () => {
    assert.equal(matches(NO_FILTER, gold, null), true)
    assert.equal(isFiltering(NO_FILTER), false)
  })

  it('knows a price up to which a seat may cost, which one without a price never does', () => {
    const cheap = { ...NO_FILTER, priceMax: 500 }
    assert.deepEqual(
      [500, 501, null].map((price) => matches(cheap, gold, price)),
      [true, false, false],
    )
  })

  it('knows categories, of which any will do, and places that a wheelchair reaches', () => {
    const some = { ...NO_FILTER, categories: new Set(['Silver', 'Gold']) }
    assert.equal(matches(some, gold, 1), true)
    assert.equal(matches(some, { ...gold, category: 'Box' }, 1), false)
    const reached = { ...NO_FILTER, accessible: true }
    assert.deepEqual(
      ['standard', 'wheelchair', 'companion', 'vip'].map((type) => [matches(reached, { ...gold, type }, 1), isAccessible({ type })]),
      [
        [false, false],
        [true, true],
        [true, true],
        [false, false],
      ],
    )
  })

  it('offers each price once, from the lowest on', () => {
    const categories = [700, null, 300, 700].map((price, at) => ({ name: String(at), color: null, price }))
    assert.deepEqual(pricesOf({ name: '', sections: [], currency: 'EUR', focalPoint: null, categories }), [300, 700])
  })
})
