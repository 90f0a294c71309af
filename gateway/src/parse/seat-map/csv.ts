import { CsvError, parse } from 'csv-parse/sync'
import { type ExtrasBudget, type ExtrasRules, extrasBudget, keepExtras, withExtras } from './extras.ts'
import { isCoordinate } from './json-fields.ts'
import {
  type Extras,
  type ParseResult,
  PLAN_LIMITS,
  type PlanSeat,
  type PlanSection,
  roundPosition,
  SEAT_TYPES,
  type SeatType,
} from './plan.ts'
import { type Report, startReport } from './report.ts'
import { openSeatRegister, type SeatRegister } from './seat-register.ts'
import { sectionIds } from './section-ids.ts'
import { quote, readText } from './text.ts'

type Column = 'section' | 'row' | 'number' | 'seat_id' | 'x' | 'y' | 'category' | 'type'

/** Header names as other systems' exports have them, lower-case and without what is neither letter nor digit. */
const COLUMN_OF: ReadonlyMap<string, Column> = new Map<string, Column>([
  ['section', 'section'],
  ['sectionname', 'section'],
  ['zone', 'section'],
  ['zonename', 'section'],
  ['block', 'section'],
  ['row', 'row'],
  ['rownumber', 'row'],
  ['rowname', 'row'],
  ['rowlabel', 'row'],
  ['number', 'number'],
  ['seat', 'number'],
  ['seatnumber', 'number'],
  ['seatno', 'number'],
  ['seatid', 'seat_id'],
  ['seatguid', 'seat_id'],
  ['guid', 'seat_id'],
  ['x', 'x'],
  ['positionx', 'x'],
  ['y', 'y'],
  ['positiony', 'y'],
  ['category', 'category'],
  ['pricecategory', 'category'],
  ['type', 'type'],
  ['seattype', 'type'],
])
const REQUIRED: readonly Column[] = ['section', 'row', 'number']
const TYPE_OF: ReadonlyMap<string, SeatType> = new Map(SEAT_TYPES.map((type) => [type.replaceAll('-', ''), type]))
const DELIMITERS = [',', ';', '\t'] as const
const LINE_END = /\r\n|\n|\r/g

// A header, the seats, one more to see that there are too many, and as many empty lines.
const RECORDS_MAX = 2 * PLAN_LIMITS.seatsMax

const EXTRA_RULES: ExtrasRules = { read: new Set(), carried: new Set(), path: 'column', things: 'seat' }

/** The default layout, in the units of pretix's editor: seats 25 apart, rows 32, and a free row between sections. */
const SEAT_SPACING = 25
const ROW_SPACING = 32

/** A line's place, for the faults. */
interface LineSpot {
  readonly line: number
  readonly section: string
  readonly row: string
  readonly number: string
}

interface Header {
  readonly indexOf: ReadonlyMap<Column, number>
  readonly extraColumns: readonly { readonly name: string; readonly index: number }[]
  readonly width: number
}

/** A seat before its place is known. */
interface LooseSeat extends Omit<PlanSeat, 'x' | 'y'> {
  readonly x: number | undefined
  readonly y: number | undefined
  readonly line: number
}

interface Reading {
  readonly report: Report
  readonly budget: ExtrasBudget
  readonly register: SeatRegister<LineSpot>
  /** Sections by name, rows by label, each in the order of their first seat. */
  readonly sections: Map<string, Map<string, LooseSeat[]>>
  readonly categories: Set<string>
  readonly decimalComma: boolean
}

/**
 * Reads a seat map as CSV (RFC 4180; with comma, semicolon or tab, whichever the header has most of): a header with
 * `section`, `row` and `number`, and optionally `seat_id` (default `<section>-<row>-<number>`), `x` and `y` (for all
 * seats or none; default: laid out in rows), `category` (default: the section) and `type` (default `standard`). Case
 * and common other names are understood. Further columns are kept in the seats' extras. Pointers are `/line/12`, where
 * the header is line 1.
 */
export function parseCsvPlan(text: string, options: { readonly name: string }): ParseResult {
  const report = startReport()
  const name = readText(report, options.name, () => ({ pointer: '', what: "The plan's name" }), { blank: 'refused' })?.trim() ?? ''
  const delimiter = detectDelimiter(text)
  const reading: Reading = {
    report,
    budget: extrasBudget(),
    register: openSeatRegister<LineSpot>(
      report,
      (spot) => ({ pointer: lineAt(spot.line), where: `line ${spot.line.toString()} (${whereOf(spot)})` }),
      { id: '', number: '' },
    ),
    sections: new Map(),
    categories: new Set(),
    decimalComma: delimiter !== ',',
  }
  readLines(reading, text, delimiter)
  if (reading.register.seatCount() === 0 && !report.isFaulty()) report.fault('', 'NO_SEATS', 'The file has no seats below its header.')
  const sections = placeSections(reading)
  return report.conclude(() => ({ name, categories: [...reading.categories].map((category) => ({ name: category })), sections }))
}

