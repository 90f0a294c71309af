import { blockIdOf, epochMillis, keyOfId } from '@cavea/contracts/ids'
import type { SeatingRejection } from '@cavea/contracts/rejections'
import type {
  BlockSeats,
  ExtendHold,
  ExtendPart,
  ReleaseHold,
  SeatingCommand,
  SeatingEvent,
  SellHold,
} from '@cavea/contracts/seating/messages'
import { accept, type Decided, type Decider, type Given, reject } from '../decider.ts'
import { areSeats, expired, hasLapsed, inTheWay, mayManage, placed } from './claims.ts'
import { decodeState, encodeState } from './codec.ts'
import { holdSeats } from './holding.ts'
import { evolve, type HoldView, initialState, type SeatingState, type SeatingView } from './state.ts'

type Outcome = Decided<SeatingEvent, SeatingRejection>

/** A tick records at most so many lapses, which bounds its record; the next tick is due at once. */
const LAPSES_PER_TICK_MAX = 1_000

export const seating: Decider<SeatingCommand, SeatingEvent, SeatingView, SeatingState, SeatingRejection> = {
  context: 'seating',
  ruleVersion: 1,
  initialState,
  decide,
  evolve,
  nextDueMs: (view) => view.nextExpiryMs(),
  encodeState,
  decodeState,
}

/** Reads the command, the view and what is given with it, nothing else: no clock, no randomness, no await. */
export function decide(command: SeatingCommand, view: SeatingView, given: Given): Outcome {
  switch (command.type) {
    case 'HoldSeats':
    case 'HoldBestAvailable':
      return holdSeats(command, view, given)
    case 'SellHold':
      return sellHold(command, view, given)
    case 'ExtendHold':
      return extendHold(command, view, given)
    case 'ExtendPart':
      return onHold(command, view, given, ({ section, holdId, cartId }) => {
        if (cartId === '') return reject({ code: 'NOT_PERMITTED' })
        return accept({ type: 'HoldExtended', ...placed(section), holdId, expiresAtMs: command.expiresAtMs, extensionsLeft: 0 })
      })
    case 'ReleaseHold':
      return onHold(command, view, given, (hold) => {
        if (hold.status === 'sold') return reject({ code: 'HOLD_SOLD' })
        return accept({ type: 'HoldReleased', ...placed(hold.section), holdId: hold.holdId, seats: hold.seats })
      })
    case 'BlockSeats':
      return blockSeats(command, view, given)
    case 'UnblockSeats': {
      const block = view.blocks.get(keyOfId(command.blockId))
      if (block === undefined || !mayManage(block.section, given)) return reject({ code: 'BLOCK_NOT_FOUND' })
      return accept({ type: 'SeatsUnblocked', ...placed(block.section), blockId: block.blockId, seats: block.seats })
    }
    case 'OpenSection': {
      if (given.envelope.actor.kind !== 'system') return reject({ code: 'NOT_PERMITTED' })
      const { performanceId, sectionId, revision, seatCount, terms, geometry } = command
      if (view.section(performanceId, sectionId) !== undefined) return accept()
      const { organisation } = given.envelope
      return accept({ type: 'SectionOpened', performanceId, sectionId, organisation, revision, seatCount, terms, geometry })
    }
    case 'ReviseSection': {
      if (given.envelope.actor.kind !== 'system') return reject({ code: 'NOT_PERMITTED' })
      const { performanceId, sectionId, revision, terms } = command
      const section = view.section(performanceId, sectionId)
      if (section === undefined) return reject({ code: 'SECTION_NOT_OPEN' })
      if (revision <= section.revision) return accept() // A revision that comes late must not undo a later one.
      return accept({ type: 'SectionRevised', performanceId, sectionId, revision, terms })
    }
    case 'Tick':
      return accept(...view.lapsed(given.now, LAPSES_PER_TICK_MAX).map(expired))
    default:
      return command satisfies never
  }
}

