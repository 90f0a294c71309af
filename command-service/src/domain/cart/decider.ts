import type {
  CartCommand,
  CartEvent,
  CartPart,
  ExtendCart,
  OpenCart,
  PartRequested,
  RecordPart,
  RecordRefusal,
  ReleaseCart,
  SellCart,
} from '@cavea/contracts/cart/messages'
import { derivedKey, epochMillis, holdIdOf, keyOfId, type SectionId } from '@cavea/contracts/ids'
import { bucketOf } from '@cavea/contracts/partitioning'
import { type CartRejection, recorded } from '@cavea/contracts/rejections'
import { sectionOfStream } from '@cavea/contracts/streams'
import { accept, type Decided, type Decider, type Given, reject } from '../decider.ts'
import { decodeState, encodeState } from './codec.ts'
import { nextAsk, type Progress, rank, seatsFree, seatsIn } from './looking.ts'
import { type CartsState, type CartsView, type CartView, evolve, initialState, type OpeningCart } from './state.ts'

type Outcome = Decided<CartEvent, CartRejection>

/** A tick records at most so many lapses, each of which lists its parts; the next tick is due at once. */
const LAPSES_PER_TICK_MAX = 500

/**
 * One hold over several sections or shards, all or nothing. It asks one of them at a time, and is the only one to decide
 * the expiry and the sale of the whole: its parts never end by themselves.
 */
export const cart: Decider<CartCommand, CartEvent, CartsView, CartsState, CartRejection> = {
  context: 'cart',
  ruleVersion: 1,
  initialState,
  decide,
  evolve,
  nextDueMs: (view) => view.nextDueMs(),
  encodeState,
  decodeState,
}

/** Reads the command, the view and what is given with it, nothing else: no clock, no randomness, no await. */
export function decide(command: CartCommand, view: CartsView, given: Given): Outcome {
  switch (command.type) {
    case 'OpenCart':
      return open(command, view, given)
    case 'RecordPart':
      return given.envelope.actor.kind === 'system' ? recordPart(command, view, given) : reject({ code: 'NOT_PERMITTED' })
    case 'RecordRefusal':
      return given.envelope.actor.kind === 'system' ? recordRefusal(command, view) : reject({ code: 'NOT_PERMITTED' })
    case 'ExtendCart':
      return onCart(command, view, given, extend)
    case 'ReleaseCart':
      return onCart(command, view, given, (found) =>
        found.status === 'sold' ? reject({ code: 'HOLD_SOLD' }) : accept({ type: 'CartReleased', ...whole(found) }),
      )
    case 'SellCart':
      if (given.envelope.actor.kind === 'buyer') return reject({ code: 'NOT_PERMITTED' })
      return onCart(command, view, given, (found) => (found.status === 'sold' ? accept() : accept({ type: 'CartSold', ...whole(found) })))
    case 'Tick':
      return accept<CartEvent>(
        ...view.lapsed(given.now, LAPSES_PER_TICK_MAX).map(expired),
        ...view.overdue(given.now, LAPSES_PER_TICK_MAX).map(overdue),
      )
    default:
      return command satisfies never
  }
}

function open(command: OpenCart, view: CartsView, { envelope, now }: Given): Outcome {
  const { actor, commandId, organisation: of } = envelope
  const { performanceId, organisation, chosen, standing, quantity, categories, accessible, terms } = command
  // Another organisation's box office is no buyer either: its holds would escape every limit.
  if (actor.kind === 'organiser' && of !== organisation) return reject({ code: 'NOT_PERMITTED' })
  const key = derivedKey(commandId)
  if (view.opening.has(key) || view.carts.has(key) || view.ended.has(key)) return accept() // The same intent again, longer ago than ids are remembered.
  if (actor.kind === 'buyer' && quantity > terms.seatsPerHoldMax)
    return reject({ code: 'SEATS_PER_HOLD', limit: terms.seatsPerHoldMax, asked: quantity })
  const candidates = rank(command, key)
  const holdId = holdIdOf(now, { kind: 'cart', bucket: bucketOf(key) }, commandId)
  const opened = {
    holdId,
    openedBy: commandId,
    performanceId,
    organisation,
    chosen,
    candidates,
    standing,
    quantity,
    categories,
    accessible,
    terms,
  }
  const buyer = { buyerKind: actor.kind, buyer: actor.id }
  const first = request({ opened: { ...opened, ...buyer }, attempt: 1 }, { wish: opened, asked: NOWHERE, parts: [], refused: new Map() })
  if (first === undefined) return reject({ code: 'NOT_ENOUGH_SEATS', asked: quantity, have: 0 })
  return accept<CartEvent>({ type: 'CartOpened', ...opened, ...buyer }, first)
}

