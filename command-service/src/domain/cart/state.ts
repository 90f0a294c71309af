import type { CartEvent, CartOpened, CartPart, CartRound } from '@cavea/contracts/cart/messages'
import { type EpochMillis, epochMillis, type HoldId, keyOfId, type SectionId } from '@cavea/contracts/ids'
import { addEnded, type EndedHold } from '../ended-holds.ts'
import { ExpiryQueue } from '../expiry-queue.ts'

/** What a candidate said when it refused. */
export interface Refused {
  /** Free seats as asked for. */
  readonly have: number
  /** The step by which all of them could be had there; empty: by none. */
  readonly step: string
}

/** The one try whose outcome is awaited. */
export interface Asked {
  readonly attempt: number
  readonly round: CartRound | ''
  readonly sectionId: SectionId
}

/** A cart that is looking for its parts. */
export interface OpeningCart {
  readonly key: string
  readonly opened: Omit<CartOpened, 'type'>
  readonly asked: Asked
  readonly parts: readonly CartPart[]
  /** Seats that the buyer has in each stream where a part was granted, the part included. */
  readonly have: ReadonlyMap<SectionId, number>
  readonly refused: ReadonlyMap<SectionId, Refused>
  /** When it gives up waiting for the outcome of its try. */
  readonly expiresAtMs: EpochMillis
}

/** A cart that has all its parts: to the client, a hold. A sold one is kept for ever. */
export interface CartView {
  readonly key: string
  readonly holdId: HoldId
  readonly performanceId: CartOpened['performanceId']
  readonly organisation: string
  readonly buyer: string
  readonly terms: CartOpened['terms']
  readonly parts: readonly CartPart[]
  readonly status: 'held' | 'sold'
  readonly heldAtMs: EpochMillis
  readonly expiresAtMs: EpochMillis
  readonly extensionsLeft: number
}

export interface CartsView {
  /** By `keyOfId`. */
  readonly opening: ReadonlyMap<string, OpeningCart>
  readonly carts: ReadonlyMap<string, CartView>
  readonly ended: ReadonlyMap<string, EndedHold>
  /** When the first cart lapses or gives up waiting; null: none will. */
  readonly nextDueMs: () => EpochMillis | null
  /** Carts that lapsed by then and are not recorded as expired yet, the earliest first. */
  readonly lapsed: (now: EpochMillis, max: number) => readonly CartView[]
  /** Carts whose try was not answered by then, the longest waiting first. */
  readonly overdue: (now: EpochMillis, max: number) => readonly OpeningCart[]
}

/** A section that is taken over by another worker answers within seconds; one that does not is in deeper trouble. */
export const ANSWER_WITHIN_MS = 60_000

interface Opening extends OpeningCart {
  asked: Asked
  parts: CartPart[]
  have: Map<SectionId, number>
  refused: Map<SectionId, Refused>
  expiresAtMs: EpochMillis
  queueAt: number
}

interface Cart extends CartView {
  status: 'held' | 'sold'
  expiresAtMs: EpochMillis
  extensionsLeft: number
  queueAt: number
}

export interface CartsState extends CartsView {
  readonly opening: Map<string, Opening>
  readonly carts: Map<string, Cart>
  readonly ended: Map<string, EndedHold>
  readonly expiries: ExpiryQueue<Cart>
  readonly deadlines: ExpiryQueue<Opening>
}

export function initialState(): CartsState {
  const expiries = new ExpiryQueue<Cart>()
  const deadlines = new ExpiryQueue<Opening>()
  return {
    opening: new Map(),
    carts: new Map(),
    ended: new Map(),
    expiries,
    deadlines,
    nextDueMs() {
      const due = [expiries.first()?.expiresAtMs, deadlines.first()?.expiresAtMs].filter((at) => at !== undefined)
      return due.length === 0 ? null : epochMillis(Math.min(...due))
    },
    lapsed: (now, max) => expiries.due(now, max),
    overdue: (now, max) => deadlines.due(now, max),
  }
}

