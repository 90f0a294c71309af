import { type HallSeat, type Point, pointAt, ROW_PITCH, SEAT_PITCH, type SeatedSection, WHEELCHAIR_EXTRA } from './hall-plan.ts'
import { type Random, wholeNumber } from './random.ts'

const ROW_LETTERS = 'ABCDEFGHJKLMNPQR' // No I and O: they look like numbers on a ticket.
const AISLE = 55
/** Too narrow to be told from the distance of the seats, and an aisle all the same. */
const NARROW_AISLE = 36
/** Wide enough to be taken for an aisle, and none. */
const THIN_PILLAR = 20
const SHADOW_LENGTH = 170
const SHADOW_HALF_WIDTH = 13

/** -1 is the left of the drawing, which has the stage at its upper edge. */
export type Side = -1 | 1
export const SIDES: readonly Side[] = [-1, 1]

/** A part of the house. Its rows curve round one centre, which is on the hall's axis and behind the stage. */
export interface Level {
  readonly name: string
  readonly rowCount: number
  /** The middle of the first row. */
  readonly front: Point
  /** From there to the centre of the curves. */
  readonly radius: number
  /** Between the hall's axis and either aisle, in radians. */
  readonly aisleAngle: number
  readonly narrowAisles: boolean
  /** How many seats a row has beyond an aisle; each side of a row has one more or fewer, as it comes. */
  readonly sideSeats: (row: number) => number
  /** From how many seats at either end of a row a corner of the stage is hidden. */
  readonly hiddenSeats: (row: number) => number
  readonly categoryOf: (row: number, isMiddle: boolean) => string
}

/** A row in the making, from left to right. */
export type LevelRow = readonly Place[]

interface Place {
  /** From the hall's axis along the row's curve, to the right. */
  readonly along: number
  readonly type?: HallSeat['type']
  readonly aisleAfter?: boolean
}

export interface Pillar {
  /** With a fraction it stands between two rows. */
  readonly row: number
  readonly along: number
}

const radiusOf = (level: Level, row: number): number => level.radius + row * ROW_PITCH
const aisleOf = (level: Level, row: number): number => level.aisleAngle * radiusOf(level, row)

function positionOf(level: Level, row: number, along: number): Point {
  const radius = radiusOf(level, row)
  const angle = along / radius
  return pointAt(level.front.x + radius * Math.sin(angle), level.front.y - level.radius + radius * Math.cos(angle))
}

/** The rows of a level: a middle and two sides. A door takes two seats off one side of its row. */
export function rowsOf(level: Level, random: Random, doors: readonly number[]): readonly LevelRow[] {
  return Array.from({ length: level.rowCount }, (_, row) => {
    const doorSide = doors.includes(row) && SIDES[wholeNumber(random, 0, 1)]
    const [left = 0, right = 0] = SIDES.map((side) => level.sideSeats(row) + wholeNumber(random, -1, 1) - (side === doorSide ? 2 : 0))
    const aisle = aisleOf(level, row)
    const inMiddle = Math.floor((2 * aisle - AISLE) / SEAT_PITCH) + 1
    const middle = seatsFrom((-(inMiddle - 1) / 2) * SEAT_PITCH, inMiddle)
    const start = level.narrowAisles ? (middle.at(-1)?.along ?? 0) + NARROW_AISLE : aisle + AISLE / 2
    const blocks = [mirrored(seatsFrom(start, left)), middle, seatsFrom(start, right)]
    if (!level.narrowAisles) return blocks.flat()
    return blocks.flatMap((block, at) => (at === 2 ? block : [...block.slice(0, -1), ...block.slice(-1).map(beforeAisle)]))
  })
}

const seatsFrom = (start: number, count: number): LevelRow => Array.from({ length: count }, (_, at) => ({ along: start + at * SEAT_PITCH }))
const mirrored = (places: LevelRow): LevelRow => places.toReversed().map((place) => ({ ...place, along: -place.along }))
const beforeAisle = (place: Place): Place => ({ ...place, aisleAfter: true })

