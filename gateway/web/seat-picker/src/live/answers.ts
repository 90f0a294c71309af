import type { PickerHall, PickerSeat, PickerSection, SeatStatus } from '../types.ts'

/** What the API answers, as far as it is read here. Fields that are not of every answer yet are optional. */
export interface PerformanceAnswer {
  readonly name: string
  readonly currency: string
  readonly categories: readonly {
    readonly name: string
    readonly color: string | null
    readonly price: { readonly amount: number } | null
  }[]
  readonly sections: readonly SectionAnswer[]
  readonly focalPoint?: PickerHall['focalPoint']
}

interface SectionAnswer {
  readonly sectionId: string
  readonly name: string
  readonly capacity: number
  readonly standing: boolean
  readonly bounds?: PickerSection['bounds']
  readonly category?: string
}

export interface SeatsAnswer {
  readonly version: number
  readonly sections: readonly {
    readonly sectionId: string
    readonly seats: readonly (PickerSeat & { readonly status: SeatStatus })[]
    /** Of a standing area, whose places have no names. */
    readonly capacity?: number
    readonly available?: number
  }[]
}

/** What `seatsChanged` tells. */
export interface SeatsMessage {
  readonly version: number
  /** To go on from. */
  readonly since: string
  readonly sections: readonly {
    readonly sectionId: string
    readonly whole: boolean
    readonly capacity: number
    readonly available: number
    readonly seats: readonly { readonly seatId: string; readonly status: SeatStatus }[]
  }[]
}

/** The hall as the picker draws it. A standing area whose category is not told has the one that is called as it is. */
export function hallOf(performance: PerformanceAnswer, { sections }: SeatsAnswer): PickerHall {
  const seats = new Map(sections.map((section) => [section.sectionId, section.seats]))
  const categories = performance.categories.map(({ name, color, price }) => ({ name, color, price: price?.amount ?? null }))
  return {
    name: performance.name,
    currency: performance.currency,
    focalPoint: performance.focalPoint ?? null,
    categories,
    sections: performance.sections.map(({ sectionId, name, capacity, standing, bounds, category }) => {
      const named = category ?? categories.find((each) => each.name === name)?.name
      return {
        sectionId,
        name,
        capacity,
        standing,
        seats: seats.get(sectionId) ?? [],
        bounds: bounds ?? null,
        ...(standing && named !== undefined && { category: named }),
      }
    }),
  }
}
