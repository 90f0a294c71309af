import type { Actor } from '../envelope.ts'
import type { CommandId, EpochMillis, HoldId, PerformanceId, SeatIndex, SectionId } from '../ids.ts'
import type { RecordedRejection } from '../rejections.ts'
import type { BestAvailableStep } from '../seats.ts'

/** The rules that a cart goes by, as its gateway read them in the catalog's log. Durations in milliseconds. */
export interface CartTerms {
  readonly holdTtlMs: number
  readonly extensionMs: number
  readonly extensions: number
  readonly holdMaxMs: number
  readonly seatsPerHoldMax: number
  readonly purchaseLimit: number | null
  readonly sectionLimit: number | null
}

/** Seats of one section that the buyer chose. */
export interface ChosenSeats {
  readonly sectionId: SectionId
  readonly seats: readonly SeatIndex[]
}

/** A section, or a shard of a standing area, that may have what is asked for. */
export interface Candidate {
  readonly sectionId: SectionId
  /** Free seats there, as its gateway last knew; -1: it does not know. */
  readonly available: number
  /** To the focal point. */
  readonly distance: number
}

/** What a buyer wants of several streams: seats by name, or a number of the best of the candidates. One of the lists is empty. */
export interface CartWish {
  readonly chosen: readonly ChosenSeats[]
  readonly candidates: readonly Candidate[]
  /** Of a standing area: its places are all alike, and any shard will do. */
  readonly standing: boolean
  /** Seats in all. */
  readonly quantity: number
  /** Of these categories only; empty: of any. */
  readonly categories: readonly string[]
  readonly accessible: boolean
}

export interface OpenCart extends CartWish {
  readonly type: 'OpenCart'
  readonly performanceId: PerformanceId
  /** Whose performance it is. */
  readonly organisation: string
  readonly terms: CartTerms
}
/** A section granted what the cart had asked for. */
export interface RecordPart {
  readonly type: 'RecordPart'
  readonly cartId: HoldId
  readonly performanceId: PerformanceId
  readonly attempt: number
  readonly part: CartPart
  /** Seats that the buyer has in that stream now, these included. */
  readonly have: number
}
/** A section refused what the cart had asked for. */
export interface RecordRefusal {
  readonly type: 'RecordRefusal'
  readonly cartId: HoldId
  readonly attempt: number
  readonly sectionId: SectionId
  readonly rejection: RecordedRejection
}
export interface ExtendCart {
  readonly type: 'ExtendCart'
  readonly holdId: HoldId
}
export interface ReleaseCart {
  readonly type: 'ReleaseCart'
  readonly holdId: HoldId
}
export interface SellCart {
  readonly type: 'SellCart'
  readonly holdId: HoldId
}
export interface CartTick {
  readonly type: 'Tick'
}

export type CartCommand = OpenCart | RecordPart | RecordRefusal | ExtendCart | ReleaseCart | SellCart | CartTick

/** What one section holds for a cart. */
export interface CartPart {
  /** The part's own id, by which its section knows it. */
  readonly holdId: HoldId
  readonly sectionId: SectionId
  readonly seats: readonly SeatIndex[]
  readonly step: BestAvailableStep | ''
  /** The price list that it locked. */
  readonly priceRevision: number
}

interface OfCart {
  readonly holdId: HoldId
  readonly performanceId: PerformanceId
}
interface WithParts extends OfCart {
  readonly parts: readonly CartPart[]
}

/** `candidates` stand in the order in which they are tried. */
export interface CartOpened extends OfCart, CartWish {
  readonly type: 'CartOpened'
  /** The command that waits for what becomes of it. */
  readonly openedBy: CommandId
  readonly organisation: string
  readonly buyerKind: Actor['kind']
  readonly buyer: string
  readonly terms: CartTerms
}
/** The next try: these seats, or the best `quantity`. Its outcome comes back as `RecordPart` or `RecordRefusal`. */
export interface PartRequested extends OfCart {
  readonly type: 'PartRequested'
  readonly attempt: number
  /** Which round of the candidates this is; empty for seats that the buyer chose. */
  readonly round: CartRound | ''
  readonly sectionId: SectionId
  readonly seats: readonly SeatIndex[]
  readonly quantity: number
  readonly atLeast: number
  readonly worstStep: BestAvailableStep
  readonly categories: readonly string[]
  readonly accessible: boolean
  readonly buyerKind: Actor['kind']
  readonly buyer: string
}
export interface PartGranted extends OfCart {
  readonly type: 'PartGranted'
  readonly attempt: number
  readonly part: CartPart
  readonly have: number
}
export interface PartDenied extends OfCart {
  readonly type: 'PartDenied'
  readonly attempt: number
  readonly sectionId: SectionId
  readonly code: string
  /** Free seats as asked for there; 0 when the refusal does not say. */
  readonly have: number
  /** The step by which all of them could be had there; empty: by none. */
  readonly step: string
}
/** A section has not answered for so long that the cart gives up: it will refuse, in the name of the command that opened it. */
export interface CartOverdue extends OfCart {
  readonly type: 'CartOverdue'
  readonly openedBy: CommandId
  readonly attempt: number
  readonly sectionId: SectionId
}
/** A part came for a try that nobody waits for any more, and goes back. */
export interface PartReturned extends OfCart {
  readonly type: 'PartReturned'
  readonly part: CartPart
}
/** All parts are there: to the client, this is the hold. */
export interface CartHeld extends WithParts {
  readonly type: 'CartHeld'
  readonly buyer: string
  readonly organisation: string
  readonly expiresAtMs: EpochMillis
  readonly extensionsLeft: number
}
/** It could not have all, so `parts`, which it had, go back. The decision's rejection says why. */
export interface CartRefused extends WithParts {
  readonly type: 'CartRefused'
}
export interface CartExtended extends WithParts {
  readonly type: 'CartExtended'
  readonly expiresAtMs: EpochMillis
  readonly extensionsLeft: number
}
export interface CartReleased extends WithParts {
  readonly type: 'CartReleased'
}
export interface CartExpired extends WithParts {
  readonly type: 'CartExpired'
}
export interface CartSold extends WithParts {
  readonly type: 'CartSold'
}

export type CartEvent =
  | CartOpened
  | PartRequested
  | PartGranted
  | PartDenied
  | CartOverdue
  | PartReturned
  | CartHeld
  | CartRefused
  | CartExtended
  | CartReleased
  | CartExpired
  | CartSold

/** All in one stream side by side; in parts over rows; anyhow; and at last what each stream has left. */
export const CART_ROUNDS = ['together', 'split', 'any', 'combined'] as const
export type CartRound = (typeof CART_ROUNDS)[number]

const OPENED: CartEvent['type'] = 'CartOpened'
const SETTLED: ReadonlySet<string> = new Set<CartEvent['type']>(['CartHeld', 'CartRefused'])

/** Whether the answer to the command comes with a later decision of the same correlation, the one that `settles` it. */
export const leavesOpen = (events: readonly { readonly type: string }[]): boolean => events.some(({ type }) => type === OPENED)
export const settles = (events: readonly { readonly type: string }[]): boolean => events.some(({ type }) => SETTLED.has(type))
