/** What a seat is for; formats without this notion (pretix) give `standard`. */
export const SEAT_TYPES = ['standard', 'wheelchair', 'companion', 'restricted-view', 'vip'] as const
export type SeatType = (typeof SEAT_TYPES)[number]

/** Fields that are not ours: plain JSON, bounded in depth and size, without a `__proto__` at any depth. */
export type Extras = Readonly<Record<string, unknown>>

/**
 * A hall as drawn: what every importer produces and the catalog records. Every section has at least one row, every
 * row at least one seat, and every seat's category is one of `categories`.
 */
export interface SeatMapPlan {
  readonly name: string
  readonly categories: readonly PlanCategory[]
  readonly sections: readonly PlanSection[]
  readonly extras?: Extras
}

export interface PlanCategory {
  /** Unique in the plan. */
  readonly name: string
  /** A CSS colour in hexadecimal, by name, or as `rgb()` or `hsl()`: safe inside a style attribute. */
  readonly color?: string
  readonly extras?: Extras
}

export interface PlanSection {
  /** URL-safe slug of the name, unique in the plan: `stalls`, `stalls-2`. */
  readonly sectionId: string
  /** Not unique: real halls have two zones called "Balcony". */
  readonly name: string
  readonly rows: readonly PlanRow[]
  readonly extras?: Extras
}

export interface PlanRow {
  /** May be empty and may repeat in a section, as when one row is drawn in two blocks. */
  readonly label: string
  readonly seats: readonly PlanSeat[]
  readonly extras?: Extras
}

export interface PlanSeat {
  /** pretix's `seat_guid`; unique in the whole plan. */
  readonly seatId: string
  /** Empty where the plan leaves a seat unnumbered, as pretix allows. */
  readonly number: string
  /** Absolute, in the plan's own units (pixels in pretix), rounded to 2 decimals; y grows downwards. */
  readonly x: number
  readonly y: number
  readonly category: string
  readonly type: SeatType
  readonly extras?: Extras
}

/** A reason to refuse the plan, or, as a warning, something that the organiser should know about an accepted one. */
export interface Fault {
  /** A JSON pointer into the document, or `/line/12` for CSV. A collapsed warning points to its first place. */
  readonly pointer: string
  /** Stable, UPPER_SNAKE. */
  readonly code: string
  /** A sentence for a box-office manager: which zone, row and seat. */
  readonly detail: string
}

/** Nothing is imported when anything is wrong: a faulty document has no plan. At most 100 faults and 100 warnings, then a count. */
export type ParseResult =
  | { readonly outcome: 'parsed'; readonly plan: SeatMapPlan; readonly warnings: readonly Fault[] }
  | { readonly outcome: 'faulty'; readonly faults: readonly Fault[] }

/** The largest plan that is accepted. Lengths are in UTF-16 code units. */
export const PLAN_LIMITS = {
  seatsMax: 200_000,
  sectionsMax: 1_000,
  seatsPerSectionMax: 20_000,
  categoriesMax: 500,
  textLengthMax: 200,
  seatIdLengthMax: 100,
  sectionIdLengthMax: 100,
  positionMax: 1_000_000,
  faultsMax: 100,
  warningsMax: 100,
  extrasDepthMax: 16,
  extrasOfSeatMax: 4_000,
  extrasOfSectionMax: 4_000_000,
  extrasMax: 16_000_000,
} as const

const COLOR = /^(?:#[0-9a-f]{3,4}|#[0-9a-f]{6}|#[0-9a-f]{8}|[a-z]{1,30}|(?:rgb|hsl)a?\([\d\s.,%/-]{1,40}\))$/i

/** Whether the text is a colour that cannot carry anything but a colour into a page's style. */
export function isColor(text: string): boolean {
  return COLOR.test(text)
}

/** Rounds to the plan's 2 decimals; adding zero turns -0, which JSON cannot carry, into 0. */
export function roundPosition(value: number): number {
  return Math.round(value * 100) / 100 + 0
}

/** True for a JSON object, false for arrays, null and everything else. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
