import type { EpochMillis } from '@cavea/contracts/ids'
import { sectionKey } from '@cavea/contracts/partitioning'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import { CLOSED_HOLDS_MAX, ClosedHolds } from './closed-holds.ts'
import type { HoldColumns, SeatColumns, SectionColumns } from './seat-columns.ts'

/** By code: a seat's status is its index here, one byte per seat. */
export const SEAT_STATUSES = ['available', 'held', 'sold', 'blocked'] as const
const AVAILABLE = 0
const HELD = 1
const SOLD = 2
const BLOCKED = 3

export const HOLD_STATUSES = ['held', 'sold', 'released', 'expired'] as const
export type HoldStatus = (typeof HOLD_STATUSES)[number]

export interface SectionView {
  readonly performanceId: string
  /** The section's own, or its shard's. */
  readonly sectionId: string
  readonly organisation: string
  readonly revision: number
  readonly capacity: number
  /** A code of `SEAT_STATUSES` by seat index. */
  readonly status: ArrayLike<number>
  /** Seats by code of `SEAT_STATUSES`; they add up to the capacity. */
  readonly counts: ArrayLike<number>
  /** How many decisions opened the section or changed a seat of it: the same on every replica. */
  readonly version: number
  /** By seat index the version that changed the seat last, of those after `trackedFrom`. */
  readonly changedAt: ArrayLike<number>
  /** What changed before this version is not known here. */
  readonly trackedFrom: number
}

export interface HoldView {
  readonly holdId: string
  /** The cart that it is a part of; empty: a hold of its own. Clients know the cart alone. */
  readonly cartId: string
  readonly performanceId: string
  /** The section's, or its shard's. */
  readonly sectionId: string
  readonly seats: readonly number[]
  readonly buyer: string
  readonly status: HoldStatus
  readonly expiresAtMs: number
  readonly extensionsLeft: number
  readonly priceRevision: number
}

/** What the seating decisions of one partition add up to, for readers. */
export interface SeatState {
  /** Folds the events of one decision, which are facts: whatever they say becomes true, and nothing is refused. */
  apply(events: readonly SeatingEvent[], atMs: EpochMillis): void
  section(performanceId: string, sectionId: string): SectionView | undefined
  sections(): Iterable<SectionView>
  hold(holdId: string): HoldView | undefined
  holdCount(): number
  /** The whole state in a form that is small to write; it shares nothing with the state. */
  toColumns(): SeatColumns
}

export interface SeatStateOptions {
  /** Released and expired holds beyond this number are forgotten, the longest closed first. Default 20,000. */
  readonly closedHoldsMax?: number
  /** The state to go on from. */
  readonly from?: SeatColumns
  /** Told of each section that a decision changed, once all of the decision was folded. */
  readonly onChange?: (section: SectionView) => void
}

type Mutable<Face> = { -readonly [Name in keyof Face]: Face[Name] }
type Section = Mutable<Omit<SectionView, 'status' | 'counts' | 'changedAt'>> & {
  readonly status: Uint8Array
  readonly counts: Uint32Array
  readonly changedAt: Uint32Array
}
type Hold = Mutable<HoldView>

export function createSeatState({ closedHoldsMax = CLOSED_HOLDS_MAX, from, onChange }: SeatStateOptions = {}): SeatState {
  const sections = new Map<string, Section>(
    from?.sections.map((columns) => [sectionKey(columns.performanceId, columns.sectionId), sectionOf(columns)]),
  )
  const holds = new Map<string, Hold>(from === undefined ? [] : holdsOf(from.holds))
  const closed = new ClosedHolds(closedHoldsMax, from?.closed)
  let nowMs = from?.nowMs ?? 0

  const sectionOfEvent = (event: SeatingEvent): Section | undefined => sections.get(sectionKey(event.performanceId, event.sectionId))

  function close(holdId: string, status: 'released' | 'expired'): void {
    const hold = holds.get(holdId)
    if (hold === undefined) return
    if (hold.status === 'held') closed.add(holdId, nowMs)
    hold.status = status
  }

  function forgetOldest(): void {
    for (const holdId of closed.takeForgotten(nowMs)) {
      const status = holds.get(holdId)?.status
      if (status === 'released' || status === 'expired') holds.delete(holdId)
    }
  }

  /** Answers whether a reader of the section could see a difference. */
  function applyOne(event: SeatingEvent, section: Section | undefined): boolean {
    switch (event.type) {
      case 'SectionOpened': {
        if (section !== undefined && section.capacity === event.seatCount) {
          section.revision = event.revision
          return false
        }
        const { performanceId, sectionId, organisation, revision, seatCount } = event
        const version = section?.version ?? 0 // Versions only grow, whatever happens to a section.
        const status = new Uint8Array(seatCount)
        const opened = sectionOf({ performanceId, sectionId, organisation, revision, version, status })
        opened.trackedFrom = version + 1 // Its seats are new: nobody can go on from what they were before.
        sections.set(sectionKey(performanceId, sectionId), opened)
        return true
      }
      case 'SectionRevised':
        if (section !== undefined) section.revision = event.revision
        return false
      case 'SeatsHeld':
        holds.set(event.holdId, {
          holdId: event.holdId,
          cartId: event.cartId,
          performanceId: section?.performanceId ?? event.performanceId, // The section's own string, so that it exists once.
          sectionId: section?.sectionId ?? event.sectionId,
          seats: event.seats.slice(),
          buyer: event.buyer,
          status: 'held',
          expiresAtMs: event.expiresAtMs,
          extensionsLeft: event.extensionsLeft,
          priceRevision: event.priceRevision,
        })
        return mark(section, event.seats, HELD)
      case 'PartRefused':
        return false
      case 'HoldExtended': {
        const hold = holds.get(event.holdId)
        if (hold !== undefined) {
          hold.expiresAtMs = event.expiresAtMs
          hold.extensionsLeft = event.extensionsLeft
        }
        return false
      }
      case 'HoldReleased':
        close(event.holdId, 'released')
        return mark(section, event.seats, AVAILABLE)
      case 'HoldExpired':
        close(event.holdId, 'expired')
        return mark(section, event.seats, AVAILABLE)
      case 'SeatsSold': {
        const hold = holds.get(event.holdId)
        if (hold !== undefined) hold.status = 'sold'
        return mark(section, event.seats, SOLD)
      }
      case 'SeatsBlocked':
        return mark(section, event.seats, BLOCKED)
      case 'SeatsUnblocked':
        return mark(section, event.seats, AVAILABLE)
      default:
        event satisfies never
        return false
    }
  }

  return {
    apply(events, atMs) {
      nowMs = Math.max(nowMs, atMs)
      const changed = new Set<Section>()
      for (const event of events) {
        if (!applyOne(event, sectionOfEvent(event))) continue
        const section = sectionOfEvent(event)
        if (section !== undefined) changed.add(section)
      }
      for (const section of changed) section.version++
      if (onChange !== undefined) for (const section of changed) onChange(section)
      forgetOldest()
    },
    section: (performanceId, sectionId) => sections.get(sectionKey(performanceId, sectionId)),
    sections: () => sections.values(),
    hold: (holdId) => holds.get(holdId),
    holdCount: () => holds.size,
    toColumns: () => ({
      nowMs,
      sections: Array.from(sections.values(), ({ performanceId, sectionId, organisation, revision, version, status }) => ({
        performanceId,
        sectionId,
        organisation,
        revision,
        version,
        status: status.slice(),
      })),
      holds: columnsOf(holds),
      closed: closed.toColumns(),
    }),
  }
}

