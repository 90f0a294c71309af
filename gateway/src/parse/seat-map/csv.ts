import { CsvError, parse } from 'csv-parse/sync'
import { cellOf, type Line, readCapacity, readCell, readCoordinate, readExtraCells, readTable, readType } from './csv-cells.ts'
import { type Column, detectDelimiter, type Header, lineAt, readHeader, requiredColumns } from './csv-columns.ts'
import { addArea, addSeat, type LooseSection, placeSections, startSection } from './csv-sections.ts'
import { type ExtrasBudget, extrasBudget, withExtras } from './extras.ts'
import { type ParseResult, PLAN_LIMITS } from './plan.ts'
import { type Report, startReport } from './report.ts'
import { openSeatRegister, type SeatRegister } from './seat-register.ts'
import { quote, readText } from './text.ts'

const LINE_END = /\r\n|\n|\r/g
/** Columns that say something about a seat, and so nothing about a standing area. */
const SEAT_COLUMNS: readonly Column[] = ['row', 'number', 'seat_id', 'x', 'y', 'type', 'table']

// A header, the seats, one more to see that there are too many, and as many empty lines.
const RECORDS_MAX = 2 * PLAN_LIMITS.seatsMax

/** A line's place, for the faults. */
interface LineSpot {
  readonly line: number
  readonly section: string
  readonly row: string
  readonly number: string
}

interface Reading {
  readonly report: Report
  readonly budget: ExtrasBudget
  readonly register: SeatRegister<LineSpot>
  /** By name, in the order of their first line; rows in the order of their first seat. */
  readonly sections: Map<string, LooseSection>
  readonly categories: Set<string>
  readonly decimalComma: boolean
}

/**
 * Reads a seat map as CSV (RFC 4180; with comma, semicolon or tab, whichever the header has most of): a header with
 * `section`, `row` and `number`, and optionally `seat_id` (default `<section>-<row>-<number>`), `x` and `y` (for all
 * seats or none; default: laid out in rows), `category` (default: the section), `type` (default `standard`), `table`
 * (`chairs` or `whole`: the row is a table, sold by the chair or all chairs together; one of its lines may say it for
 * all) and `capacity`: a line that has one describes a standing area by section, category and capacity alone. A file of
 * standing areas alone needs no `row` and `number`. Case and common other names are understood. Further columns are
 * kept in the extras of seats, and of standing areas. Pointers are `/line/12`, where the header is line 1.
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
  if (reading.register.count() === 0 && !report.isFaulty())
    report.fault('', 'NO_SEATS', 'The file has neither seats nor standing areas below its header.')
  const sections = placeSections(report, reading.sections.values())
  return report.conclude(() => ({ name, categories: [...reading.categories].map((category) => ({ name: category })), sections }))
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
      else if (header !== 'none' && !readLine(reading, header, cells, line)) return
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
    report.fault('', 'NO_HEADER', `The file is empty; its first line must name the columns ${requiredColumns()}.`)
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

/** False once the plan is too large. */
function readLine(reading: Reading, header: Header, cells: readonly string[], number: number): boolean {
  const { report, budget, decimalComma } = reading
  const line: Line = { report, budget, header, cells, number, decimalComma }
  if (cells.slice(header.width).some((extra) => extra.trim() !== '')) {
    report.fault(
      lineAt(number),
      'TOO_MANY_CELLS',
      `Line ${number.toString()} has more cells than the header; a cell with a ${decimalComma ? 'separator' : 'comma'} in it must be quoted.`,
    )
  }
  if (isFilled(line, 'capacity')) return readArea(reading, line)
  if (header.indexOf.has('capacity') && !isFilled(line, 'row') && !isFilled(line, 'number')) {
    const detail = `Line ${number.toString()} has neither a seat, by row and number, nor a capacity.`
    report.fault(lineAt(number), 'SEAT_OR_CAPACITY_MISSING', detail)
    return true
  }
  return readSeat(reading, line)
}

