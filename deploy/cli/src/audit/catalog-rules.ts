import type { CatalogEvent, SectionSummary } from '@cavea/contracts/catalog/messages'
import { sectionKey } from '@cavea/contracts/partitioning'
import { type Finding, finding } from './findings.ts'

/** How large each section of each performance is, as the catalog promised it. */
export interface PromisedSection {
  readonly seatCount: number
  readonly organisation: string
}

/** The seats of the halls, counted from the parts of their maps to the sections of their performances. */
export class CatalogRules {
  /** By `sectionKey`. */
  readonly promised: Map<string, PromisedSection>
  readonly #drafted = new Map<string, Map<string, number>>()
  readonly #published = new Map<string, Map<string, number>>()

  constructor(promised: Map<string, PromisedSection>) {
    this.promised = promised
  }

  check(event: CatalogEvent): Finding | undefined {
    switch (event.type) {
      case 'SeatMapDrafted':
        this.#drafted.set(event.seatMapId, new Map())
        return undefined
      case 'SeatMapPartAdded': {
        const seats = this.#drafted.get(event.seatMapId)
        if (seats === undefined) return finding('I6', `it adds seats to ${event.seatMapId}, which is no draft`)
        const added = event.rows.reduce((sum, row) => sum + row.seats.length, 0)
        seats.set(event.sectionId, (seats.get(event.sectionId) ?? 0) + added)
        return undefined
      }
      case 'SeatMapPublished': {
        const seats = this.#drafted.get(event.seatMapId)
        if (seats === undefined) return finding('I6', `it publishes ${event.seatMapId}, which is no draft`)
        this.#drafted.delete(event.seatMapId)
        this.#published.set(event.seatMapId, seats)
        return faultInSections(event.sections, seats, `the parts of ${event.seatMapId}`)
      }
      case 'PerformanceScheduled': {
        const seats = this.#published.get(event.seatMapId)
        if (seats === undefined) return finding('I6', `it schedules ${event.performanceId} on ${event.seatMapId}, which was not published`)
        const { organisation, performanceId } = event
        for (const { sectionId, seatCount } of event.sections)
          this.promised.set(sectionKey(performanceId, sectionId), { seatCount, organisation })
        return faultInSections(event.sections, seats, event.seatMapId)
      }
      case 'VenueCreated':
      case 'PerformanceRevised':
      case 'SectionOpeningRecorded':
      case 'PerformanceOpened':
        return undefined
      default:
        event satisfies never
        return undefined // Recorded by a later version, and no matter of seats that this one knows.
    }
  }
}

function faultInSections(sections: readonly SectionSummary[], seats: ReadonlyMap<string, number>, source: string): Finding | undefined {
  for (const { sectionId, seatCount } of sections) {
    const counted = seats.get(sectionId) ?? 0
    if (counted !== seatCount) return finding('I6', `it gives section ${sectionId} ${seatCount} seats, but ${source} has ${counted}`)
  }
  return undefined
}
