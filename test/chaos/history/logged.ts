import { type CartEvent, leavesOpen, settles } from '@cavea/contracts/cart/messages'
import type { CatalogEvent } from '@cavea/contracts/catalog/messages'
import type { Decision } from '@cavea/contracts/envelope'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import { type Change, FREE, type Logged } from './linearizability.ts'
import type { Read } from './log-reader.ts'
import type { Said } from './operation.ts'
import { type InStream, type Places, seatObject } from './places.ts'

/** What clients are told instead of a recorded code, as the API documents it. */
const TOLD: Readonly<Record<string, string>> = {
  SEATS_NOT_TOGETHER: 'NOT_ENOUGH_SEATS',
  SEATS_PER_HOLD: 'PURCHASE_LIMIT',
  SECTION_LIMIT: 'PURCHASE_LIMIT',
  NOT_PERMITTED: 'FORBIDDEN',
  SECTION_NOT_OPEN: 'PERFORMANCE_OPENING',
}
/** Refusals that say what has become of a hold, and its state then. */
const ENDED: Readonly<Record<string, string>> = { HOLD_EXPIRED: 'expired', HOLD_RELEASED: 'released', HOLD_SOLD: 'sold' }

type Event = CatalogEvent | SeatingEvent | CartEvent

export const holdObject = (holdId: string): string => `the hold ${holdId}`

/** What decisions are to clients. Owners' starts and the catalog are nothing to them. */
export function loggedOf(reads: readonly Read[], places: Places): Logged[] {
  const parts = new Set<string>()
  for (const { events } of reads)
    for (const event of events)
      if (event.type === 'CartHeld' || event.type === 'CartRefused') for (const { holdId } of event.parts) parts.add(holdId)

  return reads.flatMap((read): Logged[] => {
    const { context, partition, offset, decision, events } = read
    if (context === 'catalog' || decision.outcome === 'started') return []
    const place = `${context}/${partition}`
    const { role, commandId } = partOf(decision, events, parts)
    return [
      {
        ...{ role, place, offset, commandId },
        atMs: decision.atMs,
        said: role === 'answers' ? saidBy(`${place}/${decision.commandOffset}`, read, places) : null,
        changes: events.flatMap((event) => changesOf(event, places)),
        found: foundBy(read, places),
      },
    ]
  })
}

/** Which operation a decision belongs to, and how. `parts` are those that carts had when they answered. */
function partOf(
  { envelope, outcome, rejection }: Decision,
  events: readonly Event[],
  parts: ReadonlySet<string>,
): Pick<Logged, 'role' | 'commandId'> {
  const { commandId, correlationId, actor } = envelope
  if (actor.kind === 'system') {
    const granted = events.some((event) => event.type === 'SeatsHeld' && parts.has(event.holdId))
    return { commandId: correlationId, role: settles(events) ? 'answers' : granted ? 'precedes' : 'follows' }
  }
  if (outcome === 'duplicate' || rejection?.code === 'IDEMPOTENCY_KEY_REUSED') return { commandId, role: 'repeats' }
  return { commandId, role: leavesOpen(events) && !settles(events) ? 'precedes' : 'answers' }
}

function changesOf(event: Event, places: Places): Change[] {
  const seats = (of: InStream & { readonly seats: readonly number[] }, from: string, to: string): Change[] =>
    of.seats.map((index) => ({ object: seatObject(of.performanceId, places.seatName(of, index)), from, to }))
  const hold = ({ holdId }: { readonly holdId: string }, from: string, to: string): Change => ({ object: holdObject(holdId), from, to })
  switch (event.type) {
    case 'SeatsHeld':
      return [...seats(event, FREE, `held by ${event.holdId}`), hold(event, FREE, 'held')]
    case 'HoldReleased':
      return [...seats(event, `held by ${event.holdId}`, FREE), hold(event, 'held', 'released')]
    case 'HoldExpired':
      return [...seats(event, `held by ${event.holdId}`, FREE), hold(event, 'held', 'expired')]
    case 'SeatsSold':
      return [...seats(event, `held by ${event.holdId}`, `sold by ${event.holdId}`), hold(event, 'held', 'sold')]
    case 'SeatsBlocked':
      return seats(event, FREE, `blocked by ${event.blockId}`)
    case 'SeatsUnblocked':
      return seats(event, `blocked by ${event.blockId}`, FREE)
    case 'CartHeld':
      return [hold(event, FREE, 'held')]
    case 'HoldExtended':
    case 'CartExtended':
      return [hold(event, 'held', 'held')]
    case 'CartReleased':
      return [hold(event, 'held', 'released')]
    case 'CartExpired':
      return [hold(event, 'held', 'expired')]
    case 'CartSold':
      return [hold(event, 'held', 'sold')]
    default:
      return []
  }
}

/** A refusal tells what has become of a hold, or of each seat that was asked for whether it could be had. */
function foundBy({ decision: { rejection }, command }: Read, places: Places): Logged['found'] {
  if (rejection === null || command === undefined) return []
  const ended = ENDED[rejection.code]
  if (ended !== undefined) return 'holdId' in command ? [{ object: holdObject(command.holdId), state: ended }] : []
  if (rejection.code !== 'SEAT_UNAVAILABLE' || command.type !== 'HoldSeats') return []
  const reasons = new Map(rejection.conflicts.map(({ seat, reason }) => [seat, reason]))
  return command.seats.map((index) => ({
    object: seatObject(command.performanceId, places.seatName(command, index)),
    state: reasons.get(index) ?? FREE,
  }))
}

function saidBy(version: string, { decision: { rejection }, events, command }: Read, places: Places): Said {
  const said = { version, code: '', holdId: '', places: null, expiresAt: null }
  if (rejection !== null) {
    const where = events.find((event) => event.type === 'CartRefused') ?? command
    const performanceId = where !== undefined && 'performanceId' in where ? where.performanceId : ''
    const asked = command !== undefined && 'sectionId' in command ? command.sectionId : ''
    const stream = { performanceId, sectionId: rejection.sectionId === '' ? asked : rejection.sectionId }
    const inTheWay = rejection.conflicts.map(({ seat }) => places.seatName(stream, seat))
    return { ...said, code: TOLD[rejection.code] ?? rejection.code, places: inTheWay.toSorted() }
  }
  for (const event of events)
    switch (event.type) {
      case 'SeatsHeld':
        return { ...said, holdId: event.holdId, places: places.named(event.performanceId, [event]), expiresAt: iso(event.expiresAtMs) }
      case 'CartHeld':
        return { ...said, holdId: event.holdId, places: places.named(event.performanceId, event.parts), expiresAt: iso(event.expiresAtMs) }
      case 'HoldExtended':
      case 'CartExtended':
        return { ...said, holdId: event.holdId, expiresAt: iso(event.expiresAtMs) }
      case 'SeatsSold':
        return { ...said, holdId: event.holdId, places: places.named(event.performanceId, [event]) }
      case 'CartSold':
        return { ...said, holdId: event.holdId, places: places.named(event.performanceId, event.parts) }
      default:
    }
  return { ...said, holdId: command !== undefined && 'holdId' in command ? command.holdId : '' } // It was so already.
}

const iso = (ms: number): string => new Date(ms).toISOString()
