import type { AddSeatMapPart, Category, DraftSeatMap, MapRow, MapSeat } from '@cavea/contracts/catalog/messages'
import type { SectionId, VenueId } from '@cavea/contracts/ids'
import { colorToHex } from './color.ts'
import type { Extras, Fault, PlanRow, PlanSection, SeatMapPlan } from './seat-map/plan.ts'
import { quote } from './seat-map/text.ts'

export type SeatMapPart = Omit<AddSeatMapPart, 'seatMapId' | 'type'>

export type SeatMapCommands =
  | { readonly outcome: 'split'; readonly draft: DraftSeatMap; readonly parts: readonly SeatMapPart[]; readonly warnings: readonly Fault[] }
  | { readonly outcome: 'too large'; readonly faults: readonly Fault[] }

export interface SplitLimits {
  readonly seatsMax: number
  readonly bytesMax: number
}

/** Records stay well under the 512 KiB of a batch, envelope included. */
const SPLIT_LIMITS: SplitLimits = { seatsMax: 1_000, bytesMax: 390 * 1024 }

/** Of the places where a row was cut, so many are named. */
const CUTS_NAMED_MAX = 5

/** Encoded sizes, so that the split need not guess what text costs. */
export interface SizeOf {
  readonly draft: (draft: DraftSeatMap) => number
  readonly row: (row: MapRow) => number
}

/** A row as it fits into records, and how large it is there. */
interface Piece {
  readonly row: MapRow
  readonly bytes: number
}

/**
 * Writes a plan as the commands that import it: a draft, which says all of standing areas, and parts of whole rows, each
 * small enough for one record. A row that is too long becomes several rows of the same label, the first of which keeps
 * its extras; a table is never split.
 */
export function splitSeatMap(plan: SeatMapPlan, venueId: VenueId, sizeOf: SizeOf, limits = SPLIT_LIMITS): SeatMapCommands {
  const parts: SeatMapPart[] = []
  const faults: Fault[] = []
  const warnings: Fault[] = []
  for (const [sectionAt, section] of plan.sections.entries()) {
    let rows: MapRow[] = []
    let seats = 0
    let bytes = 0
    const finish = (): void => {
      if (rows.length > 0) parts.push({ part: parts.length, sectionId: section.sectionId as SectionId, rows })
      rows = []
      seats = 0
      bytes = 0
    }
    for (const [rowAt, planned] of section.rows.entries()) {
      const pointer = `/sections/${sectionAt}/rows/${rowAt}`
      const pieces = fitting(rowOf(planned), sizeOf, limits)
      const split = splitWarning(section, planned, pieces, pointer)
      if (split !== undefined) warnings.push(split)
      for (const { row, bytes: rowBytes } of pieces) {
        if (!fits(row, rowBytes, limits)) faults.push({ pointer, code: 'ROW_TOO_LARGE', detail: tooLarge(section, row) })
        if (seats + row.seats.length > limits.seatsMax || bytes + rowBytes > limits.bytesMax) finish()
        rows.push(row)
        seats += row.seats.length
        bytes += rowBytes
      }
    }
    finish()
  }
  const draft = draftOf(plan, venueId, parts.length, warnings)
  if (sizeOf.draft(draft) > limits.bytesMax)
    faults.push({
      pointer: '',
      code: 'EXTRAS_TOO_LARGE',
      detail: 'The fields of the plan that have no meaning here are more than fits into one record.',
    })
  return faults.length > 0 ? { outcome: 'too large', faults } : { outcome: 'split', draft, parts, warnings }
}

