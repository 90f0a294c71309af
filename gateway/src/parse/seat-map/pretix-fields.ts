import { type ExtrasBudget, type ExtrasRules, keepExtras } from './extras.ts'
import { isCoordinate, type Json, type Offset } from './json-fields.ts'
import { isRecord } from './plan.ts'
import type { Report, Things } from './report.ts'

// The fields are those of pretix's seating-plan.schema.json, today's and the first version's. That schema refuses
// others; plans from other editors have them all the same.
export const PLAN_RULES: ExtrasRules = {
  read: new Set(['name', 'categories', 'zones']),
  carried: new Set(['size']),
  path: '',
  things: 'plan',
}
export const CATEGORY_RULES: ExtrasRules = {
  read: new Set(['name', 'color']),
  carried: new Set(),
  path: 'categories[]',
  things: 'category',
}
export const ZONE_RULES: ExtrasRules = {
  read: new Set(['name', 'position', 'rows']),
  carried: new Set(['zone_id', 'uuid', 'areas', 'displayed']),
  path: 'zones[]',
  things: 'zone',
}
export const ROW_RULES: ExtrasRules = {
  read: new Set(['row_number', 'position', 'seats']),
  carried: new Set(['row_label', 'seat_label', 'uuid', 'row_number_position', 'number_of_seats', 'seats_spacing']),
  path: 'zones[].rows[]',
  things: 'row',
}
export const SEAT_RULES: ExtrasRules = {
  read: new Set(['seat_guid', 'seat_number', 'position', 'category']),
  carried: new Set(['uuid', 'start_direction', 'radius']),
  path: 'zones[].rows[].seats[]',
  things: 'seat',
}
const POSITION_FIELDS: ReadonlySet<string> = new Set(['x', 'y'])

/** The writer gives every zone a list of areas, as pretix's editor does; an empty one is nothing to keep. */
export function withoutEmptyAreas(zone: Json): Json {
  const { areas, ...others } = zone
  return areas === null || (Array.isArray(areas) && areas.length === 0) ? others : zone
}

/**
 * Adds to the extras what a position has beside x and y, and a zone's whole position when it has areas, which are drawn
 * relative to it. Elsewhere the offsets are already in the seats.
 */
export function withPosition(
  extras: Record<string, unknown> | undefined,
  { report, budget }: { readonly report: Report; readonly budget: ExtrasBudget },
  owner: Json,
  path: string,
  things: Things,
  pointer: string | (() => string),
): Record<string, unknown> | undefined {
  const position = isRecord(owner['position']) ? owner['position'] : {}
  const at = (): string => `${typeof pointer === 'string' ? pointer : pointer()}/position`
  const rules: ExtrasRules = { read: POSITION_FIELDS, carried: new Set(), path: `${path}.position`, things }
  const others = Object.keys(position).length > 2 ? keepExtras(report, budget, position, rules, at) : undefined
  const hasAreas = Array.isArray(extras?.['areas'])
  if (!hasAreas && others === undefined) return extras
  return { ...extras, position: hasAreas ? { ...others, ...offsetOf({ position }) } : others }
}

/** The x and y of a `position` field, each 0 where it is no coordinate; adding zero turns -0, which JSON cannot carry, into 0. */
export function offsetOf(owner: Json | undefined): Offset {
  const position = owner?.['position']
  const x = isRecord(position) && isCoordinate(position['x']) ? position['x'] + 0 : 0
  const y = isRecord(position) && isCoordinate(position['y']) ? position['y'] + 0 : 0
  return { x, y }
}

/** Hand-made plans have numbers where the schema wants text; they are meant, and read, as text. */
export function textOrNumber(report: Report, value: unknown, pattern: string, things: Things, pointer: () => string): unknown {
  if (typeof value !== 'number' || !Number.isFinite(value)) return value
  report.tally('NUMBER_READ_AS_TEXT', pattern, things, pointer)
  return String(value)
}