/** By the header line alone: later lines may have commas in names and numbers. */
function detectDelimiter(text: string): string {
  const header = /[^\r\n]+/.exec(text)?.[0] ?? ''
  const unquoted = header.replace(/"[^"]*"/g, '')
  const counts = DELIMITERS.map((delimiter) => unquoted.split(delimiter).length)
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ','
}

function readLines(reading: Reading, text: string, delimiter: string): void {
  const { report } = reading
  const { records, mistake } = readRecords(text, delimiter)
  let header: Header | 'none' | undefined
  let line = 1
  for (const cells of records) {
    if (report.isFlooded()) return
    if (cells.some((cell) => cell.trim() !== '')) {
      if (header === undefined) header = readHeader(report, cells, line) ?? 'none'
      else if (header !== 'none' && !readSeat(reading, header, cells, line)) return
    }
    for (const cell of cells) if (cell.includes('\n') || cell.includes('\r')) line += cell.match(LINE_END)?.length ?? 0
    line += 1
  }
  if (mistake !== undefined) {
    const detail =
      mistake === 'CSV_QUOTE_NOT_CLOSED'
        ? `A quotation mark is opened in line ${line.toString()} and never closed.`
        : `In line ${line.toString()}, a quotation mark stands inside a cell; such a cell must be quoted as a whole and the mark doubled.`
    report.fault(lineAt(line), 'MALFORMED_CSV', detail)
  } else if (header === undefined) {
    report.fault('', 'NO_HEADER', `The file is empty; its first line must name the columns ${REQUIRED.join(', ')}.`)
  }
}

/** Empty lines are records too, and cells keep their line ends: so lines can be counted, which is far cheaper than csv-parse's own `info`. */
function readRecords(text: string, delimiter: string): { readonly records: readonly (readonly string[])[]; readonly mistake?: string } {
  const options = { bom: true, delimiter, record_delimiter: ['\r\n', '\n', '\r'], relax_column_count: true, to: RECORDS_MAX }
  try {
    return { records: parse(text, options) }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    // The lines before the mistake are read again, so that their faults are listed with it.
    const before: unknown = error['records']
    const records = typeof before === 'number' && before > 0 ? parse(text, { ...options, to: before }) : []
    return { records, mistake: error.code }
  }
}

function readHeader(report: Report, cells: readonly string[], line: number): Header | undefined {
  const indexOf = new Map<Column, number>()
  const extraColumns: { readonly name: string; readonly index: number }[] = []
  const extraNames = new Set<string>()
  const pointer = lineAt(line)
  let isUsable = true
  const refuse = (code: string, detail: string): void => {
    isUsable = false
    report.fault(pointer, code, detail)
  }
  for (const [index, cell] of cells.entries()) {
    const what = `The name of column ${(index + 1).toString()}`
    const columnName = readText(report, cell, () => ({ pointer, what }), { blank: 'allowed' })?.trim() ?? ''
    const column = COLUMN_OF.get(columnName.toLowerCase().replace(/[^a-z0-9]/g, ''))
    if (column === undefined && columnName === '') continue
    if (column === undefined ? extraNames.has(columnName) : indexOf.has(column)) {
      refuse('DUPLICATE_COLUMN', `The column ${quote(columnName)} occurs twice, perhaps under two names.`)
    } else if (column !== undefined) indexOf.set(column, index)
    else {
      extraColumns.push({ name: columnName, index })
      extraNames.add(columnName)
    }
  }
  const missing = REQUIRED.filter((column) => !indexOf.has(column))
  if (missing.length > 0) {
    refuse(
      'MISSING_COLUMN',
      `The header must name the columns ${REQUIRED.join(', ')}, separated by comma, semicolon or tab; missing: ${missing.join(', ')}.`,
    )
  }
  if (indexOf.has('x') !== indexOf.has('y')) refuse('MISSING_COLUMN', 'A file with a column x or y must have both.')
  return isUsable ? { indexOf, extraColumns, width: cells.length } : undefined
}

