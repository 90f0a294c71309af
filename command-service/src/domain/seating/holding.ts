import { derivedKey, type EpochMillis, epochMillis, holdIdOf, type SeatIndex } from '@cavea/contracts/ids'
import { sectionKey } from '@cavea/contracts/partitioning'
import type { SeatingRejection } from '@cavea/contracts/rejections'
import type { HoldBestAvailable, HoldSeats, SeatingEvent, SeatsHeld } from '@cavea/contracts/seating/messages'
import { accept, type Decided, type Given, reject } from '../decider.ts'
import { bestAvailable } from './best-available.ts'
import { areSeats, canBeHad, expired, inTheWay, mayManage } from './claims.ts'
import { judgeChoice } from './orphan-rule.ts'
import type { HoldView, SeatingView, SectionView } from './state.ts'

type Outcome = Decided<SeatingEvent, SeatingRejection>

/** Grants seats that the buyer chose or, for best available, that the section chooses: all of them or none. */
export function holdSeats(command: HoldSeats | HoldBestAvailable, view: SeatingView, given: Given): Outcome {
  const { envelope, now } = given
  const section = view.sections.get(sectionKey(command.performanceId, command.sectionId))
  if (section === undefined) return reject({ code: 'SECTION_NOT_OPEN' })
  // Another organisation's box office is no buyer either: its holds would escape every limit.
  if (envelope.actor.kind === 'organiser' && !mayManage(section, given)) return reject({ code: 'NOT_PERMITTED' })
  const key = derivedKey(envelope.commandId)
  if (view.holds.has(key) || view.ended.has(key)) return accept() // The same intent again, longer ago than ids are remembered.
  if (command.type === 'HoldSeats' && !areSeats(command.seats, section)) return reject({ code: 'SEAT_NOT_FOUND' })

  const { terms } = section
  const buyer = envelope.actor.id
  const asked = command.type === 'HoldSeats' ? command.seats.length : command.quantity
  const forBuyer = envelope.actor.kind === 'buyer' // The box office sells before the doors open, as many as it likes, and may leave a single seat.
  if (forBuyer && !isOnSale(section, now))
    return reject({ code: 'SALE_NOT_OPEN', opensAtMs: terms.saleStartsAtMs, closedAtMs: terms.saleEndsAtMs })
  if (forBuyer && asked > terms.seatsPerHoldMax) return reject({ code: 'SEATS_PER_HOLD', limit: terms.seatsPerHoldMax, asked })

  const { seats, step, refusal } = choose(command, section, now, forBuyer)
  const { conflicts, lapsed } = inTheWay(seats, section, now)
  const own = forBuyer && terms.purchaseLimit !== null ? lapsedHoldsOf(buyer, section, view, now) : []
  for (const hold of own) lapsed.add(hold)
  const lapses: readonly SeatingEvent[] = [...lapsed].map(expired)
  if (forBuyer && terms.purchaseLimit !== null) {
    let have = section.seatsOfBuyer.get(buyer) ?? 0
    for (const hold of lapsed) if (hold.buyer === buyer) have -= hold.seats.length
    if (have + asked > terms.purchaseLimit) return reject({ code: 'PURCHASE_LIMIT', limit: terms.purchaseLimit, have, asked }, ...lapses)
  }
  if (conflicts.length > 0) return reject({ code: 'SEAT_UNAVAILABLE', conflicts }, ...lapses)
  if (refusal !== undefined) return reject(refusal, ...lapses)

  const { performanceId, sectionId } = section
  const holdId = holdIdOf(now, { kind: 'section', bucket: section.bucket }, envelope.commandId)
  const expiresAtMs = epochMillis(now + Math.min(terms.holdTtlMs, terms.holdMaxMs))
  const { extensions: extensionsLeft, priceRevision } = terms
  return accept(...lapses, {
    type: 'SeatsHeld',
    performanceId,
    sectionId,
    holdId,
    buyer,
    seats,
    expiresAtMs,
    extensionsLeft,
    priceRevision,
    step,
  })
}

interface Choice {
  /** Empty when the section found none. */
  readonly seats: readonly SeatIndex[]
  readonly step: SeatsHeld['step']
  /** Why this choice is not granted even where every seat of it can be had. */
  readonly refusal?: SeatingRejection
}

function choose(command: HoldSeats | HoldBestAvailable, section: SectionView, now: EpochMillis, forBuyer: boolean): Choice {
  const isFree = canBeHad(section, now)
  const rule = forBuyer ? section.terms.orphanRule : 'off'
  if (command.type === 'HoldSeats') {
    const { seats } = command
    if (rule === 'off' || !seats.every(isFree)) return { seats, step: '' }
    const judgement = judgeChoice(section.layout(), isFree, seats, rule)
    if (judgement.outcome === 'fine') return { seats, step: '' }
    return { seats, step: '', refusal: { code: 'ORPHAN_SEAT', seats: judgement.orphans, alternative: judgement.alternative ?? [] } }
  }
  const { quantity, category, accessible } = command
  const wish = { quantity, accessible, ...(category !== '' && { categories: new Set([section.geometry.categories.indexOf(category)]) }) }
  const best = bestAvailable(section.layout(), isFree, wish, rule)
  return best ?? { seats: [], step: '', refusal: { code: 'NOT_ENOUGH_SEATS', asked: quantity } }
}

const lapsedHoldsOf = (buyer: string, section: SectionView, view: SeatingView, now: EpochMillis): readonly HoldView[] =>
  view.lapsed(now, Number.POSITIVE_INFINITY).filter((hold) => hold.buyer === buyer && hold.section === section)

function isOnSale({ terms: { saleStartsAtMs, saleEndsAtMs } }: SectionView, now: EpochMillis): boolean {
  return (saleStartsAtMs === null || now >= saleStartsAtMs) && (saleEndsAtMs === null || now < saleEndsAtMs)
}
