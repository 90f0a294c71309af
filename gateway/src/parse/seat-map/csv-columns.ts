import type { Report } from './report.ts'
import { quote, readText } from './text.ts'

export type Column = 'section' | 'row' | 'number' | 'seat_id' | 'x' | 'y' | 'category' | 'type' | 'table' | 'capacity'

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
  ['table', 'table'],
  ['tablesale', 'table'],
  ['capacity', 'capacity'],
  ['standingcapacity', 'capacity'],
  ['standingplaces', 'capacity'],
])
const REQUIRED: readonly Column[] = ['section', 'row', 'number']
const DELIMITERS = [',', ';', '\t'] as const

export interface Header {
  readonly indexOf: ReadonlyMap<Column, number>
  readonly extraColumns: readonly { readonly name: string; readonly index: number }[]
  readonly width: number
}

/** By the header line alone: later lines may have commas in names and numbers. */
export function detectDelimiter(text: string): string {
  const header = /[^\r\n]+/.exec(text)?.[0] ?? ''
  const unquoted = header.replace(/"[^"]*"/g, '')
  const counts = DELIMITERS.map((delimiter) => unquoted.split(delimiter).length)
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ','
}

/** Which cell is which column, or undefined and faults when the header is of no use. */
export function readHeader(report: Report, cells: readonly string[], line: number): Header | undefined {
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
  const missing = requiredOf(indexOf).filter((column) => !indexOf.has(column))
  if (missing.length > 0) {
    refuse(
      'MISSING_COLUMN',
      `The header must name the columns ${requiredColumns()}, separated by comma, semicolon or tab; missing: ${missing.join(', ')}.`,
    )
  }
  if (indexOf.has('x') !== indexOf.has('y')) refuse('MISSING_COLUMN', 'A file with a column x or y must have both.')
  return isUsable ? { indexOf, extraColumns, width: cells.length } : undefined
}

/** A file of standing areas alone needs no columns for seats; one of the two means that there are seats. */
function requiredOf(columns: ReadonlyMap<Column, number>): readonly Column[] {
  const isStandingOnly = columns.has('capacity') && !columns.has('row') && !columns.has('number')
  return isStandingOnly ? ['section'] : REQUIRED
}

/** The columns that a header must name, for a sentence. */
export function requiredColumns(): string {
  return REQUIRED.join(', ')
}

/** A line's pointer, for the faults. */
export function lineAt(line: number): string {
  return `/line/${line.toString()}`
}
