import type { CatalogCommand, CatalogEvent, DraftSeatMap, PerformanceTerms, SchedulePerformance } from '@cavea/contracts/catalog/messages'
import type { Envelope } from '@cavea/contracts/envelope'
import {
  blockIdOf,
  derivedKey,
  type EpochMillis,
  epochMillis,
  holdIdOf,
  keyOfId,
  performanceIdOf,
  seatMapIdOf,
  venueIdOf,
} from '@cavea/contracts/ids'
import { bucketOf, sectionKey } from '@cavea/contracts/partitioning'
import type { SeatingCommand, SeatingEvent } from '@cavea/contracts/seating/messages'
import type { Scripted } from './scripted-worker.ts'

/**
 * Just enough of the rules for specs of the gateway, which is about translation: what is decided here is decided
 * properly by the command-service, and tested there.
 */
export function boxOffice() {
  const drafts = new Map<string, DraftSeatMap>()
  const performances = new Map<string, { revision: number; scheduled: SchedulePerformance }>()
  const holds = new Map<
    string,
    { sectionId: never; performanceId: never; seats: readonly never[]; buyer: string; status: string; organisation: string }
  >()
  const taken = new Map<string, EpochMillis>()
  let versions = 0

  function catalog(command: CatalogCommand, { envelope, now }: { envelope: Envelope; now: EpochMillis }): Scripted {
    const { organisation, commandId } = envelope
    const accept = (...events: CatalogEvent[]): Scripted => ({ events })
    switch (command.type) {
      case 'CreateVenue':
        return accept({ ...command, type: 'VenueCreated', venueId: venueIdOf(now, commandId), organisation })
      case 'DraftSeatMap': {
        const seatMapId = seatMapIdOf(now, commandId)
        drafts.set(seatMapId, command)
        return accept({ ...command, type: 'SeatMapDrafted', seatMapId, organisation })
      }
      case 'AddSeatMapPart':
        return accept({ ...command, type: 'SeatMapPartAdded' })
      case 'PublishSeatMap': {
        const draft = drafts.get(command.seatMapId)
        if (draft === undefined) return { rejection: { code: 'SEAT_MAP_NOT_FOUND' } }
        return accept({
          type: 'SeatMapPublished',
          seatMapId: command.seatMapId,
          venueId: draft.venueId,
          version: ++versions,
          sections: draft.sections,
        })
      }
      case 'SchedulePerformance': {
        const performanceId = performanceIdOf(now, commandId)
        performances.set(performanceId, { revision: 1, scheduled: command })
        const draft = drafts.get(command.seatMapId)
        const { venueId, sections } = draft ?? { venueId: '' as never, sections: [] }
        const scheduled = {
          ...command,
          type: 'PerformanceScheduled',
          performanceId,
          organisation,
          venueId,
          sections,
          revision: 1,
          priceRevision: 1,
        } as const
        if (command.name === 'never opens') return accept(scheduled)
        return accept(scheduled, { type: 'PerformanceOpened', performanceId })
      }
      case 'RevisePerformance': {
        const performance = performances.get(command.performanceId)
        if (performance === undefined) return { rejection: { code: 'PERFORMANCE_NOT_FOUND' } }
        if (command.onRevision !== null && command.onRevision !== performance.revision)
          return { rejection: { code: 'REVISION_CONFLICT', revision: performance.revision } }
        const revision = ++performance.revision
        const sections = drafts.get(performance.scheduled.seatMapId)?.sections ?? []
        return accept({
          type: 'PerformanceRevised',
          performanceId: command.performanceId,
          sections,
          revision,
          priceRevision: revision,
          terms: command.terms,
        })
      }
      default:
        return {}
    }
  }

  function seating(command: SeatingCommand, { envelope, now }: { envelope: Envelope; now: EpochMillis }): Scripted {
    const accept = (...events: SeatingEvent[]): Scripted => ({ events })
    switch (command.type) {
      case 'HoldSeats':
      case 'BlockSeats': {
        const { performanceId, sectionId, seats } = command
        const bucket = bucketOf(sectionKey(performanceId, sectionId))
        const conflicts = seats.flatMap((seat) => {
          const sinceMs = taken.get(`${performanceId}/${sectionId}/${seat}`)
          return sinceMs === undefined ? [] : [{ seat, reason: 'held' as const, sinceMs, mayFreeAtMs: epochMillis(sinceMs + 600_000) }]
        })
        if (conflicts.length > 0) return { rejection: { code: 'SEAT_UNAVAILABLE', conflicts } }
        for (const seat of seats) taken.set(`${performanceId}/${sectionId}/${seat}`, now)
        if (command.type === 'BlockSeats') {
          const blockId = blockIdOf(now, { kind: 'section', bucket }, envelope.commandId)
          return accept({ ...command, type: 'SeatsBlocked', blockId })
        }
        const holdId = holdIdOf(now, { kind: 'section', bucket }, envelope.commandId)
        holds.set(derivedKey(envelope.commandId), {
          ...(command as never as { sectionId: never; performanceId: never; seats: never[] }),
          buyer: envelope.actor.id,
          status: 'held',
          organisation: '',
        })
        return accept({
          ...{ performanceId, sectionId, seats, holdId, buyer: envelope.actor.id },
          type: 'SeatsHeld',
          expiresAtMs: epochMillis(now + 600_000),
          extensionsLeft: 1,
          priceRevision: 1,
          step: '',
        })
      }
      case 'ExtendHold':
      case 'ReleaseHold':
      case 'SellHold': {
        const hold = holds.get(keyOfId(command.holdId))
        const mine = hold !== undefined && (hold.buyer === envelope.actor.id || envelope.actor.kind === 'organiser')
        if (!mine) return { rejection: { code: 'HOLD_NOT_FOUND' } }
        const { performanceId, sectionId, seats } = hold
        const { holdId } = command
        if (command.type === 'ExtendHold')
          return accept({
            type: 'HoldExtended',
            performanceId,
            sectionId,
            holdId,
            expiresAtMs: epochMillis(now + 1_200_000),
            extensionsLeft: 0,
          })
        const status = command.type === 'SellHold' ? 'sold' : 'released'
        if (hold.status === status) return accept()
        hold.status = status
        const ended = { performanceId, sectionId, holdId, seats }
        return accept(status === 'sold' ? { type: 'SeatsSold', ...ended, priceRevision: 1 } : { type: 'HoldReleased', ...ended })
      }
      case 'UnblockSeats':
        return accept({ type: 'SeatsUnblocked', performanceId: '' as never, sectionId: '' as never, blockId: command.blockId, seats: [] })
      default:
        return {}
    }
  }

  return { catalog, seating, terms: (id: string): PerformanceTerms | undefined => performances.get(id)?.scheduled.terms }
}
