import type { Buyer } from '../support/client.ts'
import { oneOf, someOf } from '../support/random.ts'
import type { Hall } from './hall.ts'

/** What a client is going to ask for. */
export interface Wish {
  readonly kind: 'hold' | 'extend' | 'release' | 'sell'
  readonly by: Buyer | 'organiser'
  readonly method: string
  readonly path: string
  readonly body: object | undefined
  /** The seats that it names, sorted; null: it names none. */
  readonly seats: readonly string[] | null
}

/** A hold that a client was granted. */
export interface Granted {
  readonly holdId: string
  readonly buyer: Buyer
}

/** Where wishes of one kind of place come from: the seats of a section, or a standing area. */
export type Corner = Hall['sections'][number] | string

export const cornersOf = (hall: Hall): readonly Corner[] => [...hall.sections, ...hall.areas]

const EXTEND_BELOW = 0.08
const RELEASE_BELOW = 0.3
const SELL_BELOW = 0.32

/** The next wish in one corner of the hall, of the buyers and the organiser together. */
export function nextWish(hall: Hall, corner: Corner, buyers: readonly Buyer[], known: readonly Granted[], random: () => number): Wish {
  const dice = random()
  if (dice < SELL_BELOW && known.length > 0) {
    const { holdId, buyer } = oneOf(known, random)
    const about = { by: buyer, body: undefined, seats: null, path: `/v1/holds/${holdId}` }
    if (dice < EXTEND_BELOW) return { ...about, kind: 'extend', method: 'POST', path: `${about.path}/extend` }
    if (dice < RELEASE_BELOW) return { ...about, kind: 'release', method: 'DELETE' }
    return { ...about, kind: 'sell', by: 'organiser', method: 'POST', path: `${about.path}/sell` }
  }
  const path = `/v1/performances/${hall.performanceId}/holds`
  const hold = { kind: 'hold', by: oneOf(buyers, random), method: 'POST', path, seats: null } as const
  const quantity = 1 + Math.floor(random() * 3)
  if (typeof corner === 'string') return { ...hold, body: { area: corner, quantity } }
  const way = random()
  if (way < 0.15) return { ...hold, body: { bestAvailable: { quantity, section: corner.sectionId } } }
  if (way < 0.25) return { ...hold, body: { bestAvailable: { quantity } } }
  const others = hall.sections.filter(({ sectionId }) => sectionId !== corner.sectionId)
  const elsewhere = way < 0.4 ? someOf(oneOf(others, random).seats, 1, random) : []
  const seats = [...someOf(corner.seats, quantity, random), ...elsewhere].toSorted()
  return { ...hold, body: { seats }, seats }
}