const NOWHERE = { round: '', sectionId: '' as SectionId } as const

function recordPart({ cartId, performanceId, attempt, part, have }: RecordPart, view: CartsView, { now }: Given): Outcome {
  const cart = view.opening.get(keyOfId(cartId))
  if (cart === undefined || cart.asked.attempt !== attempt) {
    const ours = cart ?? view.carts.get(keyOfId(cartId))
    if (ours?.parts.some(({ holdId }) => holdId === part.holdId)) return accept() // Told a second time.
    return accept({ type: 'PartReturned', holdId: cartId, performanceId, part })
  }
  const { holdId, organisation, buyer, quantity, terms } = cart.opened
  const parts = [...cart.parts, part]
  const granted: CartEvent = { type: 'PartGranted', holdId, performanceId, attempt, part, have }
  const refused: CartEvent = { type: 'CartRefused', holdId, performanceId, parts }
  const overLimit = limitPassed(cart, parts, new Map(cart.have).set(part.sectionId, have))
  if (overLimit !== undefined) return refuse(overLimit, granted, refused)
  if (seatsIn(parts) < quantity) {
    const progress = { ...progressOf(cart), parts }
    const next = request({ opened: cart.opened, attempt: attempt + 1 }, progress)
    if (next !== undefined) return accept<CartEvent>(granted, next)
    return refuse(notEnough(progress), granted, refused)
  }
  const expiresAtMs = epochMillis(now + Math.min(terms.holdTtlMs, terms.holdMaxMs))
  const { extensions: extensionsLeft } = terms
  return accept<CartEvent>(granted, {
    type: 'CartHeld',
    holdId,
    performanceId,
    buyer,
    organisation,
    parts,
    expiresAtMs,
    extensionsLeft,
  })
}

/** A candidate that has too little is not the end. Any other refusal is: of chosen seats, and where the sale itself forbids it. */
function goesOn({ chosen, standing }: OpeningCart['opened'], code: string): boolean {
  if (chosen.length > 0) return false
  // Shards are one section: a buyer who has all that is allowed of it in one of them gets nothing in another.
  if (code === 'SECTION_LIMIT') return !standing
  return code === 'NOT_ENOUGH_SEATS' || code === 'SEATS_NOT_TOGETHER'
}

function recordRefusal({ cartId, attempt, sectionId, rejection }: RecordRefusal, view: CartsView): Outcome {
  const cart = view.opening.get(keyOfId(cartId))
  if (cart === undefined || cart.asked.attempt !== attempt) return accept()
  const { holdId, performanceId } = cart.opened
  const { parts } = cart
  const said = { have: rejection.code === 'SECTION_LIMIT' ? 0 : (rejection.have ?? 0), step: rejection.step }
  const denied: CartEvent = { type: 'PartDenied', holdId, performanceId, attempt, sectionId, code: rejection.code, ...said }
  const refused: CartEvent = { type: 'CartRefused', holdId, performanceId, parts }
  const place = sectionOfStream(sectionId)
  if (!goesOn(cart.opened, rejection.code)) return refuse(recorded({ ...rejection, sectionId: place }), denied, refused)
  const progress = { ...progressOf(cart), refused: new Map(cart.refused).set(sectionId, said) }
  const next = request({ opened: cart.opened, attempt: attempt + 1 }, progress)
  if (next !== undefined) return accept<CartEvent>(denied, next)
  // Where limits of sections stood in the way, more seats would not have helped.
  if (rejection.code === 'SECTION_LIMIT') return refuse(recorded({ ...rejection, sectionId: place }), denied, refused)
  return refuse(notEnough(progress), denied, refused)
}

const notEnough = (progress: Progress): CartRejection => {
  const { quantity } = progress.wish
  return { code: 'NOT_ENOUGH_SEATS', asked: quantity, have: Math.min(seatsFree(progress), quantity) }
}

const refuse = (why: CartRejection, ...events: readonly CartEvent[]): Outcome => reject(why, ...events)

