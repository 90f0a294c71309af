import type { HallState } from '@cavea/seat-picker/types.ts'

/** When taken seats may be free again, as far as a page that watches can know. */
export interface FreeingTimes {
  /** What a refusal said of a seat. */
  learn(seatId: string, mayFreeAtMs: number): void
  /** Undefined for seats that nobody holds. Otherwise when it may be free, `isLatest`: by then at the latest, unless it was sold. */
  of(seatId: string): { readonly atMs: number; readonly isLatest: boolean } | undefined
  close(): void
}

interface HoldTimes {
  readonly ttlMs: number
  readonly maxMs: number
}

/**
 * A hold that began before our eyes ends after its time unless it is extended; one that was there before us ends as late as
 * any hold may. Whoever holds may always give back earlier.
 */
export function watchFreeing(state: Pick<HallState, 'status' | 'subscribe'>, times: () => HoldTimes, nowMs: () => number): FreeingTimes {
  const heldSince = new Map<string, number>()
  const said = new Map<string, number>()
  const openedMs = nowMs()
  const stop = state.subscribe((changed) => {
    if (changed === 'all') return
    for (const seatId of changed) {
      said.delete(seatId)
      if (state.status(seatId) === 'held') heldSince.set(seatId, nowMs())
      else heldSince.delete(seatId)
    }
  })
  return {
    learn: (seatId, mayFreeAtMs) => void said.set(seatId, mayFreeAtMs),
    of(seatId) {
      if (state.status(seatId) !== 'held') return undefined
      const { ttlMs, maxMs } = times()
      const told = said.get(seatId)
      if (told !== undefined && told > nowMs()) return { atMs: told, isLatest: false }
      const since = heldSince.get(seatId)
      if (since !== undefined && since + ttlMs > nowMs()) return { atMs: since + ttlMs, isLatest: false }
      return { atMs: (since ?? openedMs) + maxMs, isLatest: true }
    },
    close: stop,
  }
}
