/**
 * What time the server has: holds end by its clock, and people's computers are minutes off. Its answers say it to the second.
 */
export interface ServerClock {
  /** `date` is the header of an answer to a request that was sent at `sentMs` and answered at `answeredMs`, by our clock. */
  note(date: string | null, sentMs: number, answeredMs: number): void
  nowMs(): number
}

/** The header has whole seconds, rounded down. */
const RESOLUTION_MS = 1_000
/** Answers that took longer say little about the time. */
const TRIP_MAX_MS = 5_000

export function createServerClock(localNowMs: () => number): ServerClock {
  let lowMs = Number.NEGATIVE_INFINITY
  let highMs = Number.POSITIVE_INFINITY
  return {
    note(date, sentMs, answeredMs) {
      const serverMs = date === null ? Number.NaN : Date.parse(date)
      if (Number.isNaN(serverMs) || answeredMs - sentMs > TRIP_MAX_MS) return
      // The difference of the clocks is between these; each answer narrows it, and one that contradicts begins anew.
      const [low, high] = [serverMs - answeredMs, serverMs + RESOLUTION_MS - sentMs]
      const contradicts = low > highMs || high < lowMs
      lowMs = contradicts ? low : Math.max(lowMs, low)
      highMs = contradicts ? high : Math.min(highMs, high)
    },
    nowMs() {
      const difference = Number.isFinite(lowMs) ? (lowMs + highMs) / 2 : 0
      return localNowMs() + difference
    },
  }
}

/** Of the page. */
export const serverClock = createServerClock(Date.now)
