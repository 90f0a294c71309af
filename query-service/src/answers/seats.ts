import type { MapSection, Performance, SeatMap } from '@cavea/contracts/catalog/directory'
import type { SectionSummary } from '@cavea/contracts/catalog/messages'
import { createByteCache } from '../application/byte-cache.ts'
import { SEAT_STATUSES, type SectionView } from '../application/seat-state.ts'

/** Seats of a performance as JSON bytes, encoded once per version. */
export interface SeatAnswers {
  /** How many decisions changed a seat of the performance: it only grows, and is the same on every replica. */
  version(performance: Performance): number
  /** `{version, sections[{sectionId, name, capacity, available, held, sold, blocked}]}` */
  availability(performance: Performance): Buffer
  /** `{version, sections[{sectionId, seats[{seatId, row, number, x, y, category, type, status}]}]}` of these sections. */
  seats(performance: Performance, map: SeatMap, sections: readonly SectionSummary[]): Buffer
}

const STATUS_BYTES = SEAT_STATUSES.map((status) => `${status}"}`)

export function createSeatAnswers(deps: {
  readonly section: (performanceId: string, sectionId: string) => SectionView | undefined
  readonly cacheBytesMax: number
}): SeatAnswers {
  const cache = createByteCache(deps.cacheBytesMax)
  const beginnings = new WeakMap<MapSection, readonly string[]>() // What of a seat never changes, up to its status.

  function version({ performanceId, sections }: Performance): number {
    let sum = 0
    for (const { sectionId } of sections) sum += deps.section(performanceId, sectionId)?.version ?? 0
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
  function encodeSection(mapped: MapSection | undefined, sectionId: string, view: SectionView | undefined): Buffer {
    let text = `{"sectionId":${JSON.stringify(sectionId)},"seats":[`
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
            sections: sections.map((section) => countsOf(section, deps.section(performanceId, section.sectionId))),
          }),
        ),
      )
    },
    seats(performance, map, sections) {
      const { performanceId } = performance
      const parts: Buffer[] = [Buffer.from(`{"version":${version(performance)},"sections":[`)]
      for (const [at, { sectionId }] of sections.entries()) {
        const view = deps.section(performanceId, sectionId)
        if (at > 0) parts.push(Buffer.from(','))
        const encode = (): Buffer => encodeSection(map.sections.get(sectionId), sectionId, view)
        parts.push(cache.get(`${performanceId}/${sectionId}`, view?.version ?? 0, encode))
      }
      parts.push(Buffer.from(']}'))
      return Buffer.concat(parts)
    },
  }
}

function countsOf({ sectionId, name, seatCount }: SectionSummary, view: SectionView | undefined): object {
  const [available = seatCount, held = 0, sold = 0, blocked = 0] = view === undefined ? [] : Array.from(view.counts)
  return { sectionId, name, capacity: view?.capacity ?? seatCount, available, held, sold, blocked }
}
