import { type SeatIndex, seatIndex } from '@cavea/contracts/ids'
import { distanceBetween, orderAlongRow } from './row-order.ts'

/** How the seats of a section lie, as its seat map draws them. All arrays are by seat index. */
export interface SeatGeometry {
  /** Index of the seat's row in the section; rows are numbered in drawing order, whatever their labels. */
  readonly row: ArrayLike<number>
  /** The drawing's units. */
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  /** Index into the performance's categories. */
  readonly category: ArrayLike<number>
  /** `STANDARD`, `WHEELCHAIR`, `COMPANION`, `RESTRICTED_VIEW` or `VIP`. */
  readonly type: ArrayLike<number>
}

export const STANDARD = 0
export const WHEELCHAIR = 1
export const COMPANION = 2
export const RESTRICTED_VIEW = 3
export const VIP = 4

/**
 * A section made ready for looking for seats. Seats stand in *slots*: row by row, in each row along the row, run by run,
 * with a border slot before, between and after the runs. So two seats are adjacent exactly when their slots follow each
 * other, and nothing that counts along slots can cross an aisle. Arrays are by slot unless they say otherwise.
 */
export interface SectionLayout {
  readonly seatCount: number
  readonly slotCount: number
  readonly rowCount: number
  /** The seat of a slot; -1 for a border. */
  readonly seatAt: Int32Array
  /** By seat. */
  readonly slotOf: Int32Array
  /** By row, and one more: its first slot. A row ends with a border, and the next one starts after it. */
  readonly rowStart: Int32Array
  /** The row of a slot: its place among the rows that have seats. */
  readonly rowOf: Int32Array
  /** From the focal point, in pitches of the section. */
  readonly x: Float64Array
  readonly y: Float64Array
  readonly category: Uint16Array
  readonly type: Uint8Array
  /** How far the focal point is, in sixteenths of a pitch; a restricted view counts as three pitches farther. */
  readonly focalCost: Int32Array
  /** Slots with seats, the nearest to the focal point first; ties go to the lower slot. */
  readonly focalOrder: Int32Array
  /** By seat: its place in `focalOrder`. */
  readonly focalRank: Int32Array
  /** By row, `NEIGHBOURING_ROWS_MAX` each: the nearest other rows by the distance of their centres; -1 when there are fewer. */
  readonly neighbours: Int32Array
  /** By row, in the units of `x` and `y`. */
  readonly centreX: Float64Array
  readonly centreY: Float64Array
}

export interface LayoutOptions {
  /** What the audience looks at, in the drawing's units. */
  readonly focal: { readonly x: number; readonly y: number }
  /** A gap of more than so many seat pitches is an aisle; 1.6 when absent. */
  readonly aisleGap?: number
}

/** Two rows in front and two behind, as rows usually lie. */
export const NEIGHBOURING_ROWS_MAX = 4
/** Costs are whole numbers, so that sums are exact and equal distances tie. */
export const COST_PER_PITCH = 16

const AISLE_GAP_DEFAULT = 1.6
const RESTRICTED_VIEW_COST = 3 * COST_PER_PITCH

/**
 * Made once per section and seat map. The pitch of a row is the lower median of the distances between neighbours in it;
 * a row with fewer than two such distances has none of its own and takes the section's. Seats at one position are
 * neighbours. Throws `RangeError` when the arrays do not fit each other or a position is no finite number.
 */
export function layoutOf(geometry: SeatGeometry, options: LayoutOptions): SectionLayout {
  assertSound(geometry)
  const rows = rowsOf(geometry)
  const gaps = rows.map((seats) => gapsAlong(seats, geometry))
  const sectionPitch = lowerMedian(gaps.flat().filter((gap) => gap > 0)) ?? spacingOfRows(rows, geometry) ?? 1
  const aisleGap = options.aisleGap ?? AISLE_GAP_DEFAULT
  const cuts = gaps.map((ofRow) => {
    const positive = ofRow.filter((gap) => gap > 0)
    const pitch = (positive.length >= 2 ? lowerMedian(positive) : undefined) ?? sectionPitch
    return ofRow.map((gap) => gap > aisleGap * pitch)
  })

  const seatCount = geometry.row.length
  const slotCount = 1 + seatCount + rows.length + cuts.flat().filter((cut) => cut).length
  const layout = {
    seatCount,
    slotCount,
    rowCount: rows.length,
    seatAt: new Int32Array(slotCount).fill(-1),
    slotOf: new Int32Array(seatCount),
    rowStart: new Int32Array(rows.length + 1).fill(slotCount),
    rowOf: new Int32Array(slotCount),
    x: new Float64Array(slotCount),
    y: new Float64Array(slotCount),
    category: new Uint16Array(slotCount),
    type: new Uint8Array(slotCount),
    focalCost: new Int32Array(slotCount),
    focalOrder: new Int32Array(seatCount),
    focalRank: new Int32Array(seatCount),
    neighbours: new Int32Array(rows.length * NEIGHBOURING_ROWS_MAX).fill(-1),
    centreX: new Float64Array(rows.length),
    centreY: new Float64Array(rows.length),
  }

  let slot = 1
  rows.forEach((seats, row) => {
    layout.rowStart[row] = slot
    seats.forEach((seat, at) => {
      layout.seatAt[slot] = seat
      layout.slotOf[seat] = slot
      layout.rowOf[slot] = row
      const x = ((geometry.x[seat] ?? 0) - options.focal.x) / sectionPitch
      const y = ((geometry.y[seat] ?? 0) - options.focal.y) / sectionPitch
      layout.x[slot] = x
      layout.y[slot] = y
      layout.category[slot] = geometry.category[seat] ?? 0
      layout.type[slot] = geometry.type[seat] ?? STANDARD
      layout.focalCost[slot] =
        Math.round(distanceBetween(x, y, 0, 0) * COST_PER_PITCH) + (geometry.type[seat] === RESTRICTED_VIEW ? RESTRICTED_VIEW_COST : 0)
      layout.centreX[row] = (layout.centreX[row] ?? 0) + x / seats.length
      layout.centreY[row] = (layout.centreY[row] ?? 0) + y / seats.length
      const endsRun = at === seats.length - 1 || cuts[row]?.[at] === true
      slot += endsRun ? 2 : 1
    })
  })
  rankByFocus(layout)
  findNeighbours(layout)
  return layout
}

