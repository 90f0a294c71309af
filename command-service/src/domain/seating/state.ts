import type { BlockId, EpochMillis, HoldId, PerformanceId, SeatIndex, SectionId } from '@cavea/contracts/ids'
import { keyOfId } from '@cavea/contracts/ids'
import { bucketOf, sectionKey } from '@cavea/contracts/partitioning'
import type { SeatingEvent, SectionOpened, SectionTerms } from '@cavea/contracts/seating/messages'
import { addEnded, type EndedHold } from '../ended-holds.ts'
import { ExpiryQueue } from '../expiry-queue.ts'
import { type CompactGeometry, compact, layoutWhenAsked } from './geometry.ts'
import type { SectionLayout } from './layout.ts'

export const FREE = 0
export const HELD = 1
export const SOLD = 2
export const BLOCKED = 3

/** One buyer's seats in one section, from the hold on; a sale keeps it for as long as the section lives. */
export interface HoldView {
  readonly key: string
  readonly holdId: HoldId
  readonly section: SectionView
  readonly seats: readonly SeatIndex[]
  readonly buyer: string
  readonly status: 'held' | 'sold'
  readonly heldAtMs: EpochMillis
  /** When its seats became what they are now: held or sold. */
  readonly sinceMs: EpochMillis
  readonly expiresAtMs: EpochMillis
  readonly extensionsLeft: number
  readonly priceRevision: number
  /** The cart that it is a part of, which alone ends it; empty: it is a hold of its own. */
  readonly cartId: HoldId | ''
}

export interface BlockView {
  readonly key: string
  readonly blockId: BlockId
  readonly section: SectionView
  readonly seats: readonly SeatIndex[]
  readonly note: string
  readonly sinceMs: EpochMillis
}

export interface SectionView {
  readonly key: string
  readonly bucket: number
  readonly performanceId: PerformanceId
  readonly sectionId: SectionId
  readonly organisation: string
  readonly revision: number
  readonly terms: SectionTerms
  readonly seatCount: number
  /** By seat: `FREE`, `HELD`, `SOLD` or `BLOCKED`. */
  readonly status: ArrayLike<number>
  /** By seat: the hold or block that has it; null when it is free. */
  readonly claims: ArrayLike<HoldView | BlockView | null>
  /** No seat before this one is free: where to begin to look for places of a standing area. */
  readonly firstFree: number
  /** Seats held and sold, by buyer. */
  readonly seatsOfBuyer: ReadonlyMap<string, number>
  readonly geometry: CompactGeometry
  readonly layout: () => SectionLayout
}

export interface SeatingView {
  /** By `sectionKey`. */
  readonly sections: ReadonlyMap<string, SectionView>
  /** The same without joining a key, which costs more than both look-ups. */
  readonly section: (performanceId: PerformanceId, sectionId: SectionId) => SectionView | undefined
  /** By `keyOfId`: held and sold ones. */
  readonly holds: ReadonlyMap<string, HoldView>
  readonly ended: ReadonlyMap<string, EndedHold>
  readonly blocks: ReadonlyMap<string, BlockView>
  /** The earliest expiry, or null. */
  readonly nextExpiryMs: () => EpochMillis | null
  /** Holds that lapsed by then and are not recorded as expired yet, the earliest first. */
  readonly lapsed: (now: EpochMillis, max: number) => readonly HoldView[]
}

interface Hold extends HoldView {
  section: Section
  status: 'held' | 'sold'
  sinceMs: EpochMillis
  expiresAtMs: EpochMillis
  extensionsLeft: number
  queueAt: number
}

interface Block extends BlockView {
  section: Section
}

export interface Section extends SectionView {
  revision: number
  terms: SectionTerms
  status: Uint8Array
  firstFree: number
  claims: (Hold | Block | null)[]
  seatsOfBuyer: Map<string, number>
}

export interface SeatingState extends SeatingView {
  readonly sections: Map<string, Section>
  readonly sectionsOf: Map<PerformanceId, Map<SectionId, Section>>
  readonly section: (performanceId: PerformanceId, sectionId: SectionId) => Section | undefined
  readonly holds: Map<string, Hold>
  readonly ended: Map<string, EndedHold>
  readonly blocks: Map<string, Block>
  readonly expiries: ExpiryQueue<Hold>
}

export function initialState(): SeatingState {
  const expiries = new ExpiryQueue<Hold>()
  const sectionsOf: SeatingState['sectionsOf'] = new Map()
  return {
    sections: new Map(),
    sectionsOf,
    section: (performanceId, sectionId) => sectionsOf.get(performanceId)?.get(sectionId),
    holds: new Map(),
    ended: new Map(),
    blocks: new Map(),
    expiries,
    nextExpiryMs: () => expiries.first()?.expiresAtMs ?? null,
    lapsed: (now, max) => expiries.due(now, max),
  }
}

