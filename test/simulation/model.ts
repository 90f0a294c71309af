import type { HoldBestAvailable, HoldSeats, SeatingCommand, SeatingEvent, SeatsHeld } from '@cavea/contracts/seating/messages'
import { Breach, expect } from './invariants.ts'
import {
  agree,
  agreeWith,
  areWrong,
  breaksTable,
  type Case,
  does,
  hasLapsed,
  isFree,
  isOnSale,
  judgeFound,
  type ModelBlock,
  type ModelHold,
  type ModelSection,
  reasonsOfSearch,
  refused,
  same,
  type Verdict,
} from './model-rules.ts'

type Seating = Case<SeatingCommand, SeatingEvent>

const keyOf = ({ performanceId, sectionId }: { readonly performanceId: string; readonly sectionId: string }): string =>
  `${performanceId}/${sectionId}`

/**
 * The rules of sections written down a second time, from the contract and the decision records: place by place, without
 * a thought for speed, and without knowing how it is decided. It is told each command with what was decided about it.
 */
export class SeatingModel {
  readonly sections = new Map<string, ModelSection>()
  readonly holds = new Map<string, ModelHold>()
  readonly blocks = new Map<string, ModelBlock>()
  /** Why parts were refused, by the cart and its try. */
  readonly refusals = new Map<string, string>()

