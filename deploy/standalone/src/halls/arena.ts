import {
  type HallPlan,
  type HallRow,
  type HallSeat,
  type Point,
  ROW_PITCH,
  SEAT_PITCH,
  type SeatedSection,
  WHEELCHAIR_EXTRA,
} from './hall-plan.ts'
import { OVAL_REACH, pointOutside, stretch } from './oval.ts'
import { type Random, randomOf, someOf, wholeNumber } from './random.ts'

const CENTRE: Point = { x: 2_400, y: 2_100 }
/**
 * The stage end, not the middle: a tour plays from a stage at the end of the floor, so the best seats are those beside the
 * front of the floor, and straight behind the stage there are none.
 */
const STAGE: Point = { x: CENTRE.x, y: CENTRE.y - OVAL_REACH - 50 }
const FLOOR = { capacity: 5_000, width: 1_000, length: 1_700 }
const AISLE = 55
/** Blocks are not all alike: an aisle between two of them is off its even place by up to this. */
const AISLE_SHIFT = 10
/** A tunnel to the concourse comes out in some blocks and takes a few seats of a few rows. */
const TUNNEL = { firstRow: 9, rows: 4, width: 110 }

interface Tier {
  readonly hundred: number
  readonly blocks: number
  readonly rows: number
  /** From the oval to its first row. */
  readonly outside: number
  /** The bearing of its first block's edge: how far round from the middle of the stage it starts. */
  readonly opening: number
  readonly tunnels: number
  readonly wheelchairBlocks: number
  readonly categoryOf: (row: number, isAtEnd: boolean) => string
}

const LOWER: Tier = {
  hundred: 100,
  blocks: 18,
  rows: 27,
  outside: 0,
  opening: 0.72,
  tunnels: 6,
  wheelchairBlocks: 8,
  categoryOf: (row, isAtEnd) => (row < 6 && !isAtEnd ? 'Premium' : 'Lower tier'),
}
const UPPER: Tier = {
  hundred: 200,
  blocks: 24,
  rows: 20,
  outside: 980,
  opening: 0.85,
  tunnels: 8,
  wheelchairBlocks: 0,
  categoryOf: (_, isAtEnd) => (isAtEnd ? 'Upper tier rear' : 'Upper tier'),
}

/**
 * The Harbour Arena: about 15,000 seats in two tiers of blocks round an oval that is open at the stage, and a floor where
 * 5,000 stand. The seed decides where exactly the aisles run, and which blocks have tunnels and wheelchair places.
 */
export function arena(seed = 1): HallPlan {
  const random = randomOf(seed)
  return {
    name: 'Harbour Arena',
    focalPoint: STAGE,
    categories: [
      { name: 'Floor', color: '#c2572b' },
      { name: 'Premium', color: '#b5832e' },
      { name: 'Lower tier', color: '#2f6f9f' },
      { name: 'Upper tier', color: '#3c8d5a' },
      { name: 'Upper tier rear', color: '#7aa35f' },
      { name: 'Side view', color: '#8a8f98' },
    ],
    sections: [
      {
        sectionId: 'floor',
        name: 'Standing floor',
        standing: {
          capacity: FLOOR.capacity,
          category: 'Floor',
          bounds: { x: CENTRE.x - FLOOR.width / 2, y: CENTRE.y - FLOOR.length / 2, width: FLOOR.width, height: FLOOR.length },
        },
      },
      ...blocksOf(LOWER, random),
      ...blocksOf(UPPER, random),
    ],
  }
}

/** Blocks of about the same size, numbered clockwise from the stage. */
function blocksOf(tier: Tier, random: Random): readonly SeatedSection[] {
  const middle = stretch(tier.opening, 2 * Math.PI - tier.opening, tier.outside + ((tier.rows - 1) / 2) * ROW_PITCH)
  const edges = Array.from({ length: tier.blocks + 1 }, (_, at) => {
    const shift = at === 0 || at === tier.blocks ? 0 : wholeNumber(random, -AISLE_SHIFT, AISLE_SHIFT)
    return middle.bearingAt((middle.length * at) / tier.blocks + shift)
  })
  const numbers = Array.from({ length: tier.blocks }, (_, at) => at + 1)
  const tunnels = someOf(random, numbers, tier.tunnels)
  const wheelchairs = someOf(random, numbers, tier.wheelchairBlocks)
  return numbers.map((number) => {
    const name = String(tier.hundred + number)
    const [from = 0, to = 0] = edges.slice(number - 1, number + 1)
    const block = { tier, name, from, to, hasTunnel: tunnels.includes(number), hasWheelchairs: wheelchairs.includes(number) }
    return { sectionId: name, name: `Block ${name}`, rows: Array.from({ length: tier.rows }, (_, row) => blockRow(block, row)) }
  })
}

interface Block {
  readonly tier: Tier
  readonly name: string
  readonly from: number
  readonly to: number
  readonly hasTunnel: boolean
  readonly hasWheelchairs: boolean
}

/** Seats are numbered from the aisle at the block's clockwise start; what is over is left at both ends alike. */
function blockRow({ tier, name, from, to, hasTunnel, hasWheelchairs }: Block, row: number): HallRow {
  const outside = tier.outside + row * ROW_PITCH
  const curve = stretch(from, to, outside)
  const count = Math.floor((curve.length - AISLE) / SEAT_PITCH) + 1
  const first = (curve.length - (count - 1) * SEAT_PITCH) / 2
  const isCut = hasTunnel && row >= TUNNEL.firstRow && row < TUNNEL.firstRow + TUNNEL.rows
  const wheelchairs = hasWheelchairs && row === tier.rows - 1
  const label = String(row + 1)
  const isAtEnd = Math.abs((from + to) / 2 - Math.PI) < Math.PI / 3
  const places = Array.from({ length: count }, (_, at) => first + at * SEAT_PITCH).filter(
    (along) => !isCut || Math.abs(along - curve.length / 2) > TUNNEL.width / 2,
  )
  const seats = places.map((along, at): HallSeat => {
    const type = wheelchairs && at < 2 ? (at === 0 ? 'wheelchair' : 'companion') : undefined
    const position = pointOutside(CENTRE, curve.bearingAt(type === 'wheelchair' ? along - WHEELCHAIR_EXTRA : along), outside)
    const isBesideStage = position.y < STAGE.y
    return {
      seatId: `${name}-${label}-${at + 1}`,
      number: String(at + 1),
      ...position,
      category: isBesideStage ? 'Side view' : tier.categoryOf(row, isAtEnd),
      ...(isBesideStage && { type: 'restricted-view' }),
      ...(type !== undefined && { type }),
    }
  })
  return { label, seats }
}
