import type {
  Candidate,
  CartCommand,
  CartEvent,
  CartHeld,
  CartOpened,
  CartPart,
  CartRefused,
  CartTerms,
  CartWish,
  OpenCart,
  PartDenied,
  PartGranted,
  PartRequested,
  RecordPart,
  RecordRefusal,
} from '@cavea/contracts/cart/messages'
import type { Actor } from '@cavea/contracts/envelope'
import {
  type CommandId,
  commandIdOf,
  derivedKey,
  epochMillis,
  type HoldId,
  holdIdOf,
  type PerformanceId,
  type SectionId,
  seatIndex,
} from '@cavea/contracts/ids'
import { bucketOf, sectionKey } from '@cavea/contracts/partitioning'
import { type Rejection, recorded } from '@cavea/contracts/rejections'
import { at, COMMAND_ID, ORGANISATION, type Recorded } from '../specification.ts'

/** What specifications of carts speak of: three sections, a standing area in three shards, two buyers and their organiser. */
export const PERFORMANCE = 'perf_1' as PerformanceId
export const ANNA: Actor = { kind: 'buyer', id: 'buyer_anna' }
export const BERND: Actor = { kind: 'buyer', id: 'buyer_bernd' }
export const ORGANISER: Actor = { kind: 'organiser', id: 'acct_olga' }
export const SYSTEM: Actor = { kind: 'system', id: 'record-part' }

export const section = (name: string): SectionId => name as SectionId
export const [STALLS, BALCONY, GALLERY] = [section('stalls'), section('balcony'), section('gallery')]
export const FLOOR = [section('floor~0'), section('floor~1'), section('floor~2')] as const

export const TERMS: CartTerms = {
  holdTtlMs: 1_000,
  extensionMs: 400,
  extensions: 2,
  holdMaxMs: 1_600,
  seatsPerHoldMax: 6,
  purchaseLimit: null,
  sectionLimit: null,
}

const NOTHING_WISHED: CartWish = { chosen: [], candidates: [], standing: false, quantity: 0, categories: [], accessible: false }

/** The seats of three sections, chosen one by one. */
export const CHOSEN: CartWish = {
  ...NOTHING_WISHED,
  chosen: [
    { sectionId: STALLS, seats: [seatIndex(1), seatIndex(2)] },
    { sectionId: BALCONY, seats: [seatIndex(5)] },
    { sectionId: GALLERY, seats: [seatIndex(0), seatIndex(3)] },
  ],
  quantity: 5,
}

export const candidate = (sectionId: SectionId, available: number, distance = 0): Candidate => ({ sectionId, available, distance })

/** The best four of three sections, any of which may have them. */
export const BEST: CartWish = {
  ...NOTHING_WISHED,
  candidates: [candidate(STALLS, 9, 10), candidate(BALCONY, 9, 20), candidate(GALLERY, 9, 30)],
  quantity: 4,
}

/** Four places of a standing area. */
export const STANDING: CartWish = { ...NOTHING_WISHED, candidates: FLOOR.map((shard) => candidate(shard, 9)), standing: true, quantity: 4 }

export const openCart = (wish: CartWish, terms: Partial<CartTerms> = {}): OpenCart => ({
  type: 'OpenCart',
  performanceId: PERFORMANCE,
  organisation: ORGANISATION,
  ...wish,
  terms: { ...TERMS, ...terms },
})

export const commandNamed = (name: string): CommandId => commandIdOf(name)
export const cartOf = (commandId: CommandId, atMs: number): HoldId =>
  holdIdOf(epochMillis(atMs), { kind: 'cart', bucket: bucketOf(derivedKey(commandId)) }, commandId)
/** The id of what the command under test makes. */
export const newCart = (atMs: number): HoldId => cartOf(COMMAND_ID, atMs)

/** The cart that specifications begin with: Anna opened it at 100. */
export const OPENED_BY = commandNamed('anna')
export const OPENED_MS = 100
export const CART = cartOf(OPENED_BY, OPENED_MS)
export const OF_CART = { holdId: CART, performanceId: PERFORMANCE } as const

