import type { CartEvent, PartRequested } from '@cavea/contracts/cart/messages'
import type { Decision } from '@cavea/contracts/envelope'
import { derivedKey, type HoldId, holdIdOf, keyOfId, placeOf } from '@cavea/contracts/ids'
import { bucketOf, partitionOf } from '@cavea/contracts/partitioning'
import { type Cart, type CartState, faultInAnswerTo, faultInParts, faultInSum, isAlive, isAnswerTo } from './cart.ts'
import type { Promised } from './catalog-rules.ts'
import { type Finding, finding, timeText } from './findings.ts'
import { seatList } from './seats.ts'
import type { SectionParts } from './section-parts.ts'

type EventOf<Type extends CartEvent['type']> = Extract<CartEvent, { readonly type: Type }>
type Ending = EventOf<'CartReleased' | 'CartExpired' | 'CartSold'>

const ENDS_AS = { CartReleased: 'released', CartExpired: 'expired', CartSold: 'sold' } as const
const UNANSWERED = 'PART_UNANSWERED'

/** The carts of one partition, in tables of their own that are written from the rules and share no code with the decider. */
export class CartRules {
  readonly #partition: number
  readonly #partitions: number
  readonly #promised: Promised
  readonly #parts: SectionParts
  readonly #carts = new Map<HoldId, Cart>()
  /** Ids that were made in the present millisecond. Ids carry their time, so older ones cannot come again. */
  readonly #recentIds = new Set<string>()
  #nowMs = Number.NEGATIVE_INFINITY
  readonly counts: Record<CartState, number> = { opening: 0, held: 0, sold: 0, released: 0, expired: 0, refused: 0 }

  /** `parts`: what sections have for carts. An ended cart of which they have nothing is forgotten. */
  constructor(partition: number, partitions: number, promised: Promised, parts: SectionParts) {
    this.#partition = partition
    this.#partitions = partitions
    this.#promised = promised
    this.#parts = parts
  }

  /** Those that have not ended, those that are sold, and those of which a section still has something. */
  get carts(): Iterable<Cart> {
    return this.#carts.values()
  }

