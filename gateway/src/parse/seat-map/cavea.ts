import { capitalize, EXTRAS_ROOM, isGiven, type Reading, readExtras, refuseUnknown, type SeatSpot, type Spot } from './cavea-fields.ts'
import { readRows, seatPointer, seatWhere } from './cavea-rows.ts'
import { readFocalPoint, readStanding } from './cavea-standing.ts'
import { type ExtrasBudget, extrasBudget, withExtras } from './extras.ts'
import { isObject, type Json, readList } from './json-fields.ts'
import {
  isColor,
  isRecord,
  type ParseResult,
  PLAN_LIMITS,
  type PlanCategory,
  type PlanRow,
  type PlanSection,
  type PlanStanding,
  type SeatMapPlan,
} from './plan.ts'
import { type Report, startReport } from './report.ts'
import { openSeatRegister } from './seat-register.ts'
import { isSectionId, sectionIds } from './section-ids.ts'
import { kindOf, quote, readText } from './text.ts'

const PLAN_FIELDS = new Set(['name', 'focalPoint', 'categories', 'sections', 'extras'])
const CATEGORY_FIELDS = new Set(['name', 'color', 'extras'])
const SECTION_FIELDS = new Set(['sectionId', 'name', 'rows', 'standing', 'extras'])

/**
 * Reads Cavea's own format, `application/vnd.cavea.seat-map+json`: a `SeatMapPlan` as JSON. Fields with a question mark
 * may be absent; unknown ones are refused, foreign ones belong into the object `extras?`, which plan, category, section,
 * row and seat may have. Texts have up to 200 characters. Positions and sizes are in the drawing's own units, from its
 * top left, y downwards, within ±1,000,000, and are rounded to 2 decimals.
 *
 * - plan: `name`, `categories`, `sections`, `focalPoint?` as `{x, y}`: what the audience looks at (default: the middle
 *   of the drawing's upper edge).
 * - category: `name`, unique in the plan; `color?`, a CSS colour.
 * - section: `name`, `sectionId?` (default: made from the name), and either `rows`, or `standing` for a standing area;
 *   an empty list of rows beside `standing` is none.
 * - standing: `capacity`, a whole number from 1 to 200,000, and 1,000,000 in the whole plan; `category`; `bounds?` as
 *   `{x, y, width, height}`: where the area is drawn.
 * - row: `label`, which may be blank; `seats`; `table?`: the row is a table of up to 100 chairs, listed as they stand
 *   round it, and sold by the chair (`chairs`) or all together (`whole`).
 * - seat: `seatId`, unique in the plan; `number`, which may be blank; `x`, `y`; `category`; `type?`, one of
 *   `SEAT_TYPES` (default: `standard`); `aisleAfter?`: true says that an aisle is between this seat and the next one
 *   listed in its row, false that none is, whatever their distance (default: the distance tells). Neither the last seat
 *   of a row nor a chair of a table may have it.
 */
export function parseCaveaPlan(json: unknown): ParseResult {
  const report = startReport()
  if (!isRecord(json)) {
    const detail = `A seat map is a JSON object with "sections" and "categories", not ${kindOf(json)}.`
    return { outcome: 'faulty', faults: [{ pointer: '', code: 'NOT_A_PLAN', detail }] }
  }
  refuseUnknown(report, json, PLAN_FIELDS, () => ({ pointer: '', where: 'the plan' }))
  const budget = extrasBudget(PLAN_LIMITS.extrasMax * EXTRAS_ROOM)
  const name = readText(report, json['name'], () => ({ pointer: '/name', what: "The plan's name" }), { blank: 'refused' })?.trim() ?? ''
  const focalPoint = readFocalPoint(report, json['focalPoint'])
  const categories = readCategories(report, budget, json['categories'])
  const register = openSeatRegister<SeatSpot>(report, (spot) => ({ pointer: seatPointer(spot), where: seatWhere(spot) }), {
    id: '/seatId',
    number: '/number',
  })
  const sections = readSections(
    { report, budget, register, categories: new Set(categories.map((category) => category.name)) },
    json['sections'],
  )
  const extras = readExtras(report, budget, json['extras'], 'plan', () => '')
  if (register.count() === 0 && !report.isFaulty())
    report.fault('/sections', 'NO_SEATS', 'The plan has neither a seat nor a place to stand.')
  return report.conclude(() => ({ name, ...(focalPoint === undefined ? {} : { focalPoint }), categories, sections, ...withExtras(extras) }))
}

/** Writes a plan as the JSON value of our own format; reading it gives the same plan. */
export function writeCaveaPlan(plan: SeatMapPlan): Json {
  const { name, focalPoint, categories, sections, extras } = plan
  return {
    name,
    ...(focalPoint === undefined ? {} : { focalPoint: { x: focalPoint.x, y: focalPoint.y } }),
    categories: categories.map(({ name, color, extras }) => ({
      name,
      ...(color === undefined ? {} : { color }),
      ...withExtras(extras),
    })),
    sections: sections.map(({ sectionId, name, rows, standing, extras }) => ({
      sectionId,
      name,
      ...(standing === undefined ? { rows: rows.map(writeRow) } : { standing: writeStanding(standing) }),
      ...withExtras(extras),
    })),
    ...withExtras(extras),
  }
}

function writeStanding({ capacity, category, bounds }: PlanStanding): PlanStanding {
  if (bounds === undefined) return { capacity, category }
  const { x, y, width, height } = bounds
  return { capacity, category, bounds: { x, y, width, height } }
}

