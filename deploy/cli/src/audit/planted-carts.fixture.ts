import type { CartEvent, CartPart } from '@cavea/contracts/cart/messages'
import { commandIdOf, derivedKey, epochMillis, type HoldId, holdIdOf, type SectionId } from '@cavea/contracts/ids'
import { bucketOf } from '@cavea/contracts/partitioning'
import {
  BUYER,
  HOLD_MS,
  type Message,
  ORGANISATION,
  type PlantedLog,
  type Recorded,
  SECTION,
  START_MS,
  TERMS,
} from './planted-log.fixture.ts'

export const CIRCLE = 'circle' as SectionId

/** What a cart has of one section, and the record in which the section gives it. */
export interface PlantedPart {
  readonly part: CartPart
  readonly offset: number
}

export interface Wanted {
  /** The command that opens it. */
  readonly commandId?: string
  readonly chosen?: readonly { readonly sectionId: SectionId; readonly seats: readonly number[] }[]
  readonly candidates?: readonly SectionId[]
  readonly quantity?: number
}

/**
 * A cart in a planted log, told event by event. It wants two seats of the stalls and one of the circle when nothing else
 * is said, and its buyer is `BUYER`.
 */
export class PlantedCart {
  readonly log: PlantedLog
  readonly holdId: HoldId
  readonly openedBy: string
  readonly parts: CartPart[] = []
  /** The id of the command that it decided last. */
  lastCommandId = ''
  readonly #wish: Message
  #commands = 0

  constructor(log: PlantedLog, { commandId = 'open cart', chosen = CHOSEN, candidates = [], quantity }: Wanted = {}) {
    this.log = log
    this.openedBy = commandId
    const id = commandIdOf(commandId)
    this.holdId = holdIdOf(epochMillis(START_MS + log.now), { kind: 'cart', bucket: bucketOf(derivedKey(id)) }, id)
    this.#wish = {
      type: 'CartOpened',
      chosen: candidates.length > 0 ? [] : chosen,
      candidates: candidates.map((sectionId) => ({ sectionId, available: -1, distance: 0 })),
      standing: false,
      quantity: quantity ?? chosen.reduce((sum, { seats }) => sum + seats.length, 0),
      categories: [],
      accessible: false,
    }
  }

  get #of() {
    return { holdId: this.holdId, performanceId: this.log.performanceId }
  }

  /** Records a decision of the cart's, by the system and in the name of the command that opened it when nothing else is said. */
  record(events: readonly Message[], recorded: Recorded = {}): number {
    const commandId = recorded.commandId ?? `${this.openedBy} ${this.#commands++}`
    this.lastCommandId = commandIdOf(commandId)
    return this.log.record('cart', events, { correlationId: commandIdOf(this.openedBy), ...recorded, commandId })
  }

  opened(changed: Readonly<Record<string, unknown>> = {}): Message {
    const openedBy = commandIdOf(this.openedBy)
    const buyer = { buyerKind: BUYER.kind, buyer: BUYER.id }
    return { ...this.#wish, ...this.#of, openedBy, organisation: ORGANISATION, ...buyer, terms: TERMS, ...changed }
  }

  /** Records that it is opened, and with it its first request. */
  open(...events: readonly Message[]): number {
    return this.record([this.opened(), ...events], { commandId: this.openedBy, actor: BUYER, organisation: '' })
  }

  requested(attempt: number, sectionId: SectionId, seats: readonly number[], changed: Readonly<Record<string, unknown>> = {}): Message {
    return {
      type: 'PartRequested',
      ...this.#of,
      attempt,
      round: '',
      sectionId,
      seats,
      quantity: seats.length,
      atLeast: seats.length,
      worstStep: 'any',
      categories: [],
      accessible: false,
      buyerKind: BUYER.kind,
      buyer: BUYER.id,
      ...changed,
    }
  }

  /** Has the section hold seats for an attempt, which the cart is not told of yet. */
  hold(attempt: number, sectionId: SectionId, seats: readonly number[], changed: Readonly<Record<string, unknown>> = {}): PlantedPart {
    const { log } = this
    const commandId = `${this.openedBy} part ${log.records.seating.length}`
    const holdId = holdIdOf(epochMillis(START_MS + log.now), log.place(sectionId), commandIdOf(commandId))
    const event = { ...log.held(holdId, seats), ...log.section(sectionId), extensionsLeft: 0, cartId: this.holdId, attempt, ...changed }
    const offset = log.record('seating', [event], { commandId, commandType: 'HoldSeats' })
    return { part: { holdId, sectionId, seats: seats as CartPart['seats'], step: '', priceRevision: 1 }, offset }
  }

  granted(attempt: number, part: CartPart): Message {
    return { type: 'PartGranted', ...this.#of, attempt, part, have: part.seats.length }
  }

  denied(attempt: number, sectionId: SectionId, code: string): Message {
    return { type: 'PartDenied', ...this.#of, attempt, sectionId, code, have: 0, step: '' }
  }

  overdue(attempt: number, sectionId: SectionId): Message {
    return { type: 'CartOverdue', ...this.#of, openedBy: commandIdOf(this.openedBy), attempt, sectionId }
  }

  returned(part: CartPart): Message {
    return { type: 'PartReturned', ...this.#of, part }
  }

  /** With all parts that it has by now. */
  held(changed: Readonly<Record<string, unknown>> = {}): Message {
    const expiresAtMs = START_MS + this.log.now + HOLD_MS
    const rest = { buyer: BUYER.id, organisation: ORGANISATION, expiresAtMs, extensionsLeft: 1 }
    return { type: 'CartHeld', ...this.#of, parts: this.parts, ...rest, ...changed }
  }

  whole(
    type: Extract<CartEvent['type'], 'CartRefused' | 'CartExtended' | 'CartReleased' | 'CartExpired' | 'CartSold'>,
    changed: Readonly<Record<string, unknown>> = {},
  ): Message {
    return { type, ...this.#of, parts: this.parts, ...changed }
  }

  /** Opens it and has it held: seats 0 and 1 of the stalls, and 5 of the circle. Answers the parts and the offset of `CartHeld`. */
  openAndHold(): { readonly stalls: PlantedPart; readonly circle: PlantedPart; readonly offset: number } {
    this.open(this.requested(1, SECTION, [0, 1]))
    const stalls = this.hold(1, SECTION, [0, 1])
    this.parts.push(stalls.part)
    this.record([this.granted(1, stalls.part), this.requested(2, CIRCLE, [5])])
    const circle = this.hold(2, CIRCLE, [5])
    this.parts.push(circle.part)
    const offset = this.record([this.granted(2, circle.part), this.held()])
    return { stalls, circle, offset }
  }

  /** Records what the section of a part does about it at the cart's last word. */
  done(type: 'HoldReleased' | 'HoldExpired' | 'SeatsSold', { holdId, sectionId, seats }: CartPart, recorded: Recorded = {}): number {
    const event = { type, ...this.log.section(sectionId), holdId, seats, priceRevision: 1 }
    const commandType = type === 'SeatsSold' ? 'SellHold' : 'ReleaseHold'
    return this.log.record('seating', [event], { commandType, causationId: this.lastCommandId, ...recorded })
  }
}

const CHOSEN = [
  { sectionId: SECTION, seats: [0, 1] },
  { sectionId: CIRCLE, seats: [5] },
]
