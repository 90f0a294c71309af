import { copyBounded, type ExtrasBudget, extrasBudget, OWNER_MAX, pointerToken, withExtras } from './extras.ts'
import { isCoordinate, isObject, type Json, readList } from './json-fields.ts'
import {
  type Extras,
  isColor,
  isRecord,
  type ParseResult,
  PLAN_LIMITS,
  type PlanCategory,
  type PlanRow,
  type PlanSeat,
  type PlanSection,
  roundPosition,
  SEAT_TYPES,
  type SeatMapPlan,
  type SeatType,
} from './plan.ts'
import { type Report, startReport, type Things } from './report.ts'
import { openSeatRegister, type SeatRegister } from './seat-register.ts'
import { isSectionId, sectionIds } from './section-ids.ts'
import { kindOf, quote, readText } from './text.ts'

const PLAN_FIELDS = new Set(['name', 'categories', 'sections', 'extras'])
const CATEGORY_FIELDS = new Set(['name', 'color', 'extras'])
const SECTION_FIELDS = new Set(['sectionId', 'name', 'rows', 'extras'])
const ROW_FIELDS = new Set(['label', 'seats', 'extras'])
const SEAT_FIELDS = new Set(['seatId', 'number', 'x', 'y', 'category', 'type', 'extras'])
// Whatever another parser kept must be readable here, where it stands up to three levels deeper and the wrapping counts.
const EXTRAS_ROOM = 2
const EXTRAS_WRAPPING = 3

const TYPES: ReadonlySet<string> = new Set(SEAT_TYPES)

interface Spot {
  readonly pointer: string
  readonly where: string
}

interface SeatSpot {
  readonly row: Spot
  readonly index: number
}

interface Reading {
  readonly report: Report
  readonly budget: ExtrasBudget
  readonly register: SeatRegister<SeatSpot>
  readonly categories: ReadonlySet<string>
}

/**
 * Reads Cavea's own format, `application/vnd.cavea.seat-map+json`: a `SeatMapPlan` as JSON. Only `sectionId` (made from
 * the name), `type` (`standard`), `color` and `extras` may be absent; unknown fields are refused, foreign ones belong
 * into `extras`.
 */
export function parseCaveaPlan(json: unknown): ParseResult {
  const report = startReport()
  if (!isRecord(json)) {
    const detail = `A seat map is a JSON object with "sections" and "categories", not ${kindOf(json)}.`
    return { outcome: 'faulty', faults: [{ pointer: '', code: 'NOT_A_PLAN', detail }] }
  }
  refuseUnknown(report, json, PLAN_FIELDS, '', 'the plan')
  const budget = extrasBudget(PLAN_LIMITS.extrasMax * EXTRAS_ROOM)
  const name = readText(report, json['name'], () => ({ pointer: '/name', what: "The plan's name" }), { blank: 'refused' })?.trim() ?? ''
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
  if (register.seatCount() === 0 && !report.isFaulty()) report.fault('/sections', 'NO_SEATS', 'The plan has no seat at all.')
  return report.conclude(() => ({ name, categories, sections, ...withExtras(extras) }))
}

/** Writes a plan as the JSON value of our own format; reading it gives the same plan. */
export function writeCaveaPlan(plan: SeatMapPlan): SeatMapPlan {
  return {
    name: plan.name,
    categories: plan.categories.map(({ name, color, extras }) => ({
      name,
      ...(color === undefined ? {} : { color }),
      ...withExtras(extras),
    })),
    sections: plan.sections.map(({ sectionId, name, rows, extras }) => {
      return { sectionId, name, rows: rows.map(writeRow), ...withExtras(extras) }
    }),
    ...withExtras(plan.extras),
  }
}

