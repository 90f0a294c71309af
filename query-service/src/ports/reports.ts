/** The read models cannot be asked now: the database is away, too slow, or has not been written yet. */
export class ReportsUnavailableError extends Error {
  readonly code = 'REPORTS_UNAVAILABLE'
  readonly retryable = true
  constructor(cause: unknown) {
    super('The read models in the database cannot be asked.', { cause })
    this.name = 'ReportsUnavailableError'
  }
}

/** Where a list goes on: after an item, by what the list is ordered by. */
export interface After {
  readonly order: number
  readonly id: string
}

export interface PerformanceSearch {
  /** Words as `searchText` makes them. Each is the beginning of a word of the performance's or its venue's; none: any. */
  readonly words: readonly string[]
  /** Starts then or later. */
  readonly fromMs: number | undefined
  /** Starts before. */
  readonly toMs: number | undefined
  /** As `searchText` makes it. */
  readonly city: string | undefined
  readonly country: string | undefined
  /** All of this organisation; undefined: what anybody may buy. */
  readonly organisation: string | undefined
  readonly after: After | undefined
  readonly limit: number
}

/** The best first, with words; by their start without. */
export interface FoundPerformance {
  readonly performanceId: string
  readonly order: number
}

export interface SeatCounts {
  readonly atMs: number
  readonly available: number
  readonly held: number
  readonly sold: number
  readonly blocked: number
}

export interface SoldInCategory {
  /** `2027-05-01` */
  readonly day: string
  readonly category: string
  readonly seats: number
  /** Minor units. */
  readonly revenue: number
}

export interface SeatQuestion {
  readonly performanceId: string
  readonly streamId: string
  readonly seat: number
  /** The decision's offset and the event's index in it. */
  readonly after: { readonly offset: number; readonly index: number } | undefined
  readonly limit: number
}

export interface SeatDecision {
  readonly partition: number
  readonly offset: number
  readonly index: number
  readonly atMs: number
  /** Null for a refusal. */
  readonly event: string | null
  readonly status: string | null
  readonly outcome: string
  readonly code: string | null
  readonly commandType: string
  readonly commandId: string
  readonly causationId: string
  readonly holdId: string | null
  readonly actor: { readonly kind: string; readonly id: string }
}

export interface HoldsQuestion {
  readonly buyer: string
  readonly status: string | undefined
  /** Older than this one. */
  readonly after: string | undefined
  readonly limit: number
}

/** A place in the log that a read model must have reached. */
export interface LogPlace {
  readonly topic: string
  readonly partition: number
  readonly commandOffset: number
}

/** What is answered from tables. Every method throws `ReportsUnavailableError`. */
export interface Reports {
  search(search: PerformanceSearch): Promise<readonly FoundPerformance[]>
  /** From the first change on, at most `points`, each as it was after the last change of its stretch of time. */
  history(performanceId: string, points: number, nowMs: number): Promise<readonly SeatCounts[]>
  /** By day in the time zone and by category. */
  sales(performance: { readonly performanceId: string; readonly seatMapId: string }, timeZone: string): Promise<readonly SoldInCategory[]>
  seatDecisions(question: SeatQuestion): Promise<readonly SeatDecision[]>
  /** The ids of a buyer's holds, the newest first; carts among them, their parts not. */
  holdsOf(question: HoldsQuestion): Promise<readonly string[]>
  /** Whether a read model has all that was decided up to these places. */
  hasReached(readModel: string, places: readonly LogPlace[]): Promise<boolean>
  close(): Promise<void>
}
