import type { CartEvent, CartHeld } from '@cavea/contracts/cart/messages'
import type { EpochMillis } from '@cavea/contracts/ids'
import { BEST_AVAILABLE_STEPS, type BestAvailableStep } from '@cavea/contracts/seats'
import type { CartColumns, HeldCartColumns } from './cart-columns.ts'
import { CLOSED_HOLDS_MAX, ClosedHolds } from './closed-holds.ts'
import { HOLD_STATUSES, type HoldStatus } from './seat-state.ts'

/** What one section, or one shard of a standing area, holds for a cart. */
export interface PartView {
  readonly holdId: string
  /** The section's, or its shard's. */
  readonly sectionId: string
  readonly seats: readonly number[]
  readonly step: BestAvailableStep | ''
  readonly priceRevision: number
}

/** A hold over several streams. To its buyer it is a hold like any other. */
export interface CartView {
  readonly holdId: string
  readonly performanceId: string
  readonly buyer: string
  readonly organisation: string
  readonly status: HoldStatus
  readonly parts: readonly PartView[]
  readonly expiresAtMs: number
  readonly extensionsLeft: number
}

/** What the cart decisions of one partition add up to, for readers: to them a cart exists once it has all its parts. */
export interface CartState {
  /** Folds the events of one decision, which are facts: whatever they say becomes true, and nothing is refused. */
  apply(events: readonly CartEvent[], atMs: EpochMillis): void
  cart(holdId: string): CartView | undefined
  cartCount(): number
  /** The whole state in a form that is small to write; it shares nothing with the state. */
  toColumns(): CartColumns
}

export interface CartStateOptions {
  /** Released and expired carts beyond this number are forgotten, the longest closed first. Default 20,000. */
  readonly closedHoldsMax?: number
  /** The state to go on from. */
  readonly from?: CartColumns
}

type Cart = { -readonly [Name in keyof CartView]: CartView[Name] }

const STEPS: readonly (BestAvailableStep | '')[] = ['', ...BEST_AVAILABLE_STEPS]

export function createCartState({ closedHoldsMax = CLOSED_HOLDS_MAX, from }: CartStateOptions = {}): CartState {
  const carts = new Map<string, Cart>(from === undefined ? [] : cartsOf(from.carts))
  const closed = new ClosedHolds(closedHoldsMax, from?.closed)
  const names = new Map<string, string>(from?.carts.names.map((name) => [name, name]))
  let nowMs = from?.nowMs ?? 0

  /** The text as it was first read: ids of performances and sections come again with every cart, and need exist once only. */
  function known(text: string): string {
    const name = names.get(text)
    if (name !== undefined) return name
    names.set(text, text)
    return text
  }

  const held = (event: CartHeld): Cart => ({
    holdId: event.holdId,
    performanceId: known(event.performanceId),
    buyer: event.buyer,
    organisation: known(event.organisation),
    status: 'held',
    parts: event.parts.map(({ holdId, sectionId, seats, step, priceRevision }) => {
      return { holdId, sectionId: known(sectionId), seats: seats.slice(), step, priceRevision }
    }),
    expiresAtMs: event.expiresAtMs,
    extensionsLeft: event.extensionsLeft,
  })

  function close(holdId: string, status: 'released' | 'expired'): void {
    const cart = carts.get(holdId)
    if (cart === undefined) return
    if (cart.status === 'held') closed.add(holdId, nowMs)
    cart.status = status
  }

  function forgetOldest(): void {
    for (const holdId of closed.takeForgotten(nowMs)) {
      const status = carts.get(holdId)?.status
      if (status === 'released' || status === 'expired') carts.delete(holdId)
    }
  }

  function applyOne(event: CartEvent): void {
    switch (event.type) {
      case 'CartOpened':
      case 'PartRequested':
      case 'PartGranted':
      case 'PartDenied':
      case 'CartOverdue':
      case 'PartReturned':
      case 'CartRefused':
        return
      case 'CartHeld':
        carts.set(event.holdId, held(event))
        return
      case 'CartExtended': {
        const cart = carts.get(event.holdId)
        if (cart === undefined) return
        cart.expiresAtMs = event.expiresAtMs
        cart.extensionsLeft = event.extensionsLeft
        return
      }
      case 'CartReleased':
        close(event.holdId, 'released')
        return
      case 'CartExpired':
        close(event.holdId, 'expired')
        return
      case 'CartSold': {
        const cart = carts.get(event.holdId)
        if (cart !== undefined) cart.status = 'sold'
        return
      }
      default:
        event satisfies never
    }
  }

  return {
    apply(events, atMs) {
      nowMs = Math.max(nowMs, atMs)
      for (const event of events) applyOne(event)
      forgetOldest()
    },
    cart: (holdId) => carts.get(holdId),
    cartCount: () => carts.size,
    toColumns: () => ({ nowMs, carts: columnsOf(carts), closed: closed.toColumns() }),
  }
}

