import { copyBounded, type ExtrasBudget, extrasBudget, keepExtras, withExtras } from './extras.ts'
import { isObject, type Json, type Offset, readList, readOffset } from './json-fields.ts'
import {
  isColor,
  isRecord,
  type ParseResult,
  PLAN_LIMITS,
  type PlanCategory,
  type PlanRow,
  type PlanSeat,
  type PlanSection,
  roundPosition,
} from './plan.ts'
import {
  CATEGORY_RULES,
  PLAN_RULES,
  ROW_RULES,
  SEAT_RULES,
  textOrNumber,
  withoutEmptyAreas,
  withPosition,
  ZONE_RULES,
} from './pretix-fields.ts'
import { type Report, startReport } from './report.ts'
import { openSeatRegister, type SeatRegister } from './seat-register.ts'
import { sectionIds } from './section-ids.ts'
import { kindOf, quote, readText, type TextPlace } from './text.ts'

/** A row or zone as a fault names it. */
interface Spot {
  readonly pointer: string
  readonly where: string
}

interface SeatSpot {
  readonly row: Spot
  readonly index: number
  readonly number: string
}

interface Reading {
  readonly report: Report
  readonly budget: ExtrasBudget
  readonly register: SeatRegister<SeatSpot>
  readonly categories: ReadonlySet<string>
}

/**
 * Reads pretix's seating-plan JSON. Zones become sections; positions of zone, row and seat are added up; every seat is
 * `standard`, since pretix has no seat types. A zone without seats is scenery and moves to `extras.zones` of the plan;
 * a zone's `areas` stay in its extras, with its position, which they are drawn relative to.
 *
 * Stricter than pretix's server, as its editor is: no two seats of a zone may have the same row and number. A seat may
 * lack a number, and a row a label, with a warning. `name` stands in for a plan that has none.
 */
export function parsePretixPlan(json: unknown, options: { readonly name?: string } = {}): ParseResult {
  const report = startReport()
  if (!isRecord(json)) {
    const detail = `A seating plan is a JSON object with "zones" and "categories", not ${kindOf(json)}.`
    return { outcome: 'faulty', faults: [{ pointer: '', code: 'NOT_A_PLAN', detail }] }
  }
  const budget = extrasBudget()
  const name = readPlanName(report, json['name'], options.name)
  const categories = readCategories(report, budget, json['categories'])
  const register = openSeatRegister<SeatSpot>(report, (spot) => ({ pointer: seatPointer(spot), where: seatWhere(spot) }), {
    id: '/seat_guid',
    number: '/seat_number',
  })
  const reading: Reading = { report, budget, register, categories: new Set(categories.map((category) => category.name)) }
  const { sections, scenery } = readZones(reading, json['zones'])
  const extras = keepExtras(report, budget, json, PLAN_RULES, () => '')
  const allExtras = scenery.length === 0 ? extras : { ...extras, zones: scenery }
  if (register.count() === 0 && !report.isFaulty()) report.fault('/zones', 'NO_SEATS', 'The plan has no seat at all.')
  return report.conclude(() => ({ name, categories, sections, ...withExtras(allExtras) }))
}

function readPlanName(report: Report, value: unknown, fallback: string | undefined): string {
  const isAbsent = value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
  if (isAbsent && fallback === undefined) report.warn('/name', 'PLAN_WITHOUT_NAME', 'The plan has no name; it is called "Seating plan".')
  const name = readText(report, isAbsent ? (fallback ?? 'Seating plan') : value, () => ({ pointer: '/name', what: "The plan's name" }), {
    blank: 'refused',
  })
  return name?.trim() ?? ''
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
    const what = `Category no. ${(index + 1).toString()}`
    if (!isObject(report, item, pointer, what)) continue
    const given = textOrNumber(report, item['name'], 'categories[].name', 'category', () => `${pointer}/name`)
    const name = readText(
      report,
      given,
      () => ({ pointer: `${pointer}/name`, what: `The name of category no. ${(index + 1).toString()}` }),
      { blank: 'refused' },
    )?.trim()
    const extras = keepExtras(report, budget, item, CATEGORY_RULES, () => pointer)
    if (name === undefined) continue
    if (categories.has(name)) {
      report.warn(pointer, 'DUPLICATE_CATEGORY', `The category ${quote(name)} is listed twice; the first one counts.`)
      continue
    }
    const color = typeof item['color'] === 'string' && isColor(item['color']) ? item['color'] : undefined
    if (color === undefined && item['color'] !== undefined && item['color'] !== null && item['color'] !== '') {
      report.warn(
        `${pointer}/color`,
        'COLOR_NOT_UNDERSTOOD',
        `The colour of the category ${quote(name)} is not a CSS colour and was left out.`,
      )
    }
    categories.set(name, { name, ...(color === undefined ? {} : { color }), ...withExtras(extras) })
  }
  return [...categories.values()]
}

