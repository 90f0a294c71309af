import type { Filter } from '../scene/filter.ts'
import { matches } from '../scene/filter.ts'
import type { Scene } from '../scene/scene.ts'
import type { Text } from '../text/text.ts'
import type { HallState, SeatStatus } from '../types.ts'
import type { Standing } from './choosing.ts'
import type { Words } from './words.ts'

/** What the parts of the picker share. */
export interface PickerModel {
  readonly scene: Scene
  readonly state: HallState
  readonly text: Text
  readonly words: Words
  readonly mine: ReadonlySet<string>
  readonly selected: ReadonlySet<string>
  readonly asOf: ((seatId: string) => SeatStatus) | undefined
  readonly isStale: boolean
  readonly standingOf: (seatId: string) => Standing
  /** By seat index. */
  readonly matches: (seat: number) => boolean
  readonly isFiltering: boolean
  /** By section index: how much is left, in words. */
  readonly describeLeft: (section: number) => string
  readonly mode: 'choose' | 'block' | 'inspect'
  /** A click, a touch or a key on a seat. */
  readonly act: (seat: number) => void
  readonly actOnMany: (seats: readonly number[]) => void
}

export function standingOf(seatId: string, from: Pick<PickerModel, 'state' | 'mine' | 'selected' | 'asOf'>): Standing {
  const { state, mine, selected, asOf } = from
  if (asOf !== undefined) return asOf(seatId)
  if (mine.has(seatId)) return 'mine'
  if (selected.has(seatId)) return 'selected'
  const status = state.status(seatId)
  return state.stale && status !== 'sold' ? 'unknown' : status
}

export function matcher({ seats, categoryOf, hall }: Scene, filter: Filter): (seat: number) => boolean {
  return (index) => {
    const seat = seats[index]
    return seat !== undefined && matches(filter, seat, hall.categories[categoryOf[index] ?? -1]?.price ?? null)
  }
}

/** Free seats by category index, those without one at the end; standing areas count for theirs. */
export function leftByCategory(scene: Scene, model: Pick<PickerModel, 'state' | 'asOf'>): readonly number[] {
  const left = new Array<number>(scene.hall.categories.length + 1).fill(0)
  const add = (category: number, count: number): void => {
    const at = category < 0 ? left.length - 1 : category
    left[at] = (left[at] ?? 0) + count
  }
  for (const [index, { seatId }] of scene.seats.entries()) {
    const status = model.asOf === undefined ? model.state.status(seatId) : model.asOf(seatId)
    if (status === 'available') add(scene.categoryOf[index] ?? -1, 1)
  }
  for (const { section, category } of scene.sections)
    if (section.standing && model.asOf === undefined) add(category, model.state.counts(section.sectionId).available)
  return left
}