/** Folds one recorded event in place. It throws only when the log contradicts itself. */
export function evolve(state: CartsState, event: CartEvent, atMs: EpochMillis): void {
  switch (event.type) {
    case 'CartOpened': {
      const { type: _, ...opened } = event
      addOpening(state, { opened, asked: NOTHING_ASKED, parts: [], have: [], refused: [], expiresAtMs: answerBy(atMs) })
      return
    }
    case 'PartRequested': {
      const { attempt, round, sectionId } = event
      const cart = openingOf(state, event.holdId)
      cart.asked = { attempt, round, sectionId }
      wait(state, cart, atMs)
      return
    }
    case 'PartGranted': {
      const cart = openingOf(state, event.holdId)
      cart.parts.push(event.part)
      cart.have.set(event.part.sectionId, event.have)
      return
    }
    case 'PartDenied':
      openingOf(state, event.holdId).refused.set(event.sectionId, { have: event.have, step: event.step })
      return
    case 'CartOverdue':
      wait(state, openingOf(state, event.holdId), atMs) // For the refusal that follows from it.
      return
    case 'PartReturned':
      return // The part never belonged to the cart.
    case 'CartHeld': {
      const { opened } = endOpening(state, event.holdId)
      const { holdId, performanceId, organisation, buyer, parts, expiresAtMs, extensionsLeft } = event
      addCart(state, {
        holdId,
        performanceId,
        organisation,
        buyer,
        terms: opened.terms,
        parts,
        status: 'held',
        heldAtMs: atMs,
        expiresAtMs,
        extensionsLeft,
      })
      return
    }
    case 'CartRefused': {
      const { key, opened } = endOpening(state, event.holdId)
      addEnded(state.ended, key, { status: 'released', buyer: opened.buyer, organisation: opened.organisation, atMs })
      return
    }
    case 'CartExtended': {
      const cart = cartOf(state, event.holdId)
      cart.expiresAtMs = event.expiresAtMs
      cart.extensionsLeft = event.extensionsLeft
      state.expiries.moved(cart)
      return
    }
    case 'CartReleased':
      endCart(state, event.holdId, 'released', atMs)
      return
    case 'CartExpired':
      endCart(state, event.holdId, 'expired', atMs)
      return
    case 'CartSold': {
      const cart = cartOf(state, event.holdId)
      cart.status = 'sold'
      state.expiries.remove(cart)
      return
    }
    default:
      event satisfies never
  }
}

const NOTHING_ASKED: Asked = { attempt: 0, round: '', sectionId: '' as SectionId }

/** An opening cart in the form in which a snapshot has it. */
export interface NewOpening {
  readonly opened: Omit<CartOpened, 'type'>
  readonly asked: Asked
  readonly parts: readonly CartPart[]
  readonly have: readonly { readonly sectionId: SectionId; readonly seats: number }[]
  readonly refused: readonly (Refused & { readonly sectionId: SectionId })[]
  readonly expiresAtMs: EpochMillis
}

export type NewCart = Omit<CartView, 'key'>

export function addOpening(state: CartsState, { opened, asked, parts, have, refused, expiresAtMs }: NewOpening): void {
  const key = keyOfId(opened.holdId)
  if (state.opening.has(key) || state.carts.has(key)) throw new Error(`The log opens ${opened.holdId} twice.`)
  const cart: Opening = {
    key,
    opened,
    asked,
    parts: [...parts],
    have: new Map(have.map(({ sectionId, seats }) => [sectionId, seats])),
    refused: new Map(refused.map(({ sectionId, ...said }) => [sectionId, said])),
    expiresAtMs,
    queueAt: -1,
  }
  state.opening.set(key, cart)
  state.deadlines.add(cart)
}

const answerBy = (atMs: EpochMillis): EpochMillis => epochMillis(atMs + ANSWER_WITHIN_MS)

function wait(state: CartsState, cart: Opening, atMs: EpochMillis): void {
  cart.expiresAtMs = answerBy(atMs)
  state.deadlines.moved(cart)
}

function endOpening(state: CartsState, holdId: HoldId): Opening {
  const cart = openingOf(state, holdId)
  state.deadlines.remove(cart)
  state.opening.delete(cart.key)
  return cart
}

export function addCart(state: CartsState, from: NewCart): void {
  const cart: Cart = { ...from, key: keyOfId(from.holdId), queueAt: -1 }
  state.carts.set(cart.key, cart)
  if (cart.status === 'held') state.expiries.add(cart)
}

function endCart(state: CartsState, holdId: HoldId, status: EndedHold['status'], atMs: EpochMillis): void {
  const cart = cartOf(state, holdId)
  state.expiries.remove(cart)
  state.carts.delete(cart.key)
  addEnded(state.ended, cart.key, { status, buyer: cart.buyer, organisation: cart.organisation, atMs })
}

function openingOf(state: CartsState, holdId: HoldId): Opening {
  const cart = state.opening.get(keyOfId(holdId))
  if (cart === undefined) throw new Error(`The log speaks of ${holdId}, which is not being opened.`)
  return cart
}

function cartOf(state: CartsState, holdId: HoldId): Cart {
  const cart = state.carts.get(keyOfId(holdId))
  if (cart === undefined) throw new Error(`The log speaks of ${holdId}, which was never held or which ended.`)
  return cart
}
