import type { AddSeatMapPart, Category, DraftSeatMap, MapRow } from '@cavea/contracts/catalog/messages'
import type { SectionId, VenueId } from '@cavea/contracts/ids'
import { colorToHex } from './color.ts'
import type { Extras, Fault, PlanRow, SeatMapPlan } from './seat-map/plan.ts'

export type SeatMapPart = Omit<AddSeatMapPart, 'seatMapId' | 'type'>

export type SeatMapCommands =
  | { readonly outcome: 'split'; readonly draft: DraftSeatMap; readonly parts: readonly SeatMapPart[]; readonly warnings: readonly Fault[] }
  | { readonly outcome: 'too large'; readonly faults: readonly Fault[] }

export interface SplitLimits {
  readonly seatsMax: number
  readonly bytesMax: number
}

/** Records stay well under the 512 KiB of a batch, envelope included. */
export const SPLIT_LIMITS: SplitLimits = { seatsMax: 1_000, bytesMax: 390 * 1024 }

/** Encoded sizes, so that the split need not guess what text costs. */
export interface SizeOf {
  readonly draft: (draft: DraftSeatMap) => number
  readonly row: (row: MapRow) => number
}

/**
 * Writes a plan as the commands that import it: a draft, parts of whole rows, each small enough for one record. A row
 * that is too long becomes several rows of the same label, the first of which keeps its extras.
 */
export function splitSeatMap(plan: SeatMapPlan, venueId: VenueId, sizeOf: SizeOf, limits = SPLIT_LIMITS): SeatMapCommands {
  const parts: SeatMapPart[] = []
  const faults: Fault[] = []
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
      for (const { row, bytes: rowBytes } of fitting(rowOf(planned), sizeOf, limits)) {
        if (rowBytes > limits.bytesMax)
          faults.push({
            pointer: `/sections/${sectionAt}/rows/${rowAt}`,
            code: 'ROW_TOO_LARGE',
            detail: `Row "${row.label}" carries more extra data than fits into one record.`,
          })
        if (seats + row.seats.length > limits.seatsMax || bytes + rowBytes > limits.bytesMax) finish()
        rows.push(row)
        seats += row.seats.length
        bytes += rowBytes
      }
    }
    finish()
  }
  const warnings: Fault[] = []
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
    parts,
    extras: textOf(extras),
    sections: plan.sections.map((section) => ({
      sectionId: section.sectionId as SectionId,
      name: section.name,
      seatCount: section.rows.reduce((count, row) => count + row.seats.length, 0),
      extras: textOf(section.extras),
    })),
  }
}

function rowOf({ label, seats, extras }: PlanRow): MapRow {
  return {
    label,
    extras: textOf(extras),
    seats: seats.map(({ seatId, number, x, y, category, type, extras: ofSeat }) => ({
      seatId,
      number,
      x,
      y,
      category,
      type,
      extras: textOf(ofSeat),
    })),
  }
}

const textOf = (extras: Extras | undefined): string => (extras === undefined ? '' : JSON.stringify(extras))

/** The row, or halves of it until each fits. A single seat that does not fit is left to the caller to refuse. */
function fitting(row: MapRow, sizeOf: SizeOf, limits: SplitLimits): readonly { readonly row: MapRow; readonly bytes: number }[] {
  const bytes = sizeOf.row(row)
  if ((row.seats.length <= limits.seatsMax && bytes <= limits.bytesMax) || row.seats.length === 1) return [{ row, bytes }]
  const half = Math.ceil(row.seats.length / 2)
  return [
    ...fitting({ ...row, seats: row.seats.slice(0, half) }, sizeOf, limits),
    ...fitting({ ...row, seats: row.seats.slice(half), extras: '' }, sizeOf, limits),
  ]
}
