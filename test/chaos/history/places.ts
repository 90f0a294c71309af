import type { Directory } from '@cavea/contracts/catalog/directory'
import { sectionOfStream } from '@cavea/contracts/streams'

/** `sectionId` names a stream: a section, or one shard of a standing area. */
export interface InStream {
  readonly performanceId: string
  readonly sectionId: string
}

/** How seats and standing areas are called by clients. */
export interface Places {
  /** Places of an area have no names of their own: `floor~1#12` is the one at 12 of its second shard. */
  seatName(at: InStream, index: number): string
  /** Seats by name and areas as `floor × 3`, sorted. */
  named(performanceId: string, streams: readonly { readonly sectionId: string; readonly seats: readonly number[] }[]): string[]
}

/** A seat as an object of the log: other performances in the hall have seats of the same names. */
export const seatObject = (performanceId: string, name: string): string => `${name} of ${performanceId}`

export const areaName = (area: string, quantity: number): string => `${area} × ${quantity}`

export function placesOf(directory: Directory): Places {
  const sectionAt = ({ performanceId, sectionId }: InStream) =>
    directory.seatMap(directory.performance(performanceId)?.seatMapId ?? '')?.sections.get(sectionOfStream(sectionId))
  const seatName = (at: InStream, index: number): string => sectionAt(at)?.seats[index]?.seatId ?? `${at.sectionId}#${index}`
  return {
    seatName,
    named(performanceId, streams) {
      const areas = new Map<string, number>()
      const names: string[] = []
      for (const { sectionId, seats } of streams) {
        const at = { performanceId, sectionId }
        const section = sectionAt(at)
        if (section === undefined || section.standing === null) names.push(...seats.map((index) => seatName(at, index)))
        else areas.set(section.sectionId, (areas.get(section.sectionId) ?? 0) + seats.length)
      }
      return [...names, ...Array.from(areas, ([area, quantity]) => areaName(area, quantity))].toSorted()
    },
  }
}
