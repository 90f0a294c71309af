/** As the engine says it of a seat. */
export type SeatStatus = 'available' | 'held' | 'sold' | 'blocked'

export interface PickerSeat {
  readonly seatId: string
  readonly row: string
  readonly number: string
  readonly x: number
  readonly y: number
  readonly category: string
  /** `seat`, `wheelchair` and what else the plan calls it */
  readonly type: string
}

export interface PickerSection {
  readonly sectionId: string
  readonly name: string
  readonly standing: boolean
  readonly capacity: number
  readonly seats: readonly PickerSeat[]
  /** in the drawing's units, for standing areas */
  readonly bounds: { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | null
  /** of a standing area, where it is known: what its places cost is the category's price */
  readonly category?: string
}

export interface PickerHall {
  readonly name: string
  readonly sections: readonly PickerSection[]
  readonly categories: readonly {
    readonly name: string
    readonly color: string | null
    /** all-in, minor units; null: not for sale */
    readonly price: number | null
  }[]
  readonly currency: string
  readonly focalPoint: { readonly x: number; readonly y: number } | null
}

/** Live state, kept outside React for speed: the picker reads it and is told what changed. */
export interface HallState {
  status(seatId: string): SeatStatus
  counts(sectionId: string): { readonly available: number; readonly capacity: number }
  /** whether what it says may be old: the connection is gone */
  readonly stale: boolean
  subscribe(listener: (changed: readonly string[] | 'all') => void): () => void
}

export interface SeatPickerProps {
  readonly hall: PickerHall
  readonly state: HallState
  /** seats of my own hold, drawn as mine */
  readonly mine: ReadonlySet<string>
  readonly selected: ReadonlySet<string>
  readonly onSelect: (selected: ReadonlySet<string>) => void
  readonly quantityMax: number
  readonly locale: string
  /** e.g. "may free up at 19:42" */
  readonly onExplain?: (seatId: string) => Promise<string | null>
  readonly mode?: 'choose' | 'block' | 'inspect'
  readonly onArea?: (sectionId: string, quantity: number) => void
  readonly onInspect?: (seatId: string) => void
  /** statuses at another moment, for the organiser's slider; overrides state */
  readonly asOf?: (seatId: string) => SeatStatus
  /** category null: whichever; accessible: seats that a wheelchair can reach */
  readonly onBestAvailable?: (quantity: number, category: string | null, accessible: boolean) => void
}
