import type { HallPlan, Point, SeatedSection } from './hall-plan.ts'
import { type Random, randomOf, someOf, wholeNumber } from './random.ts'
import { boxes } from './theatre-boxes.ts'
import {
  type Level,
  type LevelRow,
  levelSection,
  type Pillar,
  rowsOf,
  SIDES,
  thickPillar,
  thinPillar,
  withoutSeatsAt,
  withWheelchair,
} from './theatre-rows.ts'

const AXIS_X = 640
const STAGE: Point = { x: AXIS_X, y: 70 }

const STALLS: Level = {
  name: 'Stalls',
  rowCount: 16,
  front: { x: AXIS_X, y: 220 },
  radius: 700,
  aisleAngle: 0.165,
  narrowAisles: false,
  sideSeats: (row) => 6 + Math.floor(row / 5),
  hiddenSeats: (row) => Math.max(0, 2 - row),
  categoryOf: (row) => (row < 5 ? 'Premium' : 'Stalls'),
}
const CIRCLE: Level = {
  name: 'Circle',
  rowCount: 7,
  front: { x: AXIS_X, y: 830 },
  radius: 1000,
  aisleAngle: 0.165,
  narrowAisles: false,
  sideSeats: (row) => 8 + Math.floor(row / 4),
  hiddenSeats: (row) => Math.max(0, 2 - row),
  categoryOf: (row, isMiddle) => (row === 0 && isMiddle ? 'Premium' : 'Circle'),
}
const BALCONY: Level = {
  name: 'Balcony',
  rowCount: 5,
  front: { x: AXIS_X, y: 1140 },
  radius: 1200,
  aisleAngle: 0.15,
  narrowAisles: true,
  sideSeats: (row) => 9 + Math.floor(row / 3),
  hiddenSeats: () => 2,
  categoryOf: () => 'Balcony',
}

/**
 * The Lantern Theatre, about 800 seats: stalls in uneven curved rows with two aisles and two pillars, a circle whose thin
 * pillars part no neighbours, a balcony with narrow steps for aisles, and eight boxes. The seed decides how long the rows
 * are, where doors and pillars stand, and which rows end in a wheelchair place.
 */
export function theatre(seed = 1): HallPlan {
  const random = randomOf(seed)
  return {
    name: 'Lantern Theatre',
    focalPoint: STAGE,
    categories: [
      { name: 'Premium', color: '#b5832e' },
      { name: 'Stalls', color: '#7f4a91' },
      { name: 'Circle', color: '#2f6f9f' },
      { name: 'Balcony', color: '#3c8d5a' },
      { name: 'Boxes', color: '#a33b3b' },
      { name: 'Restricted view', color: '#8a8f98' },
    ],
    sections: [stalls(random), circle(random), levelSection(BALCONY, rowsOf(BALCONY, random, []), [], STAGE), ...boxes(AXIS_X, random)],
  }
}

function stalls(random: Random): SeatedSection {
  const doors = someOf(random, [4, 5, 6, 11, 12, 13], 3)
  const [onLeft, onRight] = someOf(random, [5, 6, 7, 11, 12, 13], 2)
  const pillarRow = wholeNumber(random, 7, 9)
  const fromAisle = wholeNumber(random, 2, 3)
  const pillars = SIDES.map((side) => thickPillar(STALLS, pillarRow, side, fromAisle))
  const rows = rowsOf(STALLS, random, doors).map((row, at): LevelRow => {
    if (at === STALLS.rowCount - 1) return SIDES.reduce(withWheelchair, row)
    if (at === onLeft) return withWheelchair(row, -1)
    return at === onRight ? withWheelchair(row, 1) : row
  })
  const cut = pillars.reduce<readonly LevelRow[]>(withoutSeatsAt, rows)
  return levelSection(STALLS, cut, pillars, STAGE)
}

function circle(random: Random): SeatedSection {
  const pillarRow = wholeNumber(random, 2, 3)
  const fromAisle = wholeNumber(random, 3, 5)
  const last = CIRCLE.rowCount - 1
  let rows: readonly LevelRow[] = rowsOf(CIRCLE, random, []).map((row, at) => (at === last ? SIDES.reduce(withWheelchair, row) : row))
  const pillars: Pillar[] = []
  for (const side of SIDES) {
    const parted = thinPillar(CIRCLE, rows, pillarRow, side, fromAisle)
    rows = parted.rows
    pillars.push(parted.pillar)
  }
  return levelSection(CIRCLE, rows, pillars, STAGE)
}