function writeRow({ label, table, seats, extras }: PlanRow): PlanRow {
  return {
    label,
    ...(table === undefined ? {} : { table }),
    seats: seats.map(({ seatId, number, x, y, category, type, aisleAfter, extras }) => ({
      seatId,
      number,
      x,
      y,
      category,
      type,
      ...(aisleAfter === undefined ? {} : { aisleAfter }),
      ...withExtras(extras),
    })),
    ...withExtras(extras),
  }
}

function readCategories(report: Report, budget: ExtrasBudget, value: unknown): readonly PlanCategory[] {
  const categories = new Map<string, PlanCategory>()
  const items = readList(report, value, '/categories', 'The list of categories', 'required')
  if (items.length > PLAN_LIMITS.categoriesMax) {
    report.fault('/categories', 'TOO_MANY_CATEGORIES', `The plan has more than ${PLAN_LIMITS.categoriesMax.toString()} categories.`)
    return []
  }
  for (const [index, item] of items.entries()) {
    const pointer = `/categories/${index.toString()}`
    const what = `category no. ${(index + 1).toString()}`
    if (!isObject(report, item, pointer, capitalize(what))) continue
    refuseUnknown(report, item, CATEGORY_FIELDS, () => ({ pointer, where: what }))
    const name = readText(report, item['name'], () => ({ pointer: `${pointer}/name`, what: `The name of ${what}` }), {
      blank: 'refused',
    })?.trim()
    const color = item['color']
    if (color !== undefined && !(typeof color === 'string' && isColor(color))) {
      report.fault(`${pointer}/color`, 'NOT_A_COLOR', `The colour of ${what} must be a CSS colour such as #7f4a91.`)
    }
    const extras = readExtras(report, budget, item['extras'], 'category', () => pointer)
    if (name === undefined) continue
    if (categories.has(name)) report.fault(`${pointer}/name`, 'DUPLICATE_CATEGORY', `The category ${quote(name)} is listed twice.`)
    categories.set(name, { name, ...(typeof color === 'string' ? { color } : {}), ...withExtras(extras) })
  }
  return [...categories.values()]
}

function readSections(reading: Reading, value: unknown): readonly PlanSection[] {
  const { report, budget } = reading
  const items = readList(report, value, '/sections', 'The list of sections', 'required')
  if (items.length > PLAN_LIMITS.sectionsMax) {
    report.fault('/sections', 'TOO_MANY_SECTIONS', `The plan has more than ${PLAN_LIMITS.sectionsMax.toLocaleString('en')} sections.`)
    return []
  }
  const idFor = sectionIds(givenIds(report, items))
  const sections: PlanSection[] = []
  for (const [index, item] of items.entries()) {
    if (report.isFlooded()) break
    const pointer = `/sections/${index.toString()}`
    const ordinal = `section no. ${(index + 1).toString()}`
    if (!isObject(report, item, pointer, capitalize(ordinal))) continue
    const name = readText(report, item['name'], () => ({ pointer: `${pointer}/name`, what: `The name of ${ordinal}` }), {
      blank: 'refused',
    })?.trim()
    const spot: Spot = { pointer, where: name === undefined ? ordinal : `section ${quote(name)}` }
    refuseUnknown(report, item, SECTION_FIELDS, () => spot)
    const isStanding = isGiven(item['standing'])
    const hasRows = isGiven(item['rows']) && !(isStanding && isEmptyList(item['rows']))
    if (hasRows && isStanding)
      report.fault(pointer, 'ROWS_AND_STANDING', `The ${spot.where} has both rows and a standing area; make two sections of it.`)
    if (!hasRows && !isStanding)
      report.fault(pointer, 'NEITHER_ROWS_NOR_STANDING', `The ${spot.where} needs either rows of seats or a standing area.`)
    const rows = hasRows
      ? readRows(reading, readList(report, item['rows'], `${pointer}/rows`, `The rows of ${spot.where}`, 'required'), spot)
      : []
    if (rows === 'full') break
    const standing = isStanding ? readStanding(reading, item['standing'], spot) : undefined
    const extras = readExtras(report, budget, item['extras'], 'section', () => pointer)
    const sectionId = typeof item['sectionId'] === 'string' ? item['sectionId'] : idFor(name ?? '')
    sections.push({ sectionId, name: name ?? '', rows, ...(standing === undefined ? {} : { standing }), ...withExtras(extras) })
  }
  return sections
}

/** A plan written field by field has such rows in a standing area. */
function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

/** Ids that the document names are reserved before any is made, so that a made one never takes a later section's. */
function givenIds(report: Report, items: readonly unknown[]): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const [index, item] of items.entries()) {
    const id = isRecord(item) ? item['sectionId'] : undefined
    if (id === undefined) continue
    const pointer = `/sections/${index.toString()}/sectionId`
    const what = `The id of section no. ${(index + 1).toString()}`
    if (typeof id !== 'string' || id.length > PLAN_LIMITS.sectionIdLengthMax || !isSectionId(id)) {
      const rule = `up to ${PLAN_LIMITS.sectionIdLengthMax.toString()} lower-case letters, digits and single hyphens`
      report.fault(pointer, 'NOT_A_SECTION_ID', `${what} must be ${rule}, such as "stalls-2".`)
    } else if (ids.has(id)) report.fault(pointer, 'DUPLICATE_SECTION_ID', `${what}, ${quote(id)}, is used twice.`)
    else ids.add(id)
  }
  return ids
}
