import { isAccessible } from '../scene/filter.ts'
import type { Rect } from '../scene/geometry.ts'
import type { Scene } from '../scene/scene.ts'
import type { HallState, SeatStatus } from '../types.ts'
import type { Kind } from './glyph.ts'
import type { Palette } from './palette.ts'

/** All that decides how the hall looks, besides from where it is looked at. */
export interface Picture {
  readonly scene: Scene
  readonly palette: Palette
  readonly state: HallState
  readonly asOf: ((seatId: string) => SeatStatus) | undefined
  /** Whether it is what is looked for, by seat index. */
  readonly matches: (seat: number) => boolean
  readonly selected: ReadonlySet<string>
  readonly mine: ReadonlySet<string>
  /** Seat indexes, -1: none. */
  readonly focused: number
  readonly hovered: number
  /** In the drawing's units: what is being dragged over. */
  readonly band: Rect | undefined
  /** Said of a section in few words: how much is left. */
  readonly describe: (section: number) => string
  readonly stage: string
}

/** What the status looks like; what is selected or mine is drawn over it. */
export function kindOf({ scene, state, asOf, matches }: Picture, seat: number): Kind {
  const seatId = scene.seats[seat]?.seatId ?? ''
  const status = asOf === undefined ? state.status(seatId) : asOf(seatId)
  if (asOf === undefined && state.stale && status !== 'sold') return 'unknown'
  return status === 'available' && !matches(seat) ? 'dimmed' : status
}

/** Of the section, by its counts; 0 when they may be old, so that nothing looks free. */
export function shareLeft({ scene, state, asOf }: Picture, section: number): number {
  const { sectionId } = scene.sections[section]?.section ?? { sectionId: '' }
  if (asOf === undefined) {
    const { available, capacity } = state.counts(sectionId)
    return state.stale || capacity === 0 ? 0 : available / capacity
  }
  const { first, count } = scene.sections[section] ?? { first: 0, count: 0 }
  let free = 0
  for (let seat = first; seat < first + count; seat++) if (asOf(scene.seats[seat]?.seatId ?? '') === 'available') free++
  return count === 0 ? 0 : free / count
}

export const hasAccessible = ({ seats }: Scene): boolean => seats.some(isAccessible)
