import { lineAt } from './csv-columns.ts'
import { withExtras } from './extras.ts'
import { type Extras, PLAN_LIMITS, type PlanRow, type PlanSeat, type PlanSection, type PlanTable, roundPosition } from './plan.ts'
import type { Report } from './report.ts'
import { sectionIds } from './section-ids.ts'
import { quote } from './text.ts'

/** The default layout, in the units of pretix's editor: seats 25 apart, rows 32, and a free row between sections. */
const SEAT_SPACING = 25
const ROW_SPACING = 32

/** A seat before its place is known. */
export interface LooseSeat extends Omit<PlanSeat, 'x' | 'y' | 'aisleAfter'> {
  readonly x: number | undefined
  readonly y: number | undefined
  readonly line: number
}

interface LooseRow {
  readonly seats: LooseSeat[]
  /** How the first line that says so sells the table. */
  table: { readonly sale: PlanTable; readonly line: number } | undefined
}

interface LooseArea {
  readonly capacity: number
  readonly category: string
  readonly line: number
  readonly extras: Extras | undefined
}

export interface LooseSection {
  readonly name: string
  readonly rows: Map<string, LooseRow>
  area: LooseArea | undefined
  /** Of the first line that names the section with a seat. */
  seatLine: number | undefined
  isMixed: boolean
}

export function startSection(name: string): LooseSection {
  return { name, rows: new Map(), area: undefined, seatLine: undefined, isMixed: false }
}

/** Adds a seat; the first cell that says how the row's table is sold speaks for all its chairs, and others may be empty. */
export function addSeat(report: Report, section: LooseSection, label: string, seat: LooseSeat, sale: PlanTable | undefined): void {
  section.seatLine ??= seat.line
  refuseMixture(report, section, seat.line)
  const row: LooseRow = section.rows.get(label) ?? { seats: [], table: undefined }
  if (row.seats.length === 0) section.rows.set(label, row)
  row.seats.push(seat)
  if (sale === undefined) return
  row.table ??= { sale, line: seat.line }
  if (row.table.sale === sale) return
  const where = `row ${quote(label)} of section ${quote(section.name)}`
  const said = `"${row.table.sale}" in line ${row.table.line.toString()} and "${sale}" in line ${seat.line.toString()}`
  report.fault(lineAt(seat.line), 'TABLE_CONFLICT', `The table of ${where} is ${said}; all its chairs are sold alike.`)
}

export function addArea(report: Report, section: LooseSection, area: LooseArea): void {
  if (section.area !== undefined) {
    const lines = `line ${section.area.line.toString()} and again in line ${area.line.toString()}`
    const detail = `The section ${quote(section.name)} has a capacity in ${lines}; every standing area is a section of its own.`
    report.fault(lineAt(area.line), 'DUPLICATE_CAPACITY', detail)
    return
  }
  section.area = area
  refuseMixture(report, section, area.line)
}

/** Said once of a section. */
function refuseMixture(report: Report, section: LooseSection, line: number): void {
  const { name, area, seatLine, isMixed } = section
  if (area === undefined || seatLine === undefined || isMixed) return
  section.isMixed = true
  const lines = `a capacity in line ${area.line.toString()} and a seat in line ${seatLine.toString()}`
  const detail = `The section ${quote(name)} has ${lines}; give the standing area a section of its own.`
  report.fault(lineAt(line), 'SEATS_AND_CAPACITY', detail)
}

/** Gives the sections their ids and the seats their places: their own if all have one, else rows from top to bottom. */
export function placeSections(report: Report, sections: Iterable<LooseSection>): readonly PlanSection[] {
  const all = [...sections]
  const isPlaced = all.some(({ rows }) => {
    for (const { seats } of rows.values()) if (seats.some(({ x, y }) => x !== undefined || y !== undefined)) return true
    return false
  })
  const idFor = sectionIds()
  let top = 0
  return all.map(({ name, rows, area }): PlanSection => {
    const sectionId = idFor(name)
    if (area !== undefined) {
      const { capacity, category, extras } = area
      return { sectionId, name, rows: [], standing: { capacity, category }, ...withExtras(extras) }
    }
    const placed = [...rows].map(([label, row], index) =>
      placeRow(report, { section: name, label, row }, isPlaced, top + index * ROW_SPACING),
    )
    top += (rows.size + 1) * ROW_SPACING
    return { sectionId, name, rows: placed }
  })
}

interface NamedRow {
  readonly section: string
  readonly label: string
  readonly row: LooseRow
}

function placeRow(report: Report, { section, label, row }: NamedRow, isPlaced: boolean, top: number): PlanRow {
  const { seats, table } = row
  const extra = table && seats[PLAN_LIMITS.chairsPerTableMax]
  if (extra !== undefined) {
    const [where, may] = [`row ${quote(label)} of section ${quote(section)}`, PLAN_LIMITS.chairsPerTableMax.toString()]
    report.fault(lineAt(extra.line), 'TOO_MANY_CHAIRS', `The table of ${where} has more than the ${may} chairs that a table may have.`)
  }
  const placed = seats.map((seat, index): PlanSeat => {
    const { seatId, number, category, type, extras, line } = seat
    if (isPlaced && seat.x === undefined && seat.y === undefined) {
      report.fault(
        lineAt(line),
        'POSITION_MISSING',
        `Line ${line.toString()} has no x and y, but other seats have; give them for all seats or for none.`,
      )
    }
    const x = roundPosition(isPlaced ? (seat.x ?? 0) : index * SEAT_SPACING)
    const y = roundPosition(isPlaced ? (seat.y ?? 0) : top)
    return extras === undefined ? { seatId, number, x, y, category, type } : { seatId, number, x, y, category, type, extras }
  })
  return table === undefined ? { label, seats: placed } : { label, table: table.sale, seats: placed }
}
