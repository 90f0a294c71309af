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
  /** Seats s after which there is an aisle, or none, whatever the distance, where s and s + 1 are neighbours in a row; `aisles` win. */
  readonly aisles?: readonly number[]
  readonly joined?: readonly number[]
  /** Rows that are tables, by their numbers in `row`: sold by the chair, or all chairs together. */
  readonly tables?: readonly number[]
  readonly wholeTables?: readonly number[]
}

export const STANDARD = 0
export const WHEELCHAIR = 1
export const COMPANION = 2
export const RESTRICTED_VIEW = 3
export const VIP = 4

/** What a row is. */
export const ORDINARY_ROW = 0
export const TABLE = 1
export const WHOLE_TABLE = 2

/**
 * A section made ready for looking for seats. Seats stand in *slots*: row by row, in each row along the row, run by run,
 * with a border slot before, between and after the runs. So two seats are adjacent exactly when their slots follow each
 * other, and nothing that counts along slots can cross an aisle. A table is a row of one run, its chairs in the order of the
 * map, since they stand round it. Arrays are by slot unless they say otherwise.
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
  /**
   * 1 where a single empty seat is no loss: at a table nobody sits alone, and those who come with a wheelchair often come
   * alone and bring their seat.
   */
  readonly mayStayAlone: Uint8Array
  /** By row: `ORDINARY_ROW`, `TABLE` or `WHOLE_TABLE`. */
  readonly kind: Uint8Array
  /** The rows that are tables sold whole, ascending. */
  readonly wholeTables: readonly number[]
  /** How far the focal point is, in sixteenths of a pitch; a restricted view counts as three pitches farther. */
  readonly focalCost: Int32Array
  /** Slots with seats, the nearest to the focal point first; ties go to the lower slot. */
  readonly focalOrder: Int32Array
  /** By seat: its place in `focalOrder`. */
  readonly focalRank: Int32Array
  /**
   * By row: where a group may be in several parts and still be together, ascending. It is the row itself and the nearest
   * others by the distance of their centres, at most `NEIGHBOURING_ROWS_MAX`. A table that is sold whole is nobody's
   * neighbour and has none: no group is split over it.
   */
  readonly rowsNear: readonly (readonly number[])[]
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
 * a row with fewer than two such distances has none of its own and takes the section's. Chairs stand as they please, so
 * tables count for the section's pitch only where there are no other rows. Seats at one position are neighbours. Throws
 * `RangeError` when the arrays do not fit each other or a position is no finite number.
 */
export function layoutOf(geometry: SeatGeometry, options: LayoutOptions): SectionLayout {
  assertSound(geometry)
  const rows = rowsOf(geometry)
  const sectionPitch = pitchOfSection(rows, geometry)
  const aisleGap = options.aisleGap ?? AISLE_GAP_DEFAULT
  const overrides = { aisles: new Set(geometry.aisles), joined: new Set(geometry.joined) }
  const cuts = rows.map((row) => cutsOf(row, aisleGap, sectionPitch, overrides))

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
    mayStayAlone: new Uint8Array(slotCount),
    kind: Uint8Array.from(rows, ({ kind }) => kind),
    wholeTables: rows.flatMap(({ kind }, row) => (kind === WHOLE_TABLE ? [row] : [])),
    focalCost: new Int32Array(slotCount),
    focalOrder: new Int32Array(seatCount),
    focalRank: new Int32Array(seatCount),
    centreX: new Float64Array(rows.length),
    centreY: new Float64Array(rows.length),
  }

  let slot = 1
  rows.forEach(({ seats, kind }, row) => {
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
      layout.mayStayAlone[slot] = kind !== ORDINARY_ROW || geometry.type[seat] === WHEELCHAIR ? 1 : 0
      layout.focalCost[slot] =
        Math.round(distanceBetween(x, y, 0, 0) * COST_PER_PITCH) + (geometry.type[seat] === RESTRICTED_VIEW ? RESTRICTED_VIEW_COST : 0)
      layout.centreX[row] = (layout.centreX[row] ?? 0) + x
      layout.centreY[row] = (layout.centreY[row] ?? 0) + y
      const endsRun = at === seats.length - 1 || cuts[row]?.[at] === true
      slot += endsRun ? 2 : 1
    })
    layout.centreX[row] = (layout.centreX[row] ?? 0) / seats.length
    layout.centreY[row] = (layout.centreY[row] ?? 0) / seats.length
  })
  rankByFocus(layout)
  return { ...layout, rowsNear: rowsNear(layout) }
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

interface Row {
  readonly kind: number
  /** In order along the row. */
  readonly seats: readonly number[]
  /** The distance from each seat to the next one. */
  readonly gaps: readonly number[]
}

