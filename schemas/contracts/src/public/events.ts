import type { Address } from '../catalog/messages.ts'
import type { ConflictReason } from '../rejections.ts'
import type { OrphanRule, SeatType } from '../seats.ts'
import type { Context } from '../topics.ts'

/*
 * What outside readers get. Seats have the names that are printed on tickets, never indexes; people are opaque ids; what a
 * person typed (notes, details) stays inside. Times are milliseconds since the epoch, amounts minor units of the currency.
 */

/** In each public event, so that it says where it comes from also where headers are lost. */
export interface PublicOrigin {
  /** `seating/3/1042/0`: context, partition, offset of the decision and place in it. Unique, and the same for ever. */
  readonly eventId: string
  readonly occurredAt: number
  /** Empty where it is nobody's: a command that could not be read. */
  readonly organisation: string
  readonly commandId: string
  /** The first command of the chain of causes. */
  readonly correlationId: string
  /** Who asked: `buyer`, `organiser` or `system`. */
  readonly actorKind: string
}

export interface PublicSeat {
  readonly seatId: string
  readonly row: string
  readonly number: string
  readonly category: string
}

/** A place in a standing area has a category alone. `amount` is null where the price list has none for it. */
export interface PricedSeat extends PublicSeat {
  readonly amount: number | null
}

export interface DrawnSeat extends PublicSeat {
  readonly type: SeatType
}

export interface PublicSection {
  readonly sectionId: string
  readonly name: string
  readonly seatCount: number
  readonly standing: boolean
}

export interface PublicPrice {
  readonly category: string
  /** Empty: the ordinary ticket. */
  readonly ticketType: string
  readonly amount: number
}

/** The rules of sale. Durations in milliseconds. */
export interface SaleTerms {
  readonly saleStartsAt: number | null
  readonly saleEndsAt: number | null
  readonly holdTtlMs: number
  readonly extensionMs: number
  readonly holdMaxMs: number
  readonly seatsPerHoldMax: number
  readonly purchaseLimit: number | null
  readonly sectionLimit: number | null
  readonly orphanRule: OrphanRule
}

/** A section of a performance; of a standing area `stream` is the shard, else the section again. */
interface InSection {
  readonly performanceId: string
  readonly sectionId: string
  readonly section: string
  readonly stream: string
}

/** `quantity` counts `seats`. */
interface WithSeats<Seat> {
  readonly quantity: number
  readonly seats: readonly Seat[]
}

export interface VenueCreated {
  readonly type: 'VenueCreated'
  readonly venueId: string
  readonly name: string
  readonly timeZone: string
  readonly address: Address
}
export interface SeatMapPublished {
  readonly type: 'SeatMapPublished'
  readonly seatMapId: string
  readonly venueId: string
  readonly version: number
  readonly name: string
  readonly capacity: number
  readonly categories: readonly string[]
  readonly sections: readonly PublicSection[]
}
export interface PerformanceScheduled {
  readonly type: 'PerformanceScheduled'
  readonly performanceId: string
  readonly venueId: string
  readonly seatMapId: string
  readonly name: string
  readonly startsAt: number
  readonly endsAt: number | null
  readonly capacity: number
  readonly sections: readonly PublicSection[]
  readonly revision: number
  readonly terms: SaleTerms
  readonly currency: string
  readonly priceRevision: number
  readonly prices: readonly PublicPrice[]
}
export interface PerformanceRevised {
  readonly type: 'PerformanceRevised'
  readonly performanceId: string
  readonly revision: number
  readonly terms: SaleTerms
  readonly currency: string
  readonly priceRevision: number
  readonly prices: readonly PublicPrice[]
}
export interface PerformanceOpened {
  readonly type: 'PerformanceOpened'
  readonly performanceId: string
}

