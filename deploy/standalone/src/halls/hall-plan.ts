/**
 * What the halls use of our own seat-map format, `application/vnd.cavea.seat-map+json`. It is written here again as an
 * organiser's own program would write it: the demo knows the API and nothing behind it.
 */
export interface HallPlan {
  readonly name: string
  /** What the audience looks at. Positions are in units of which a seat takes about 25; y grows downwards. */
  readonly focalPoint: Point
  readonly categories: readonly { readonly name: string; readonly color: string }[]
  readonly sections: readonly HallSection[]
}

export type HallSection = SeatedSection | StandingSection

export interface SeatedSection {
  readonly sectionId: string
  readonly name: string
  readonly rows: readonly HallRow[]
}

export interface StandingSection {
  readonly sectionId: string
  readonly name: string
  readonly standing: {
    readonly capacity: number
    readonly category: string
    readonly bounds: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  }
}

export interface HallRow {
  readonly label: string
  readonly table?: 'chairs' | 'whole'
  readonly seats: readonly HallSeat[]
}

export interface HallSeat extends Point {
  readonly seatId: string
  readonly number: string
  readonly category: string
  readonly type?: 'wheelchair' | 'companion' | 'restricted-view'
  readonly aisleAfter?: boolean
}

export interface Point {
  readonly x: number
  readonly y: number
}

export const SEAT_PITCH = 25
export const ROW_PITCH = 32
/** A wheelchair takes this much more than a seat, and is still beside its companion. */
export const WHEELCHAIR_EXTRA = 10

/** To a tenth of a unit: nobody sees less, and how a machine rounds a sine does not show. */
export const pointAt = (x: number, y: number): Point => ({ x: tenth(x), y: tenth(y) })

const tenth = (value: number): number => Math.round(value * 10) / 10 + 0 // Zero has no sign in JSON.