/** The rows that have any seats, by their numbers. */
function rowsOf(geometry: SeatGeometry): Row[] {
  const tables = new Set(geometry.tables)
  const wholeTables = new Set(geometry.wholeTables)
  const members = new Map<number, number[]>()
  for (let seat = 0; seat < geometry.row.length; seat++) {
    const number = geometry.row[seat] ?? 0
    const seats = members.get(number)
    if (seats === undefined) members.set(number, [seat])
    else seats.push(seat)
  }
  return [...members]
    .sort(([a], [b]) => a - b)
    .map(([number, members]) => {
      const kind = wholeTables.has(number) ? WHOLE_TABLE : tables.has(number) ? TABLE : ORDINARY_ROW
      const seats = kind === ORDINARY_ROW ? alongRow(members, geometry) : members
      return { kind, seats, gaps: gapsAlong(seats, geometry) }
    })
}

function alongRow(seats: readonly number[], { x, y, category, type }: SeatGeometry): number[] {
  // Sums of fractions depend on their order, so it must not depend on how the seats happen to be numbered.
  const by = (values: ArrayLike<number>) => (a: number, b: number) => (values[a] ?? 0) - (values[b] ?? 0)
  const keys = [x, y, category, type].map(by)
  const sorted = seats.toSorted((a, b) => keys.reduce((order, key) => order || key(a, b), 0) || a - b)
  const points = { x: sorted.map((seat) => x[seat] ?? 0), y: sorted.map((seat) => y[seat] ?? 0) }
  return orderAlongRow(points).map((at) => sorted[at] ?? 0)
}

function gapsAlong(seats: readonly number[], { x, y }: SeatGeometry): number[] {
  return seats.slice(1).map((seat, at) => {
    const before = seats[at] ?? 0
    return distanceBetween(x[before] ?? 0, y[before] ?? 0, x[seat] ?? 0, y[seat] ?? 0)
  })
}

/** Where every row has one seat, the rows' own distances are the only measure there is. */
function pitchOfSection(rows: readonly Row[], geometry: SeatGeometry): number {
  const gapsOf = (counts: (row: Row) => boolean) => rows.filter(counts).flatMap(({ gaps }) => gaps)
  const firsts = rows.map(({ seats }) => seats[0] ?? 0)
  return (
    lowerMedian(gapsOf(({ kind }) => kind === ORDINARY_ROW)) ??
    lowerMedian(gapsOf(({ kind }) => kind !== ORDINARY_ROW)) ??
    lowerMedian(gapsAlong(firsts, geometry)) ??
    1
  )
}

/** Whether each seat of a row but the last ends a run. */
function cutsOf(
  { kind, seats, gaps }: Row,
  aisleGap: number,
  sectionPitch: number,
  { aisles, joined }: { readonly aisles: ReadonlySet<number>; readonly joined: ReadonlySet<number> },
): boolean[] {
  if (kind !== ORDINARY_ROW) return gaps.map(() => false)
  const own = gaps.filter((gap) => gap > 0).length >= 2 ? lowerMedian(gaps) : undefined
  return gaps.map((gap, at) => {
    const [a = 0, b = 0] = [seats[at], seats[at + 1]]
    const first = Math.min(a, b)
    // What the map says of a gap counts where it is one: between two seats that follow each other here as well.
    if (Math.abs(a - b) === 1 && aisles.has(first)) return true
    if (Math.abs(a - b) === 1 && joined.has(first)) return false
    return gap > aisleGap * (own ?? sectionPitch)
  })
}

/** Of those that are more than nothing: seats at one position tell no pitch. */
function lowerMedian(values: readonly number[]): number | undefined {
  const positive = values.filter((value) => value > 0).sort((a, b) => a - b)
  return positive[(positive.length - 1) >> 1]
}

function rankByFocus({ seatAt, slotCount, focalCost, focalOrder, focalRank }: Omit<SectionLayout, 'rowsNear'>): void {
  let count = 0
  for (let slot = 0; slot < slotCount; slot++) if ((seatAt[slot] ?? -1) >= 0) focalOrder[count++] = slot
  focalOrder.sort((a, b) => (focalCost[a] ?? 0) - (focalCost[b] ?? 0) || a - b)
  focalOrder.forEach((slot, rank) => {
    focalRank[seatAt[slot] ?? 0] = rank
  })
}

function rowsNear({ rowCount, kind, centreX, centreY }: Omit<SectionLayout, 'rowsNear'>): number[][] {
  const away = new Float64Array(rowCount)
  return Array.from({ length: rowCount }, (_, row) => {
    if (kind[row] === WHOLE_TABLE) return [row]
    for (let other = 0; other < rowCount; other++) {
      const mayBeNear = other !== row && kind[other] !== WHOLE_TABLE
      away[other] = mayBeNear
        ? distanceBetween(centreX[row] ?? 0, centreY[row] ?? 0, centreX[other] ?? 0, centreY[other] ?? 0)
        : Number.POSITIVE_INFINITY
    }
    const near = [row]
    while (near.length <= NEIGHBOURING_ROWS_MAX) {
      let nearest = -1
      for (let other = 0; other < rowCount; other++) if ((away[other] ?? 0) < (away[nearest] ?? Number.POSITIVE_INFINITY)) nearest = other
      if (nearest < 0) break
      near.push(nearest)
      away[nearest] = Number.POSITIVE_INFINITY
    }
    return near.sort((a, b) => a - b)
  })
}
