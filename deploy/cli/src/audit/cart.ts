import type { CartPart, CartWish, PartRequested } from '@cavea/contracts/cart/messages'
import type { Actor } from '@cavea/contracts/envelope'
import type { CommandId, HoldId, PerformanceId } from '@cavea/contracts/ids'
import { type Finding, finding } from './findings.ts'
import { areSameSeats } from './seats.ts'

export const CART_STATES = ['opening', 'held', 'sold', 'released', 'expired', 'refused'] as const
export type CartState = (typeof CART_STATES)[number]

export interface GrantedPart {
  readonly part: CartPart
  readonly attempt: number
  /** The record of the cart's that says so. */
  readonly offset: number
}

/** A cart as its events make it. */
export interface Cart {
  readonly holdId: HoldId
  readonly performanceId: PerformanceId
  readonly organisation: string
  readonly buyerKind: Actor['kind']
  readonly buyer: string
  readonly openedBy: CommandId
  readonly partition: number
  state: CartState
  /** The command that made it what it is, and so the cause of what its parts are to become. */
  changedBy: CommandId
  /** Null once it is settled. */
  wish: CartWish | null
  attempt: number
  awaited: PartRequested | null
  isOverdue: boolean
  /** Requests whose section was not heard of when the cart went on or ended: a part may still come of them. */
  readonly unanswered: PartRequested[]
  readonly granted: Map<HoldId, GrantedPart>
  /** Parts that it gives back although it never had them, each with the command that made it do so. */
  readonly returned: Map<HoldId, CommandId>
  /** The times that it ran to, in their order; the last one counts. */
  readonly timesMs: number[]
}

/** Not ended: a sold cart has its parts for ever. */
export const isAlive = ({ state }: Cart): boolean => state === 'opening' || state === 'held' || state === 'sold'

/** Whether a section that was asked for this may answer with these seats. */
export function isAnswerTo({ seats: asked, quantity, atLeast }: PartRequested, seats: readonly number[]): boolean {
  if (asked.length > 0) return areSameSeats(seats, asked)
  return seats.length > 0 && seats.length >= atLeast && seats.length <= quantity && new Set(seats).size === seats.length
}

export const isSamePart = (part: CartPart, other: CartPart): boolean =>
  part.sectionId === other.sectionId &&
  part.step === other.step &&
  part.priceRevision === other.priceRevision &&
  areSameSeats(part.seats, other.seats)

/** What becomes of a cart becomes of exactly the parts that it was granted. */
export function faultInParts({ parts }: { readonly parts: readonly CartPart[] }, { holdId, granted }: Cart): Finding | undefined {
  const ids = new Set(parts.map((part) => part.holdId))
  const altered = parts.find((part) => {
    const own = granted.get(part.holdId)
    return own !== undefined && !isSamePart(part, own.part)
  })
  if (altered !== undefined) return finding('I6', `${holdId} was granted ${altered.holdId} as another part than this is about`)
  if (parts.length === granted.size && ids.size === granted.size && parts.every((part) => granted.has(part.holdId))) return undefined
  const names = (of: Iterable<string>): string => [...of].join(', ') || 'none'
  return finding('I6', `${holdId} has the parts ${names(granted.keys())}, but this is about ${names(ids)}`)
}

/** All or nothing: the parts are what was chosen, or as many as were wanted. */
export function faultInSum({ holdId, granted }: Cart, { chosen, quantity }: CartWish): Finding | undefined {
  const named = ({ sectionId, seats }: { readonly sectionId: string; readonly seats: readonly number[] }): readonly string[] =>
    seats.map((seat) => `${sectionId}/${seat}`)
  const had = new Set([...granted.values()].flatMap(({ part }) => named(part)))
  if (chosen.length === 0)
    return had.size === quantity ? undefined : finding('I6', `${holdId} is held with ${had.size} seats, but ${quantity} were wanted`)
  const wanted = new Set(chosen.flatMap(named))
  const missing = [...wanted].find((seat) => !had.has(seat))
  if (missing === undefined && had.size === wanted.size) return undefined
  return finding(
    'I6',
    `${holdId} is held with ${had.size} seats, but ${wanted.size} were chosen${missing === undefined ? '' : `, and ${missing} is not among them`}`,
  )
}

/** The command that opened a cart is what somebody waits for. */
export function faultInAnswerTo({ holdId, openedBy }: Cart, commandId: string): Finding | undefined {
  if (commandId === openedBy) return undefined
  return finding('I2', `it decides about ${holdId} in the name of ${commandId}, but ${openedBy} opened it and waits for the answer`)
}
