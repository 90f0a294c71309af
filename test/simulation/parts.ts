import type { CartCommand, CartEvent, PartRequested } from '@cavea/contracts/cart/messages'
import type { SeatingCommand, SeatingEvent } from '@cavea/contracts/seating/messages'
import type { ModelCart } from './cart-model.ts'
import { Breach, expect } from './invariants.ts'
import type { TrueLedger } from './ledger.ts'
import type { SeatingModel } from './model.ts'
import { type Case, type ModelHold, same } from './model-rules.ts'

function cartOf(ledgers: readonly TrueLedger[], cartId: string): ModelCart {
  for (const { carts } of ledgers) {
    const cart = carts.carts.get(cartId)
    if (cart !== undefined) return cart
  }
  throw new Breach(`A section has to do with ${cartId}, which was never opened.`, 'carts')
}

function partOf(ledgers: readonly TrueLedger[], holdId: string): ModelHold {
  for (const { seating } of ledgers) {
    const hold = seating.holds.get(holdId)
    if (hold !== undefined) return hold
  }
  throw new Breach(`A cart has to do with ${holdId}, which was never granted.`, 'carts')
}

/** What a section did with parts of carts must be what the carts had asked for, and have decided by now. */
export function judgePartsOfSections(
  ledgers: readonly TrueLedger[],
  seating: SeatingModel,
  { command, commandId, events }: Case<SeatingCommand, SeatingEvent>,
): void {
  if ((command.type === 'HoldSeats' || command.type === 'HoldBestAvailable') && command.cart !== null) {
    const { cartId, attempt, buyer, buyerKind } = command.cart
    const request = cartOf(ledgers, cartId).requests.get(attempt)
    const isIt = request !== undefined && isAskedBy(command, request) && request.buyer === buyer && request.buyerKind === buyerKind
    expect(isIt, () => `${commandId} asks for a part that ${cartId} did not ask for.`, 'carts')
  }
  for (const event of events) judgeEndOfPart(ledgers, seating, event)
}

function isAskedBy(command: Extract<SeatingCommand, { cart: unknown }>, request: PartRequested): boolean {
  if (command.sectionId !== request.sectionId || command.performanceId !== request.performanceId) return false
  if (command.type === 'HoldSeats') return same(command.seats, request.seats)
  const { quantity, atLeast, worstStep, categories, accessible } = request
  const isAsMany = command.quantity === quantity && command.atLeast === atLeast && command.worstStep === worstStep
  return isAsMany && command.accessible === accessible && command.categories.join() === categories.join() && request.seats.length === 0
}

/** A part ends as its cart did, or because the cart did not take it, and not before. */
function judgeEndOfPart(ledgers: readonly TrueLedger[], { holds }: SeatingModel, event: SeatingEvent): void {
  if (event.type !== 'HoldReleased' && event.type !== 'SeatsSold' && event.type !== 'HoldExtended') return
  const { cartId = '' } = holds.get(event.holdId) ?? {}
  if (cartId === '') return
  const { status, parts, returned, extendedTo } = cartOf(ledgers, cartId)
  const isPart = parts.some(({ holdId }) => holdId === event.holdId)
  if (event.type === 'SeatsSold') expect(status === 'sold' && isPart, () => `${event.holdId} is sold, and ${cartId} is ${status}.`, 'carts')
  else if (event.type === 'HoldExtended')
    expect(isPart && extendedTo.has(event.expiresAtMs), () => `${event.holdId} is extended, and ${cartId} is not.`, 'carts')
  else {
    const isOver = status === 'refused' || status === 'released' || status === 'expired'
    const mayGo = isPart ? isOver : returned.has(event.holdId)
    expect(mayGo, () => `${event.holdId} is given back, and ${cartId} is ${status}.`, 'carts')
  }
}

/** What a cart is told must be what its sections decided. */
export function judgePartsOfCarts(ledgers: readonly TrueLedger[], { command, commandId }: Case<CartCommand, CartEvent>): void {
  if (command.type === 'RecordPart') {
    const { cartId, attempt, part, have } = command
    const hold = partOf(ledgers, part.holdId)
    const isIt = hold.cartId === cartId && hold.attempt === attempt && same(hold.seats, part.seats)
    expect(isIt && hold.section.sectionId === part.sectionId, () => `${commandId} tells of ${part.holdId} what it is not.`, 'carts')
    expect(hold.priceRevision === part.priceRevision, () => `${commandId} tells of another price list than ${part.holdId} locked.`, 'carts')
    expect(hold.have === have, () => `${commandId} says that the buyer has ${have} seats there, and they are ${hold.have}.`, 'carts')
  }
  if (command.type === 'RecordRefusal') {
    const { cartId, attempt, rejection } = command
    const { overdue } = cartOf(ledgers, cartId)
    const refused = ledgers.map(({ seating }) => seating.refusals.get(`${cartId}/${attempt}`)).find((code) => code !== undefined)
    const isTrue = rejection.code === 'PART_UNANSWERED' ? overdue.has(attempt) : refused === rejection.code
    expect(isTrue, () => `${commandId} tells of a refusal for ${rejection.code}, and it was ${refused ?? 'none'}.`, 'carts')
  }
}