function readZones(reading: Reading, value: unknown): { readonly sections: readonly PlanSection[]; readonly scenery: readonly unknown[] } {
  const { report, budget } = reading
  const sections: PlanSection[] = []
  const scenery: unknown[] = []
  const idFor = sectionIds()
  const names = new Set<string>()
  for (const [index, zone] of readList(report, value, '/zones', 'The list of zones', 'required').entries()) {
    if (report.isFlooded()) break
    const pointer = `/zones/${index.toString()}`
    if (!isObject(report, zone, pointer, `Zone no. ${(index + 1).toString()}`)) continue
    const name = readZoneName(report, zone, index)
    const spot: Spot = { pointer, where: `zone ${quote(name)}` }
    warnOfAreas(report, zone['areas'], spot)
    const rowItems = readList(report, zone['rows'], `${pointer}/rows`, `The rows of ${spot.where}`, 'optional')
    if (!rowItems.some(mayHaveSeats)) {
      const copy = copyBounded(
        report,
        budget,
        zone,
        { sizeMax: PLAN_LIMITS.extrasOfSectionMax, depth: 0 },
        'zones[]',
        'zone',
        () => pointer,
      )
      if (copy !== undefined) scenery.push(copy.value)
      report.warn(pointer, 'ZONE_WITHOUT_SEATS', `The ${spot.where} has no seats, so it has no capacity; it is kept as scenery.`)
      continue
    }
    const rows = readRows(reading, zone, rowItems, spot)
    if (rows === 'full') break
    const extras = withPosition(
      keepExtras(report, budget, withoutEmptyAreas(zone), ZONE_RULES, () => pointer),
      reading,
      zone,
      'zones[]',
      'zone',
      pointer,
    )
    if (names.has(name))
      report.warn(pointer, 'SECTION_NAME_REPEATED', `There is more than one zone called ${quote(name)}; each is a section of its own.`)
    names.add(name)
    sections.push({ sectionId: idFor(name), name, rows, ...withExtras(extras) })
    if (sections.length > PLAN_LIMITS.sectionsMax) {
      report.fault(pointer, 'TOO_MANY_SECTIONS', `The plan has more than ${PLAN_LIMITS.sectionsMax.toLocaleString('en')} zones with seats.`)
      break
    }
  }
  return { sections, scenery }
}

/** Rows that are not rows at all count too: they are faults to be listed, not scenery. */
function mayHaveSeats(row: unknown): boolean {
  if (!isRecord(row)) return true
  const seats = row['seats']
  return seats !== undefined && seats !== null && !(Array.isArray(seats) && seats.length === 0)
}

/** `name` came to the schema as optional, and `zone_id` is what pretix makes seat ids from. */
function readZoneName(report: Report, zone: Json, index: number): string {
  const pointer = `/zones/${index.toString()}`
  for (const key of ['name', 'zone_id']) {
    const given = textOrNumber(report, zone[key], `zones[].${key}`, 'zone', () => `${pointer}/${key}`)
    if (given === undefined || given === null || (typeof given === 'string' && given.trim() === '')) continue
    const text = readText(report, given, () => ({ pointer: `${pointer}/${key}`, what: `The name of zone no. ${(index + 1).toString()}` }), {
      blank: 'refused',
    })
    if (key === 'name' || text !== undefined) return text?.trim() ?? `no. ${(index + 1).toString()}`
  }
  const name = `Section ${(index + 1).toString()}`
  report.warn(pointer, 'ZONE_WITHOUT_NAME', `Zone no. ${(index + 1).toString()} has no name; it is called "${name}".`)
  return name
}

function warnOfAreas(report: Report, value: unknown, zone: Spot): void {
  const areas = readList(report, value, `${zone.pointer}/areas`, `The areas of ${zone.where}`, 'optional')
  if (areas.length === 0) return
  const labels = areas.flatMap((area) => {
    const text = isRecord(area) && isRecord(area['text']) ? area['text']['text'] : undefined
    return typeof text === 'string' && text.trim() !== '' ? [quote(text.trim())] : []
  })
  const named = labels.length === 0 ? '' : ` (${labels.slice(0, 5).join(', ')}${labels.length > 5 ? ', …' : ''})`
  report.warn(
    `${zone.pointer}/areas`,
    'AREA_WITHOUT_CAPACITY',
    `Areas of a seating plan are scenery and have no capacity: ${areas.length.toString()} in ${zone.where}${named}.`,
  )
}

