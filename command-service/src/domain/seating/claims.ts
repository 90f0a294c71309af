import type { EpochMillis, SeatIndex } from '@cavea/contracts/ids'
import type { SeatConflict } from '@cavea/contracts/rejections'
import type { HoldExpired } from '@cavea/contracts/seating/messages'
import type { Given } from '../decider.ts'
import type { BlockView, HoldView, SectionView } from './state.ts'

const NOTHING = { conflicts: [], lapsed: new Set<HoldView>() } // Nearly always, so it costs no new Set.

/** Which of the seats cannot be had, and which holds lapsed on the others: those are to be recorded as expired first. */
export function inTheWay(
  seats: readonly SeatIndex[],
  section: SectionView,
  now: EpochMillis,
): { conflicts: readonly SeatConflict[]; lapsed: ReadonlySet<HoldView> } {
  if (seats.every((seat) => section.claims[seat] === null)) return NOTHING
  const conflicts: SeatConflict[] = []
  const lapsed = new Set<HoldView>()
  for (const seat of seats) {
    const claim = section.claims[seat]
    if (claim === null || claim === undefined) continue
    if (isBlock(claim)) {
      conflicts.push({ seat, reason: 'blocked', sinceMs: claim.sinceMs, mayFreeAtMs: null })
    } else if (hasLapsed(claim, now)) {
      lapsed.add(claim)
    } else {
      conflicts.push({
        seat,
        reason: claim.status,
        sinceMs: claim.sinceMs,
        mayFreeAtMs: claim.status === 'held' ? claim.expiresAtMs : null,
      })
    }
  }
  return { conflicts, lapsed }
}

/** Whether a seat can be had: nobody has it, or a hold that lapsed and is not recorded as expired yet. */
export function canBeHad(section: SectionView, now: EpochMillis): (seat: SeatIndex) => boolean {
  return (seat) => {
    const claim = section.claims[seat]
    return claim === null || claim === undefined || (!isBlock(claim) && hasLapsed(claim, now))
  }
}

const isBlock = (claim: HoldView | BlockView): claim is BlockView => 'blockId' in claim

/** A part of a cart never lapses: its cart, which has the time, ends it. */
export const hasLapsed = (hold: HoldView, now: EpochMillis): boolean =>
  hold.status === 'held' && hold.cartId === '' && hold.expiresAtMs <= now

/** Whether people stand there: places without a position, all alike. */
export const isStanding = (section: SectionView): boolean => section.geometry.row.length === 0

export const placed = ({ performanceId, sectionId }: SectionView): Pick<SectionView, 'performanceId' | 'sectionId'> => ({
  performanceId,
  sectionId,
})

export const expired = (hold: HoldView): HoldExpired => ({
  type: 'HoldExpired',
  ...placed(hold.section),
  holdId: hold.holdId,
  seats: hold.seats,
})

export const mayManage = ({ organisation }: SectionView, { envelope }: Given): boolean =>
  envelope.actor.kind === 'organiser' && envelope.organisation === organisation

/** At least one seat, each in the section, none twice. */
export function areSeats(seats: readonly SeatIndex[], section: SectionView): boolean {
  if (seats.length === 0 || (seats.length > 1 && new Set(seats).size !== seats.length)) return false
  return seats.every((seat) => Number.isInteger(seat) && seat >= 0 && seat < section.seatCount)
}
