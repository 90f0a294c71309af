import type {
  CartCommand,
  CartEvent,
  CartPart,
  CartTerms,
  OpenCart,
  PartRequested,
  RecordPart,
  RecordRefusal,
} from '@cavea/contracts/cart/messages'
import { Breach, expect } from './invariants.ts'
import { agree, agreeWith, type Case, does, refused, type Verdict } from './model-rules.ts'

/** How long a cart waits for a section at least. */
const ANSWER_WITHIN_MS = 60_000

export interface ModelCart {
  readonly holdId: string
  readonly wish: OpenCart
  readonly buyer: string
  readonly buyerKind: string
  readonly organisation: string
  readonly terms: CartTerms
  parts: readonly CartPart[]
  /** The try whose outcome is awaited. */
  asked: PartRequested | undefined
  askedAtMs: number
  /** Every stream that was asked, and what it last said that the buyer has there. */
  readonly tried: Set<string>
  readonly have: Map<string, number>
  /** What streams that refused said they have left. */
  readonly left: Map<string, number>
  /** All tries, those that were given up, and the parts that came too late for theirs. */
  readonly requests: Map<number, PartRequested>
  readonly overdue: Set<number>
  readonly returned: Set<string>
  /** Every time that it was extended to. */
  readonly extendedTo: Set<number>
  heldAtMs: number
  untilMs: number
  extensionsLeft: number
  status: 'opening' | 'held' | 'sold' | 'refused' | 'released' | 'expired'
}

type Carts = Case<CartCommand, CartEvent>

/** Refusals after which another section may still be asked. */
const GO_ON = new Set(['SECTION_LIMIT', 'NOT_ENOUGH_SEATS', 'SEATS_NOT_TOGETHER'])

/** The rules of carts written down a second time: all or nothing, one try at a time, one expiry for the whole. */
export class CartModel {
  readonly carts = new Map<string, ModelCart>()

  /** Throws `Breach` when the decision is not what the rules say. */
  judge(of: Carts): void {
    const { command } = of
    switch (command.type) {
      case 'OpenCart':
        this.#open(of, command)
        return
      case 'RecordPart':
      case 'RecordRefusal':
        this.#goOn(of, command)
        return
      case 'ExtendCart':
      case 'ReleaseCart':
      case 'SellCart':
        agreeWith(of, this.#verdictOnCart(of, command))
        for (const event of of.events) this.#end(event, of)
        return
      case 'Tick':
        expect(of.rejection === null, () => 'A tick was refused.')
        for (const event of of.events) {
          if (event.type === 'CartOverdue') {
            const cart = this.#cart(event.holdId)
            expect(
              cart.status === 'opening' && cart.asked?.attempt === event.attempt,
              () => `${cart.holdId} gives up a try that it does not wait for.`,
            )
            expect(of.nowMs >= cart.askedAtMs + ANSWER_WITHIN_MS, () => `${cart.holdId} gives up too early.`, 'I7')
            cart.askedAtMs = of.nowMs
            cart.overdue.add(event.attempt)
          } else this.#end(event, of)
        }
        return
      default:
        command satisfies never
    }
  }

  #open(of: Carts, command: OpenCart): void {
    const { actor, events, rejection, nowMs } = of
    const { terms, chosen, candidates, quantity } = command
    const reasons = new Set<string>()
    if (actor.kind === 'organiser' && of.organisation !== command.organisation) reasons.add('NOT_PERMITTED')
    if (actor.kind === 'buyer' && quantity > terms.seatsPerHoldMax) reasons.add('SEATS_PER_HOLD')
    if (chosen.length === 0 && candidates.every(({ available }) => available === 0)) reasons.add('NOT_ENOUGH_SEATS')
    agree(of, reasons, 'CartOpened,PartRequested')
    if (rejection !== null) return
    const opened = events[0]
    if (opened?.type !== 'CartOpened') throw new Breach('A cart opens without saying so.')
    expect(!this.carts.has(opened.holdId), () => `${opened.holdId} is opened twice.`)
    expect(opened.buyer === actor.id && opened.openedBy === of.commandId, () => `${opened.holdId} is opened for somebody else.`)
    const cart: ModelCart = {
      holdId: opened.holdId,
      wish: command,
      buyer: actor.id,
      buyerKind: actor.kind,
      organisation: command.organisation,
      terms,
      parts: [],
      asked: undefined,
      askedAtMs: nowMs,
      tried: new Set(),
      have: new Map(),
      left: new Map(),
      requests: new Map(),
      overdue: new Set(),
      returned: new Set(),
      extendedTo: new Set(),
      heldAtMs: 0,
      untilMs: 0,
      extensionsLeft: 0,
      status: 'opening',
    }
    this.carts.set(cart.holdId, cart)
    this.#ask(cart, events[1], nowMs)
  }