function readRows(reading: Reading, zone: Json, items: readonly unknown[], zoneSpot: Spot): readonly PlanRow[] | 'full' {
  const { report, budget } = reading
  const zoneOffset = readOffset(report, zone['position'], 'optional', () => ({
    pointer: `${zoneSpot.pointer}/position`,
    what: `The position of ${zoneSpot.where}`,
  }))
  const rows: PlanRow[] = []
  for (const [index, row] of items.entries()) {
    if (report.isFlooded()) return 'full'
    const pointer = `${zoneSpot.pointer}/rows/${index.toString()}`
    if (!isObject(report, row, pointer, `Row no. ${(index + 1).toString()} of ${zoneSpot.where}`)) continue
    const given = textOrNumber(report, row['row_number'], 'zones[].rows[].row_number', 'row', () => `${pointer}/row_number`)
    const label =
      readText(
        report,
        given ?? '',
        () => ({ pointer: `${pointer}/row_number`, what: `The label of row no. ${(index + 1).toString()} of ${zoneSpot.where}` }),
        {
          blank: 'allowed',
        },
      )?.trim() ?? ''
    const spot: Spot = { pointer, where: `${zoneSpot.where}, row ${label === '' ? `no. ${(index + 1).toString()}` : quote(label)}` }
    if (label === '') report.tally('ROW_WITHOUT_LABEL', 'zones[].rows[].row_number', 'row', () => pointer)
    const seatItems = readList(report, row['seats'], `${pointer}/seats`, `The seats of ${spot.where}`, 'optional')
    if (seatItems.length === 0) {
      report.tally('EMPTY_ROW', 'zones[].rows[]', 'row', () => pointer)
      continue
    }
    const rowOffset = readOffset(report, row['position'], 'optional', () => ({
      pointer: `${pointer}/position`,
      what: `The position of ${spot.where}`,
    }))
    const offset = { x: zoneOffset.x + rowOffset.x, y: zoneOffset.y + rowOffset.y }
    const seats = readSeats(reading, seatItems, { spot, label, section: zoneSpot.pointer, offset })
    if (seats === 'full') return 'full'
    const extras = withPosition(
      keepExtras(report, budget, row, ROW_RULES, () => pointer),
      reading,
      row,
      ROW_RULES.path,
      'row',
      pointer,
    )
    rows.push({ label, seats, ...withExtras(extras) })
  }
  return rows
}

interface RowContext {
  readonly spot: Spot
  readonly label: string
  readonly section: string
  readonly offset: Offset
}

function readSeats(reading: Reading, items: readonly unknown[], row: RowContext): readonly PlanSeat[] | 'full' {
  const { report, budget, register } = reading
  const seats: PlanSeat[] = []
  for (const [index, seat] of items.entries()) {
    if (report.isFlooded()) return 'full'
    const pointer = (): string => `${row.spot.pointer}/seats/${index.toString()}`
    if (!isRecord(seat)) {
      report.fault(
        pointer(),
        'NOT_AN_OBJECT',
        `Seat no. ${(index + 1).toString()} of ${row.spot.where} must be an object, not ${kindOf(seat)}.`,
      )
      continue
    }
    const place = (field: string, what: string, number = ''): (() => TextPlace) => {
      return () => ({ pointer: `${pointer()}/${field}`, what: `The ${what} of ${seatWhere({ row: row.spot, index, number })}` })
    }
    const givenNumber = textOrNumber(report, seat['seat_number'], 'zones[].rows[].seats[].seat_number', 'seat', pointer) ?? ''
    const number = readText(report, givenNumber, place('seat_number', 'number'), { blank: 'allowed' })?.trim() ?? ''
    if (typeof givenNumber === 'string' && givenNumber.trim() === '') {
      report.tally('SEAT_WITHOUT_NUMBER', 'zones[].rows[].seats[].seat_number', 'seat', pointer)
    }
    const givenId = textOrNumber(report, seat['seat_guid'], 'zones[].rows[].seats[].seat_guid', 'seat', pointer)
    const seatId = readText(report, givenId, place('seat_guid', 'id (seat_guid)', number), {
      blank: 'refused',
      lengthMax: PLAN_LIMITS.seatIdLengthMax,
    })
    const givenCategory = textOrNumber(report, seat['category'], 'zones[].rows[].seats[].category', 'seat', pointer)
    const category = readText(report, givenCategory, place('category', 'category', number), { blank: 'refused' })?.trim()
    if (category !== undefined && !reading.categories.has(category)) {
      const { pointer: at } = place('category', 'category')()
      report.fault(
        at,
        'UNKNOWN_CATEGORY',
        `The category ${quote(category)} of ${seatWhere({ row: row.spot, index, number })} is not in the plan's list of categories.`,
      )
    }
    const own = readOffset(report, seat['position'], 'required', place('position', 'position', number))
    if (!register.enter({ row: row.spot, index, number }, seatId, row.section, row.label, number)) return 'full'
    const extras = withPosition(keepExtras(report, budget, seat, SEAT_RULES, pointer), reading, seat, SEAT_RULES.path, 'seat', pointer)
    const x = roundPosition(row.offset.x + own.x)
    const y = roundPosition(row.offset.y + own.y)
    seats.push({ seatId: seatId ?? '', number, x, y, category: category ?? '', type: 'standard', ...withExtras(extras) })
  }
  return seats
}

function seatPointer(spot: SeatSpot): string {
  return `${spot.row.pointer}/seats/${spot.index.toString()}`
}

function seatWhere(spot: SeatSpot): string {
  return `${spot.row.where}, seat ${spot.number === '' ? `no. ${(spot.index + 1).toString()} in the list` : quote(spot.number)}`
}
