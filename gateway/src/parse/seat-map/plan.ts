/** What a seat is for; formats without this notion (pretix) give `standard`. */
export const SEAT_TYPES = ['standard', 'wheelchair', 'companion', 'restricted-view', 'vip'] as const
export type SeatType = (typeof SEAT_TYPES)[number]

/** How a table is sold: by the chair, or all its chairs together. */
export const TABLE_SALES = ['chairs', 'whole'] as const
export type PlanTable = (typeof TABLE_SALES)[number]

/** Fields that are not ours: plain JSON, bounded in depth and size, without a `__proto__` at any depth. */
export type Extras = Readonly<Record<string, unknown>>

/**
 * A hall as drawn: what every importer produces and the catalog records. Every section is a standing area or has at
 * least one row, every row has at least one seat, and every category named is one of `categories`.
 */
export interface SeatMapPlan {
  readonly name: string
  /** What the audience looks at, in the seats' units; absent: the middle of the drawing's upper edge. */
  readonly focalPoint?: PlanPoint
  readonly categories: readonly PlanCategory[]
  readonly sections: readonly PlanSection[]
  readonly extras?: Extras
}

export interface PlanPoint {
  readonly x: number
  readonly y: number
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
  /** None in a standing area. */
  readonly rows: readonly PlanRow[]
  readonly standing?: PlanStanding
  readonly extras?: Extras
}

/** Where people stand: places that are all alike. */
export interface PlanStanding {
  readonly capacity: number
  readonly category: string
  /** Absent: the area was not drawn. */
  readonly bounds?: PlanBounds
}

/** In the seats' units and as finely rounded; width and height are above 0. */
export interface PlanBounds extends PlanPoint {
  readonly width: number
  readonly height: number
}

export interface PlanRow {
  /** May be empty and may repeat in a section, as when one row is drawn in two blocks. */
  readonly label: string
  /** Absent: an ordinary row. The chairs of a table stand round it, so no aisle is among them. */
  readonly table?: PlanTable
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
  /** Whether an aisle is between this seat and the next one of its row; absent: the distance between them tells. */
  readonly aisleAfter?: boolean
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
  /** Of one standing area, and of all of a plan together. */
  capacityMax: 200_000,
  placesMax: 1_000_000,
  /** A table is never split over records, so it has to fit into one. */
  chairsPerTableMax: 100,
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

/** Whether the value is a number of places that a standing area may have. */
export function isCapacity(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= PLAN_LIMITS.capacityMax
}

/** Rounds to the plan's 2 decimals; adding zero turns -0, which JSON cannot carry, into 0. */
export function roundPosition(value: number): number {
  return Math.round(value * 100) / 100 + 0
}

/** True for a JSON object, false for arrays, null and everything else. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