export interface SectionOpened extends InSection {
  readonly type: 'SectionOpened'
  readonly revision: number
  readonly priceRevision: number
  readonly terms: SaleTerms
  readonly seatCount: number
  /** Empty for a standing area. */
  readonly seats: readonly DrawnSeat[]
}
export interface SectionRevised extends InSection {
  readonly type: 'SectionRevised'
  readonly revision: number
  readonly priceRevision: number
  readonly terms: SaleTerms
}
export interface SeatsHeld extends InSection, WithSeats<PricedSeat> {
  readonly type: 'SeatsHeld'
  readonly holdId: string
  /** The cart that it is a part of, or empty. */
  readonly cartId: string
  readonly buyer: string
  readonly currency: string
  readonly priceRevision: number
  readonly expiresAt: number
  readonly extensionsLeft: number
  /** How the best seats were found; empty: the buyer chose them. */
  readonly step: string
}
export interface HoldExtended extends InSection {
  readonly type: 'HoldExtended'
  readonly holdId: string
  readonly expiresAt: number
  readonly extensionsLeft: number
}
export interface HoldEnded<Type extends 'HoldReleased' | 'HoldExpired'> extends InSection, WithSeats<PublicSeat> {
  readonly type: Type
  readonly holdId: string
}
export interface SeatsSold extends InSection, WithSeats<PricedSeat> {
  readonly type: 'SeatsSold'
  readonly holdId: string
  readonly currency: string
  readonly priceRevision: number
}
export interface SeatsSetAside<Type extends 'SeatsBlocked' | 'SeatsUnblocked'> extends InSection, WithSeats<PublicSeat> {
  readonly type: Type
  readonly blockId: string
}

/** What one section holds for a cart, by the hold that the section knows it as. */
export interface PublicCartPart {
  readonly holdId: string
  readonly sectionId: string
  readonly section: string
  readonly stream: string
  readonly seats: readonly PricedSeat[]
}
export interface CartOpened {
  readonly type: 'CartOpened'
  readonly performanceId: string
  readonly holdId: string
  readonly buyer: string
  readonly quantity: number
  /** Of these alone; empty: of any. */
  readonly categories: readonly string[]
  readonly accessible: boolean
  readonly standing: boolean
  /** Seats that the buyer chose; empty: the best are looked for. */
  readonly seats: readonly PublicSeat[]
}
interface OfParts {
  readonly performanceId: string
  readonly holdId: string
  readonly currency: string
  readonly quantity: number
  readonly parts: readonly PublicCartPart[]
}
export interface CartHeld extends OfParts {
  readonly type: 'CartHeld'
  readonly buyer: string
  readonly expiresAt: number
  readonly extensionsLeft: number
}
/** `parts` were held already and go back. `code` says why: the same as that of the `CommandRejected` which follows. */
export interface CartRefused extends OfParts {
  readonly type: 'CartRefused'
  readonly code: string
}
export interface CartExtended extends OfParts {
  readonly type: 'CartExtended'
  readonly expiresAt: number
  readonly extensionsLeft: number
}
export interface CartEnded<Type extends 'CartReleased' | 'CartExpired' | 'CartSold'> extends OfParts {
  readonly type: Type
}

export interface PublicConflict extends PublicSeat {
  readonly reason: ConflictReason
  readonly since: number
  /** When the hold in the way may lapse; null: none is. */
  readonly mayFreeAt: number | null
}

/** What was asked for and refused. What the command did not say, or could not be read in it, is empty or null. */
export interface CommandRejected {
  readonly type: 'CommandRejected'
  readonly commandType: string
  readonly code: string
  readonly performanceId: string
  readonly sectionId: string
  readonly section: string
  readonly stream: string
  readonly holdId: string
  /** Seats asked for, by number or by name. */
  readonly quantity: number | null
  readonly seats: readonly PublicSeat[]
  readonly conflicts: readonly PublicConflict[]
  readonly limit: number | null
  readonly have: number | null
  readonly asked: number | null
  readonly opensAt: number | null
  readonly closedAt: number | null
  readonly revision: number | null
  readonly extensionsLeft: number | null
  readonly step: string
}

export interface PublicEventsOf {
  readonly catalog: VenueCreated | SeatMapPublished | PerformanceScheduled | PerformanceRevised | PerformanceOpened | CommandRejected
  readonly seating:
    | SectionOpened
    | SectionRevised
    | SeatsHeld
    | HoldExtended
    | HoldEnded<'HoldReleased'>
    | HoldEnded<'HoldExpired'>
    | SeatsSold
    | SeatsSetAside<'SeatsBlocked'>
    | SeatsSetAside<'SeatsUnblocked'>
    | CommandRejected
  readonly cart:
    | CartOpened
    | CartHeld
    | CartRefused
    | CartExtended
    | CartEnded<'CartReleased'>
    | CartEnded<'CartExpired'>
    | CartEnded<'CartSold'>
    | CommandRejected
}

export type PublicEvent = PublicEventsOf[Context]