  #ask(cart: ModelCart, event: CartEvent | undefined, nowMs: number): void {
    const { holdId, wish, parts, asked } = cart
    if (event?.type !== 'PartRequested') throw new Breach(`${holdId} has not all and does not go on.`)
    expect(event.attempt === (asked?.attempt ?? 0) + 1, () => `${holdId} counts its tries wrongly.`)
    expect(event.buyer === cart.buyer && event.buyerKind === cart.buyerKind, () => `${holdId} asks for somebody else.`)
    const left = wish.quantity - seatsIn(parts)
    if (wish.chosen.length > 0) {
      const next = wish.chosen[parts.length]
      expect(
        event.sectionId === next?.sectionId && event.seats.join() === next.seats.join(),
        () => `${holdId} asks for seats that nobody chose.`,
      )
    } else {
      expect(
        wish.candidates.some(({ sectionId }) => sectionId === event.sectionId),
        () => `${holdId} asks where nobody looked.`,
      )
      expect(event.seats.length === 0 && event.quantity === left, () => `${holdId} asks for ${event.quantity} and lacks ${left}.`)
      expect(event.atLeast >= 1 && event.atLeast <= left, () => `${holdId} asks for at least ${event.atLeast}.`)
    }
    cart.asked = event
    cart.requests.set(event.attempt, event)
    cart.askedAtMs = nowMs
    cart.tried.add(event.sectionId)
  }

  #goOn(of: Carts, command: RecordPart | RecordRefusal): void {
    const { events, nowMs } = of
    expect(of.actor.kind === 'system', () => 'Somebody else speaks for a section.')
    const cart = this.#cart(command.cartId)
    const isAwaited = cart.status === 'opening' && cart.asked?.attempt === command.attempt
    const isOurs = command.type === 'RecordPart' && cart.parts.some(({ holdId }) => holdId === command.part.holdId)
    if (!isAwaited) {
      const isOver = cart.status !== 'opening' && cart.status !== 'held' && cart.status !== 'sold'
      if (command.type === 'RecordPart' && (!isOurs || isOver)) {
        const [event] = events
        const isReturned = events.length === 1 && event?.type === 'PartReturned' && event.part.holdId === command.part.holdId
        expect(isReturned, () => `${cart.holdId} does not give back ${command.part.holdId}, which it does not wait for.`, 'carts')
        cart.returned.add(command.part.holdId)
      } else expect(events.length === 0, () => `${cart.holdId} takes a late answer for the awaited one.`, 'carts')
      expect(of.rejection === null, () => `${cart.holdId} refuses a late answer.`)
      return
    }
    const [said, then] = events
    if (command.type === 'RecordPart') {
      expect(said?.type === 'PartGranted' && said.part.holdId === command.part.holdId, () => `${cart.holdId} does not take its part.`)
      cart.parts = [...cart.parts, command.part]
      cart.have.set(command.part.sectionId, command.have)
      cart.left.delete(command.part.sectionId)
    } else {
      expect(said?.type === 'PartDenied', () => `${cart.holdId} does not hear that it was refused.`)
      if (!cart.parts.some(({ sectionId }) => sectionId === command.sectionId))
        cart.left.set(command.sectionId, command.rejection.code === 'SECTION_LIMIT' ? 0 : (command.rejection.have ?? 0))
    }
    expect(events.length === 2, () => `${cart.holdId} does ${events.map(({ type }) => type).join()}.`)
    if (then?.type === 'CartHeld') this.#hold(of, cart, then)
    else if (then?.type === 'CartRefused') this.#refuse(of, cart, command, then)
    else {
      expect(of.rejection === null && seatsIn(cart.parts) < cart.wish.quantity, () => `${cart.holdId} goes on though it has all.`)
      this.#ask(cart, then, nowMs)
    }
  }

  #hold({ nowMs, rejection }: Carts, cart: ModelCart, event: Extract<CartEvent, { type: 'CartHeld' }>): void {
    const { terms, holdId } = cart
    expect(rejection === null && samePart(event.parts, cart.parts), () => `${holdId} holds other parts than it was granted.`, 'carts')
    expect(
      seatsIn(cart.parts) === cart.wish.quantity,
      () => `${holdId} holds ${seatsIn(cart.parts)} of ${cart.wish.quantity} seats.`,
      'carts',
    )
    expect(event.expiresAtMs === nowMs + Math.min(terms.holdTtlMs, terms.holdMaxMs), () => `${holdId} lasts too long or too short.`, 'I7')
    expect(event.extensionsLeft === terms.extensions && event.buyer === cart.buyer, () => `${holdId} is not held as its terms say.`)
    if (cart.buyerKind === 'buyer') expect(limitPassed(cart) === undefined, () => `${holdId} passes a limit.`)
    cart.status = 'held'
    cart.heldAtMs = nowMs
    cart.untilMs = event.expiresAtMs
    cart.extensionsLeft = event.extensionsLeft
  }

  #refuse(
    { rejection }: Carts,
    cart: ModelCart,
    command: RecordPart | RecordRefusal,
    event: Extract<CartEvent, { type: 'CartRefused' }>,
  ): void {
    const { holdId, wish } = cart
    expect(samePart(event.parts, cart.parts), () => `${holdId} gives back other parts than it has.`, 'carts')
    if (rejection === null) throw new Breach(`${holdId} is refused without a reason.`)
    cart.status = 'refused'
    const { code } = rejection
    if (command.type === 'RecordPart' && code !== 'NOT_ENOUGH_SEATS') {
      expect(cart.buyerKind === 'buyer' && code === limitPassed(cart), () => `${holdId} was granted a part and is refused for ${code}.`)
      return
    }
    if (command.type === 'RecordRefusal') {
      const { code: why } = command.rejection
      const isFinal = wish.chosen.length > 0 || !GO_ON.has(why) || (why === 'SECTION_LIMIT' && wish.standing)
      const isRight = code === why || (!isFinal && code === 'NOT_ENOUGH_SEATS' && why !== 'SECTION_LIMIT')
      expect(isRight && code !== 'SEATS_NOT_TOGETHER', () => `${holdId} is refused for ${code}, its part for ${why}.`)
      if (isFinal || code !== 'NOT_ENOUGH_SEATS') return
    }
    const unasked = wish.candidates.find(({ sectionId, available }) => available !== 0 && !cart.tried.has(sectionId))
    expect(unasked === undefined, () => `${holdId} is refused and ${unasked?.sectionId} was never asked.`)
    // Of seats it cannot be told: those of a table that is sold whole are free and cannot be had.
    const known = seatsIn(cart.parts) + total(cart.left)
    expect(!wish.standing || known < wish.quantity, () => `${holdId} is refused, and knows of ${known} places.`)
  }

  #verdictOnCart(of: Carts, command: Extract<CartCommand, { type: 'ExtendCart' | 'ReleaseCart' | 'SellCart' }>): Verdict {
    const { actor, nowMs, events } = of
    const cart = this.carts.get(command.holdId)
    if (command.type === 'SellCart' && actor.kind === 'buyer') return refused('NOT_PERMITTED')
    const isTheirs = actor.kind === 'organiser' ? of.organisation === cart?.organisation : actor.id === cart?.buyer
    if (cart === undefined || cart.status === 'opening' || !isTheirs) return refused('HOLD_NOT_FOUND')
    const { holdId, status, terms } = cart
    const hasLapsed = status === 'held' && nowMs >= cart.untilMs
    if (hasLapsed)
      expect(
        events.some(({ type }) => type === 'CartExpired'),
        () => `${holdId} lapsed, which is not recorded.`,
        'I7',
      )
    if (status === 'expired' || hasLapsed) return refused('HOLD_EXPIRED')
    if (status === 'released' || status === 'refused') return command.type === 'ReleaseCart' ? does('') : refused('HOLD_RELEASED')
    if (status === 'sold') return command.type === 'SellCart' ? does('') : refused('HOLD_SOLD')
    if (command.type !== 'ExtendCart') return does(command.type === 'SellCart' ? 'CartSold' : 'CartReleased')
    const untilMs = Math.min(cart.untilMs + terms.extensionMs, cart.heldAtMs + terms.holdMaxMs)
    return cart.extensionsLeft === 0 || untilMs <= cart.untilMs ? refused('HOLD_NOT_EXTENDABLE') : does('CartExtended', untilMs)
  }

  #end(event: CartEvent, { nowMs }: Carts): void {
    const isEnd = event.type === 'CartExpired' || event.type === 'CartReleased' || event.type === 'CartSold'
    if (!isEnd && event.type !== 'CartExtended') throw new Breach(`A cart does ${event.type} here.`)
    const cart = this.#cart(event.holdId)
    expect(cart.status === 'held', () => `${cart.holdId} is ${cart.status} and does ${event.type}.`)
    expect(samePart(event.parts, cart.parts), () => `${event.type} of ${cart.holdId} names other parts than it has.`, 'carts')
    if (event.type === 'CartExpired')
      expect(nowMs >= cart.untilMs, () => `${cart.holdId} expires ${cart.untilMs - nowMs} ms before its time.`, 'I7')
    else expect(nowMs < cart.untilMs, () => `${cart.holdId} does ${event.type} ${nowMs - cart.untilMs} ms after its time.`, 'I7')
    if (event.type === 'CartExtended') {
      expect(event.extensionsLeft === cart.extensionsLeft - 1, () => `${cart.holdId} counts its extensions wrongly.`)
      cart.untilMs = event.expiresAtMs
      cart.extendedTo.add(event.expiresAtMs)
      cart.extensionsLeft = event.extensionsLeft
    } else cart.status = event.type === 'CartExpired' ? 'expired' : event.type === 'CartSold' ? 'sold' : 'released'
  }

  #cart(holdId: string): ModelCart {
    const cart = this.carts.get(holdId)
    if (cart === undefined) throw new Breach(`${holdId} was never opened.`)
    return cart
  }
}

const seatsIn = (parts: readonly CartPart[]): number => parts.reduce((sum, { seats }) => sum + seats.length, 0)
const total = (have: ReadonlyMap<string, number>): number => [...have.values()].reduce((sum, seats) => sum + seats, 0)
/** The limit that the buyer passes with the parts, as far as their sections know; shards of an area are one section. */
function limitPassed({ have, terms: { purchaseLimit, sectionLimit } }: ModelCart): string | undefined {
  if (purchaseLimit !== null && total(have) > purchaseLimit) return 'PURCHASE_LIMIT'
  const bySection = new Map<string, number>()
  for (const [stream, seats] of have) {
    const section = stream.split('~')[0] ?? ''
    bySection.set(section, (bySection.get(section) ?? 0) + seats)
  }
  return sectionLimit !== null && [...bySection.values()].some((seats) => seats > sectionLimit) ? 'SECTION_LIMIT' : undefined
}

const samePart = (a: readonly CartPart[], b: readonly CartPart[]): boolean =>
  a.length === b.length && a.every(({ holdId, seats }, at) => holdId === b[at]?.holdId && seats.join() === b[at].seats.join())
