import { oneOf, someOf } from '../support/random.ts'
import { SEATED, seatId, seatsOf } from './hall.ts'
import { randomFor } from './random.ts'

/** What a client wants. `of` names the earlier step whose hold or block it concerns. */
export type Wish =
  | { readonly do: 'seats'; readonly seats: readonly string[] }
  | { readonly do: 'best'; readonly quantity: number; readonly section: string | null }
  | { readonly do: 'area'; readonly quantity: number }
  | { readonly do: 'extend' | 'release' | 'sell' | 'unblock'; readonly of: number }
  | { readonly do: 'block'; readonly seats: readonly string[] }
  | { readonly do: 'revise'; readonly holdTtlMs: number; readonly price: number }
  /** The same request again, with its key. */
  | { readonly do: 'again'; readonly of: number }
  /** Another request with a key that was used before. */
  | { readonly do: 'misuse'; readonly of: number }

export interface Step {
  /** Its own number, which stays when others are left out. */
  readonly id: number
  readonly client: string
  /** How long the client thinks before. */
  readonly waitMs: number
  readonly wish: Wish
}

export const BOX_OFFICE = 'acct_olga'
const BUYERS = ['buyer_anna', 'buyer_bernd', 'buyer_clara', 'buyer_dora', 'buyer_emil']
const STEPS_MIN = 14
const STEPS_MORE = 40
const QUANTITY_MAX = 4

const ALL_SEATS = SEATED.flatMap((drawn) => Array.from({ length: seatsOf(drawn) }, (_, index) => seatId(drawn.sectionId, index)))

/** What the clients of one world mean to do, each in its own order. */
export function scriptOf(seed: number): readonly Step[] {
  const random = randomFor(seed, 'script')
  const haste = oneOf([150, 500, 1_200], random)
  const holds: { readonly id: number; readonly client: string }[] = []
  const blocks: number[] = []
  const steps: Step[] = []

  function seats(): readonly string[] {
    const among = random() < 0.4 ? ALL_SEATS : ALL_SEATS.filter((id) => id.startsWith(`${oneOf(SEATED, random).sectionId}-`))
    return someOf(among, 1 + Math.floor(random() * 3), random)
  }
  const quantity = (): number => 1 + Math.floor(random() * QUANTITY_MAX)

  function wish(client: string): Wish {
    const draw = random()
    const isNosy = random() < 0.06 // To a buyer, what others hold does not exist.
    const own = holds.filter((hold) => hold.client === client || client === BOX_OFFICE || isNosy)
    const earlier = own.length > 0 ? oneOf(own.slice(-4), random).id : undefined
    if (client === BOX_OFFICE && draw < 0.2)
      return { do: 'block', seats: seats().filter((id, _, all) => sectionOf(id) === sectionOf(all[0])) }
    const block = blocks.at(-1)
    if (client === BOX_OFFICE && draw < 0.28 && block !== undefined) return { do: 'unblock', of: block }
    if (client === BOX_OFFICE && draw < 0.33)
      return { do: 'revise', holdTtlMs: oneOf([1_500, 3_000, 6_000], random), price: 1_000 + steps.length }
    if (earlier !== undefined) {
      if (client === BOX_OFFICE && draw < 0.6) return { do: 'sell', of: earlier }
      if (draw < 0.15) return { do: 'extend', of: earlier }
      if (draw < 0.35) return { do: 'release', of: earlier }
      if (draw < 0.39) return { do: 'again', of: earlier }
      if (draw < 0.41) return { do: 'misuse', of: earlier }
      if (draw < 0.43) return { do: 'sell', of: earlier }
    }
    if (draw < 0.65) return { do: 'seats', seats: seats() }
    if (draw < 0.85) return { do: 'best', quantity: quantity(), section: random() < 0.4 ? oneOf(SEATED, random).sectionId : null }
    return { do: 'area', quantity: quantity() }
  }

  const count = STEPS_MIN + Math.floor(random() * STEPS_MORE)
  for (let id = 0; id < count; id++) {
    const client = random() < 0.3 ? BOX_OFFICE : oneOf(BUYERS, random)
    const step: Step = { id, client, waitMs: random() * 2 * haste, wish: wish(client) }
    if (['seats', 'best', 'area'].includes(step.wish.do)) holds.push({ id, client })
    if (step.wish.do === 'block') blocks.push(id)
    steps.push(step)
  }
  return steps
}

export const sectionOf = (id: string | undefined): string => id?.split('-')[0] ?? ''