  check(event: CartEvent, decision: Decision, offset: number): Finding | undefined {
    if (decision.atMs > this.#nowMs) this.#recentIds.clear()
    this.#nowMs = decision.atMs
    switch (event.type) {
      case 'CartOpened':
        return this.#open(event, decision)
      case 'PartRequested':
        return this.#request(event, decision)
      case 'PartGranted':
        return this.#grant(event, decision, offset)
      case 'PartDenied':
        return this.#deny(event, decision)
      case 'CartOverdue': {
        const cart = this.#awaiting(event, decision, 'overdue')
        if (!('state' in cart)) return cart
        cart.isOverdue = true
        return faultInAnswerTo(cart, event.openedBy)
      }
      case 'PartReturned':
        return this.#giveBack(event, decision)
      case 'CartHeld':
        return this.#hold(event, decision)
      case 'CartRefused':
        return this.#refuse(event, decision)
      case 'CartExtended': {
        const cart = this.#running(event, decision, 'extended')
        if (!('state' in cart)) return cart
        const beforeMs = cart.timesMs.at(-1) ?? 0
        if (event.expiresAtMs <= beforeMs)
          return finding('I7', `${cart.holdId} is extended to ${timeText(event.expiresAtMs)}, but it ran to ${timeText(beforeMs)} already`)
        cart.timesMs.push(event.expiresAtMs)
        return faultInParts(event, cart)
      }
      case 'CartReleased':
        return this.#end(event, this.#running(event, decision, 'released'), decision)
      case 'CartSold':
        return this.#sell(event, decision)
      case 'CartExpired': {
        const cart = this.#held(event, decision, 'expired')
        const untilMs = 'state' in cart ? (cart.timesMs.at(-1) ?? 0) : 0
        if (decision.atMs < untilMs)
          return finding('I7', `${event.holdId} expires at ${timeText(decision.atMs)}, before its time, ${timeText(untilMs)}`)
        return this.#end(event, cart, decision)
      }
      default:
        event satisfies never
        return undefined // Recorded by a later version: what it means for carts is unknown here.
    }
  }

  #open(event: EventOf<'CartOpened'>, { envelope, atMs }: Decision): Finding | undefined {
    const { holdId, openedBy, performanceId, organisation, buyerKind, buyer } = event
    const { commandId, actor } = envelope
    if (this.#carts.has(holdId) || this.#recentIds.has(holdId)) return finding('I1', `the cart ${holdId} is opened twice`)
    const place = { kind: 'cart', bucket: bucketOf(keyOfId(holdId)) } as const
    const told = placeOf(holdId)
    if (told?.kind !== place.kind || told.bucket !== place.bucket)
      return finding('I1', `the id ${holdId} does not say that it is a cart in bucket ${place.bucket}, where everybody will look for it`)
    if (keyOfId(holdId) !== derivedKey(commandId) || holdId !== holdIdOf(atMs, place, commandId))
      return finding('I1', `the id ${holdId} does not derive from the command that it was made for`)
    const home = partitionOf(place.bucket, this.#partitions)
    if (home !== this.#partition)
      return finding('I1', `the cart ${holdId} belongs to partition ${home}, where it may be decided about a second time`)
    if (buyerKind !== actor.kind || buyer !== actor.id)
      return finding('I1', `${actor.id} asked for the cart ${holdId}, but ${buyer} gets it`)
    const promised = this.#promised.get(performanceId)
    if (promised !== undefined && promised.organisation !== organisation)
      return finding('I1', `the cart ${holdId} is opened for ${organisation}, but its performance is ${promised.organisation}'s`)
    this.#recentIds.add(holdId)
    const { chosen, candidates, standing, quantity, categories, accessible } = event
    const cart: Cart = {
      holdId,
      performanceId,
      organisation,
      buyerKind,
      buyer,
      openedBy,
      partition: this.#partition,
      state: 'opening',
      changedBy: commandId,
      wish: { chosen, candidates, standing, quantity, categories, accessible },
      attempt: 0,
      awaited: null,
      isOverdue: false,
      unanswered: [],
      granted: new Map(),
      returned: new Map(),
      timesMs: [],
    }
    this.#carts.set(holdId, cart)
    this.counts.opening++
    return openedBy === commandId ? undefined : faultInAnswerTo(cart, commandId)
  }

  #request(event: PartRequested, decision: Decision): Finding | undefined {
    const cart = this.#opening(event, decision, 'looking for seats')
    if (!('state' in cart)) return cart
    const { attempt, sectionId, buyerKind, buyer } = event
    const { holdId, awaited, wish } = cart
    if (awaited !== null)
      return finding('I1', `${holdId} goes on to attempt ${attempt}, but attempt ${awaited.attempt} is not answered yet`)
    if (attempt !== cart.attempt + 1) return finding('I1', `attempt ${attempt} of ${holdId} comes after attempt ${cart.attempt}`)
    if (![...(wish?.chosen ?? []), ...(wish?.candidates ?? [])].some((named) => named.sectionId === sectionId))
      return finding('I1', `${holdId} asks section ${sectionId} for seats, where its buyer wants none`)
    if (buyerKind !== cart.buyerKind || buyer !== cart.buyer)
      return finding('I1', `${holdId} asks for seats for ${buyer}, but it is ${cart.buyer}'s`)
    cart.attempt = attempt
    cart.awaited = event
    cart.isOverdue = false
    return undefined
  }

  #grant(event: EventOf<'PartGranted'>, decision: Decision, offset: number): Finding | undefined {
    const { attempt, part } = event
    const cart = this.#awaiting({ ...event, sectionId: part.sectionId }, decision, 'granted')
    if (!('state' in cart)) return cart
    if (cart.granted.has(part.holdId)) return finding('I1', `${part.holdId} is granted to ${cart.holdId} a second time`)
    if (cart.awaited !== null && !isAnswerTo(cart.awaited, part.seats))
      return finding(
        'I6',
        `${part.holdId} has the seats ${seatList(part.seats)}, which ${cart.holdId} did not ask for in attempt ${attempt}`,
      )
    cart.granted.set(part.holdId, { part, attempt, offset })
    cart.awaited = null
    return undefined
  }

  #deny(event: EventOf<'PartDenied'>, decision: Decision): Finding | undefined {
    const cart = this.#awaiting(event, decision, 'denied')
    if (!('state' in cart)) return cart
    if (event.code === UNANSWERED) {
      if (!cart.isOverdue) return finding('I1', `${cart.holdId} gives up attempt ${event.attempt}, which was not overdue`)
      if (cart.awaited !== null) cart.unanswered.push(cart.awaited)
    }
    cart.awaited = null
    return undefined
  }

  /** What comes for nobody goes back. Of a cart that is forgotten here, no section has anything. */
  #giveBack({ holdId, part }: EventOf<'PartReturned'>, { envelope }: Decision): Finding | undefined {
    const cart = this.#carts.get(holdId)
    if (cart === undefined) return undefined
    if (isAlive(cart) && cart.granted.has(part.holdId)) return finding('I1', `${holdId} gives ${part.holdId} back, which is a part of it`)
    if (cart.state === 'opening' && cart.awaited?.sectionId === part.sectionId)
      return finding(
        'I1',
        `${holdId} gives ${part.holdId} back, but waits for a part of section ${part.sectionId} in attempt ${cart.attempt}`,
      )
    if (this.#parts.get(part.holdId) !== undefined) cart.returned.set(part.holdId, envelope.commandId)
    return undefined
  }

