import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createScene } from '../scene/scene.ts'
import type { HallState, PickerHall, SeatStatus } from '../types.ts'
import { type Color, contrast, inkOn, parseColor, standingOut, toCss } from './color.ts'
import { kindOf, type Picture, shareLeft } from './picture.ts'

const channel = fc.integer({ min: 0, max: 255 })
const color: fc.Arbitrary<Color> = fc.tuple(channel, channel, channel)

describe('Colours', () => {
  it('are read as plans and as computed styles write them', () => {
    for (const text of ['#ff8000', '#FF8000', '#f80', 'rgb(255, 128, 0)', 'rgba(255 128 0 / 1)', 'color(srgb 1 0.502 0)']) {
      const [red = -1, green = -1, blue = -1] = parseColor(text) ?? []
      assert.ok(red === 255 && Math.abs(green - 128) < 9 && blue === 0, text)
    }
    for (const text of ['', 'red', '#12', 'light-dark(#fff, #000)']) assert.equal(parseColor(text), undefined)
  })

  it('stand out from any ground as much as is asked, and stay as they are where they do', () => {
    fc.assert(
      fc.property(color, color, (each, ground) => {
        const shown = standingOut(each, ground, 3)
        assert.ok(contrast(shown, ground) >= 3)
        if (contrast(each, ground) >= 3) assert.equal(toCss(shown), toCss(each))
      }),
    )
  })

  it('carry ink that can be read, whatever they are', () => {
    fc.assert(fc.property(color, (ground) => assert.ok(contrast(inkOn(ground), ground) >= 4.5)))
  })
})

describe('The look of a seat', () => {
  const seats = ['a', 'b', 'c', 'd'].map((seatId, x) => ({ seatId, row: '1', number: seatId, x, y: 0, category: 'Gold', type: 'standard' }))
  const hall: PickerHall = {
    name: 'Hall',
    sections: [{ sectionId: 's', name: 'S', standing: false, capacity: 4, seats, bounds: null }],
    categories: [{ name: 'Gold', color: null, price: 1 }],
    currency: 'EUR',
    focalPoint: null,
  }
  const STATUSES: Readonly<Record<string, SeatStatus>> = { a: 'available', b: 'held', c: 'sold', d: 'blocked' }

  function given(more: { readonly stale?: boolean; readonly matches?: boolean; readonly asOf?: Picture['asOf'] }): Picture {
    const state: HallState = {
      status: (seatId) => STATUSES[seatId] ?? 'blocked',
      counts: () => ({ available: 1, capacity: 4 }),
      stale: more.stale ?? false,
      subscribe: () => () => undefined,
    }
    return { scene: createScene(hall), state, asOf: more.asOf, matches: () => more.matches ?? true } as unknown as Picture
  }
  const kindsOf = (picture: Picture): readonly string[] => [0, 1, 2, 3].map((seat) => kindOf(picture, seat))

  it('is that of its status, and steps back only where it is free and not looked for', () => {
    assert.deepEqual(kindsOf(given({})), ['available', 'held', 'sold', 'blocked'])
    assert.deepEqual(kindsOf(given({ matches: false })), ['dimmed', 'held', 'sold', 'blocked'])
  })

  it('is never free while what is known may be old; only what was sold is sure to stay so', () => {
    const picture = given({ stale: true })
    assert.deepEqual(kindsOf(picture), ['unknown', 'unknown', 'sold', 'unknown'])
    assert.equal(shareLeft(picture, 0), 0)
  })

  it('is that of another moment where one is looked at, whatever is so now', () => {
    const picture = given({ stale: true, asOf: (seatId) => (seatId === 'd' ? 'available' : 'sold') })
    assert.deepEqual(kindsOf(picture), ['sold', 'sold', 'sold', 'available'])
    assert.equal(shareLeft(picture, 0), 0.25)
  })
})
