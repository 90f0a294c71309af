import { type EpochMillis, type SeatIndex, seatIndex } from '@cavea/contracts/ids'
import type { SeatingRejection } from '@cavea/contracts/rejections'
import type { HoldBestAvailable, HoldSeats, SeatsHeld } from '@cavea/contracts/seating/messages'
import { BEST_AVAILABLE_STEPS } from '@cavea/contracts/seats'
import { bestAvailable } from './best-available.ts'
import { canBeHad, isStanding } from './claims.ts'
import { judgeChoice } from './orphan-rule.ts'
import { FREE, type SeatingView, type SectionView } from './state.ts'
import { brokenTables } from './tables.ts'

export interface Choice {
  /** Empty when the section found none. */
  readonly seats: readonly SeatIndex[]
  readonly step: SeatsHeld['step']
  /** Why this choice is not granted even where every seat of it can be had. */
  readonly refusal?: SeatingRejection
}

const NONE: readonly SeatIndex[] = []
const nothing = (refusal: SeatingRejection): Choice => ({ seats: NONE, step: '', refusal })

/** The seats of a hold: those that were chosen, or the best that the section finds. Says why not, but not who has them. */
export function choose(
  command: HoldSeats | HoldBestAvailable,
  section: SectionView,
  view: SeatingView,
  now: EpochMillis,
  forBuyer: boolean,
): Choice {
  if (command.type === 'HoldSeats') return judge(command.seats, section, now, forBuyer)
  if (isStanding(section)) return places(command, section, view, now)
  return best(command, section, now, forBuyer)
}

function judge(seats: readonly SeatIndex[], section: SectionView, now: EpochMillis, forBuyer: boolean): Choice {
  const chosen: Choice = { seats, step: '' }
  if (!forBuyer || isStanding(section)) return chosen
  const missing = section.geometry.wholeTables.length === 0 ? NONE : brokenTables(section.layout(), seats)
  if (missing.length > 0) return { ...chosen, refusal: { code: 'TABLE_SOLD_WHOLE', seats: missing } }
  const { orphanRule } = section.terms
  const isFree = canBeHad(section, now)
  if (orphanRule === 'off' || !seats.every(isFree)) return chosen
  const judgement = judgeChoice(section.layout(), isFree, seats, orphanRule)
  if (judgement.outcome === 'fine') return chosen
  return { ...chosen, refusal: { code: 'ORPHAN_SEAT', seats: judgement.orphans, alternative: judgement.alternative ?? [] } }
}

function best(command: HoldBestAvailable, section: SectionView, now: EpochMillis, forBuyer: boolean): Choice {
  const { quantity, atLeast, worstStep, accessible } = command
  const rule = forBuyer ? section.terms.orphanRule : 'off'
  const isFree = canBeHad(section, now)
  const all = section.geometry.categories
  const categories = command.categories.length === 0 ? undefined : new Set(command.categories.map((category) => all.indexOf(category)))
  const have = countFree(section, isFree, categories)
  for (let asked = Math.min(quantity, Math.max(have, atLeast)); asked >= atLeast; asked--) {
    const found = bestAvailable(section.layout(), isFree, { quantity: asked, accessible, ...(categories && { categories }) }, rule)
    if (found === undefined) continue
    if (BEST_AVAILABLE_STEPS.indexOf(found.step) <= BEST_AVAILABLE_STEPS.indexOf(worstStep)) return found
    return nothing({ code: 'SEATS_NOT_TOGETHER', asked, have, step: found.step })
  }
  return nothing({ code: 'NOT_ENOUGH_SEATS', asked: quantity, have })
}

function countFree(section: SectionView, isFree: (seat: SeatIndex) => boolean, categories: ReadonlySet<number> | undefined): number {
  let count = 0
  for (let seat = 0; seat < section.seatCount; seat++)
    if (isFree(seatIndex(seat)) && (categories === undefined || categories.has(section.geometry.category[seat] ?? -1))) count++
  return count
}

/** The lowest free places. Those of holds that have just lapsed are taken when there are no others. */
function places({ quantity, atLeast }: HoldBestAvailable, section: SectionView, view: SeatingView, now: EpochMillis): Choice {
  const seats: SeatIndex[] = []
  for (let seat = section.firstFree; seat < section.seatCount && seats.length < quantity; seat++)
    if (section.status[seat] === FREE) seats.push(seatIndex(seat))
  if (seats.length < quantity) {
    const lapsed = view.lapsed(now, Number.POSITIVE_INFINITY).filter((hold) => hold.section === section)
    seats.push(...lapsed.flatMap((hold) => hold.seats).slice(0, quantity - seats.length))
  }
  if (seats.length >= atLeast) return { seats, step: '' }
  return nothing({ code: 'NOT_ENOUGH_SEATS', asked: quantity, have: seats.length })
}
