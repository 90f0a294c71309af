import type { PickerHall, PickerSeat, PickerSection } from '../types.ts'
import { boundsOf, distance, grow, type Point, quantile, type Rect } from './geometry.ts'
import { createGrid, type Grid } from './grid.ts'
import { layOutAreas } from './standing.ts'
import { type Table, tableAmong } from './tables.ts'

/** Seats of one row that follow one another: `count` from `first` on. */
export interface SceneRow {
  readonly label: string
  readonly first: number
  readonly count: number
  readonly table: Table | undefined
}

export interface SceneSection {
  readonly section: PickerSection
  readonly first: number
  readonly count: number
  readonly rows: readonly SceneRow[]
  readonly bounds: Rect
  /** Where its name stands: a place that is of the section, also where the section is an arc. */
  readonly anchor: Point
  /** The category that most of it has, -1 when it has none. */
  readonly category: number
}

/** A hall as it is drawn: seats by index, in the order of the hall. */
export interface Scene {
  readonly hall: PickerHall
  readonly seats: readonly PickerSeat[]
  readonly indexOf: ReadonlyMap<string, number>
  readonly x: Float64Array
  readonly y: Float64Array
  readonly sectionOf: Uint16Array
  /** The index of the category in the hall, -1 when the hall does not have it. */
  readonly categoryOf: Int16Array
  readonly sections: readonly SceneSection[]
  /** Between the middles of two seats that stand close, in the drawing's units. */
  readonly pitch: number
  readonly bounds: Rect
  readonly grid: Grid
}

const PITCH_OTHERWISE = 24
const SAMPLE = 400

export function createScene(hall: PickerHall): Scene {
  const seats = hall.sections.flatMap((section) => section.seats)
  const x = Float64Array.from(seats, (seat) => seat.x)
  const y = Float64Array.from(seats, (seat) => seat.y)
  const seatBounds = boundsOf(seats.map((seat) => ({ x: seat.x, y: seat.y, width: 0, height: 0 })))
  const grid = createGrid(x, y, seatBounds ?? { x: 0, y: 0, width: 1, height: 1 })
  const pitch = pitchOf(seats, grid)
  const categories = new Map(hall.categories.map(({ name }, index) => [name, index]))
  const categoryOf = Int16Array.from(seats, ({ category }) => categories.get(category) ?? -1)
  const sectionOf = new Uint16Array(seats.length)

  const unplaced = hall.sections.filter(({ standing, bounds }) => standing && bounds === null)
  const places = layOutAreas(unplaced, seats, seatBounds && grow(seatBounds, pitch))
  const placeOf = new Map(unplaced.map((section, at) => [section, places[at]]))

  let first = 0
  const sections = hall.sections.map((section, at): SceneSection => {
    const count = section.seats.length
    sectionOf.fill(at, first, first + count)
    const rows = rowsOf(section.seats, first, pitch)
    const own = boundsOf(section.seats.map((seat) => ({ x: seat.x, y: seat.y, width: 0, height: 0 })))
    const bounds = own ? grow(own, pitch * 0.75) : (section.bounds ?? placeOf.get(section) ?? { x: 0, y: 0, width: pitch, height: pitch })
    const category = section.standing ? (categories.get(section.category ?? '') ?? -1) : mostOf(categoryOf.subarray(first, first + count))
    first += count
    return { section, first: first - count, count, rows, bounds, anchor: anchorOf(section.seats, bounds), category }
  })

  const focus = hall.focalPoint === null ? [] : [{ ...hall.focalPoint, width: 0, height: 0 }]
  const bounds = boundsOf([...sections.map((section) => section.bounds), ...focus]) ?? { x: 0, y: 0, width: pitch, height: pitch }
  const indexOf = new Map(seats.map(({ seatId }, index) => [seatId, index]))
  return { hall, seats, indexOf, x, y, sectionOf, categoryOf, sections, pitch, bounds: grow(bounds, pitch), grid }
}

/** By the distance to the nearest neighbour of seats here and there; the closer ones count, so that seats do not overlap. */
function pitchOf(seats: readonly PickerSeat[], grid: Grid): number {
  const step = Math.max(1, Math.floor(seats.length / SAMPLE))
  const distances: number[] = []
  for (let index = 0; index + 1 < seats.length; index += step) {
    const [seat, next] = [seats[index], seats[index + 1]]
    if (seat === undefined || next === undefined) continue
    const reach = distance(seat, next)
    if (reach === 0) continue
    const nearest = seats[grid.nearest(seat, reach, (other) => other !== index)] ?? next
    const away = distance(seat, nearest)
    if (away > 0) distances.push(away)
  }
  return quantile(distances, 0.2, PITCH_OTHERWISE)
}

function rowsOf(seats: readonly PickerSeat[], offset: number, pitch: number): readonly SceneRow[] {
  const rows: SceneRow[] = []
  for (let start = 0; start < seats.length; ) {
    const label = seats[start]?.row ?? ''
    let end = start + 1
    while (end < seats.length && seats[end]?.row === label) end++
    rows.push({ label, first: offset + start, count: end - start, table: tableAmong(seats.slice(start, end), pitch) })
    start = end
  }
  return rows
}

/** The seat nearest to the middle of all, so that the name of an arc does not stand where another section is. */
function anchorOf(seats: readonly PickerSeat[], { x, y, width, height }: Rect): Point {
  if (seats.length === 0) return { x: x + width / 2, y: y + height / 2 }
  const middle = { x: 0, y: 0 }
  for (const seat of seats) {
    middle.x += seat.x / seats.length
    middle.y += seat.y / seats.length
  }
  const near = seats.reduce((best, seat) => (distance(seat, middle) < distance(best, middle) ? seat : best))
  return { x: near.x, y: near.y }
}

function mostOf(categories: Int16Array): number {
  const counts = new Map<number, number>()
  for (const category of categories) counts.set(category, (counts.get(category) ?? 0) + 1)
  let [most, best] = [-1, 0]
  for (const [category, count] of counts) if (count > best) [most, best] = [category, count]
  return most
}