/** The last seat of a side becomes a wheelchair place, and the one beside it is the companion's. */
export function withWheelchair(row: LevelRow, side: Side): LevelRow {
  const end = side === 1 ? row.length - 1 : 0
  return row.map((place, at) => {
    if (at === end) return { ...place, along: place.along + side * WHEELCHAIR_EXTRA, type: 'wheelchair' }
    return at === end - side ? { ...place, type: 'companion' } : place
  })
}

/** A pillar that took the place of a seat in its row and in the next. It is so many seats away from the aisle. */
export function thickPillar(level: Level, row: number, side: Side, fromAisle: number): Pillar {
  return { row: row + 0.5, along: side * (aisleOf(level, row) + AISLE / 2 + fromAisle * SEAT_PITCH) }
}

export function withoutSeatsAt(rows: readonly LevelRow[], pillar: Pillar): readonly LevelRow[] {
  return rows.map((places, row) => {
    if (Math.abs(row - pillar.row) > 0.5) return places
    return places.filter(({ along }) => Math.abs(along - pillar.along) > SEAT_PITCH / 2)
  })
}

/**
 * A pillar between two seats of a row, so many away from the aisle: it moves the rest of the row outwards, and who sits
 * at its sides still sits together.
 */
export function thinPillar(
  level: Level,
  rows: readonly LevelRow[],
  row: number,
  side: Side,
  fromAisle: number,
): { readonly pillar: Pillar; readonly rows: readonly LevelRow[] } {
  const along = side * (aisleOf(level, row) + AISLE / 2 + (fromAisle - 0.5) * SEAT_PITCH + THIN_PILLAR / 2)
  const pillar: Pillar = { row, along }
  const isBeyond = (place: Place): boolean => place.along * side > (along - (side * THIN_PILLAR) / 2) * side
  const moved = (places: LevelRow): LevelRow =>
    places.map((place, at) => {
      const next = places[at + 1]
      return {
        ...place,
        ...(isBeyond(place) && { along: place.along + side * THIN_PILLAR }),
        ...(next !== undefined && isBeyond(place) !== isBeyond(next) && { aisleAfter: false }),
      }
    })
  return { pillar, rows: rows.map((places, at) => (at === row ? moved(places) : places)) }
}

/** The level as a section: rows lettered from the front, seats numbered from the left, poor views marked and priced apart. */
export function levelSection(level: Level, rows: readonly LevelRow[], pillars: readonly Pillar[], stage: Point): SeatedSection {
  const columns = pillars.map(({ row, along }) => positionOf(level, row, along))
  return {
    sectionId: level.name.toLowerCase(),
    name: level.name,
    rows: rows.map((places, row) => {
      const label = ROW_LETTERS.charAt(row)
      const hidden = level.hiddenSeats(row)
      return {
        label,
        seats: places.map(({ along, type, aisleAfter }, at): HallSeat => {
          const position = positionOf(level, row, along)
          const isAtEnd = at < hidden || at >= places.length - hidden
          const isRestricted = type === undefined && (isAtEnd || columns.some((column) => isHiddenBy(column, position, stage)))
          const number = String(at + 1)
          return {
            seatId: `${level.name}-${label}-${number}`,
            number,
            ...position,
            category: isRestricted ? 'Restricted view' : level.categoryOf(row, Math.abs(along) < aisleOf(level, row)),
            ...(type !== undefined && { type }),
            ...(isRestricted && { type: 'restricted-view' }),
            ...(aisleAfter !== undefined && { aisleAfter }),
          }
        }),
      }
    }),
  }
}

/** Whether the line of sight from the seat to the stage passes the pillar closely, and not far in front of the seat. */
function isHiddenBy(pillar: Point, seat: Point, stage: Point): boolean {
  const [sightX, sightY] = [seat.x - stage.x, seat.y - stage.y]
  const [pillarX, pillarY] = [pillar.x - stage.x, pillar.y - stage.y]
  const sight = Math.hypot(sightX, sightY)
  const behind = sight - (sightX * pillarX + sightY * pillarY) / sight
  const beside = Math.abs(sightX * pillarY - sightY * pillarX) / sight
  return behind > 0 && behind < SHADOW_LENGTH && beside < SHADOW_HALF_WIDTH
}
