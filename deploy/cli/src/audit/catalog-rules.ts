import type { CatalogEvent, SectionSummary } from '@cavea/contracts/catalog/messages'
import { streamsOf } from '@cavea/contracts/streams'
import { type Finding, finding } from './findings.ts'

/** What the catalog promised of a performance. */
export interface PromisedPerformance {
  readonly organisation: string
  /** Seats, or places to stand, by the id of the stream: a section, or one shard of a standing area. */
  readonly streams: ReadonlyMap<string, number>
}

/** By performance. */
export type Promised = ReadonlyMap<string, PromisedPerformance>

interface CountedSection {
  seats: number
  readonly isStanding: boolean
}

/** The seats of the halls, counted from the parts of their maps to the streams of their performances. */
export class CatalogRules {
  readonly #promised: Map<string, PromisedPerformance>
  readonly #drafted = new Map<string, Map<string, CountedSection>>()
  readonly #published = new Map<string, ReadonlyMap<string, SectionSummary>>()

  constructor(promised: Map<string, PromisedPerformance>) {
    this.#promised = promised
  }

  check(event: CatalogEvent): Finding | undefined {
    switch (event.type) {
      case 'SeatMapDrafted': {
        // Places to stand are in no part of the map: how many they are is said here alone.
        const standing = event.sections.filter((section) => section.standing !== null)
        const counted = standing.map(({ sectionId, seatCount }) => [sectionId, { seats: seatCount, isStanding: true }] as const)
        this.#drafted.set(event.seatMapId, new Map(counted))
        return undefined
      }
      case 'SeatMapPartAdded': {
        const sections = this.#drafted.get(event.seatMapId)
        if (sections === undefined) return finding('I6', `it adds seats to ${event.seatMapId}, which is no draft`)
        const added = event.rows.reduce((sum, row) => sum + row.seats.length, 0)
        const { seats, isStanding } = sections.get(event.sectionId) ?? NO_SEATS
        sections.set(event.sectionId, { seats: seats + added, isStanding })
        return undefined
      }
      case 'SeatMapPublished': {
        const sections = this.#drafted.get(event.seatMapId)
        if (sections === undefined) return finding('I6', `it publishes ${event.seatMapId}, which is no draft`)
        this.#drafted.delete(event.seatMapId)
        this.#published.set(event.seatMapId, new Map(event.sections.map((section) => [section.sectionId, section])))
        return faultInPublished(event.sections, sections, event.seatMapId)
      }
      case 'PerformanceScheduled': {
        const published = this.#published.get(event.seatMapId)
        if (published === undefined)
          return finding('I6', `it schedules ${event.performanceId} on ${event.seatMapId}, which was not published`)
        const fault = faultInScheduled(event.sections, published, event.seatMapId)
        if (fault !== undefined) return fault
        const streams = event.sections.flatMap(streamsOf).map(({ sectionId, seatCount }) => [sectionId, seatCount] as const)
        this.#promised.set(event.performanceId, { organisation: event.organisation, streams: new Map(streams) })
        return undefined
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

const NO_SEATS: CountedSection = { seats: 0, isStanding: false }

function faultInPublished(
  sections: readonly SectionSummary[],
  drafted: ReadonlyMap<string, CountedSection>,
  seatMapId: string,
): Finding | undefined {
  for (const { sectionId, seatCount, shards } of sections) {
    const { seats, isStanding } = drafted.get(sectionId) ?? NO_SEATS
    if (seats !== seatCount)
      return finding('I6', `it gives section ${sectionId} ${seatCount} seats, but the parts of ${seatMapId} have ${seats}`)
    if (isStanding ? shards < 1 : shards !== 0)
      return finding(
        'I6',
        `it spreads section ${sectionId}, ${isStanding ? 'a standing area' : 'which has seats'}, over ${shards} shards: its places would not add up`,
      )
  }
  return undefined
}

function faultInScheduled(
  sections: readonly SectionSummary[],
  published: ReadonlyMap<string, SectionSummary>,
  seatMapId: string,
): Finding | undefined {
  for (const { sectionId, seatCount, shards } of sections) {
    const drawn = published.get(sectionId)
    if (drawn?.seatCount !== seatCount)
      return finding('I6', `it gives section ${sectionId} ${seatCount} seats, but ${seatMapId} has ${drawn?.seatCount ?? 0}`)
    if (drawn.shards !== shards)
      return finding('I6', `it spreads section ${sectionId} over ${shards} shards, but ${seatMapId} over ${drawn.shards}`)
  }
  return undefined
}