  #hold(event: EventOf<'CartHeld'>, decision: Decision): Finding | undefined {
    const cart = this.#opening(event, decision, 'held')
    if (!('state' in cart)) return cart
    const { holdId, awaited, wish } = cart
    if (awaited !== null) return finding('I1', `${holdId} is held, but attempt ${awaited.attempt} is not answered yet`)
    if (event.buyer !== cart.buyer || event.organisation !== cart.organisation)
      return finding(
        'I1',
        `${holdId} is held by ${event.buyer} of ${event.organisation}, but it is ${cart.buyer}'s of ${cart.organisation}`,
      )
    const fault = faultInParts(event, cart) ?? (wish === null ? undefined : faultInSum(cart, wish))
    if (fault !== undefined) return fault
    this.#become(cart, 'held', decision)
    cart.wish = null
    cart.timesMs.push(event.expiresAtMs)
    return faultInAnswerTo(cart, decision.envelope.correlationId)
  }

  #refuse(event: EventOf<'CartRefused'>, decision: Decision): Finding | undefined {
    const cart = this.#opening(event, decision, 'refused')
    if (!('state' in cart)) return cart
    const fault = faultInParts(event, cart)
    if (fault !== undefined) return fault
    if (decision.rejection === null) return finding('I2', `${cart.holdId} is refused without a rejection: nobody can be told why`)
    if (cart.awaited !== null) cart.unanswered.push(cart.awaited)
    cart.awaited = null
    cart.wish = null
    this.#become(cart, 'refused', decision)
    return faultInAnswerTo(cart, decision.envelope.correlationId)
  }

  #sell(event: EventOf<'CartSold'>, decision: Decision): Finding | undefined {
    const cart = this.#running(event, decision, 'sold')
    if (!('state' in cart)) return cart
    const { actor, organisation } = decision.envelope
    if (actor.kind === 'buyer') return finding('I1', `${actor.id}, a buyer, sells ${cart.holdId}, which only its organiser may`)
    if (actor.kind === 'organiser' && organisation !== cart.organisation)
      return finding('I1', `${organisation} sells ${cart.holdId}, which is of ${cart.organisation}`)
    return this.#end(event, cart, decision)
  }

  #end(event: Ending, cart: Cart | Finding, decision: Decision): Finding | undefined {
    if (!('state' in cart)) return cart
    const fault = faultInParts(event, cart)
    if (fault !== undefined) return fault
    this.#become(cart, ENDS_AS[event.type], decision)
    return undefined
  }

  #become(cart: Cart, state: CartState, { envelope }: Decision): void {
    this.counts[cart.state]--
    this.counts[state]++
    cart.state = state
    cart.changedBy = envelope.commandId
    if (!isAlive(cart) && !this.#parts.areOf(cart.holdId)) this.#carts.delete(cart.holdId)
  }

  /** The cart that an event names, unless it is none, has ended, or is not the asker's. */
  #alive({ holdId, performanceId }: CartEvent, { envelope }: Decision, done: string): Cart | Finding {
    const cart = this.#carts.get(holdId)
    if (cart === undefined || !isAlive(cart)) return finding('I1', `${holdId} is ${done}, but it was never opened or has ended`)
    if (cart.performanceId !== performanceId)
      return finding('I1', `${holdId} is ${done} in ${performanceId}, but its seats are in ${cart.performanceId}`)
    const { actor } = envelope
    if (actor.kind === 'buyer' && actor.id !== cart.buyer)
      return finding('I1', `${holdId} is ${done} by ${actor.id}, but it is ${cart.buyer}'s`)
    return cart
  }

  #opening(event: CartEvent, decision: Decision, done: string): Cart | Finding {
    const cart = this.#alive(event, decision, done)
    return 'state' in cart && cart.state !== 'opening' ? finding('I1', `${cart.holdId} is ${done}, but it is ${cart.state} already`) : cart
  }

  /** The same, and this is the attempt that it waits for. */
  #awaiting(event: CartEvent & { readonly attempt: number; readonly sectionId: string }, decision: Decision, done: string): Cart | Finding {
    const cart = this.#opening(event, decision, done)
    if (!('state' in cart)) return cart
    const { awaited, holdId } = cart
    const { attempt, sectionId } = event
    const { actor } = decision.envelope
    if (actor.kind !== 'system')
      return finding('I1', `attempt ${attempt} of ${holdId} is ${done} by ${actor.id}, but only its section may answer`)
    if (awaited?.attempt !== attempt)
      return finding('I1', `attempt ${attempt} of ${holdId} is ${done}, but it waits for ${awaited === null ? 'none' : awaited.attempt}`)
    if (awaited.sectionId !== sectionId)
      return finding('I1', `attempt ${attempt} of ${holdId} is ${done} by section ${sectionId}, but it asked ${awaited.sectionId}`)
    return cart
  }

  #held(event: CartEvent, decision: Decision, done: string): Cart | Finding {
    const cart = this.#alive(event, decision, done)
    if (!('state' in cart) || cart.state === 'held') return cart
    const why = cart.state === 'sold' ? 'its seats were sold before' : 'it has not all its parts yet'
    return finding('I1', `${cart.holdId} is ${done}, but ${why}`)
  }

  /** The same, and its time is not over. */
  #running(event: CartEvent, decision: Decision, done: string): Cart | Finding {
    const cart = this.#held(event, decision, done)
    if (!('state' in cart)) return cart
    const untilMs = cart.timesMs.at(-1) ?? 0
    if (decision.atMs < untilMs) return cart
    return finding('I7', `${cart.holdId} is ${done} at ${timeText(decision.atMs)}, but it ran out at ${timeText(untilMs)}`)
  }
}