function isFilled(line: Line, column: Column): boolean {
  return cellOf(line, column).trim() !== ''
}

/** False once the plan is too large. */
function readArea(reading: Reading, line: Line): boolean {
  const { report, register } = reading
  const pointer = lineAt(line.number)
  const filled = SEAT_COLUMNS.filter((column) => isFilled(line, column))
  if (filled.length > 0) {
    const detail = `Line ${line.number.toString()} has a capacity, so it is a standing area and not a seat: leave ${filled.join(', ')} empty.`
    report.fault(pointer, 'SEAT_WITH_CAPACITY', detail)
  }
  const name = readCell(line, 'section')
  const capacity = readCapacity(line)
  const category = isFilled(line, 'category') ? readCell(line, 'category') : name
  const extras = readExtraCells(line, 'section')
  if (capacity !== undefined) register.enterArea(pointer, `line ${line.number.toString()} (section ${quote(name)})`, capacity)
  const section = sectionFor(reading, line, name, category)
  if (section === undefined) return false
  addArea(report, section, { capacity: capacity ?? 0, category, line: line.number, extras })
  return true
}

/** False once the plan is too large. A line with a fault is entered too, so that its other faults are found. */
function readSeat(reading: Reading, line: Line): boolean {
  const { report, register } = reading
  const pointer = lineAt(line.number)
  const section = readCell(line, 'section')
  const row = readCell(line, 'row')
  const number = readCell(line, 'number')
  const spot: LineSpot = { line: line.number, section, row, number }
  const ownId = cellOf(line, 'seat_id')
  const isNamed = section !== '' && row !== '' && number !== ''
  const idPlace = () => ({ pointer, what: `The seat id of line ${line.number.toString()} (${whereOf(spot)})` })
  const seatId = ownId.trim() !== '' ? ownId : `${section}-${row}-${number}`
  const isGoodId = ownId.trim() !== '' || isNamed
  const id = isGoodId ? readText(report, seatId, idPlace, { blank: 'refused', lengthMax: PLAN_LIMITS.seatIdLengthMax }) : undefined
  const category = isFilled(line, 'category') ? readCell(line, 'category') : section
  const x = readCoordinate(line, 'x')
  const y = readCoordinate(line, 'y')
  if ((x === undefined) !== (y === undefined))
    report.fault(pointer, 'POSITION_MISSING', `Line ${line.number.toString()} (${whereOf(spot)}) has only one of x and y.`)
  const type = readType(line)
  const table = readTable(line)
  const extras = readExtraCells(line, 'seat')
  if (!register.enter(spot, id, section, row, isNamed ? number : '')) return false
  const ofSection = sectionFor(reading, line, section, category)
  if (ofSection === undefined) return false
  addSeat(report, ofSection, row, { seatId, number, x, y, line: line.number, category, type, ...withExtras(extras) }, table)
  return true
}

/** The section of that name, whose category is listed with it; undefined once the plan has too many of either. */
function sectionFor({ report, sections, categories }: Reading, line: Line, name: string, category: string): LooseSection | undefined {
  const pointer = lineAt(line.number)
  if (category !== '' && !categories.has(category)) {
    categories.add(category)
    if (categories.size > PLAN_LIMITS.categoriesMax) {
      report.fault(pointer, 'TOO_MANY_CATEGORIES', `The file has more than ${PLAN_LIMITS.categoriesMax.toString()} categories.`)
      return undefined
    }
  }
  const known = sections.get(name)
  if (known !== undefined) return known
  if (sections.size === PLAN_LIMITS.sectionsMax) {
    report.fault(pointer, 'TOO_MANY_SECTIONS', `The file has more than ${PLAN_LIMITS.sectionsMax.toLocaleString('en')} sections.`)
    return undefined
  }
  const section = startSection(name)
  sections.set(name, section)
  return section
}

function whereOf({ section, row, number }: LineSpot): string {
  return `section ${quote(section)}, row ${quote(row)}, seat ${quote(number)}`
}