  /** Throws `Breach` when the decision is not what the rules say. */
  judge(of: Seating): void {
    const { command } = of
    switch (command.type) {
      case 'HoldSeats':
      case 'HoldBestAvailable':
        this.#judgeHold(of, command)
        break
      case 'ExtendHold':
      case 'ExtendPart':
      case 'ReleaseHold':
      case 'SellHold':
        agreeWith(of, this.#verdictOnHold(of, command))
        break
      case 'BlockSeats': {
        const section = this.sections.get(keyOf(command))
        const reasons = new Set<string>()
        if (section === undefined) reasons.add('SECTION_NOT_OPEN')
        else if (of.actor.kind !== 'organiser' || of.organisation !== section.organisation) reasons.add('NOT_PERMITTED')
        else if (areWrong(command.seats, section)) reasons.add('SEAT_NOT_FOUND')
        else if (command.seats.some((seat) => !isFree(section, seat, of.nowMs))) reasons.add('SEAT_UNAVAILABLE')
        agree(of, reasons, 'SeatsBlocked')
        break
      }
      case 'UnblockSeats': {
        const block = this.blocks.get(command.blockId)
        const isOurs = of.actor.kind === 'organiser' && block?.section.organisation === of.organisation
        agree(of, new Set(isOurs ? [] : ['BLOCK_NOT_FOUND']), 'SeatsUnblocked')
        break
      }
      case 'Tick':
        expect(of.rejection === null, () => 'A tick was refused.')
        expect(
          of.events.every(({ type }) => type === 'HoldExpired'),
          () => 'A tick does nothing but expire.',
        )
        break
      case 'OpenSection': {
        expect(of.actor.kind === 'system', () => 'A section was opened by somebody.')
        agree(of, new Set(), this.sections.has(keyOf(command)) ? '' : 'SectionOpened')
        expect(
          isAsAsked(command, of.events, ['revision', 'seatCount', 'terms', 'geometry']),
          () => `${keyOf(command)} is opened otherwise.`,
        )
        break
      }
      case 'ReviseSection': {
        const section = this.sections.get(keyOf(command))
        agree(
          of,
          new Set(section === undefined ? ['SECTION_NOT_OPEN'] : []),
          command.revision > (section?.revision ?? 0) ? 'SectionRevised' : '',
        )
        expect(isAsAsked(command, of.events, ['revision', 'terms']), () => `${keyOf(command)} is revised otherwise.`)
        break
      }
      default:
        command satisfies never
    }
    for (const event of of.events) this.#apply(event, of)
  }

  #judgeHold(of: Seating, command: HoldSeats | HoldBestAvailable): void {
    const { nowMs, events, rejection } = of
    const section = this.sections.get(keyOf(command))
    const asker = command.cart === null ? of.actor : { kind: command.cart.buyerKind, id: command.cart.buyer }
    if (command.cart !== null) {
      expect(of.actor.kind === 'system', () => 'A part was asked for by somebody who is no cart.')
      const { cartId, attempt } = command.cart
      const isTold = events.some((event) => event.type === 'PartRefused' && event.cartId === cartId && event.attempt === attempt)
      expect(isTold === (rejection !== null), () => 'A cart is told of a refusal, and of nothing else, by PartRefused.')
      if (rejection !== null) this.refusals.set(`${cartId}/${attempt}`, rejection.code)
    }
    if (section === undefined) {
      agreeWith(of, refused('SECTION_NOT_OPEN'))
      return
    }
    const { must, may } = this.#reasonsOfHold(of, command, section, asker)
    agree(of, must, 'SeatsHeld', may)
    const held = events.find((event): event is SeatsHeld => event.type === 'SeatsHeld')
    if (held === undefined) return
    const { terms } = section
    const { holdId, seats } = held
    expect(held.buyer === asker.id, () => `${holdId} was asked for by ${asker.id} and is ${held.buyer}'s.`)
    expect(
      held.cartId === (command.cart?.cartId ?? '') && held.attempt === (command.cart?.attempt ?? 0),
      () => `${holdId} is of another cart.`,
    )
    expect(held.expiresAtMs === nowMs + Math.min(terms.holdTtlMs, terms.holdMaxMs), () => `${holdId} lasts too long or too short.`, 'I7')
    expect(held.extensionsLeft === (command.cart === null ? terms.extensions : 0), () => `${holdId} has other extensions than its terms.`)
    expect(held.priceRevision === terms.priceRevision, () => `${holdId} locks another price list.`)
    const isBuyer = asker.kind === 'buyer'
    const { purchaseLimit, sectionLimit } = terms
    const limit = Math.min(purchaseLimit ?? Number.POSITIVE_INFINITY, sectionLimit ?? Number.POSITIVE_INFINITY)
    if (isBuyer) expect(this.#seatsOf(section, asker.id, nowMs) + seats.length <= limit, () => `${holdId} passes the limit.`)
    if (command.type === 'HoldSeats') expect(same(seats, command.seats), () => `${holdId} has other seats than were chosen.`)
    else judgeFound(command, section, held, nowMs, isBuyer)
  }

  #reasonsOfHold(
    { nowMs, organisation }: Seating,
    command: HoldSeats | HoldBestAvailable,
    section: ModelSection,
    asker: Seating['actor'],
  ): { readonly must: Set<string>; readonly may: Set<string> } {
    const must = new Set<string>()
    const may = new Set<string>()
    const { terms } = section
    const isBuyer = asker.kind === 'buyer'
    const asked = command.type === 'HoldSeats' ? command.seats.length : command.quantity
    const least = command.type === 'HoldSeats' ? asked : command.atLeast
    if (asker.kind === 'organiser' && organisation !== section.organisation) must.add('NOT_PERMITTED')
    if (isBuyer && asked > terms.seatsPerHoldMax) must.add('SEATS_PER_HOLD')
    if (isBuyer && !isOnSale(terms, nowMs)) must.add('SALE_NOT_OPEN')
    for (const [limit, code] of [[terms.purchaseLimit, 'PURCHASE_LIMIT'] as const, [terms.sectionLimit, 'SECTION_LIMIT'] as const]) {
      if (!isBuyer || limit === null) continue
      const has = this.#seatsOf(section, asker.id, nowMs)
      if (has + least > limit) must.add(code)
      if (has + asked > limit) may.add(code) // By what a search finds, which may be fewer.
    }
    if (command.type === 'HoldBestAvailable') {
      const search = reasonsOfSearch(command, section, nowMs)
      for (const code of search.must) must.add(code)
      for (const code of search.may) may.add(code)
      return { must, may }
    }
    if (areWrong(command.seats, section)) return { must: must.add('SEAT_NOT_FOUND'), may }
    if (command.seats.some((seat) => !isFree(section, seat, nowMs))) must.add('SEAT_UNAVAILABLE')
    if (isBuyer && breaksTable(section, command.seats)) must.add('TABLE_SOLD_WHOLE')
    return { must, may }
  }