const progressOf = ({ opened, asked, parts, refused }: OpeningCart): Progress => ({ wish: opened, asked, parts, refused })

function request(of: { readonly opened: OpeningCart['opened']; readonly attempt: number }, progress: Progress): PartRequested | undefined {
  const ask = nextAsk(progress)
  if (ask === undefined) return undefined
  const { holdId, performanceId, categories, accessible, buyerKind, buyer } = of.opened
  return { type: 'PartRequested', holdId, performanceId, attempt: of.attempt, ...ask, categories, accessible, buyerKind, buyer }
}

/**
 * Limits over several streams. They count what those streams know of the buyer, these parts included; the order will
 * count everything.
 */
function limitPassed({ opened }: OpeningCart, parts: readonly CartPart[], have: ReadonlyMap<SectionId, number>): CartRejection | undefined {
  const { quantity: asked, terms, buyerKind } = opened
  const { purchaseLimit, sectionLimit } = terms
  if (buyerKind !== 'buyer') return undefined
  const bySection = new Map<SectionId, number>()
  let all = 0
  for (const [stream, seats] of have) {
    const section = sectionOfStream(stream)
    bySection.set(section, (bySection.get(section) ?? 0) + seats)
    all += seats
  }
  if (purchaseLimit !== null && all > purchaseLimit)
    return { code: 'PURCHASE_LIMIT', limit: purchaseLimit, have: all - seatsIn(parts), asked }
  for (const [section, seats] of bySection) {
    if (sectionLimit === null || seats <= sectionLimit) continue
    const own = seatsIn(parts.filter((part) => sectionOfStream(part.sectionId) === section))
    return { code: 'SECTION_LIMIT', limit: sectionLimit, have: seats - own, asked }
  }
  return undefined
}

function extend(found: CartView): Outcome {
  if (found.status === 'sold') return reject({ code: 'HOLD_SOLD' })
  const { terms, extensionsLeft } = found
  const expiresAtMs = epochMillis(Math.min(found.expiresAtMs + terms.extensionMs, found.heldAtMs + terms.holdMaxMs))
  if (extensionsLeft < 1 || expiresAtMs <= found.expiresAtMs) return reject({ code: 'HOLD_NOT_EXTENDABLE', extensionsLeft })
  return accept({ type: 'CartExtended', ...whole(found), expiresAtMs, extensionsLeft: extensionsLeft - 1 })
}

/** Finds the cart that a command names and goes on with it, unless it ended, lapsed, or is not the asker's to see. */
function onCart(command: ExtendCart | ReleaseCart | SellCart, view: CartsView, given: Given, then: (found: CartView) => Outcome): Outcome {
  const key = keyOfId(command.holdId)
  const found = view.carts.get(key)
  if (found === undefined) {
    const ended = view.ended.get(key)
    if (ended === undefined || !maySee(ended, given)) return reject({ code: 'HOLD_NOT_FOUND' })
    if (ended.status === 'expired') return reject({ code: 'HOLD_EXPIRED' })
    return command.type === 'ReleaseCart' ? accept() : reject({ code: 'HOLD_RELEASED' })
  }
  if (!maySee(found, given)) return reject({ code: 'HOLD_NOT_FOUND' })
  if (found.status === 'held' && found.expiresAtMs <= given.now) return reject({ code: 'HOLD_EXPIRED' }, expired(found))
  return then(found)
}

/** A cart is its buyer's and the organiser's; to everybody else it does not exist. */
function maySee(of: { readonly buyer: string; readonly organisation: string }, { envelope }: Given): boolean {
  const { kind, id } = envelope.actor
  return kind === 'system' || (kind === 'organiser' ? envelope.organisation === of.organisation : id === of.buyer)
}

const whole = ({ holdId, performanceId, parts }: CartView): Pick<CartView, 'holdId' | 'performanceId' | 'parts'> => ({
  holdId,
  performanceId,
  parts,
})

const overdue = ({ opened: { holdId, performanceId, openedBy }, asked: { attempt, sectionId } }: OpeningCart): CartEvent => ({
  type: 'CartOverdue',
  holdId,
  performanceId,
  openedBy,
  attempt,
  sectionId,
})

const expired = (found: CartView): CartEvent => ({ type: 'CartExpired', ...whole(found) })
