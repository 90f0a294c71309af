import type { EpochMillis, SeatIndex } from './ids.ts'

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
  | { readonly code: 'NOT_ENOUGH_SEATS'; readonly asked: number }
  /** `seats` would be left alone; `alternative` is a choice of as many that leaves none, empty when there is none. */
  | { readonly code: 'ORPHAN_SEAT'; readonly seats: readonly SeatIndex[]; readonly alternative: readonly SeatIndex[] }
  | { readonly code: 'SECTION_NOT_OPEN' }
  | { readonly code: 'SALE_NOT_OPEN'; readonly opensAtMs: EpochMillis | null; readonly closedAtMs: EpochMillis | null }
  | { readonly code: 'SEATS_PER_HOLD'; readonly limit: number; readonly asked: number }
  | { readonly code: 'PURCHASE_LIMIT'; readonly limit: number; readonly have: number; readonly asked: number }
  | { readonly code: 'HOLD_NOT_FOUND' }
  | { readonly code: 'HOLD_EXPIRED' }
  | { readonly code: 'HOLD_RELEASED' }
  | { readonly code: 'HOLD_SOLD' }
  | { readonly code: 'HOLD_NOT_EXTENDABLE'; readonly extensionsLeft: number }
  | { readonly code: 'BLOCK_NOT_FOUND' }
  | { readonly code: 'NOT_PERMITTED' }

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
  readonly detail: string
}

const NOTHING: Omit<RecordedRejection, 'code'> = {
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
  detail: '',
}

export type Rejection = SeatingRejection | CatalogRejection | WorkerRejection

export function recorded(rejection: Rejection): RecordedRejection {
  return { ...NOTHING, ...rejection }
}