/** Folds one recorded event in place. It throws only when the log contradicts itself. */
export function evolve(state: SeatingState, event: SeatingEvent, atMs: EpochMillis): void {
  switch (event.type) {
    case 'SectionOpened':
      addSection(state, event)
      return
    case 'SectionRevised': {
      const section = sectionOf(state, event)
      section.revision = event.revision
      section.terms = event.terms
      return
    }
    case 'SeatsHeld':
      addHold(state, sectionOf(state, event), event, 'held', atMs, atMs)
      return
    case 'PartRefused':
      return // Nothing became of it here.
    case 'HoldExtended': {
      const hold = holdOf(state, event.holdId)
      hold.expiresAtMs = event.expiresAtMs
      hold.extensionsLeft = event.extensionsLeft
      if (hold.cartId === '') state.expiries.moved(hold)
      return
    }
    case 'HoldReleased':
      endHold(state, event.holdId, 'released', atMs)
      return
    case 'HoldExpired':
      endHold(state, event.holdId, 'expired', atMs)
      return
    case 'SeatsSold': {
      const hold = holdOf(state, event.holdId)
      hold.status = 'sold'
      hold.sinceMs = atMs
      if (hold.cartId === '') state.expiries.remove(hold)
      for (const seat of hold.seats) hold.section.status[seat] = SOLD
      return
    }
    case 'SeatsBlocked':
      addBlock(state, sectionOf(state, event), event, atMs)
      return
    case 'SeatsUnblocked': {
      const block = state.blocks.get(keyOfId(event.blockId))
      if (block === undefined) throw new Error(`The log unblocks ${event.blockId}, which it never blocked.`)
      free(block.section, block.seats)
      state.blocks.delete(block.key)
      return
    }
    default:
      event satisfies never
  }
}

export type NewSection = Omit<SectionOpened, 'type'>
export type NewHold = Omit<HoldView, 'key' | 'section' | 'status' | 'heldAtMs' | 'sinceMs'>
export type NewBlock = Omit<BlockView, 'key' | 'section' | 'sinceMs'>

export function addSection(state: SeatingState, opened: NewSection): Section {
  const { performanceId, sectionId, organisation, revision, terms, seatCount } = opened
  const geometry = compact(opened.geometry)
  const key = sectionKey(performanceId, sectionId)
  if (state.sections.has(key)) throw new Error(`The log opens section ${key} twice.`)
  const section: Section = {
    key,
    bucket: bucketOf(key),
    performanceId,
    sectionId,
    organisation,
    revision,
    terms,
    seatCount,
    status: new Uint8Array(seatCount),
    firstFree: 0,
    claims: new Array<Hold | Block | null>(seatCount).fill(null),
    seatsOfBuyer: new Map(),
    geometry,
    layout: layoutWhenAsked(geometry),
  }
  state.sections.set(key, section)
  const siblings = state.sectionsOf.get(performanceId)
  if (siblings === undefined) state.sectionsOf.set(performanceId, new Map([[sectionId, section]]))
  else siblings.set(sectionId, section)
  return section
}

/** Everything is passed as it is: a copy of the event with more in it costs more than all the rest of a fold. */
export function addHold(
  state: SeatingState,
  section: Section,
  from: NewHold,
  status: HoldView['status'],
  heldAtMs: EpochMillis,
  sinceMs: EpochMillis,
): void {
  const hold: Hold = {
    key: keyOfId(from.holdId),
    holdId: from.holdId,
    section,
    seats: from.seats,
    buyer: from.buyer,
    status,
    heldAtMs,
    sinceMs,
    expiresAtMs: from.expiresAtMs,
    extensionsLeft: from.extensionsLeft,
    priceRevision: from.priceRevision,
    cartId: from.cartId,
    queueAt: -1,
  }
  claim(section, hold, status === 'sold' ? SOLD : HELD)
  section.seatsOfBuyer.set(hold.buyer, (section.seatsOfBuyer.get(hold.buyer) ?? 0) + hold.seats.length)
  state.holds.set(hold.key, hold)
  if (status === 'held' && hold.cartId === '') state.expiries.add(hold)
}

export function addBlock(state: SeatingState, section: Section, from: NewBlock, sinceMs: EpochMillis): void {
  const block: Block = {
    key: keyOfId(from.blockId),
    blockId: from.blockId,
    section,
    seats: from.seats,
    note: from.note,
    sinceMs,
  }
  claim(section, block, BLOCKED)
  state.blocks.set(block.key, block)
}

function endHold(state: SeatingState, holdId: HoldId, status: EndedHold['status'], atMs: EpochMillis): void {
  const hold = holdOf(state, holdId)
  const { section, buyer } = hold
  free(section, hold.seats)
  if (hold.cartId === '') state.expiries.remove(hold)
  state.holds.delete(hold.key)
  const left = (section.seatsOfBuyer.get(buyer) ?? 0) - hold.seats.length
  if (left > 0) section.seatsOfBuyer.set(buyer, left)
  else section.seatsOfBuyer.delete(buyer)
  addEnded(state.ended, hold.key, { status, buyer, organisation: section.organisation, atMs })
}

function claim(section: Section, by: Hold | Block, status: number): void {
  for (const seat of by.seats) {
    // The last guard of invariant I1: whatever decided it, a log that gives one seat to two is not folded.
    if (section.status[seat] !== FREE) throw new Error(`The log gives seat ${seat} of ${section.key} to ${by.key}, but it is taken.`)
    section.status[seat] = status
    section.claims[seat] = by
  }
  while (section.firstFree < section.seatCount && section.status[section.firstFree] !== FREE) section.firstFree++
}

function free(section: Section, seats: readonly SeatIndex[]): void {
  for (const seat of seats) {
    section.status[seat] = FREE
    section.claims[seat] = null
    section.firstFree = Math.min(section.firstFree, seat)
  }
}

function sectionOf(state: SeatingState, { performanceId, sectionId }: Pick<SectionView, 'performanceId' | 'sectionId'>): Section {
  const section = state.section(performanceId, sectionId)
  if (section === undefined) throw new Error(`The log speaks of section ${sectionKey(performanceId, sectionId)}, which it never opened.`)
  return section
}

function holdOf(state: SeatingState, holdId: HoldId): Hold {
  const hold = state.holds.get(keyOfId(holdId))
  if (hold === undefined) throw new Error(`The log speaks of ${holdId}, which it never held or which ended.`)
  return hold
}
