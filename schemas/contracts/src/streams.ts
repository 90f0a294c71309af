import type { SectionId } from './ids.ts'

/**
 * A section with seats is one stream, so that all that concerns its seats is decided in one place. Places of a standing
 * area are all alike, so they are spread over shards: streams of their own, in partitions of their own.
 */
export interface Streamed {
  readonly sectionId: SectionId
  /** Seats, or places to stand. */
  readonly seatCount: number
  /** 0: a section with seats. */
  readonly shards: number
}

export interface Stream {
  /** What commands and events of seating call the section: its own id, or its shard's. */
  readonly sectionId: SectionId
  readonly seatCount: number
}

const SHARD_MARK = '~' // No id of a section has it.
/** A shard decides thousands of holds a second, so shards are for spreading over machines, and few leave few remainders. */
const PLACES_PER_SHARD = 1_000
const SHARDS_MAX = 64

/** How many shards a standing area of this capacity gets. Recorded with the seat map, so that history keeps its own. */
export const shardsFor = (capacity: number): number => Math.min(SHARDS_MAX, Math.max(1, Math.ceil(capacity / PLACES_PER_SHARD)))

/** The streams of a section, in order. Their seats add up to the section's. */
export function streamsOf({ sectionId, seatCount, shards }: Streamed): readonly Stream[] {
  if (shards === 0) return [{ sectionId, seatCount }]
  const [share, rest] = [Math.floor(seatCount / shards), seatCount % shards]
  return Array.from({ length: shards }, (_, at) => ({
    sectionId: `${sectionId}${SHARD_MARK}${at}` as SectionId,
    seatCount: share + (at < rest ? 1 : 0),
  }))
}

/** The section that a stream is, or is a shard of. */
export function sectionOfStream(streamId: string): SectionId {
  const mark = streamId.indexOf(SHARD_MARK)
  return (mark === -1 ? streamId : streamId.slice(0, mark)) as SectionId
}
