import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { PickerHall, PickerSeat, PickerSection } from '../types.ts'
import { createGrid } from './grid.ts'
import { endOfRow, neighbour, nextSection } from './navigate.ts'
import { createScene, type Scene } from './scene.ts'

const PITCH = 20

function rowOf(sectionId: string, row: string, y: number, columns: readonly number[], type = 'standard'): readonly PickerSeat[] {
  return columns.map((column) => {
    return { seatId: `${sectionId}-${row}-${column}`, row, number: String(column), x: column * PITCH, y, category: 'Gold', type }
  })
}

function section(sectionId: string, seats: readonly PickerSeat[]): PickerSection {
  return { sectionId, name: sectionId, standing: false, capacity: seats.length, seats, bounds: null }
}

function hallOf(...sections: readonly PickerSection[]): PickerHall {
  return { name: 'Hall', sections, categories: [{ name: 'Gold', color: '#b5832e', price: 100 }], currency: 'EUR', focalPoint: null }
}

// Two blocks beside each other; the second row stands half a seat to the right, and an aisle runs through both.
const STALLS = section('stalls', [
  ...rowOf('stalls', 'A', 0, [1, 2, 3, 6, 7]),
  ...rowOf('stalls', 'B', 25, [1.5, 2.5, 3.5, 6.5, 7.5]),
  ...rowOf('stalls', 'C', 50, [1, 2, 3]),
])
const BALCONY = section('balcony', rowOf('balcony', 'A', 300, [1, 2, 3]))
const scene = createScene(hallOf(STALLS, BALCONY))
const at = (seatId: string): number => scene.indexOf.get(seatId) ?? -1
const idOf = (of: Scene, index: number): string => of.seats[index]?.seatId ?? ''

describe('A scene', () => {
  it('knows each seat by its place in the hall, its section, its category and its row', () => {
    assert.equal(scene.seats.length, 16)
    assert.equal(scene.sectionOf[at('balcony-A-2')], 1)
    assert.equal(scene.categoryOf[at('stalls-C-1')], 0)
    assert.deepEqual(
      scene.sections[0]?.rows.map(({ label, first, count }) => [label, first, count]),
      [
        ['A', 0, 5],
        ['B', 5, 5],
        ['C', 10, 3],
      ],
    )
  })

  it('takes the distance of seats that stand close, whatever aisles there are', () => {
    assert.equal(scene.pitch, PITCH)
  })

  it('puts a standing area without a place into the hole that the seats leave', () => {
    const ring = Array.from({ length: 240 }, (_, index): PickerSeat => {
      const angle = (index / 240) * 2 * Math.PI
      const name = String(index)
      return {
        seatId: name,
        row: '1',
        number: name,
        x: 800 * Math.cos(angle),
        y: 800 * Math.sin(angle),
        category: 'Gold',
        type: 'standard',
      }
    })
    const floor: PickerSection = { sectionId: 'floor', name: 'Floor', standing: true, capacity: 900, seats: [], bounds: null }
    const { bounds } = createScene(hallOf(section('ring', ring), floor)).sections[1] ?? { bounds: undefined }
    assert.ok(bounds)
    for (const { x, y } of ring)
      assert.ok(x < bounds.x || x > bounds.x + bounds.width || y < bounds.y || y > bounds.y + bounds.height, `a seat at ${x}, ${y}`)
    assert.ok(bounds.width > 600 && bounds.height > 600)
  })

  it('puts areas below the seats where they leave no hole, and beside each other where there are no seats', () => {
    const area = (sectionId: string, capacity: number): PickerSection => {
      return { sectionId, name: sectionId, standing: true, capacity, seats: [], bounds: null }
    }
    const below = createScene(hallOf(STALLS, area('floor', 100)))
    assert.ok((below.sections[1]?.bounds.y ?? 0) > 50)
    const [left, right] = createScene(hallOf(area('floor', 400), area('gallery', 100))).sections
    assert.ok(left && right)
    assert.ok(left.bounds.x + left.bounds.width < right.bounds.x)
    assert.ok(left.bounds.width > right.bounds.width)
  })

  it('sees a table in seats around something, and none in a row or in a box', () => {
    const round = Array.from({ length: 8 }, (_, index): PickerSeat => {
      const angle = (index / 8) * 2 * Math.PI
      const [x, y] = [500 + 30 * Math.cos(angle), 30 * Math.sin(angle)]
      return { seatId: `t-${index}`, row: 'T1', number: String(index), x, y, category: 'Gold', type: 'standard' }
    })
    const box = [...rowOf('box', 'Box', 200, [30, 31, 32]), ...rowOf('box', 'Box', 222, [30, 31, 32])]
    const { sections } = createScene(hallOf(STALLS, section('tables', round), section('box', box)))
    const tables = sections.map(({ rows }) => rows.map(({ table }) => table !== undefined))
    assert.deepEqual(tables, [[false, false, false], [true], [false]])
    assert.ok(Math.abs((sections[1]?.rows[0]?.table?.x ?? 0) - 500) < 1)
  })

  it('is made of a hall without anything', () => {
    const empty = createScene(hallOf())
    assert.equal(empty.grid.nearest({ x: 0, y: 0 }, 1_000), -1)
  })
})

