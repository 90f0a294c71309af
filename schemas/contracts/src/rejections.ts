import type { EpochMillis, SeatIndex } from './ids.ts'
import type { BestAvailableStep } from './seats.ts'

export type ConflictReason = 'held' | 'sold' | 'blocked'

/** Why one seat cannot be had. `mayFreeAtMs` is set while a hold that can lapse is in the way. */
export interface SeatConflict {
  readonly seat: SeatIndex
  readonly reason: ConflictReason
  readonly sinceMs: EpochMillis
  readonly mayFreeAtMs: EpochMillis | null
}

/** A refusal by the worker itself, whatever the context. */
export type WorkerRejection =
  | { readonly code: 'COMMAND_UNREADABLE' }
  | { readonly code: 'COMMAND_QUARANTINED' }
  | { readonly code: 'IDEMPOTENCY_KEY_REUSED' }

export type SeatingRejection =
  | { readonly code: 'SEAT_UNAVAILABLE'; readonly conflicts: readonly SeatConflict[] }
  | { readonly code: 'SEAT_NOT_FOUND' }
  /** `have` as asked for are free, fewer than `asked` or not to be had by the rule. */
  | { readonly code: 'NOT_ENOUGH_SEATS'; readonly asked: number; readonly have: number }
  /** They are there, but only by a later step than what was asked for. */
  | { readonly code: 'SEATS_NOT_TOGETHER'; readonly asked: number; readonly have: number; readonly step: BestAvailableStep }
  /** `seats` are the other chairs of tables that are sold whole. */
  | { readonly code: 'TABLE_SOLD_WHOLE'; readonly seats: readonly SeatIndex[] }
  /** `seats` would be left alone; `alternative` is a choice of as many that leaves none, empty when there is none. */
  | { readonly code: 'ORPHAN_SEAT'; readonly seats: readonly SeatIndex[]; readonly alternative: readonly SeatIndex[] }
  | { readonly code: 'SECTION_NOT_OPEN' }
  | { readonly code: 'SALE_NOT_OPEN'; readonly opensAtMs: EpochMillis | null; readonly closedAtMs: EpochMillis | null }
  | { readonly code: 'SEATS_PER_HOLD'; readonly limit: number; readonly asked: number }
  | { readonly code: 'PURCHASE_LIMIT'; readonly limit: number; readonly have: number; readonly asked: number }
  | { readonly code: 'SECTION_LIMIT'; readonly limit: number; readonly have: number; readonly asked: number }
  | { readonly code: 'HOLD_NOT_FOUND' }
  | { readonly code: 'HOLD_EXPIRED' }
  | { readonly code: 'HOLD_RELEASED' }
  | { readonly code: 'HOLD_SOLD' }
  | { readonly code: 'HOLD_NOT_EXTENDABLE'; readonly extensionsLeft: number }
  | { readonly code: 'BLOCK_NOT_FOUND' }
  | { readonly code: 'NOT_PERMITTED' }

/** A cart is refused for its own reasons, or for that of the section which refused a part. */
export type CartRejection = RecordedRejection | SeatingRejection | CartOwnRejection

/** A section did not say in time whether the cart may have its seats. */
export type CartOwnRejection = { readonly code: 'PART_UNANSWERED' }

export type CatalogRejection =
  | { readonly code: 'VENUE_NOT_FOUND' }
  | { readonly code: 'SEAT_MAP_NOT_FOUND' }
  | { readonly code: 'SEAT_MAP_INCOMPLETE'; readonly detail: string }
  | { readonly code: 'PERFORMANCE_NOT_FOUND' }
  | { readonly code: 'PRICES_INVALID'; readonly detail: string }
  | { readonly code: 'REVISION_CONFLICT'; readonly revision: number }
  | { readonly code: 'NOT_PERMITTED' }

/** Every rejection, in the one shape that is recorded: fields that a code does not use are null or empty. */
export interface RecordedRejection {
  readonly code: string
  /** The section that the seats are in, where the command names several; else empty. */
  readonly sectionId: string
  readonly conflicts: readonly SeatConflict[]
  readonly seats: readonly SeatIndex[]
  readonly alternative: readonly SeatIndex[]
  readonly limit: number | null
  readonly have: number | null
  readonly asked: number | null
  readonly opensAtMs: EpochMillis | null
  readonly closedAtMs: EpochMillis | null
  readonly revision: number | null
  readonly extensionsLeft: number | null
  readonly step: string
  readonly detail: string
}

const NOTHING: Omit<RecordedRejection, 'code'> = {
  sectionId: '',
  conflicts: [],
  seats: [],
  alternative: [],
  limit: null,
  have: null,
  asked: null,
  opensAtMs: null,
  closedAtMs: null,
  revision: null,
  extensionsLeft: null,
  step: '',
  detail: '',
}

export type Rejection = SeatingRejection | CartOwnRejection | CatalogRejection | WorkerRejection

export function recorded(rejection: Rejection | RecordedRejection): RecordedRejection {
  return { ...NOTHING, ...rejection }
}
