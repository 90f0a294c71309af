import type {
  CatalogCommand,
  CatalogEvent,
  DraftedSection,
  DraftSeatMap,
  PerformanceTerms,
  SchedulePerformance,
  SectionSummary,
} from '@cavea/contracts/catalog/messages'
import type { Envelope } from '@cavea/contracts/envelope'
import { type EpochMillis, performanceIdOf, seatMapIdOf, venueIdOf } from '@cavea/contracts/ids'
import { shardsFor } from '@cavea/contracts/streams'
import { cartDesk } from './cart-desk.ts'
import type { Scripted } from './scripted-worker.ts'
import { seatDesk } from './seat-desk.ts'

/**
 * Just enough of the rules for specs of the gateway, which is about translation: what is decided here is decided
 * properly by the command-service, and tested there.
 */
export function boxOffice() {
  const drafts = new Map<string, DraftSeatMap>()
  const performances = new Map<string, { revision: number; scheduled: SchedulePerformance }>()
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
          sections: draft.sections.map(summaryOf),
        })
      }
      case 'SchedulePerformance': {
        const performanceId = performanceIdOf(now, commandId)
        performances.set(performanceId, { revision: 1, scheduled: command })
        const draft = drafts.get(command.seatMapId)
        const { venueId, sections: drafted } = draft ?? { venueId: '' as never, sections: [] }
        const sections = drafted.map(summaryOf)
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
        const sections = (drafts.get(performance.scheduled.seatMapId)?.sections ?? []).map(summaryOf)
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

  const desk = seatDesk()
  return {
    catalog,
    seating: desk.seating,
    cart: cartDesk(desk),
    terms: (id: string): PerformanceTerms | undefined => performances.get(id)?.scheduled.terms,
  }
}

function summaryOf({ sectionId, name, seatCount, standing }: DraftedSection, at: number): SectionSummary {
  return { sectionId, name, seatCount, shards: standing === null ? 0 : shardsFor(seatCount), focalDistance: 100 * (at + 1) }
}