  #verdictOnHold(of: Seating, command: Extract<SeatingCommand, { holdId: unknown }>): Verdict {
    const { nowMs, actor, events } = of
    const hold = this.holds.get(command.holdId)
    // A part is its cart's: to buyers and organisers it does not exist.
    const isTheirs =
      hold?.cartId === '' && (actor.kind === 'organiser' ? of.organisation === hold.section.organisation : actor.id === hold.buyer)
    if (command.type === 'SellHold' && actor.kind === 'buyer') return refused('NOT_PERMITTED')
    if (hold === undefined || (actor.kind !== 'system' && !isTheirs)) return refused('HOLD_NOT_FOUND')
    if (hasLapsed(hold, nowMs)) {
      const isRecorded = events.some((event) => event.type === 'HoldExpired' && event.holdId === hold.holdId)
      expect(isRecorded, () => `${hold.holdId} lapsed, which is not recorded.`, 'I7')
    }
    if (hold.status === 'expired' || hasLapsed(hold, nowMs)) return refused('HOLD_EXPIRED')
    if (hold.status === 'released') return command.type === 'ReleaseHold' ? does('') : refused('HOLD_RELEASED')
    if (command.type === 'ExtendPart') return hold.cartId === '' ? refused('NOT_PERMITTED') : does('HoldExtended', command.expiresAtMs)
    if (hold.status === 'sold') return command.type === 'SellHold' ? does('') : refused('HOLD_SOLD')
    if (command.type === 'ReleaseHold') return does('HoldReleased')
    if (command.type === 'SellHold') return does('SeatsSold')
    const { extensionMs, holdMaxMs } = hold.section.terms
    const untilMs = Math.min(hold.untilMs + extensionMs, hold.heldAtMs + holdMaxMs)
    return hold.extensionsLeft === 0 || untilMs <= hold.untilMs ? refused('HOLD_NOT_EXTENDABLE') : does('HoldExtended', untilMs)
  }

  #apply(event: SeatingEvent, { nowMs, organisation }: Seating): void {
    switch (event.type) {
      case 'SectionOpened': {
        const { seatCount, terms, revision, geometry } = event
        const key = keyOf(event)
        expect(!this.sections.has(key), () => `${key} was opened twice.`)
        const categories = Array.from({ length: seatCount }, (_, seat) => geometry.categories[geometry.category[seat] ?? 0] ?? '')
        const table = Array.from({ length: seatCount }, (_, seat) =>
          geometry.wholeTables.includes(geometry.row[seat] ?? -1) ? (geometry.row[seat] ?? -1) : -1,
        )
        const owner = new Array<null>(seatCount).fill(null)
        const { sectionId } = event
        this.sections.set(key, {
          key,
          sectionId,
          organisation,
          categories,
          table,
          isStanding: geometry.row.length === 0,
          terms,
          revision,
          owner,
        })
        return
      }
      case 'SectionRevised': {
        const section = this.#section(event)
        expect(event.revision > section.revision, () => `${section.key} went back to revision ${event.revision}.`)
        section.terms = event.terms
        section.revision = event.revision
        return
      }
      case 'SeatsHeld': {
        const section = this.#section(event)
        expect(!this.holds.has(event.holdId), () => `${event.holdId} was granted twice.`)
        const { holdId, buyer, seats, cartId, attempt, priceRevision, extensionsLeft } = event
        const hold: ModelHold = {
          holdId,
          section,
          buyer,
          seats,
          cartId,
          attempt,
          have: this.#recordedSeatsOf(section, buyer) + seats.length,
          heldAtMs: nowMs,
          priceRevision,
          untilMs: event.expiresAtMs,
          extensionsLeft,
          status: 'held',
        }
        this.#take(section, seats, hold)
        this.holds.set(holdId, hold)
        return
      }
      case 'PartRefused':
        return
      case 'HoldExtended': {
        const hold = this.#live(event.holdId)
        hold.untilMs = event.expiresAtMs
        hold.extensionsLeft = event.extensionsLeft
        return
      }
      case 'HoldReleased':
      case 'HoldExpired': {
        const hold = this.#live(event.holdId)
        expect(hold.status === 'held', () => `${hold.holdId} is sold and ends all the same.`)
        if (event.type === 'HoldExpired') {
          expect(hold.cartId === '', () => `The part ${hold.holdId} of a cart expires by itself.`, 'carts')
          expect(nowMs >= hold.untilMs, () => `${hold.holdId} expires ${hold.untilMs - nowMs} ms before its time.`, 'I7')
        }
        expect(same(event.seats, hold.seats), () => `${hold.holdId} gives back other seats than it had.`)
        hold.status = event.type === 'HoldReleased' ? 'released' : 'expired'
        this.#free(hold.section, hold.seats, hold)
        return
      }
      case 'SeatsSold': {
        const hold = this.#live(event.holdId)
        expect(hold.cartId !== '' || nowMs < hold.untilMs, () => `${hold.holdId} is sold ${nowMs - hold.untilMs} ms after its time.`, 'I7')
        expect(
          same(event.seats, hold.seats) && event.priceRevision === hold.priceRevision,
          () => `${hold.holdId} is sold otherwise than it was held.`,
        )
        hold.status = 'sold'
        return
      }
      case 'SeatsBlocked': {
        const section = this.#section(event)
        const block: ModelBlock = { blockId: event.blockId, section, seats: event.seats }
        this.#take(section, block.seats, block)
        this.blocks.set(block.blockId, block)
        return
      }
      case 'SeatsUnblocked': {
        const block = this.blocks.get(event.blockId)
        expect(block !== undefined, () => `${event.blockId} is unblocked and was not blocked.`)
        if (block !== undefined) for (const seat of block.seats) block.section.owner[seat] = null
        this.blocks.delete(event.blockId)
        return
      }
      default:
        event satisfies never
    }
  }

  #section(of: { readonly performanceId: string; readonly sectionId: string }): ModelSection {
    const section = this.sections.get(keyOf(of))
    if (section === undefined) throw new Breach(`${keyOf(of)} was never opened.`)
    return section
  }

  #live(holdId: string): ModelHold {
    const hold = this.holds.get(holdId)
    if (hold === undefined || hold.status === 'released' || hold.status === 'expired')
      throw new Breach(`${holdId} is spoken of, and is ${hold?.status ?? 'unknown'}.`)
    return hold
  }

  /** Invariant I1. */
  #take(section: ModelSection, seats: readonly number[], by: NonNullable<ModelSection['owner'][number]>): void {
    expect(!areWrong(seats, section), () => `Seats ${seats.join()} of ${section.key} are granted, and are not all there.`)
    for (const seat of seats) {
      const owner = section.owner[seat]
      expect(owner === null, () => `Seat ${seat} of ${section.key} has two owners: ${owner && nameOf(owner)} and ${nameOf(by)}.`, 'I1')
      section.owner[seat] = by
    }
  }

  #free(section: ModelSection, seats: readonly number[], by: ModelHold): void {
    for (const seat of seats) {
      expect(section.owner[seat] === by, () => `Seat ${seat} of ${section.key} is given back by who does not have it.`, 'I1')
      section.owner[seat] = null
    }
  }

  /** Held and sold as far as it is recorded, lapsed or not. */
  #recordedSeatsOf(section: ModelSection, buyer: string): number {
    return section.owner.filter((by) => by !== null && 'holdId' in by && by.buyer === buyer).length
  }

  #seatsOf(section: ModelSection, buyer: string, nowMs: number): number {
    let count = 0
    for (const hold of this.holds.values())
      if (
        hold.section === section &&
        hold.buyer === buyer &&
        (hold.status === 'sold' || (hold.status === 'held' && !hasLapsed(hold, nowMs)))
      )
        count += hold.seats.length
    return count
  }
}

/** Whether an event, if there is one, has these fields as the command has them. */
function isAsAsked<Command extends object>(
  command: Command,
  events: readonly object[],
  fields: readonly (keyof Command & string)[],
): boolean {
  const text = (of: object): string => JSON.stringify(fields.map((field) => (of as Record<string, unknown>)[field]))
  return events.every((event) => text(event) === text(command))
}

const nameOf = (owner: NonNullable<ModelSection['owner'][number]>): string => ('holdId' in owner ? owner.holdId : owner.blockId)
