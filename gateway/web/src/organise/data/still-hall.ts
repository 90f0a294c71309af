import type { HallState, PickerHall } from '@cavea/seat-picker/types.ts'

/** A hall in which nothing happens: all of it is free. */
export function stillHall(hall: PickerHall): HallState {
  const capacities = new Map(hall.sections.map(({ sectionId, capacity }) => [sectionId, capacity]))
  return {
    status: () => 'available',
    counts(sectionId) {
      const capacity = capacities.get(sectionId) ?? 0
      return { available: capacity, capacity }
    },
    stale: false,
    subscribe: () => () => undefined,
  }
}