export const cartOpened = (wish: CartWish, terms: Partial<CartTerms> = {}, actor: Actor = ANNA): CartOpened => ({
  type: 'CartOpened',
  ...OF_CART,
  openedBy: OPENED_BY,
  organisation: ORGANISATION,
  buyerKind: actor.kind,
  buyer: actor.id,
  ...wish,
  terms: { ...TERMS, ...terms },
})

/** The try of a round: `quantity` seats of the section, and not fewer, in the worst way that the round accepts. */
export function asked(attempt: number, round: PartRequested['round'], sectionId: SectionId, quantity: number): PartRequested {
  const worstStep = { '': 'any', together: 'adjacent', split: 'split-rows', any: 'any', combined: 'any' } as const
  return {
    type: 'PartRequested',
    ...OF_CART,
    attempt,
    round,
    sectionId,
    seats: [],
    quantity,
    atLeast: round === 'combined' ? 1 : quantity,
    worstStep: worstStep[round],
    categories: [],
    accessible: false,
    buyerKind: ANNA.kind,
    buyer: ANNA.id,
  }
}
/** The try for places to stand, which are all alike. */
export const askedToStand = (attempt: number, round: PartRequested['round'], shard: SectionId, quantity: number): PartRequested => ({
  ...asked(attempt, round, shard, quantity),
  worstStep: 'any',
})
/** The try for those seats that the buyer chose of one section. */
export function askedForChosen(attempt: number): PartRequested {
  const { sectionId, seats } = CHOSEN.chosen[attempt - 1] ?? { sectionId: section('none'), seats: [] }
  return { ...asked(attempt, '', sectionId, seats.length), seats }
}

/** A part of so many seats from `from` on. */
export function part(sectionId: SectionId, count: number, change: Partial<CartPart> & { readonly from?: number } = {}): CartPart {
  const { from = 0, ...fields } = change
  const place = { kind: 'section', bucket: bucketOf(sectionKey(PERFORMANCE, sectionId)) } as const
  return {
    holdId: holdIdOf(epochMillis(150), place, commandNamed(`part in ${sectionId} from ${from}`)),
    sectionId,
    seats: Array.from({ length: count }, (_, seat) => seatIndex(from + seat)),
    step: '',
    priceRevision: 3,
    ...fields,
  }
}
/** The parts of `CHOSEN`, in the order in which they are asked for. */
export const CHOSEN_PARTS: readonly CartPart[] = CHOSEN.chosen.map(({ sectionId, seats }) => part(sectionId, seats.length, { seats }))

export const recordPart = (attempt: number, granted: CartPart, have = granted.seats.length): RecordPart => ({
  type: 'RecordPart',
  cartId: CART,
  performanceId: PERFORMANCE,
  attempt,
  part: granted,
  have,
})
export const recordRefusal = (attempt: number, sectionId: SectionId, rejection: Rejection): RecordRefusal => ({
  type: 'RecordRefusal',
  cartId: CART,
  attempt,
  sectionId,
  rejection: recorded(rejection),
})

export const granted = (attempt: number, part: CartPart, have = part.seats.length): PartGranted => ({
  type: 'PartGranted',
  ...OF_CART,
  attempt,
  part,
  have,
})
export const denied = (attempt: number, sectionId: SectionId, code: string, have = 0, step = ''): PartDenied => ({
  type: 'PartDenied',
  ...OF_CART,
  attempt,
  sectionId,
  code,
  have,
  step,
})
export const refused = (...parts: readonly CartPart[]): CartRefused => ({ type: 'CartRefused', ...OF_CART, parts })
export const held = (parts: readonly CartPart[], expiresAtMs: number, change: Partial<CartHeld> = {}): CartHeld => ({
  type: 'CartHeld',
  ...OF_CART,
  buyer: ANNA.id,
  organisation: ORGANISATION,
  parts,
  expiresAtMs: epochMillis(expiresAtMs),
  extensionsLeft: TERMS.extensions,
  ...change,
})

/** Anna's cart as it stands after these events, the first of which opened it; each came ten milliseconds after the one before. */
export const inTurn = (...events: readonly CartEvent[]): readonly Recorded<CartEvent>[] =>
  events.map((event, turn) => at(OPENED_MS + 10 * turn, event))

export const TICK: CartCommand = { type: 'Tick' }