function extendHold(command: ExtendHold, view: SeatingView, given: Given): Outcome {
  return onHold(command, view, given, (hold) => {
    if (hold.status === 'sold') return reject({ code: 'HOLD_SOLD' })
    const { terms } = hold.section
    const { holdId, extensionsLeft } = hold
    const expiresAtMs = epochMillis(Math.min(hold.expiresAtMs + terms.extensionMs, hold.heldAtMs + terms.holdMaxMs))
    if (extensionsLeft < 1 || expiresAtMs <= hold.expiresAtMs) return reject({ code: 'HOLD_NOT_EXTENDABLE', extensionsLeft })
    return accept({ type: 'HoldExtended', ...placed(hold.section), holdId, expiresAtMs, extensionsLeft: extensionsLeft - 1 })
  })
}

function sellHold(command: SellHold, view: SeatingView, given: Given): Outcome {
  if (given.envelope.actor.kind === 'buyer') return reject({ code: 'NOT_PERMITTED' })
  return onHold(command, view, given, (hold) => {
    if (hold.status === 'sold') return accept()
    const { holdId, seats, priceRevision } = hold
    return accept({ type: 'SeatsSold', ...placed(hold.section), holdId, seats, priceRevision })
  })
}

function blockSeats({ performanceId, sectionId, seats, note }: BlockSeats, view: SeatingView, given: Given): Outcome {
  const { envelope, now } = given
  const section = view.section(performanceId, sectionId)
  if (section === undefined) return reject({ code: 'SECTION_NOT_OPEN' })
  if (!mayManage(section, given)) return reject({ code: 'NOT_PERMITTED' })
  const blockId = blockIdOf(now, { kind: 'section', bucket: section.bucket }, envelope.commandId)
  if (view.blocks.has(keyOfId(blockId))) return accept()
  if (!areSeats(seats, section)) return reject({ code: 'SEAT_NOT_FOUND' })
  const { conflicts, lapsed } = inTheWay(seats, section, now)
  const lapses: readonly SeatingEvent[] = [...lapsed].map(expired)
  if (conflicts.length > 0) return reject({ code: 'SEAT_UNAVAILABLE', conflicts }, ...lapses)
  return accept(...lapses, { type: 'SeatsBlocked', performanceId, sectionId, blockId, seats, note })
}

/** Finds the hold that a command names and goes on with it, unless it ended, lapsed, or is not the asker's to see. */
function onHold(
  command: ExtendHold | ExtendPart | ReleaseHold | SellHold,
  view: SeatingView,
  given: Given,
  then: (hold: HoldView) => Outcome,
): Outcome {
  const key = keyOfId(command.holdId)
  const hold = view.holds.get(key)
  if (hold === undefined) {
    const ended = view.ended.get(key)
    if (ended === undefined || !maySee(ended.buyer, ended.organisation, given)) return reject({ code: 'HOLD_NOT_FOUND' })
    if (ended.status === 'expired') return reject({ code: 'HOLD_EXPIRED' })
    return command.type === 'ReleaseHold' ? accept() : reject({ code: 'HOLD_RELEASED' })
  }
  if (!maySee(hold.buyer, hold.section.organisation, given)) return reject({ code: 'HOLD_NOT_FOUND' })
  // A part is its cart's: whoever has the cart does with the whole of it what there is to do.
  if (hold.cartId !== '' && given.envelope.actor.kind !== 'system') return reject({ code: 'HOLD_NOT_FOUND' })
  if (hasLapsed(hold, given.now)) return reject({ code: 'HOLD_EXPIRED' }, expired(hold))
  return then(hold)
}

/** A hold is its buyer's and the organiser's; to everybody else it does not exist. */
function maySee(buyer: string, organisation: string, { envelope }: Given): boolean {
  const { kind, id } = envelope.actor
  return kind === 'system' || (kind === 'organiser' ? envelope.organisation === organisation : id === buyer)
}