describe('The way from seat to seat', () => {
  it('follows the row across an aisle, and stays at its end', () => {
    assert.equal(idOf(scene, neighbour(scene, at('stalls-A-2'), 'right')), 'stalls-A-3')
    assert.equal(idOf(scene, neighbour(scene, at('stalls-A-3'), 'right')), 'stalls-A-6')
    assert.equal(idOf(scene, neighbour(scene, at('stalls-A-6'), 'left')), 'stalls-A-3')
    assert.equal(idOf(scene, neighbour(scene, at('stalls-A-1'), 'left')), 'stalls-A-1')
  })

  it('goes to the row behind, and on to the next section', () => {
    assert.equal(idOf(scene, neighbour(scene, at('stalls-A-2'), 'down')).slice(0, 8), 'stalls-B')
    assert.equal(idOf(scene, neighbour(scene, at('stalls-C-2'), 'down')), 'balcony-A-2')
    assert.equal(idOf(scene, neighbour(scene, at('balcony-A-2'), 'up')), 'stalls-C-2')
  })

  it('reaches every seat from every other by arrows alone', () => {
    const reached = new Set([0])
    const open = [0]
    for (let from = open.pop(); from !== undefined; from = open.pop())
      for (const direction of ['left', 'right', 'up', 'down'] as const) {
        const to = neighbour(scene, from, direction)
        if (reached.has(to)) continue
        reached.add(to)
        open.push(to)
      }
    assert.equal(reached.size, scene.seats.length)
  })

  it('finds the ends of a row and the sections around', () => {
    assert.equal(idOf(scene, endOfRow(scene, at('stalls-B-3.5'), 'last')), 'stalls-B-7.5')
    assert.equal(idOf(scene, endOfRow(scene, at('stalls-B-3.5'), 'first')), 'stalls-B-1.5')
    assert.equal(idOf(scene, nextSection(scene, at('stalls-B-1.5'), 1)), 'balcony-A-1')
    assert.equal(idOf(scene, nextSection(scene, at('stalls-B-1.5'), -1)), 'balcony-A-1')
  })
})

describe('The grid of points', () => {
  const coordinate = fc.integer({ min: -500, max: 500 })
  const point = fc.record({ x: coordinate, y: coordinate })

  it('finds the same nearest point, and the same points in a rectangle, as looking at all of them', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 60 }), point, fc.nat(300), (points, asked, reach) => {
        const grid = createGrid(
          points.map(({ x }) => x),
          points.map(({ y }) => y),
          { x: -500, y: -500, width: 1_000, height: 1_000 },
        )
        const away = (index: number): number => Math.hypot((points[index]?.x ?? 0) - asked.x, (points[index]?.y ?? 0) - asked.y)
        const nearest = grid.nearest(asked, reach)
        const least = Math.min(...points.map((_, index) => away(index)))
        assert.equal(nearest === -1 ? Infinity : away(nearest), least <= reach ? least : Infinity)
        const found: number[] = []
        grid.inRect({ x: asked.x, y: asked.y, width: reach, height: reach }, (index) => void found.push(index))
        const inside = points.flatMap(({ x, y }, index) =>
          x >= asked.x && x <= asked.x + reach && y >= asked.y && y <= asked.y + reach ? [index] : [],
        )
        assert.deepEqual(
          found.sort((a, b) => a - b),
          inside,
        )
      }),
    )
  })
})
