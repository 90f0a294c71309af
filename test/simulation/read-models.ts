import type { CartEvent } from '@cavea/contracts/cart/messages'
import { epochMillis } from '@cavea/contracts/ids'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import { type CartState, createCartState } from '@cavea/query-service/application/cart-state'
import { createSeatState, SEAT_STATUSES, type SeatState } from '@cavea/query-service/application/seat-state'
import { expect } from './invariants.ts'
import type { Counted, TrueLedger } from './ledger.ts'
import { type ModelSection, same } from './model-rules.ts'

/** After so many decisions a read model is written down and goes on from what was written. */
const WRITTEN_EVERY = 7

/** Invariant I5: the folds of the query service, fed with every decision that counts, beside the models. */
export class ReadModels {
  readonly #seats = new Map<TrueLedger, SeatState>()
  readonly #carts = new Map<TrueLedger, CartState>()
  readonly #wrap: (state: SeatState) => SeatState

  constructor(wrap: (state: SeatState) => SeatState = (state) => state) {
    this.#wrap = wrap
  }

  /** Folds the decision, which the models have judged, and throws `Breach` where what it changed is not what they say. */
  fold(ledger: TrueLedger, { context, decision, events }: Counted): void {
    const atMs = epochMillis(decision.atMs)
    const isWritten = ledger.counted.length % WRITTEN_EVERY === 0
    if (context === 'seating') {
      const before = this.#seats.get(ledger)
      const state = before === undefined || isWritten ? this.#wrap(createSeatState(before && { from: before.toColumns() })) : before
      this.#seats.set(ledger, state)
      state.apply(events as readonly SeatingEvent[], atMs)
      for (const event of events as readonly SeatingEvent[]) compareSeats(state, ledger, event)
    }
    if (context === 'cart') {
      const before = this.#carts.get(ledger)
      const state = before === undefined || isWritten ? createCartState(before && { from: before.toColumns() }) : before
      this.#carts.set(ledger, state)
      state.apply(events as readonly CartEvent[], atMs)
      for (const { holdId } of events as readonly CartEvent[]) compareCart(state, ledger, holdId)
    }
  }
}

function compareSeats(state: SeatState, { seating }: TrueLedger, event: SeatingEvent): void {
  const key = `${event.performanceId}/${event.sectionId}`
  const section = seating.sections.get(key)
  const view = state.section(event.performanceId, event.sectionId)
  expect(view !== undefined && section !== undefined, () => `The read model does not know ${key}.`, 'I5')
  const counts = SEAT_STATUSES.map(() => 0)
  for (const [seat, by] of section.owner.entries()) {
    const status = SEAT_STATUSES.indexOf(statusOf(by))
    counts[status] = (counts[status] ?? 0) + 1
    expect(view.status[seat] === status, () => `The read model has seat ${seat} of ${key} as ${view.status[seat]}, not ${status}.`, 'I5')
  }
  expect(same(counts, Array.from(view.counts)), () => `The read model counts ${Array.from(view.counts).join(' + ')} seats in ${key}.`, 'I5')
  if (!('holdId' in event)) return
  const hold = seating.holds.get(event.holdId)
  const seen = state.hold(event.holdId)
  const isSame = seen?.status === hold?.status && seen?.expiresAtMs === hold?.untilMs && seen?.extensionsLeft === hold?.extensionsLeft
  expect(isSame && same(seen?.seats ?? [], hold?.seats ?? []), () => `The read model has ${event.holdId} otherwise than the log.`, 'I5')
}

function compareCart(state: CartState, { carts }: TrueLedger, holdId: string): void {
  const cart = carts.carts.get(holdId)
  const seen = state.cart(holdId)
  // To readers, a cart exists once it has all its parts.
  const isThere = cart !== undefined && cart.status !== 'opening' && cart.status !== 'refused'
  const isSame = isThere
    ? seen?.status === cart.status && seen.expiresAtMs === cart.untilMs && seen.parts.length === cart.parts.length
    : seen === undefined
  expect(isSame, () => `The read model has ${holdId} as ${seen?.status}, and it is ${cart?.status}.`, 'I5')
}

function statusOf(by: ModelSection['owner'][number]): (typeof SEAT_STATUSES)[number] {
  if (by === null) return 'available'
  if ('blockId' in by) return 'blocked'
  return by.status === 'sold' ? 'sold' : 'held'
}
