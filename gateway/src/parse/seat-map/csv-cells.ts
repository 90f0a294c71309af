import { type Column, type Header, lineAt } from './csv-columns.ts'
import { type ExtrasBudget, type ExtrasRules, keepExtras } from './extras.ts'
import { isCoordinate } from './json-fields.ts'
import { type Extras, isCapacity, PLAN_LIMITS, type PlanTable, SEAT_TYPES, type SeatType, TABLE_SALES } from './plan.ts'
import type { Report } from './report.ts'
import { quote, readText } from './text.ts'

const TYPE_OF: ReadonlyMap<string, SeatType> = new Map(SEAT_TYPES.map((type) => [type.replaceAll('-', ''), type]))
const TABLE_OF: ReadonlyMap<string, PlanTable> = new Map(TABLE_SALES.map((sale) => [sale, sale]))

const EXTRA_RULES: ExtrasRules = { read: new Set(), carried: new Set(), path: 'column', things: 'seat' }
const AREA_EXTRA_RULES: ExtrasRules = { read: new Set(), carried: new Set(), path: 'standing area column', things: 'section' }

/** One line of the file below its header. */
export interface Line {
  readonly report: Report
  readonly budget: ExtrasBudget
  readonly header: Header
  readonly cells: readonly string[]
  readonly number: number
  /** Of files that are not separated by commas: a comma may be in a number. */
  readonly decimalComma: boolean
}

/** The cell as it stands; empty when the file has no such column, or the line no such cell. */
export function cellOf({ cells, header }: Line, column: Column): string {
  return cells[header.indexOf.get(column) ?? -1] ?? ''
}

/** A cell that must not be empty, without blanks round it; the empty string and a fault when it is. */
export function readCell(line: Line, column: Column): string {
  const place = () => ({ pointer: lineAt(line.number), what: `The ${column} in line ${line.number.toString()}` })
  return readText(line.report, cellOf(line, column), place, { blank: 'refused' })?.trim() ?? ''
}

export function readCoordinate(line: Line, column: 'x' | 'y'): number | undefined {
  const text = cellOf(line, column).trim()
  if (text === '') return undefined
  const decimal = line.decimalComma ? text.replace(',', '.') : text
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(decimal) ? Number(decimal) : Number.NaN
  if (isCoordinate(value)) return value
  const range = `±${PLAN_LIMITS.positionMax.toLocaleString('en')}`
  const detail = `The ${column} in line ${line.number.toString()} must be a number within ${range}, not ${quote(text)}.`
  line.report.fault(lineAt(line.number), 'POSITION_NOT_A_NUMBER', detail)
  return 0
}

export function readType(line: Line): SeatType {
  const text = cellOf(line, 'type').trim()
  if (text === '') return 'standard'
  const type = TYPE_OF.get(text.toLowerCase().replace(/[^a-z]/g, ''))
  if (type === undefined) {
    const detail = `The type in line ${line.number.toString()} is ${quote(text)}; it must be one of ${SEAT_TYPES.join(', ')}.`
    line.report.fault(lineAt(line.number), 'UNKNOWN_SEAT_TYPE', detail)
  }
  return type ?? 'standard'
}

/** Files of other systems may have a table's own name in such a column; it is the row's. */
export function readTable(line: Line): PlanTable | undefined {
  const text = cellOf(line, 'table').trim()
  if (text === '') return undefined
  const table = TABLE_OF.get(text.toLowerCase())
  if (table === undefined) {
    const what = `The table in line ${line.number.toString()} is ${quote(text)}`
    const detail = `${what}; it must be empty, "chairs" or "whole", for how the table is sold. The name of a table is its row.`
    line.report.fault(lineAt(line.number), 'UNKNOWN_TABLE_SALE', detail)
  }
  return table
}

export function readCapacity(line: Line): number | undefined {
  const text = cellOf(line, 'capacity').trim()
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (isCapacity(value)) return value
  const range = `from 1 to ${PLAN_LIMITS.capacityMax.toLocaleString('en')}, without separators`
  const detail = `The capacity in line ${line.number.toString()} must be a whole number ${range}, not ${quote(text)}.`
  line.report.fault(lineAt(line.number), 'NOT_A_CAPACITY', detail)
  return undefined
}

/** The cells of columns that mean nothing to Cavea. */
export function readExtraCells(line: Line, things: 'seat' | 'section'): Extras | undefined {
  const { report, budget, header, cells } = line
  if (header.extraColumns.length === 0) return undefined
  // Without a prototype, so that a column called __proto__ is an entry like others until keepExtras drops it.
  const found = Object.create(null) as Record<string, unknown>
  for (const { name, index } of header.extraColumns) {
    const value = cells[index]
    if (value !== undefined && value.trim() !== '') found[name] = value
  }
  return keepExtras(report, budget, found, things === 'seat' ? EXTRA_RULES : AREA_EXTRA_RULES, () => lineAt(line.number))
}