function columnsOf(carts: ReadonlyMap<string, Cart>): HeldCartColumns {
  const places = new Map<string, number>()
  const placeOf = (name: string): number => {
    const place = places.get(name) ?? places.size
    places.set(name, place)
    return place
  }
  const columns = {
    holdIds: [] as string[],
    buyers: [] as string[],
    performance: new Uint32Array(carts.size),
    organisation: new Uint32Array(carts.size),
    status: new Uint8Array(carts.size),
    expiresAtMs: new Float64Array(carts.size),
    extensionsLeft: new Int32Array(carts.size),
    partsEnd: new Uint32Array(carts.size),
  }
  const parts: PartView[] = []
  let at = 0
  for (const cart of carts.values()) {
    for (const part of cart.parts) parts.push(part)
    columns.holdIds.push(cart.holdId)
    columns.buyers.push(cart.buyer)
    columns.performance[at] = placeOf(cart.performanceId)
    columns.organisation[at] = placeOf(cart.organisation)
    columns.status[at] = HOLD_STATUSES.indexOf(cart.status)
    columns.expiresAtMs[at] = cart.expiresAtMs
    columns.extensionsLeft[at] = cart.extensionsLeft
    columns.partsEnd[at] = parts.length
    at++
  }
  const seatsEnd = new Uint32Array(parts.length)
  const seats: number[] = []
  for (const [part, { seats: ofPart }] of parts.entries()) {
    for (const seat of ofPart) seats.push(seat)
    seatsEnd[part] = seats.length
  }
  const partColumns = {
    holdIds: parts.map(({ holdId }) => holdId),
    section: Uint32Array.from(parts, ({ sectionId }) => placeOf(sectionId)),
    step: Uint8Array.from(parts, ({ step }) => STEPS.indexOf(step)),
    priceRevision: Int32Array.from(parts, ({ priceRevision }) => priceRevision),
    seats: Uint32Array.from(seats),
    seatsEnd,
  }
  return { ...columns, parts: partColumns, names: [...places.keys()] }
}

function* cartsOf(columns: HeldCartColumns): Iterable<[string, Cart]> {
  const { names, parts } = columns
  let part = 0
  for (const [at, holdId] of columns.holdIds.entries()) {
    const ofCart: PartView[] = []
    for (const partsEnd = columns.partsEnd[at] ?? part; part < partsEnd; part++)
      ofCart.push({
        holdId: parts.holdIds[part] ?? '',
        sectionId: names[parts.section[part] ?? -1] ?? '',
        seats: Array.from(parts.seats.subarray(parts.seatsEnd[part - 1] ?? 0, parts.seatsEnd[part])),
        step: STEPS[parts.step[part] ?? 0] ?? '',
        priceRevision: parts.priceRevision[part] ?? 0,
      })
    const cart: Cart = {
      holdId,
      performanceId: names[columns.performance[at] ?? -1] ?? '',
      buyer: columns.buyers[at] ?? '',
      organisation: names[columns.organisation[at] ?? -1] ?? '',
      status: HOLD_STATUSES[columns.status[at] ?? 0] ?? 'held',
      parts: ofCart,
      expiresAtMs: columns.expiresAtMs[at] ?? 0,
      extensionsLeft: columns.extensionsLeft[at] ?? 0,
    }
    yield [holdId, cart]
  }
}
