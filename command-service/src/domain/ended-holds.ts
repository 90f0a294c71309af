import type { EpochMillis } from '@cavea/contracts/ids'

/** What remains for a while of a hold that ended without a sale: enough to say what became of it. */
export interface EndedHold {
  readonly status: 'released' | 'expired'
  readonly buyer: string
  readonly organisation: string
  readonly atMs: EpochMillis
}

/** So many ended holds of a partition are remembered, and up to so many more before the oldest go. */
export const ENDED_HOLDS_MAX = 50_000
export const ENDED_HOLDS_SLACK = 10_000

/** Remembers that a hold ended, and forgets the oldest when there are too many. */
export function addEnded(ended: Map<string, EndedHold>, key: string, hold: EndedHold): void {
  ended.set(key, hold)
  if (ended.size <= ENDED_HOLDS_MAX + ENDED_HOLDS_SLACK) return
  // Many at once: a Map walks over what was deleted from its front each time it is asked for its oldest entry.
  for (const oldest of ended.keys()) {
    if (ended.size <= ENDED_HOLDS_MAX) return
    ended.delete(oldest)
  }
}
