import type { BlockId, EpochMillis, HoldId, PerformanceId, SeatIndex, SectionId } from '../ids.ts'
import type { BestAvailableStep, OrphanRule } from '../seats.ts'

/** How the seats of a section lie. Columns are by seat index; `x`, `y` and the focal point in hundredths of the drawing's unit. */
export interface SectionGeometry {
  /** The number of the seat's row in the section, in drawing order. */
  readonly row: readonly number[]
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly categories: readonly string[]
  /** The seat's place in `categories`. */
  readonly category: readonly number[]
  /** The seat's place in `SEAT_TYPES`. */
  readonly type: readonly number[]
  /** What the best seats are nearest to. */
  readonly focalX: number
  readonly focalY: number
}

/** The rules of sale of one section, as one revision of its performance sets them. Durations in milliseconds. */
export interface SectionTerms {
  /** The price list that new holds lock. */
  readonly priceRevision: number
  /** Buyers may hold from this log time on; null: at once. */
  readonly saleStartsAtMs: EpochMillis | null
  /** Buyers may hold before this log time; null: no end. */
  readonly saleEndsAtMs: EpochMillis | null
  readonly holdTtlMs: number
  readonly extensionMs: number
  readonly extensions: number
  /** No hold lives longer than this, extensions included. */
  readonly holdMaxMs: number
  readonly seatsPerHoldMax: number
  /** Seats that one buyer may have in this section, held and sold together; null: no limit. */
  readonly purchaseLimit: number | null
  readonly orphanRule: OrphanRule
}

interface InSection {
  readonly performanceId: PerformanceId
  readonly sectionId: SectionId
}

export interface OpenSection extends InSection {
  readonly type: 'OpenSection'
  readonly revision: number
  readonly seatCount: number
  readonly terms: SectionTerms
  readonly geometry: SectionGeometry
}
export interface ReviseSection extends InSection {
  readonly type: 'ReviseSection'
  readonly revision: number
  readonly terms: SectionTerms
}
export interface HoldSeats extends InSection {
  readonly type: 'HoldSeats'
  readonly seats: readonly SeatIndex[]
}
/** Leaves the choice of seats to the section, which knows at that moment what is free. */
export interface HoldBestAvailable extends InSection {
  readonly type: 'HoldBestAvailable'
  readonly quantity: number
  /** Of this category only; empty: of any. */
  readonly category: string
  /** Wheelchair places with the companions beside them. */
  readonly accessible: boolean
}
export interface ExtendHold {
  readonly type: 'ExtendHold'
  readonly holdId: HoldId
}
export interface ReleaseHold {
  readonly type: 'ReleaseHold'
  readonly holdId: HoldId
}
export interface SellHold {
  readonly type: 'SellHold'
  readonly holdId: HoldId
}
export interface BlockSeats extends InSection {
  readonly type: 'BlockSeats'
  readonly seats: readonly SeatIndex[]
  readonly note: string
}
export interface UnblockSeats {
  readonly type: 'UnblockSeats'
  readonly blockId: BlockId
}
/** Sent by a partition's owner to itself when something is due; its append time is what counts. */
export interface Tick {
  readonly type: 'Tick'
}

export type SeatingCommand =
  | OpenSection
  | ReviseSection
  | HoldSeats
  | HoldBestAvailable
  | ExtendHold
  | ReleaseHold
  | SellHold
  | BlockSeats
  | UnblockSeats
  | Tick

export interface SectionOpened extends InSection {
  readonly type: 'SectionOpened'
  readonly organisation: string
  readonly revision: number
  readonly seatCount: number
  readonly terms: SectionTerms
  readonly geometry: SectionGeometry
}
export interface SectionRevised extends InSection {
  readonly type: 'SectionRevised'
  readonly revision: number
  readonly terms: SectionTerms
}
export interface SeatsHeld extends InSection {
  readonly type: 'SeatsHeld'
  readonly holdId: HoldId
  readonly buyer: string
  readonly seats: readonly SeatIndex[]
  readonly expiresAtMs: EpochMillis
  readonly extensionsLeft: number
  readonly priceRevision: number
  /** How the seats were found; empty when the buyer chose them. */
  readonly step: BestAvailableStep | ''
}
export interface HoldExtended extends InSection {
  readonly type: 'HoldExtended'
  readonly holdId: HoldId
  readonly expiresAtMs: EpochMillis
  readonly extensionsLeft: number
}
export interface HoldReleased extends InSection {
  readonly type: 'HoldReleased'
  readonly holdId: HoldId
  readonly seats: readonly SeatIndex[]
}
export interface HoldExpired extends InSection {
  readonly type: 'HoldExpired'
  readonly holdId: HoldId
  readonly seats: readonly SeatIndex[]
}
export interface SeatsSold extends InSection {
  readonly type: 'SeatsSold'
  readonly holdId: HoldId
  readonly seats: readonly SeatIndex[]
  /** The price list that the hold had locked. */
  readonly priceRevision: number
}
export interface SeatsBlocked extends InSection {
  readonly type: 'SeatsBlocked'
  readonly blockId: BlockId
  readonly seats: readonly SeatIndex[]
  readonly note: string
}
export interface SeatsUnblocked extends InSection {
  readonly type: 'SeatsUnblocked'
  readonly blockId: BlockId
  readonly seats: readonly SeatIndex[]
}

export type SeatingEvent =
  | SectionOpened
  | SectionRevised
  | SeatsHeld
  | HoldExtended
  | HoldReleased
  | HoldExpired
  | SeatsSold
  | SeatsBlocked
  | SeatsUnblocked
