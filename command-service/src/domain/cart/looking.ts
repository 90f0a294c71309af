import type { Candidate, CartOpened, CartPart, CartRound, CartWish, PartRequested } from '@cavea/contracts/cart/messages'
import { CART_ROUNDS } from '@cavea/contracts/cart/messages'
import type { SectionId } from '@cavea/contracts/ids'
import type { BestAvailableStep } from '@cavea/contracts/seats'
import type { OpeningCart, Refused } from './state.ts'

/** The next section to ask, and for what. */
export type Ask = Pick<PartRequested, 'round' | 'sectionId' | 'seats' | 'quantity' | 'atLeast' | 'worstStep'>

/** What an opening cart knows when it decides where to go on. */
export interface Progress {
  readonly wish: Pick<CartOpened, 'chosen' | 'candidates' | 'standing' | 'quantity' | 'accessible'>
  readonly asked: Pick<OpeningCart['asked'], 'round' | 'sectionId'>
  readonly parts: readonly CartPart[]
  readonly refused: ReadonlyMap<SectionId, Refused>
}

/** The worst way of sitting that each round accepts. Places to stand are all alike. */
const WORST_STEP: Readonly<Record<CartRound, BestAvailableStep>> = {
  together: 'adjacent',
  split: 'split-rows',
  any: 'any',
  combined: 'any',
}

/**
 * The order in which candidates are tried. Sections: those that should have all the seats first, the nearer the better;
 * those that have none are not asked. Shards of a standing area keep their order, and the command says which is first.
 */
export function rank({ candidates, standing, quantity }: CartWish, key: string): readonly Candidate[] {
  if (standing) {
    const first = hashOf(key) % candidates.length // Of none, none is first: whatever this is then, the slices are empty.
    return [...candidates.slice(first), ...candidates.slice(0, first)]
  }
  const isShort = ({ available }: Candidate): number => (available === -1 || available >= quantity ? 0 : 1)
  return candidates
    .filter(({ available }) => available !== 0)
    .sort((a, b) => isShort(a) - isShort(b) || a.distance - b.distance || (a.sectionId < b.sectionId ? -1 : 1))
}

/** FNV-1a of the cart's key: any number that spreads carts over the shards. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/**
 * Where to look next; undefined when nowhere is left. Seats that the buyer chose are asked for section by section. Else
 * the candidates are gone through in rounds: all seats side by side in one of them; in parts over its rows; anyhow; and
 * at last what each of them has left, until there are enough. What a candidate said when it refused tells whether a
 * later round can do better there, so most are asked once. Shards refuse without a step: the rounds between are not theirs.
 */
export function nextAsk({ wish, asked, parts, refused }: Progress): Ask | undefined {
  if (wish.chosen.length > 0) {
    const chosen = wish.chosen[parts.length]
    if (chosen === undefined) return undefined
    const { sectionId, seats } = chosen
    return { round: '', sectionId, seats, quantity: seats.length, atLeast: seats.length, worstStep: 'any' }
  }
  const remaining = wish.quantity - seatsIn(parts)
  const from = asked.round === '' ? { round: 0, at: 0 } : after(asked, wish.candidates)
  for (const [turn, round] of CART_ROUNDS.slice(from.round).entries()) {
    const isCombined = round === 'combined'
    // Seats taken for a cart that cannot have enough would be missing to others meanwhile.
    if (isCombined && seatsFree({ wish, parts, refused }) < wish.quantity) return undefined
    for (const { sectionId } of wish.candidates.slice(turn === 0 ? from.at : 0)) {
      if (!mayHelp(round, refused.get(sectionId), wish)) continue
      const worstStep = wish.standing ? 'any' : WORST_STEP[round]
      return { round, sectionId, seats: [], quantity: remaining, atLeast: isCombined ? 1 : remaining, worstStep }
    }
  }
  return undefined
}

function after({ round, sectionId }: Progress['asked'], candidates: readonly Candidate[]): { readonly round: number; readonly at: number } {
  const at = candidates.findIndex((candidate) => candidate.sectionId === sectionId)
  return { round: (CART_ROUNDS as readonly string[]).indexOf(round), at: at + 1 }
}

/** Whether a round can find something where an earlier one did not. A party with a wheelchair stays together. */
function mayHelp(round: CartRound, refused: Refused | undefined, { accessible }: Progress['wish']): boolean {
  if (refused === undefined) return round === 'together' // Which asks everybody, so that nobody is asked twice in it.
  if (accessible) return false
  if (round === 'split') return refused.step === 'split-rows'
  if (round === 'any') return refused.step !== ''
  return refused.have > 0
}

/**
 * How many seats the cart could have as far as it was told: the parts that it has and what its other candidates have left;
 * of a party that stays together, what the best of them has.
 */
export function seatsFree({ wish, parts, refused }: Pick<Progress, 'wish' | 'parts' | 'refused'>): number {
  const has = new Set(parts.map(({ sectionId }) => sectionId))
  const left = [...refused].flatMap(([sectionId, { have }]) => (has.has(sectionId) ? [] : [have]))
  if (wish.accessible) return Math.max(seatsIn(parts), ...left)
  return left.reduce((sum, have) => sum + have, seatsIn(parts))
}

export const seatsIn = (parts: readonly CartPart[]): number => parts.reduce((sum, { seats }) => sum + seats.length, 0)
