import type { Actor } from '@cavea/contracts/envelope'
import {
  type BlockId,
  blockIdOf,
  type CommandId,
  commandIdOf,
  epochMillis,
  type HoldId,
  holdIdOf,
  type PerformanceId,
  type SeatIndex,
  type SectionId,
  seatIndex,
} from '@cavea/contracts/ids'
import { bucketOf, sectionKey } from '@cavea/contracts/partitioning'
import type {
  BlockSeats,
  HoldExpired,
  HoldExtended,
  HoldReleased,
  HoldSeats,
  SeatsBlocked,
  SeatsHeld,
  SeatsSold,
  SeatsUnblocked,
  SectionGeometry,
  SectionOpened,
  SectionTerms,
} from '@cavea/contracts/seating/messages'
import { COMMAND_ID, ORGANISATION } from '../specification.ts'

/** What specifications of seating speak of: one section of twelve seats, two buyers, their organiser, and a stranger. */
export const PLACE = { performanceId: 'perf_1' as PerformanceId, sectionId: 'stalls' as SectionId } as const
export const SEAT_COUNT = 12
export const BUCKET = bucketOf(sectionKey(PLACE.performanceId, PLACE.sectionId))

export const ANNA: Actor = { kind: 'buyer', id: 'buyer_anna' }
export const BERND: Actor = { kind: 'buyer', id: 'buyer_bernd' }
export const ORGANISER: Actor = { kind: 'organiser', id: 'acct_olga' }
export const SYSTEM: Actor = { kind: 'system', id: 'policy' }

export const TTL_MS = 1_000
export const TERMS: SectionTerms = {
  priceRevision: 3,
  saleStartsAtMs: null,
  saleEndsAtMs: null,
  holdTtlMs: TTL_MS,
  extensionMs: 400,
  extensions: 2,
  holdMaxMs: 1_600,
  seatsPerHoldMax: 4,
  purchaseLimit: null,
  sectionLimit: null,
  orphanRule: 'off',
}

/** One straight row of seats, a hundred apart, before the focal point. */
export const GEOMETRY: SectionGeometry = {
  row: new Array<number>(SEAT_COUNT).fill(0),
  x: Array.from({ length: SEAT_COUNT }, (_, seat) => seat * 100),
  y: new Array<number>(SEAT_COUNT).fill(1_000),
  categories: ['Stalls'],
  category: new Array<number>(SEAT_COUNT).fill(0),
  type: new Array<number>(SEAT_COUNT).fill(0),
  focalX: 0,
  focalY: 0,
  aisles: [],
  joined: [],
  tables: [],
  wholeTables: [],
}

export const seatsOf = (...seats: readonly number[]): SeatIndex[] => seats.map(seatIndex)

export const opened = (terms: Partial<SectionTerms> = {}): SectionOpened => ({
  type: 'SectionOpened',
  ...PLACE,
  organisation: ORGANISATION,
  revision: 1,
  seatCount: SEAT_COUNT,
  terms: { ...TERMS, ...terms },
  geometry: GEOMETRY,
})

export const commandNamed = (name: string): CommandId => commandIdOf(name)
export const holdNamed = (name: string, atMs: number): HoldId =>
  holdIdOf(epochMillis(atMs), { kind: 'section', bucket: BUCKET }, commandNamed(name))
export const blockNamed = (name: string, atMs: number): BlockId =>
  blockIdOf(epochMillis(atMs), { kind: 'section', bucket: BUCKET }, commandNamed(name))

/** The id of what the command under test makes. */
export const newHold = (atMs: number, sectionId: SectionId = PLACE.sectionId): HoldId =>
  holdIdOf(epochMillis(atMs), { kind: 'section', bucket: bucketOf(sectionKey(PLACE.performanceId, sectionId)) }, COMMAND_ID)
export const newBlock = (atMs: number): BlockId => blockIdOf(epochMillis(atMs), { kind: 'section', bucket: BUCKET }, COMMAND_ID)

export const holdSeats = (...seats: readonly number[]): HoldSeats => ({
  type: 'HoldSeats',
  ...PLACE,
  seats: seatsOf(...seats),
  cart: null,
})
export const blockSeats = (...seats: readonly number[]): BlockSeats => ({
  type: 'BlockSeats',
  ...PLACE,
  seats: seatsOf(...seats),
  note: 'kept',
})

export function held(holdId: HoldId, seats: readonly number[], expiresAtMs: number, change: Partial<SeatsHeld> = {}): SeatsHeld {
  return {
    type: 'SeatsHeld',
    ...PLACE,
    holdId,
    buyer: ANNA.id,
    seats: seatsOf(...seats),
    expiresAtMs: epochMillis(expiresAtMs),
    extensionsLeft: TERMS.extensions,
    priceRevision: TERMS.priceRevision,
    step: '',
    cartId: '',
    attempt: 0,
    ...change,
  }
}

export const extended = (holdId: HoldId, expiresAtMs: number, extensionsLeft: number): HoldExtended => ({
  type: 'HoldExtended',
  ...PLACE,
  holdId,
  expiresAtMs: epochMillis(expiresAtMs),
  extensionsLeft,
})
export const expired = (holdId: HoldId, ...seats: readonly number[]): HoldExpired => ({
  type: 'HoldExpired',
  ...PLACE,
  holdId,
  seats: seatsOf(...seats),
})
export const released = (holdId: HoldId, ...seats: readonly number[]): HoldReleased => ({
  type: 'HoldReleased',
  ...PLACE,
  holdId,
  seats: seatsOf(...seats),
})
export const sold = (holdId: HoldId, ...seats: readonly number[]): SeatsSold => ({
  type: 'SeatsSold',
  ...PLACE,
  holdId,
  seats: seatsOf(...seats),
  priceRevision: 3,
})
export const blocked = (blockId: BlockId, ...seats: readonly number[]): SeatsBlocked => ({
  type: 'SeatsBlocked',
  ...PLACE,
  blockId,
  seats: seatsOf(...seats),
  note: 'kept',
})
export const unblocked = (blockId: BlockId, ...seats: readonly number[]): SeatsUnblocked => ({
  type: 'SeatsUnblocked',
  ...PLACE,
  blockId,
  seats: seatsOf(...seats),
})
