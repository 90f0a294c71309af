import type { Money } from '@cavea/contracts/answers'

/** What the API answers to organisers, as far as it is read here. */
export interface PerformanceSummary {
  readonly performanceId: string
  readonly venueId: string
  readonly seatMapId: string
  readonly name: string
  readonly status: string
  readonly startsAt: string
  readonly endsAt: string | null
  readonly saleStartsAt: string | null
  readonly saleEndsAt: string | null
  readonly currency: string
  readonly capacity: number
}

/** One of the organiser's own, with what its venue says. */
export interface Known extends PerformanceSummary {
  readonly timeZone: string
}

export interface Venue {
  readonly venueId: string
  readonly name: string
  readonly timeZone: string
  readonly address: { readonly street: string; readonly city: string; readonly postalCode: string; readonly country: string }
}

export interface ImportedSeatMap {
  readonly seatMapId: string
  readonly capacity: number
  readonly warnings: readonly PlanFault[]
}

/** A reason to refuse a plan, or something to know about an accepted one. */
export interface PlanFault {
  /** A JSON pointer into the file, or `/line/12` of a CSV file. */
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

/** In our own format. */
export interface SeatMap {
  readonly seatMapId: string
  readonly venueId: string
  readonly capacity: number
  readonly name: string
  readonly focalPoint?: { readonly x: number; readonly y: number }
  readonly categories: readonly { readonly name: string; readonly color?: string }[]
  readonly sections: readonly MappedSection[]
}

export interface MappedSection {
  readonly sectionId: string
  readonly name: string
  readonly rows?: readonly { readonly label: string; readonly seats: readonly MappedSeat[] }[]
  readonly standing?: {
    readonly capacity: number
    readonly category: string
    readonly bounds?: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  }
}

export interface MappedSeat {
  readonly seatId: string
  readonly number: string
  readonly x: number
  readonly y: number
  readonly category: string
  readonly type: string
}

export interface Counts {
  readonly available: number
  readonly held: number
  readonly sold: number
  readonly blocked: number
}

export interface SectionCounts extends Counts {
  readonly sectionId: string
  readonly name: string
  readonly standing: boolean
  readonly capacity: number
}

export interface Sales {
  /** `day` as 2027-05-01, in the venue's time zone. */
  readonly data: readonly { readonly day: string; readonly category: string; readonly seats: number; readonly revenue: Money }[]
  readonly total: { readonly seats: number; readonly revenue: Money }
}

/** One decision about one seat. */
export interface SeatDecision {
  readonly at: string
  /** Null for a refusal. */
  readonly event: string | null
  /** What the seat was from then on; null where that stayed as it was. */
  readonly status: 'available' | 'held' | 'sold' | 'blocked' | null
  readonly outcome: string
  /** Why it was refused. */
  readonly code: string | null
  readonly commandType: string
  readonly commandId: string
  readonly causationId: string
  readonly holdId: string | null
  readonly actor: { readonly kind: string; readonly id: string }
  /** Where it stands in the log, as `seating/3/1234`. */
  readonly decision: string
}

export interface Block {
  readonly blockId: string
}