function writeRow({ label, seats, extras }: PlanRow): PlanRow {
  return {
    label,
    seats: seats.map(({ seatId, number, x, y, category, type, extras }) => ({
      seatId,
      number,
      x,
      y,
      category,
      type,
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
    refuseUnknown(report, item, CATEGORY_FIELDS, pointer, what)
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
    refuseUnknown(report, item, SECTION_FIELDS, pointer, spot.where)
    const rows = readRows(reading, readList(report, item['rows'], `${pointer}/rows`, `The rows of ${spot.where}`, 'required'), spot)
    if (rows === 'full') break
    const extras = readExtras(report, budget, item['extras'], 'section', () => pointer)
    const sectionId = typeof item['sectionId'] === 'string' ? item['sectionId'] : idFor(name ?? '')
    sections.push({ sectionId, name: name ?? '', rows, ...withExtras(extras) })
  }
  return sections
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

function readRows(reading: Reading, items: readonly unknown[], section: Spot): readonly PlanRow[] | 'full' {
  const { report, budget } = reading
  const rows: PlanRow[] = []
  if (items.length === 0) report.fault(`${section.pointer}/rows`, 'EMPTY_SECTION', `The ${section.where} has no rows.`)
  for (const [index, item] of items.entries()) {
    if (report.isFlooded()) return 'full'
    const pointer = `${section.pointer}/rows/${index.toString()}`
    const ordinal = `${section.where}, row no. ${(index + 1).toString()}`
    if (!isObject(report, item, pointer, capitalize(ordinal))) continue
    const label =
      readText(report, item['label'], () => ({ pointer: `${pointer}/label`, what: `The label of ${ordinal}` }), {
        blank: 'allowed',
      })?.trim() ?? ''
    const spot: Spot = { pointer, where: label === '' ? ordinal : `${section.where}, row ${quote(label)}` }
    refuseUnknown(report, item, ROW_FIELDS, pointer, spot.where)
    const seatItems = readList(report, item['seats'], `${pointer}/seats`, `The list of seats of ${spot.where}`, 'required')
    if (Array.isArray(item['seats']) && seatItems.length === 0)
      report.fault(`${pointer}/seats`, 'EMPTY_ROW', `There are no seats in ${spot.where}.`)
    const seats: PlanSeat[] = []
    for (const [seatIndex, seatItem] of seatItems.entries()) {
      if (report.isFlooded()) return 'full'
      const seatSpot: SeatSpot = { row: spot, index: seatIndex }
      if (!isRecord(seatItem)) {
        isObject(report, seatItem, seatPointer(seatSpot), capitalize(seatWhere(seatSpot)))
        continue
      }
      const seat = readSeat(reading, seatItem, seatSpot)
      if (!reading.register.enter(seatSpot, seat.seatId === '' ? undefined : seat.seatId, section.pointer, label, seat.number))
        return 'full'
      seats.push(seat)
    }
    const extras = readExtras(report, budget, item['extras'], 'row', () => pointer)
    rows.push({ label, seats, ...withExtras(extras) })
  }
  return rows
}

function readSeat({ report, budget, categories }: Reading, item: Json, spot: SeatSpot): PlanSeat {
  const place = (field: string) => () => ({ pointer: `${seatPointer(spot)}/${field}`, what: `The ${field} of ${seatWhere(spot)}` })
  const seatId = readText(report, item['seatId'], place('seatId'), { blank: 'refused', lengthMax: PLAN_LIMITS.seatIdLengthMax }) ?? ''
  const number = readText(report, item['number'], place('number'), { blank: 'allowed' })?.trim() ?? ''
  const category = readText(report, item['category'], place('category'), { blank: 'refused' })?.trim() ?? ''
  if (category !== '' && !categories.has(category)) {
    report.fault(
      place('category')().pointer,
      'UNKNOWN_CATEGORY',
      `The category ${quote(category)} of ${seatWhere(spot)} is not in the plan's list of categories.`,
    )
  }
  for (const axis of ['x', 'y']) {
    if (isCoordinate(item[axis])) continue
    const { pointer, what } = place(axis)()
    report.fault(pointer, 'POSITION_NOT_A_NUMBER', `${what} must be a number within ±${PLAN_LIMITS.positionMax.toLocaleString('en')}.`)
  }
  const type = item['type'] ?? 'standard'
  if (!isSeatType(type)) {
    const { pointer, what } = place('type')()
    report.fault(pointer, 'UNKNOWN_SEAT_TYPE', `${what} must be one of ${SEAT_TYPES.join(', ')}.`)
  }
  refuseUnknown(
    report,
    item,
    SEAT_FIELDS,
    () => seatPointer(spot),
    () => seatWhere(spot),
  )
  const extras = readExtras(report, budget, item['extras'], 'seat', () => seatPointer(spot))
  const x = isCoordinate(item['x']) ? roundPosition(item['x']) : 0
  const y = isCoordinate(item['y']) ? roundPosition(item['y']) : 0
  return { seatId, number, x, y, category, type: isSeatType(type) ? type : 'standard', ...withExtras(extras) }
}

/** Whether the value names one of the seat types. */
export function isSeatType(value: unknown): value is SeatType {
  return typeof value === 'string' && TYPES.has(value)
}

function readExtras(report: Report, budget: ExtrasBudget, value: unknown, things: Things, pointer: () => string): Extras | undefined {
  if (value === undefined) return undefined
  const at = (): string => `${pointer()}/extras`
  if (!isObject(report, value, at, 'The field "extras"')) return undefined
  const copy = copyBounded(
    report,
    budget,
    value,
    { sizeMax: OWNER_MAX[things] * EXTRAS_ROOM, depth: -EXTRAS_WRAPPING },
    'extras',
    things,
    at,
  )?.value
  return isRecord(copy) && Object.keys(copy).length > 0 ? copy : undefined
}

function refuseUnknown(
  report: Report,
  item: Json,
  known: ReadonlySet<string>,
  pointer: string | (() => string),
  where: string | (() => string),
): void {
  for (const key of Object.keys(item)) {
    if (known.has(key)) continue
    const at = typeof pointer === 'string' ? pointer : pointer()
    const spot = typeof where === 'string' ? where : where()
    report.fault(
      `${at}/${pointerToken(key)}`,
      'UNKNOWN_FIELD',
      `The field ${quote(key)} of ${spot} is not part of the format; fields of your own belong into "extras".`,
    )
  }
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function seatPointer(spot: SeatSpot): string {
  return `${spot.row.pointer}/seats/${spot.index.toString()}`
}

function seatWhere(spot: SeatSpot): string {
  return `${spot.row.where}, seat no. ${(spot.index + 1).toString()}`
}
