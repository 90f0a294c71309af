import type { Actor } from '@cavea/contracts/envelope'
import { derivedKey, type EpochMillis, epochMillis, holdIdOf } from '@cavea/contracts/ids'
import type { SeatingRejection } from '@cavea/contracts/rejections'
import type { HoldBestAvailable, HoldSeats, SeatingEvent, SeatsHeld } from '@cavea/contracts/seating/messages'
import { accept, type Decided, type Given, reject } from '../decider.ts'
import { choose } from './choosing.ts'
import { areSeats, expired, inTheWay } from './claims.ts'
import type { HoldView, SeatingView, SectionView } from './state.ts'

type Outcome = Decided<SeatingEvent, SeatingRejection>

const NONE: readonly SeatingEvent[] = []

/**
 * Grants seats that the buyer chose or, for best available, that the section chooses: all of them or none. A cart that
 * asks for a part is told of a refusal by an event, since policies react to events.
 */
export function holdSeats(command: HoldSeats | HoldBestAvailable, view: SeatingView, given: Given): Outcome {
  const { cart, performanceId, sectionId } = command
  if (cart === null) return hold(command, view, given, given.envelope.actor)
  if (given.envelope.actor.kind !== 'system') return reject({ code: 'NOT_PERMITTED' })
  const outcome = hold(command, view, given, { kind: cart.buyerKind, id: cart.buyer })
  if (outcome.rejection === null) return outcome
  const { cartId, attempt } = cart
  return reject(outcome.rejection, ...outcome.events, { type: 'PartRefused', performanceId, sectionId, cartId, attempt })
}

function hold(command: HoldSeats | HoldBestAvailable, view: SeatingView, { envelope, now }: Given, asker: Actor): Outcome {
  const section = view.section(command.performanceId, command.sectionId)
  if (section === undefined) return reject({ code: 'SECTION_NOT_OPEN' })
  // Another organisation's box office is no buyer either: its holds would escape every limit.
  if (asker.kind === 'organiser' && envelope.organisation !== section.organisation) return reject({ code: 'NOT_PERMITTED' })
  const key = derivedKey(envelope.commandId)
  if (view.holds.has(key) || view.ended.has(key)) return accept() // The same intent again, longer ago than ids are remembered.
  if (command.type === 'HoldSeats' && !areSeats(command.seats, section)) return reject({ code: 'SEAT_NOT_FOUND' })

  const { terms } = section
  const forBuyer = asker.kind === 'buyer' // The box office sells before the doors open, as many as it likes, and may leave a single seat.
  const wanted = command.type === 'HoldSeats' ? command.seats.length : command.quantity
  if (forBuyer && !isOnSale(section, now))
    return reject({ code: 'SALE_NOT_OPEN', opensAtMs: terms.saleStartsAtMs, closedAtMs: terms.saleEndsAtMs })
  if (forBuyer && wanted > terms.seatsPerHoldMax) return reject({ code: 'SEATS_PER_HOLD', limit: terms.seatsPerHoldMax, asked: wanted })

  const { seats, step, refusal } = choose(command, section, view, now, forBuyer)
  const isLimited = forBuyer && (terms.purchaseLimit !== null || terms.sectionLimit !== null)
  const { conflicts, lapsed: onSeats } = inTheWay(seats, section, now)
  const lapsed = isLimited ? new Set([...onSeats, ...lapsedHoldsOf(asker.id, section, view, now)]) : onSeats
  const lapses: readonly SeatingEvent[] = lapsed.size === 0 ? NONE : Array.from(lapsed, expired)
  const overLimit = isLimited ? limitPassed(section, asker.id, lapsed, seats.length || wanted) : undefined
  if (overLimit !== undefined) return reject(overLimit, ...lapses)
  if (conflicts.length > 0) return reject({ code: 'SEAT_UNAVAILABLE', conflicts }, ...lapses)
  if (refusal !== undefined) return reject(refusal, ...lapses)

  const { performanceId, sectionId } = section
  const { cart } = command
  const held: SeatsHeld = {
    type: 'SeatsHeld',
    performanceId,
    sectionId,
    holdId: holdIdOf(now, { kind: 'section', bucket: section.bucket }, envelope.commandId),
    buyer: asker.id,
    seats,
    expiresAtMs: epochMillis(now + Math.min(terms.holdTtlMs, terms.holdMaxMs)),
    extensionsLeft: cart === null ? terms.extensions : 0,
    priceRevision: terms.priceRevision,
    step,
    cartId: cart?.cartId ?? '',
    attempt: cart?.attempt ?? 0,
  }
  return lapses.length === 0 ? accept(held) : accept(...lapses, held)
}

/** Which limit the buyer would pass with so many more seats; `lapsed` are holds that end at this moment. */
function limitPassed(section: SectionView, buyer: string, lapsed: ReadonlySet<HoldView>, asked: number): SeatingRejection | undefined {
  const { sectionLimit, purchaseLimit } = section.terms
  let have = section.seatsOfBuyer.get(buyer) ?? 0
  for (const hold of lapsed) if (hold.buyer === buyer) have -= hold.seats.length
  if (sectionLimit !== null && have + asked > sectionLimit) return { code: 'SECTION_LIMIT', limit: sectionLimit, have, asked }
  if (purchaseLimit !== null && have + asked > purchaseLimit) return { code: 'PURCHASE_LIMIT', limit: purchaseLimit, have, asked }
  return undefined
}

const lapsedHoldsOf = (buyer: string, section: SectionView, view: SeatingView, now: EpochMillis): readonly HoldView[] =>
  view.lapsed(now, Number.POSITIVE_INFINITY).filter((hold) => hold.buyer === buyer && hold.section === section)

function isOnSale({ terms: { saleStartsAtMs, saleEndsAtMs } }: SectionView, now: EpochMillis): boolean {
  return (saleStartsAtMs === null || now >= saleStartsAtMs) && (saleEndsAtMs === null || now < saleEndsAtMs)
}
