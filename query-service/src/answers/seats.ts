import type { MapSection, Performance, SeatMap } from '@cavea/contracts/catalog/directory'
import type { SectionSummary } from '@cavea/contracts/catalog/messages'
import { streamsOf } from '@cavea/contracts/streams'
import { createByteCache } from '../application/byte-cache.ts'
import { SEAT_STATUSES, type SectionView } from '../application/seat-state.ts'

/** Seats of a performance as JSON bytes, encoded once per version. */
export interface SeatAnswers {
  /** How many decisions changed a seat of the performance: it only grows, and is the same on every replica. */
  version(performance: Performance): number
  /** `{version, sections[{sectionId, name, standing, capacity, available, held, sold, blocked}]}` */
  availability(performance: Performance): Buffer
  /**
   * `{version, sections[{sectionId, standing, seats[{seatId, row, number, x, y, category, type, status}]}]}` of these
   * sections. Places to stand have no names, so a standing area has no seats, and its counts instead: `capacity`,
   * `available`, `held`, `sold`, `blocked`.
   */
  seats(performance: Performance, map: SeatMap, sections: readonly SectionSummary[]): Buffer
}

const STATUS_BYTES = SEAT_STATUSES.map((status) => `${status}"}`)

/** A section's streams: what each was scheduled with, and what is known of it since it opened. */
export type StreamView = readonly [seatCount: number, view: SectionView | undefined]

export function createSeatAnswers(deps: {
  readonly section: (performanceId: string, streamId: string) => SectionView | undefined
  readonly cacheBytesMax: number
}): SeatAnswers {
  const cache = createByteCache(deps.cacheBytesMax)
  const beginnings = new WeakMap<MapSection, readonly string[]>() // What of a seat never changes, up to its status.

  const viewsOf = (performanceId: string, section: SectionSummary): readonly StreamView[] =>
    streamsOf(section).map(({ sectionId, seatCount }) => [seatCount, deps.section(performanceId, sectionId)])

  function version({ performanceId, sections }: Performance): number {
    let sum = 0
    for (const section of sections) sum += versionOf(viewsOf(performanceId, section))
    return sum
  }

  function beginningsOf(section: MapSection): readonly string[] {
    let made = beginnings.get(section)
    if (made === undefined) {
      made = section.seats.map(({ seatId, row, number, x, y, category, type }) => {
        return `${JSON.stringify({ seatId, row, number, x, y, category, type }).slice(0, -1)},"status":"`
      })
      beginnings.set(section, made)
    }
    return made
  }

  /** Of a section that has not opened yet every seat is available, though it cannot be held before it opens. */
  function encodeSeats(mapped: MapSection | undefined, sectionId: string, view: SectionView | undefined): Buffer {
    let text = `{"sectionId":${JSON.stringify(sectionId)},"standing":false,"seats":[`
    for (const [seat, beginning] of (mapped === undefined ? [] : beginningsOf(mapped)).entries())
      text += (seat === 0 ? '' : ',') + beginning + (STATUS_BYTES[view?.status[seat] ?? 0] ?? '')
    return Buffer.from(`${text}]}`)
  }

  return {
    version,
    availability(performance) {
      const { performanceId, sections } = performance
      const at = version(performance)
      return cache.get(performanceId, at, () =>
        Buffer.from(
          JSON.stringify({
            version: at,
            sections: sections.map((section) => {
              const { sectionId, name } = section
              return { sectionId, name, standing: isStanding(section), ...countsOf(viewsOf(performanceId, section)) }
            }),
          }),
        ),
      )
    },
    seats(performance, map, sections) {
      const { performanceId } = performance
      const parts: Buffer[] = [Buffer.from(`{"version":${version(performance)},"sections":[`)]
      for (const [at, section] of sections.entries()) {
        const { sectionId } = section
        const views = viewsOf(performanceId, section)
        if (at > 0) parts.push(Buffer.from(','))
        const encode = (): Buffer =>
          isStanding(section) ? encodePlaces(sectionId, views) : encodeSeats(map.sections.get(sectionId), sectionId, views[0]?.[1])
        parts.push(cache.get(`${performanceId}/${sectionId}`, versionOf(views), encode))
      }
      parts.push(Buffer.from(']}'))
      return Buffer.concat(parts)
    },
  }
}

export const isStanding = ({ shards }: SectionSummary): boolean => shards > 0

export const versionOf = (views: readonly StreamView[]): number => views.reduce((sum, [, view]) => sum + (view?.version ?? 0), 0)

const encodePlaces = (sectionId: string, views: readonly StreamView[]): Buffer =>
  Buffer.from(JSON.stringify({ sectionId, standing: true, ...countsOf(views), seats: [] }))

export type SectionCounts = Record<'capacity' | (typeof SEAT_STATUSES)[number], number>

/** What the streams of a section have together. All of one that has not opened yet is available. */
export function countsOf(views: readonly StreamView[]): SectionCounts {
  const counts: SectionCounts = { capacity: 0, available: 0, held: 0, sold: 0, blocked: 0 }
  for (const [seatCount, view] of views) {
    counts.capacity += view?.capacity ?? seatCount
    if (view === undefined) counts.available += seatCount
    else for (const [code, status] of SEAT_STATUSES.entries()) counts[status] += view.counts[code] ?? 0
  }
  return counts
}