/** The seats that may be looked at, by slot; a border is not free. Asks once per seat. */
export function freeSlots(layout: SectionLayout, isFree: (seat: SeatIndex) => boolean): Uint8Array {
  const free = new Uint8Array(layout.slotCount)
  for (let slot = 0; slot < layout.slotCount; slot++) {
    const seat = layout.seatAt[slot] ?? -1
    if (seat >= 0 && isFree(seatIndex(seat))) free[slot] = 1
  }
  return free
}

export const seatsIn = (layout: SectionLayout, slots: readonly number[]): SeatIndex[] =>
  slots.map((slot) => seatIndex(layout.seatAt[slot] ?? -1))

function assertSound({ row, x, y, category, type }: SeatGeometry): void {
  for (const other of [x, y, category, type])
    if (other.length !== row.length) throw new RangeError('The arrays of a seat geometry are of different lengths.')
  for (let seat = 0; seat < row.length; seat++) {
    if (!Number.isInteger(row[seat])) throw new RangeError(`Seat ${seat} has no row.`)
    if (!Number.isFinite(x[seat]) || !Number.isFinite(y[seat])) throw new RangeError(`Seat ${seat} has no position.`)
  }
}

/** The seats of each row that has any, in order along the row. */
function rowsOf(geometry: SeatGeometry): number[][] {
  const { row, x, y, category, type } = geometry
  const members = new Map<number, number[]>()
  for (let seat = 0; seat < row.length; seat++) {
    const number = row[seat] ?? 0
    const seats = members.get(number)
    if (seats === undefined) members.set(number, [seat])
    else seats.push(seat)
  }
  return [...members]
    .sort(([a], [b]) => a - b)
    .map(([, seats]) => {
      // Sums of fractions depend on their order, so it must not depend on how the seats happen to be numbered.
      const by = (values: ArrayLike<number>) => (a: number, b: number) => (values[a] ?? 0) - (values[b] ?? 0)
      const keys = [x, y, category, type].map(by)
      seats.sort((a, b) => keys.reduce((order, key) => order || key(a, b), 0) || a - b)
      const points = { x: seats.map((seat) => x[seat] ?? 0), y: seats.map((seat) => y[seat] ?? 0) }
      return orderAlongRow(points).map((at) => seats[at] ?? 0)
    })
}

function gapsAlong(seats: readonly number[], { x, y }: SeatGeometry): number[] {
  return seats.slice(1).map((seat, at) => {
    const before = seats[at] ?? 0
    return distanceBetween(x[before] ?? 0, y[before] ?? 0, x[seat] ?? 0, y[seat] ?? 0)
  })
}

/** Where every row has one seat, the rows' own distances are the only measure there is. */
function spacingOfRows(rows: readonly (readonly number[])[], geometry: SeatGeometry): number | undefined {
  const gaps = gapsAlong(
    rows.map(([first]) => first ?? 0),
    geometry,
  )
  return lowerMedian(gaps.filter((gap) => gap > 0))
}

function lowerMedian(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1]
}

function rankByFocus({ seatAt, slotCount, focalCost, focalOrder, focalRank }: SectionLayout): void {
  let count = 0
  for (let slot = 0; slot < slotCount; slot++) if ((seatAt[slot] ?? -1) >= 0) focalOrder[count++] = slot
  focalOrder.sort((a, b) => (focalCost[a] ?? 0) - (focalCost[b] ?? 0) || a - b)
  focalOrder.forEach((slot, rank) => {
    focalRank[seatAt[slot] ?? 0] = rank
  })
}

function findNeighbours({ rowCount, centreX, centreY, neighbours }: SectionLayout): void {
  const away = new Float64Array(rowCount)
  for (let row = 0; row < rowCount; row++) {
    for (let other = 0; other < rowCount; other++)
      away[other] = distanceBetween(centreX[row] ?? 0, centreY[row] ?? 0, centreX[other] ?? 0, centreY[other] ?? 0)
    away[row] = Number.POSITIVE_INFINITY
    for (let at = 0; at < Math.min(NEIGHBOURING_ROWS_MAX, rowCount - 1); at++) {
      let nearest = row === 0 ? 1 : 0
      for (let other = 0; other < rowCount; other++) if ((away[other] ?? 0) < (away[nearest] ?? 0)) nearest = other
      neighbours[row * NEIGHBOURING_ROWS_MAX + at] = nearest
      away[nearest] = Number.POSITIVE_INFINITY
    }
  }
}
