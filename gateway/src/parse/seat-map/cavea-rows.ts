import { capitalize, isGiven, type Reading, readCategoryName, readExtras, refuseUnknown, type SeatSpot, type Spot } from './cavea-fields.ts'
import { withExtras } from './extras.ts'
import { isCoordinate, isObject, type Json, readList } from './json-fields.ts'
import {
  isRecord,
  PLAN_LIMITS,
  type PlanRow,
  type PlanSeat,
  type PlanTable,
  roundPosition,
  SEAT_TYPES,
  type SeatType,
  TABLE_SALES,
} from './plan.ts'
import type { Report } from './report.ts'
import { kindOf, quote, readText } from './text.ts'

const ROW_FIELDS = new Set(['label', 'table', 'seats', 'extras'])
const SEAT_FIELDS = new Set(['seatId', 'number', 'x', 'y', 'category', 'type', 'aisleAfter', 'extras'])
const TYPES: ReadonlySet<unknown> = new Set(SEAT_TYPES)
const SALES: ReadonlySet<unknown> = new Set(TABLE_SALES)

/** What of its row decides about a seat's fields. */
interface InRow {
  readonly isLast: boolean
  readonly isTable: boolean
}

/** The rows of a section, or `full` once reading on is no use: the plan is too large, or faulty throughout. */
export function readRows(reading: Reading, items: readonly unknown[], section: Spot): readonly PlanRow[] | 'full' {
  const { report, budget, register } = reading
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
    refuseUnknown(report, item, ROW_FIELDS, () => spot)
    const seatItems = readList(report, item['seats'], `${pointer}/seats`, `The list of seats of ${spot.where}`, 'required')
    if (Array.isArray(item['seats']) && seatItems.length === 0)
      report.fault(`${pointer}/seats`, 'EMPTY_ROW', `There are no seats in ${spot.where}.`)
    const table = readTable(report, item['table'], spot, seatItems.length)
    const seats: PlanSeat[] = []
    for (const [seatIndex, seatItem] of seatItems.entries()) {
      if (report.isFlooded()) return 'full'
      const seatSpot: SeatSpot = { row: spot, index: seatIndex }
      if (!isRecord(seatItem)) {
        isObject(report, seatItem, seatPointer(seatSpot), capitalize(seatWhere(seatSpot)))
        continue
      }
      const inRow: InRow = { isLast: seatIndex === seatItems.length - 1, isTable: table !== undefined }
      const seat = readSeat(reading, seatItem, seatSpot, inRow)
      if (!register.enter(seatSpot, seat.seatId === '' ? undefined : seat.seatId, section.pointer, label, seat.number)) return 'full'
      seats.push(seat)
    }
    const extras = readExtras(report, budget, item['extras'], 'row', () => pointer)
    rows.push({ label, ...(table === undefined ? {} : { table }), seats, ...withExtras(extras) })
  }
  return rows
}

function readTable(report: Report, value: unknown, row: Spot, chairs: number): PlanTable | undefined {
  if (!isGiven(value)) return undefined
  if (!isTableSale(value)) {
    const detail = `The table of ${row.where} must be "chairs", when it is sold by the chair, or "whole", when all its chairs are sold together.`
    report.fault(`${row.pointer}/table`, 'UNKNOWN_TABLE_SALE', detail)
    return undefined
  }
  if (chairs > PLAN_LIMITS.chairsPerTableMax) {
    const [has, may] = [chairs.toLocaleString('en'), PLAN_LIMITS.chairsPerTableMax.toString()]
    report.fault(`${row.pointer}/seats`, 'TOO_MANY_CHAIRS', `The table of ${row.where} has ${has} chairs; a table may have ${may}.`)
  }
  return value
}

function readSeat(reading: Reading, item: Json, spot: SeatSpot, inRow: InRow): PlanSeat {
  const { report, budget } = reading
  const place = (field: string) => () => ({ pointer: `${seatPointer(spot)}/${field}`, what: `The ${field} of ${seatWhere(spot)}` })
  const seatId = readText(report, item['seatId'], place('seatId'), { blank: 'refused', lengthMax: PLAN_LIMITS.seatIdLengthMax }) ?? ''
  const number = readText(report, item['number'], place('number'), { blank: 'allowed' })?.trim() ?? ''
  const category = readCategoryName(reading, item['category'], () => ({
    pointer: place('category')().pointer,
    where: seatWhere(spot),
  }))
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
  const aisleAfter = readAisle(report, item['aisleAfter'], spot, inRow)
  refuseUnknown(report, item, SEAT_FIELDS, () => ({ pointer: seatPointer(spot), where: seatWhere(spot) }))
  const extras = readExtras(report, budget, item['extras'], 'seat', () => seatPointer(spot))
  const x = isCoordinate(item['x']) ? roundPosition(item['x']) : 0
  const y = isCoordinate(item['y']) ? roundPosition(item['y']) : 0
  return {
    seatId,
    number,
    x,
    y,
    category,
    type: isSeatType(type) ? type : 'standard',
    ...(aisleAfter === undefined ? {} : { aisleAfter }),
    ...withExtras(extras),
  }
}

function readAisle(report: Report, value: unknown, spot: SeatSpot, { isLast, isTable }: InRow): boolean | undefined {
  if (!isGiven(value)) return undefined
  const what = `The aisleAfter of ${seatWhere(spot)}`
  const fault = (code: string, detail: string): void => report.fault(`${seatPointer(spot)}/aisleAfter`, code, detail)
  if (typeof value !== 'boolean') fault('NOT_TRUE_OR_FALSE', `${what} must be true or false, not ${kindOf(value)}.`)
  else if (isTable) fault('AISLE_AT_TABLE', `${what} must be left out: no aisle is among the chairs of a table.`)
  else if (isLast) fault('AISLE_AFTER_LAST', `${what} must be left out: it is the last seat that its row lists.`)
  else return value
  return undefined
}

function isSeatType(value: unknown): value is SeatType {
  return TYPES.has(value)
}

function isTableSale(value: unknown): value is PlanTable {
  return SALES.has(value)
}

export function seatPointer(spot: SeatSpot): string {
  return `${spot.row.pointer}/seats/${spot.index.toString()}`
}

export function seatWhere(spot: SeatSpot): string {
  return `${spot.row.where}, seat no. ${(spot.index + 1).toString()}`
}