/** False once the plan is too large. A line with a fault is entered too, so that its other faults are found. */
function readSeat(reading: Reading, header: Header, cells: readonly string[], line: number): boolean {
  const { report, register, sections, categories } = reading
  const pointer = lineAt(line)
  const cell = (column: Column): string => cells[header.indexOf.get(column) ?? -1] ?? ''
  const read = (column: Column): string => {
    return (
      readText(report, cell(column), () => ({ pointer, what: `The ${column} in line ${line.toString()}` }), { blank: 'refused' })?.trim() ??
      ''
    )
  }
  const section = read('section')
  const row = read('row')
  const number = read('number')
  const spot: LineSpot = { line, section, row, number }
  if (cells.slice(header.width).some((extra) => extra.trim() !== '')) {
    report.fault(
      pointer,
      'TOO_MANY_CELLS',
      `Line ${line.toString()} has more cells than the header; a cell with a ${reading.decimalComma ? 'separator' : 'comma'} in it must be quoted.`,
    )
  }
  const ownId = cell('seat_id')
  const isNamed = section !== '' && row !== '' && number !== ''
  const idPlace = () => ({ pointer, what: `The seat id of line ${line.toString()} (${whereOf(spot)})` })
  const seatId = ownId.trim() !== '' ? ownId : `${section}-${row}-${number}`
  const isGoodId = ownId.trim() !== '' || isNamed
  const id = isGoodId ? readText(report, seatId, idPlace, { blank: 'refused', lengthMax: PLAN_LIMITS.seatIdLengthMax }) : undefined
  const category = cell('category').trim() === '' ? section : read('category')
  const x = readCoordinate(reading, cell('x'), 'x', line)
  const y = readCoordinate(reading, cell('y'), 'y', line)
  if ((x === undefined) !== (y === undefined))
    report.fault(pointer, 'POSITION_MISSING', `Line ${line.toString()} (${whereOf(spot)}) has only one of x and y.`)
  const type = readType(report, cell('type'), line)
  const extras = readExtraCells(reading, header, cells, pointer)
  if (!register.enter(spot, id, section, row, isNamed ? number : '')) return false
  if (category !== '' && !categories.has(category)) {
    categories.add(category)
    if (categories.size > PLAN_LIMITS.categoriesMax) {
      report.fault(pointer, 'TOO_MANY_CATEGORIES', `The file has more than ${PLAN_LIMITS.categoriesMax.toString()} categories.`)
      return false
    }
  }
  let rows = sections.get(section)
  if (rows === undefined) {
    if (sections.size === PLAN_LIMITS.sectionsMax) {
      report.fault(pointer, 'TOO_MANY_SECTIONS', `The file has more than ${PLAN_LIMITS.sectionsMax.toLocaleString('en')} sections.`)
      return false
    }
    rows = new Map()
    sections.set(section, rows)
  }
  const seat: LooseSeat = { seatId, number, x, y, line, category, type, ...withExtras(extras) }
  const seats = rows.get(row)
  if (seats === undefined) rows.set(row, [seat])
  else seats.push(seat)
  return true
}

function readCoordinate(reading: Reading, cell: string, column: 'x' | 'y', line: number): number | undefined {
  const text = cell.trim()
  if (text === '') return undefined
  const decimal = reading.decimalComma ? text.replace(',', '.') : text
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(decimal) ? Number(decimal) : Number.NaN
  if (isCoordinate(value)) return value
  reading.report.fault(
    lineAt(line),
    'POSITION_NOT_A_NUMBER',
    `The ${column} in line ${line.toString()} must be a number within ±${PLAN_LIMITS.positionMax.toLocaleString('en')}, not ${quote(text)}.`,
  )
  return 0
}

function readType(report: Report, cell: string, line: number): SeatType {
  const text = cell.trim()
  if (text === '') return 'standard'
  const type = TYPE_OF.get(text.toLowerCase().replace(/[^a-z]/g, ''))
  if (type === undefined)
    report.fault(
      lineAt(line),
      'UNKNOWN_SEAT_TYPE',
      `The type in line ${line.toString()} is ${quote(text)}; it must be one of ${SEAT_TYPES.join(', ')}.`,
    )
  return type ?? 'standard'
}

function readExtraCells({ report, budget }: Reading, header: Header, cells: readonly string[], pointer: string): Extras | undefined {
  if (header.extraColumns.length === 0) return undefined
  // Without a prototype, so that a column called __proto__ is an entry like others until keepExtras drops it.
  const found = Object.create(null) as Record<string, unknown>
  for (const { name, index } of header.extraColumns) {
    const value = cells[index]
    if (value !== undefined && value.trim() !== '') found[name] = value
  }
  return keepExtras(report, budget, found, EXTRA_RULES, () => pointer)
}

/** Gives the sections their ids and the seats their places: their own if all have one, else rows from top to bottom. */
function placeSections({ report, sections }: Reading): readonly PlanSection[] {
  const all = [...sections.values()].flatMap((rows) => [...rows.values()])
  const isPlaced = all.some((seats) => seats.some((seat) => seat.x !== undefined || seat.y !== undefined))
  const idFor = sectionIds()
  let top = 0
  return [...sections].map(([name, rows]) => {
    const placedRows = [...rows].map(([label, seats], rowIndex) => ({
      label,
      seats: seats.map((seat, index): PlanSeat => {
        const { seatId, number, category, type, extras, line } = seat
        if (isPlaced && seat.x === undefined && seat.y === undefined) {
          report.fault(
            lineAt(line),
            'POSITION_MISSING',
            `Line ${line.toString()} has no x and y, but other seats have; give them for all seats or for none.`,
          )
        }
        const x = roundPosition(isPlaced ? (seat.x ?? 0) : index * SEAT_SPACING)
        const y = roundPosition(isPlaced ? (seat.y ?? 0) : top + rowIndex * ROW_SPACING)
        return extras === undefined ? { seatId, number, x, y, category, type } : { seatId, number, x, y, category, type, extras }
      }),
    }))
    top += (rows.size + 1) * ROW_SPACING
    return { sectionId: idFor(name), name, rows: placedRows }
  })
}

function whereOf({ section, row, number }: LineSpot): string {
  return `section ${quote(section)}, row ${quote(row)}, seat ${quote(number)}`
}

function lineAt(line: number): string {
  return `/line/${line.toString()}`
}
