import type { Actor } from '../envelope.ts'
import type { BlockId, EpochMillis, HoldId, PerformanceId, SeatIndex, SectionId } from '../ids.ts'
import type { BestAvailableStep, OrphanRule } from '../seats.ts'

/**
 * How the seats of a section lie. Columns are by seat index; `x`, `y` and the focal point in hundredths of the drawing's
 * unit. Places of a standing area lie nowhere: their columns are empty.
 */
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
  /** Seats between which and the next one of their row there is an aisle, however near it is. */
  readonly aisles: readonly SeatIndex[]
  /** Seats between which and the next one of their row there is none, however far it is. */
  readonly joined: readonly SeatIndex[]
  /** Rows that are tables, by their number in `row`: sold by the chair, or whole. */
  readonly tables: readonly number[]
  readonly wholeTables: readonly number[]
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
  /** Seats that one buyer may have in the performance, of which the section knows its own; null: no limit. */
  readonly purchaseLimit: number | null
  /** Seats that one buyer may have in this section, held and sold together; null: no limit. */
  readonly sectionLimit: number | null
  readonly orphanRule: OrphanRule
}

/** `sectionId` names the stream: the section, or one shard of a standing area. */
interface InSection {
  readonly performanceId: PerformanceId
  readonly sectionId: SectionId
}

/** For which cart a part is asked, and on whose behalf. Only carts ask so. */
export interface ForCart {
  readonly cartId: HoldId
  /** The number of the try, which comes back with its outcome. */
  readonly attempt: number
  readonly buyerKind: Actor['kind']
  readonly buyer: string
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
  /** Null: the actor asks for a hold of its own. */
  readonly cart: ForCart | null
}
/** Leaves the choice of seats to the section, which knows at that moment what is free. */
export interface HoldBestAvailable extends InSection {
  readonly type: 'HoldBestAvailable'
  readonly quantity: number
  /** Fewer are taken where there are no more, but not fewer than so many. */
  readonly atLeast: number
  /** Refused where only a later step would find seats. */
  readonly worstStep: BestAvailableStep
  /** Of these categories only; empty: of any. */
  readonly categories: readonly string[]
  /** Wheelchair places with the companions beside them. */
  readonly accessible: boolean
  readonly cart: ForCart | null
}
/** Sent by a cart to each of its parts, so that the section can say how long its seats are taken. */
export interface ExtendPart {
  readonly type: 'ExtendPart'
  readonly holdId: HoldId
  readonly expiresAtMs: EpochMillis
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
  | ExtendPart
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
  /** How the seats were found; empty when the buyer chose them, and for places to stand. */
  readonly step: BestAvailableStep | ''
  /**
   * The cart that this is a part of; empty: it is a hold of its own. A part ends when its cart says so, and never by
   * itself: `expiresAtMs` then only says when that may be.
   */
  readonly cartId: HoldId | ''
  /** The try of the cart that it answers; 0 without a cart. */
  readonly attempt: number
}
/** A cart cannot have a part here: the decision's rejection says why. */
export interface PartRefused extends InSection {
  readonly type: 'PartRefused'
  readonly cartId: HoldId
  readonly attempt: number
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
  | PartRefused
  | HoldExtended
  | HoldReleased
  | HoldExpired
  | SeatsSold
  | SeatsBlocked
  | SeatsUnblocked