function draftOf(plan: SeatMapPlan, venueId: VenueId, parts: number, warnings: Fault[]): DraftSeatMap {
  const categories = plan.categories.map(({ name, color }, index): Category => {
    const hex = color === undefined ? '' : colorToHex(color)
    if (hex === undefined)
      warnings.push({
        pointer: `/categories/${index}/color`,
        code: 'COLOR_DROPPED',
        detail: `The colour of "${name}" is not one that is kept: write it as #rrggbb.`,
      })
    return { name, color: hex ?? '' }
  })
  const ofCategories = plan.categories.flatMap(({ name, extras }) => (extras === undefined ? [] : [{ name, ...extras }]))
  // A plan's own extras cannot have a field "categories", since every format gives that name a meaning.
  const extras = ofCategories.length === 0 ? plan.extras : { ...plan.extras, categories: ofCategories }
  return {
    type: 'DraftSeatMap',
    venueId,
    name: plan.name,
    categories,
    focalPoint: plan.focalPoint ?? null,
    parts,
    extras: textOf(extras),
    sections: plan.sections.map(({ sectionId, name, rows, standing, extras: ofSection }) => ({
      sectionId: sectionId as SectionId,
      name,
      seatCount: standing?.capacity ?? rows.reduce((count, row) => count + row.seats.length, 0),
      standing: standing === undefined ? null : { category: standing.category, bounds: standing.bounds ?? null },
      extras: textOf(ofSection),
    })),
  }
}

function rowOf({ label, table, seats, extras }: PlanRow): MapRow {
  return {
    label,
    table: table ?? '',
    extras: textOf(extras),
    seats: seats.map(({ seatId, number, x, y, category, type, aisleAfter, extras: ofSeat }) => ({
      seatId,
      number,
      x,
      y,
      category,
      type,
      aisleAfter: aisleAfter ?? null,
      extras: textOf(ofSeat),
    })),
  }
}

const textOf = (extras: Extras | undefined): string => (extras === undefined ? '' : JSON.stringify(extras))

/** The row, or halves of it until each fits. A single seat or a table that does not fit is left to the caller to refuse. */
function fitting(row: MapRow, sizeOf: SizeOf, limits: SplitLimits): readonly Piece[] {
  const bytes = sizeOf.row(row)
  if (fits(row, bytes, limits) || row.seats.length === 1 || row.table !== '') return [{ row, bytes }]
  const half = Math.ceil(row.seats.length / 2)
  return [
    ...fitting({ ...row, seats: cutAfter(row.seats, half) }, sizeOf, limits),
    ...fitting({ ...row, seats: row.seats.slice(half), extras: '' }, sizeOf, limits),
  ]
}

function fits(row: MapRow, bytes: number, limits: SplitLimits): boolean {
  return row.seats.length <= limits.seatsMax && bytes <= limits.bytesMax
}

/** An override concerns the next seat of its row, and where a row is cut there is none. */
function cutAfter(seats: readonly MapSeat[], count: number): readonly MapSeat[] {
  return seats.slice(0, count).map((seat, at) => (at === count - 1 ? { ...seat, aisleAfter: null } : seat))
}

/** Tells of a row that was split where the plan has no aisle, for its pieces are rows with an aisle between them. */
function splitWarning(section: PlanSection, { label, seats }: PlanRow, pieces: readonly Piece[], pointer: string): Fault | undefined {
  const cuts: string[] = []
  let end = 0
  for (const { row } of pieces.slice(0, -1)) {
    end += row.seats.length
    const last = seats[end - 1]
    if (last !== undefined && last.aisleAfter !== true) cuts.push(quote(last.number === '' ? last.seatId : last.number))
  }
  if (cuts.length === 0) return undefined
  const named = `${cuts.slice(0, CUTS_NAMED_MAX).join(', ')}${cuts.length > CUTS_NAMED_MAX ? ', …' : ''}`
  const where = `row ${quote(label)} of section ${quote(section.name)}`
  const detail = `The ${where} is too large for one record, so it is kept as ${pieces.length} rows, with an aisle after seat ${named}.`
  return { pointer, code: 'ROW_SPLIT', detail }
}

function tooLarge(section: PlanSection, { label, table }: MapRow): string {
  const where = `row ${quote(label)} of section ${quote(section.name)}`
  return table === ''
    ? `The ${where} carries more extra data than fits into one record.`
    : `The table of ${where} is too large for one record, and a table cannot be split.`
}
