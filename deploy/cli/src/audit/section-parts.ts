import type { CommandId, HoldId } from '@cavea/contracts/ids'
import type { SeatsHeld } from '@cavea/contracts/seating/messages'

/** What a section has for a cart when its log ends: a hold that only the cart ends. Offsets are of the events topic. */
export interface SectionPart {
  readonly held: SeatsHeld & { readonly cartId: HoldId }
  readonly partition: number
  readonly heldAt: number
  /** The record that sells it; null: it is held. */
  soldAt: number | null
  /** The latest time that its cart gave it, and the record that says so; null: none since it was held. */
  extended: { readonly toMs: number; readonly at: number } | null
}

/** What carts ask of their parts, and the event of seating that says it was done. */
export const DONE_BY = { ReleaseHold: 'HoldReleased', SellHold: 'SeatsSold' } as const
export type Order = keyof typeof DONE_BY

/** A decision on what the system asked for, after which no hold was another than before. */
export interface IdleDecision {
  readonly order: Order
  readonly partition: number
  readonly offset: number
  readonly commandOffset: number
}

/** The parts of all sections, in the order in which they were held, and what was decided in vain about some of them. */
export class SectionParts {
  readonly #parts = new Map<HoldId, SectionPart>()
  readonly #carts = new Set<HoldId>()
  /** By what caused the command. */
  readonly #idle = new Map<CommandId, IdleDecision[]>()

  add(part: SectionPart): void {
    this.#parts.set(part.held.holdId, part)
    this.#carts.add(part.held.cartId)
  }

  addIdle(causationId: CommandId, decision: IdleDecision): void {
    const known = this.#idle.get(causationId)
    if (known === undefined) this.#idle.set(causationId, [decision])
    else known.push(decision)
  }

  get(holdId: HoldId): SectionPart | undefined {
    return this.#parts.get(holdId)
  }

  all(): Iterable<SectionPart> {
    return this.#parts.values()
  }

  /** Whether any section has something for this cart. */
  areOf(cartId: HoldId): boolean {
    return this.#carts.has(cartId)
  }

  idleAfter(causationId: CommandId): readonly IdleDecision[] {
    return this.#idle.get(causationId) ?? []
  }
}