/** Sets the seats to one status and keeps the counts. Answers whether any of them had another. */
function mark(section: Section | undefined, seats: readonly number[], code: number): boolean {
  if (section === undefined) return false
  const { status, counts, changedAt } = section
  const version = section.version + 1 // Which the section gets once all of the decision was folded.
  let changed = false
  for (const seat of seats) {
    const before = status[seat]
    if (before === undefined || before === code) continue
    status[seat] = code
    changedAt[seat] = version
    counts[before] = (counts[before] ?? 0) - 1
    counts[code] = (counts[code] ?? 0) + 1
    changed = true
  }
  return changed
}

function sectionOf(columns: SectionColumns): Section {
  const counts = new Uint32Array(SEAT_STATUSES.length)
  for (const code of columns.status) counts[code] = (counts[code] ?? 0) + 1
  const { length: capacity } = columns.status
  return { ...columns, capacity, counts, changedAt: new Uint32Array(capacity), trackedFrom: columns.version }
}

function columnsOf(holds: ReadonlyMap<string, Hold>): HoldColumns {
  const places = new Map<string, number>()
  const columns = {
    places: [] as [string, string][],
    holdIds: [] as string[],
    cartIds: [] as string[],
    buyers: [] as string[],
    place: new Uint32Array(holds.size),
    status: new Uint8Array(holds.size),
    expiresAtMs: new Float64Array(holds.size),
    extensionsLeft: new Int32Array(holds.size),
    priceRevision: new Int32Array(holds.size),
    seatsEnd: new Uint32Array(holds.size),
  }
  const seats: number[] = []
  let at = 0
  for (const hold of holds.values()) {
    const key = sectionKey(hold.performanceId, hold.sectionId)
    let place = places.get(key)
    if (place === undefined) {
      place = columns.places.push([hold.performanceId, hold.sectionId]) - 1
      places.set(key, place)
    }
    for (const seat of hold.seats) seats.push(seat)
    columns.holdIds.push(hold.holdId)
    columns.cartIds.push(hold.cartId)
    columns.buyers.push(hold.buyer)
    columns.place[at] = place
    columns.status[at] = HOLD_STATUSES.indexOf(hold.status)
    columns.expiresAtMs[at] = hold.expiresAtMs
    columns.extensionsLeft[at] = hold.extensionsLeft
    columns.priceRevision[at] = hold.priceRevision
    columns.seatsEnd[at] = seats.length
    at++
  }
  return { ...columns, seats: Uint32Array.from(seats) }
}

function* holdsOf(columns: HoldColumns): Iterable<[string, Hold]> {
  let seatsFrom = 0
  for (const [at, holdId] of columns.holdIds.entries()) {
    const [performanceId = '', sectionId = ''] = columns.places[columns.place[at] ?? -1] ?? []
    const seatsEnd = columns.seatsEnd[at] ?? seatsFrom
    const seats = Array.from(columns.seats.subarray(seatsFrom, seatsEnd))
    seatsFrom = seatsEnd
    const hold: Hold = {
      holdId,
      cartId: columns.cartIds[at] ?? '',
      performanceId,
      sectionId,
      seats,
      buyer: columns.buyers[at] ?? '',
      status: HOLD_STATUSES[columns.status[at] ?? 0] ?? 'held',
      expiresAtMs: columns.expiresAtMs[at] ?? 0,
      extensionsLeft: columns.extensionsLeft[at] ?? 0,
      priceRevision: columns.priceRevision[at] ?? 0,
    }
    yield [holdId, hold]
  }
}
