import type { Envelope } from '@cavea/contracts/envelope'
import {
  blockIdOf,
  derivedKey,
  type EpochMillis,
  epochMillis,
  type HoldId,
  holdIdOf,
  keyOfId,
  type PerformanceId,
  type SeatIndex,
  type SectionId,
  seatIndex,
} from '@cavea/contracts/ids'
import { bucketOf, sectionKey } from '@cavea/contracts/partitioning'
import type { SeatConflict } from '@cavea/contracts/rejections'
import type { SeatingCommand, SeatingEvent } from '@cavea/contracts/seating/messages'
import { sectionOfStream } from '@cavea/contracts/streams'
import type { Scripted } from './scripted-worker.ts'

interface InSection {
  readonly performanceId: PerformanceId
  readonly sectionId: SectionId
}

/** Which seats are taken, by sections and carts alike. */
export interface SeatDesk {
  seating(command: SeatingCommand, given: { readonly envelope: Envelope; readonly now: EpochMillis }): Scripted
  /** Takes all of the seats, or says which of them are taken. */
  take(place: InSection, seats: readonly SeatIndex[], now: EpochMillis): readonly SeatConflict[]
  /** Takes the first free seats, however many the section really has. */
  takeFirst(place: InSection, quantity: number, now: EpochMillis): readonly SeatIndex[]
}

interface DeskHold extends InSection {
  readonly seats: readonly SeatIndex[]
  readonly buyer: string
  status: 'held' | 'sold' | 'released'
}

export function seatDesk(): SeatDesk {
  const holds = new Map<string, DeskHold>()
  const taken = new Map<string, EpochMillis>()
  const keyOf = ({ performanceId, sectionId }: InSection, seat: SeatIndex): string => `${performanceId}/${sectionId}/${seat}`

  function take(place: InSection, seats: readonly SeatIndex[], now: EpochMillis): readonly SeatConflict[] {
    const conflicts = seats.flatMap((seat) => {
      const sinceMs = taken.get(keyOf(place, seat))
      return sinceMs === undefined ? [] : [{ seat, reason: 'held' as const, sinceMs, mayFreeAtMs: epochMillis(sinceMs + 600_000) }]
    })
    if (conflicts.length === 0) for (const seat of seats) taken.set(keyOf(place, seat), now)
    return conflicts
  }

  function takeFirst(place: InSection, quantity: number, now: EpochMillis): readonly SeatIndex[] {
    const seats: SeatIndex[] = []
    for (let at = 0; seats.length < quantity; at++) if (!taken.has(keyOf(place, seatIndex(at)))) seats.push(seatIndex(at))
    take(place, seats, now)
    return seats
  }

  function seating(command: SeatingCommand, { envelope, now }: { readonly envelope: Envelope; readonly now: EpochMillis }): Scripted {
    const accept = (...events: SeatingEvent[]): Scripted => ({ events })
    const bucketIn = ({ performanceId, sectionId }: InSection): number => bucketOf(sectionKey(performanceId, sectionId))

    function hold({ performanceId, sectionId }: InSection, seats: readonly SeatIndex[], step: 'adjacent' | ''): Scripted {
      const holdId: HoldId = holdIdOf(now, { kind: 'section', bucket: bucketIn({ performanceId, sectionId }) }, envelope.commandId)
      const buyer = envelope.actor.id
      holds.set(derivedKey(envelope.commandId), { performanceId, sectionId, seats, buyer, status: 'held' })
      return accept({
        ...{ type: 'SeatsHeld', performanceId, sectionId, seats, holdId, buyer, step },
        ...{ expiresAtMs: epochMillis(now + 600_000), extensionsLeft: 1, priceRevision: 1, cartId: '', attempt: 0 },
      })
    }

    switch (command.type) {
      case 'HoldSeats':
      case 'BlockSeats': {
        const conflicts = take(command, command.seats, now)
        if (conflicts.length > 0) return { rejection: { code: 'SEAT_UNAVAILABLE', conflicts } }
        if (command.type === 'HoldSeats') return hold(command, command.seats, '')
        const blockId = blockIdOf(now, { kind: 'section', bucket: bucketIn(command) }, envelope.commandId)
        return accept({ ...command, type: 'SeatsBlocked', blockId })
      }
      case 'HoldBestAvailable': {
        const isShard = sectionOfStream(command.sectionId) !== command.sectionId
        return hold(command, takeFirst(command, command.quantity, now), isShard ? '' : 'adjacent')
      }
      case 'ExtendHold':
      case 'ReleaseHold':
      case 'SellHold': {
        const found = holds.get(keyOfId(command.holdId))
        const mine = found !== undefined && (found.buyer === envelope.actor.id || envelope.actor.kind === 'organiser')
        if (!mine) return { rejection: { code: 'HOLD_NOT_FOUND' } }
        const { performanceId, sectionId, seats } = found
        const { holdId } = command
        const of = { performanceId, sectionId, holdId }
        if (command.type === 'ExtendHold')
          return accept({ type: 'HoldExtended', ...of, expiresAtMs: epochMillis(now + 1_200_000), extensionsLeft: 0 })
        const status = command.type === 'SellHold' ? 'sold' : 'released'
        if (found.status === status) return accept()
        found.status = status
        return accept(status === 'sold' ? { type: 'SeatsSold', ...of, seats, priceRevision: 1 } : { type: 'HoldReleased', ...of, seats })
      }
      case 'UnblockSeats':
        return accept({ type: 'SeatsUnblocked', performanceId: '' as never, sectionId: '' as never, blockId: command.blockId, seats: [] })
      default:
        return {}
    }
  }

  return { seating, take, takeFirst }
}
