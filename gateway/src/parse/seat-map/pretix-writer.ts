import type { Json, Offset } from './json-fields.ts'
import { isRecord, type PlanSection, type SeatMapPlan } from './plan.ts'
import { offsetOf } from './pretix-fields.ts'

/**
 * Writes a plan as pretix's seating-plan JSON, which has no seat types and no section ids: types are lost, and ids are
 * made from the names again. Nor has it a focal point, tables or a word about aisles: a table becomes a row. A standing
 * area becomes scenery, a zone without seats in which its bounds are drawn with its name; its capacity is lost. Extra
 * fields are written where they were found; pretix itself takes only those of its schema. Reading the result gives the
 * same plan, but for what is lost, with its `size`.
 */
export function writePretixPlan(plan: SeatMapPlan): Json {
  const scenery = Array.isArray(plan.extras?.['zones']) ? plan.extras['zones'] : []
  return {
    ...plan.extras,
    name: plan.name,
    size: plan.extras?.['size'] ?? sizeOf(plan),
    categories: plan.categories.map(({ name, color, extras }) => ({ ...extras, name, ...(color === undefined ? {} : { color }) })),
    // Scenery first: what is drawn first lies below the seats.
    zones: [...scenery, ...plan.sections.map(writeZone)],
  }
}

function writeZone(section: PlanSection): Json {
  const zone = offsetOf(section.extras)
  return {
    ...section.extras,
    name: section.name,
    position: positionWith(section.extras, zone),
    rows: section.rows.map((row) => {
      return {
        ...row.extras,
        row_number: row.label,
        position: positionWith(row.extras, { x: 0, y: 0 }),
        seats: row.seats.map((seat) => ({
          ...seat.extras,
          seat_guid: seat.seatId,
          seat_number: seat.number,
          position: positionWith(seat.extras, { x: relative(seat.x, zone.x), y: relative(seat.y, zone.y) }),
          category: seat.category,
        })),
      }
    }),
    areas: [...areasOf(section), ...drawnArea(section, zone)],
  }
}

function areasOf({ extras }: PlanSection): readonly unknown[] {
  return Array.isArray(extras?.['areas']) ? extras['areas'] : []
}

/** pretix wants whole numbers for the size of a rectangle. */
function drawnArea({ name, standing }: PlanSection, zone: Offset): readonly Json[] {
  if (standing?.bounds === undefined) return []
  const { x, y } = standing.bounds
  const [width, height] = [wholeSize(standing.bounds.width), wholeSize(standing.bounds.height)]
  return [
    {
      shape: 'rectangle',
      position: { x: relative(x, zone.x), y: relative(y, zone.y) },
      rectangle: { width, height },
      text: { text: name, position: { x: width / 2, y: height / 2 } },
    },
  ]
}

function wholeSize(size: number): number {
  return Math.max(1, Math.round(size))
}

/** Finer than a seat's 2 decimals, since a zone's own position may be: so the sum is the seat's position again. */
function relative(position: number, offset: number): number {
  return Math.round((position - offset) * 1e6) / 1e6 + 0
}

function positionWith(extras: Json | undefined, offset: Offset): Json {
  return isRecord(extras?.['position']) ? { ...extras['position'], ...offset } : { ...offset }
}

function sizeOf(plan: SeatMapPlan): { readonly width: number; readonly height: number } {
  const margin = 30
  let width = 0
  let height = 0
  const reach = (x: number, y: number): void => {
    width = Math.max(width, x)
    height = Math.max(height, y)
  }
  for (const { rows, standing } of plan.sections) {
    for (const row of rows) for (const seat of row.seats) reach(seat.x, seat.y)
    if (standing?.bounds !== undefined) reach(standing.bounds.x + standing.bounds.width, standing.bounds.y + standing.bounds.height)
  }
  return { width: Math.ceil(width) + margin, height: Math.ceil(height) + margin }
}
