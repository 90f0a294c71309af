import type { SectionTerms } from '@cavea/contracts/seating/messages'

/**
 * The rules of a section written down a second time, seat by seat and without a thought for speed: nothing here knows
 * how the decider does it. Time passes by itself: a hold whose time is over is over, whoever has noticed.
 */
export interface ModelHold {
  readonly buyer: string
  readonly seats: readonly number[]
  readonly heldAtMs: number
  untilMs: number
  extensionsLeft: number
  ended: 'no' | 'sold' | 'released'
}

interface ModelBlock {
  readonly seats: readonly number[]
}

export type SeatIs = 'free' | 'held' | 'sold' | 'blocked'

export class Model {
  readonly holds = new Map<number, ModelHold>()
  readonly blocks = new Map<number, ModelBlock>()
  readonly seatCount: number
  readonly terms: SectionTerms

  constructor(seatCount: number, terms: SectionTerms) {
    this.seatCount = seatCount
    this.terms = terms
  }

  seat(seat: number, now: number): SeatIs {
    for (const block of this.blocks.values()) if (block.seats.includes(seat)) return 'blocked'
    for (const hold of this.holds.values()) {
      if (!hold.seats.includes(seat)) continue
      if (hold.ended === 'sold') return 'sold'
      if (hold.ended === 'no' && now < hold.untilMs) return 'held'
    }
    return 'free'
  }

  hold(command: number, buyer: string, isBuyer: boolean, seats: readonly number[], now: number): string {
    const { terms } = this
    if (this.#areWrong(seats)) return 'SEAT_NOT_FOUND'
    if (isBuyer && terms.saleStartsAtMs !== null && now < terms.saleStartsAtMs) return 'SALE_NOT_OPEN'
    if (isBuyer && terms.saleEndsAtMs !== null && now >= terms.saleEndsAtMs) return 'SALE_NOT_OPEN'
    if (isBuyer && seats.length > terms.seatsPerHoldMax) return 'SEATS_PER_HOLD'
    const has = [...this.holds.values()]
      .filter((hold) => hold.buyer === buyer && (hold.ended === 'sold' || (hold.ended === 'no' && now < hold.untilMs)))
      .reduce((sum, hold) => sum + hold.seats.length, 0)
    if (isBuyer && terms.purchaseLimit !== null && has + seats.length > terms.purchaseLimit) return 'PURCHASE_LIMIT'
    if (seats.some((seat) => this.seat(seat, now) !== 'free')) return 'SEAT_UNAVAILABLE'
    const untilMs = now + Math.min(terms.holdTtlMs, terms.holdMaxMs)
    this.holds.set(command, { buyer, seats, heldAtMs: now, untilMs, extensionsLeft: terms.extensions, ended: 'no' })
    return 'accepted'
  }

  onHold(
    what: 'ExtendHold' | 'ReleaseHold' | 'SellHold',
    which: number,
    asker: { readonly kind: string; readonly id: string },
    now: number,
  ): string {
    if (what === 'SellHold' && asker.kind === 'buyer') return 'NOT_PERMITTED'
    const hold = this.holds.get(which)
    if (hold === undefined || (asker.kind === 'buyer' && asker.id !== hold.buyer)) return 'HOLD_NOT_FOUND'
    if (hold.ended === 'no' && now >= hold.untilMs) return 'HOLD_EXPIRED'
    if (hold.ended === 'sold') return what === 'SellHold' ? 'accepted' : 'HOLD_SOLD'
    if (hold.ended === 'released') return what === 'ReleaseHold' ? 'accepted' : 'HOLD_RELEASED'
    if (what === 'SellHold') hold.ended = 'sold'
    if (what === 'ReleaseHold') hold.ended = 'released'
    if (what === 'ExtendHold') {
      const untilMs = Math.min(hold.untilMs + this.terms.extensionMs, hold.heldAtMs + this.terms.holdMaxMs)
      if (hold.extensionsLeft === 0 || untilMs <= hold.untilMs) return 'HOLD_NOT_EXTENDABLE'
      hold.untilMs = untilMs
      hold.extensionsLeft--
    }
    return 'accepted'
  }

  block(command: number, seats: readonly number[], now: number): string {
    if (this.#areWrong(seats)) return 'SEAT_NOT_FOUND'
    if (seats.some((seat) => this.seat(seat, now) !== 'free')) return 'SEAT_UNAVAILABLE'
    this.blocks.set(command, { seats })
    return 'accepted'
  }

  unblock(which: number): string {
    return this.blocks.delete(which) ? 'accepted' : 'BLOCK_NOT_FOUND'
  }

  #areWrong(seats: readonly number[]): boolean {
    return seats.length === 0 || new Set(seats).size < seats.length || seats.some((seat) => seat < 0 || seat >= this.seatCount)
  }
}
