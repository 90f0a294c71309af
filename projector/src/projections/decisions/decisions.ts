import type { CartEvent } from '@cavea/contracts/cart/messages'
import { DECISIONS, DECISIONS_TABLES, SEAT_DECISIONS } from '@cavea/contracts/read-models/decisions'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import { sectionOfStream } from '@cavea/contracts/streams'
import type { Change, Fact, Projection } from '../../application/projection.ts'

/** What was decided about seats and holds, event by event, and what was refused and why. */
export const decisions: Projection = {
  name: DECISIONS,
  version: 1,
  store: 'tables',
  tables: DECISIONS_TABLES,
  project: {
    seating: (fact) => rowsOf(fact, fact.events.map(ofSection)),
    cart: (fact) => rowsOf(fact, fact.events.map(ofCart)),
  },
}

/** What an event says of its row. */
interface About {
  readonly performance_id: string
  readonly section_id?: string | undefined
  readonly stream_id?: string | undefined
  readonly seats?: readonly number[]
  readonly hold_id?: string
  readonly cart_id?: string | null
  readonly block_id?: string
  readonly buyer?: string
  readonly status_after?: 'available' | 'held' | 'sold' | 'blocked'
  readonly available?: number
  readonly held?: number
  readonly sold?: number
  readonly blocked?: number
}

/** Events that tell of a refusal themselves, so that it needs no row of its own. */
const REFUSALS: ReadonlySet<string> = new Set<(SeatingEvent | CartEvent)['type']>(['PartRefused', 'CartRefused', 'PartDenied'])

interface Refusal {
  readonly code: string
  readonly seats: readonly number[] | null
}

function rowsOf(fact: Fact<'seating' | 'cart'>, abouts: readonly About[]): readonly Change[] {
  const { decision, events } = fact
  if (decision.rejection === null) return events.map(({ type }, at) => rowOf(fact, at, type, abouts[at], null))
  const { code, conflicts } = decision.rejection
  const refusal: Refusal = { code, seats: conflicts.length > 0 ? conflicts.map(({ seat }) => seat) : null }
  const rows = events.map(({ type }, at) => rowOf(fact, at, type, abouts[at], REFUSALS.has(type) ? refusal : null))
  if (events.some(({ type }) => REFUSALS.has(type))) return rows
  // A command of a section that had something to record first recorded it there.
  const [first] = abouts
  const place = first && { performance_id: first.performance_id, section_id: first.section_id, stream_id: first.stream_id }
  return [...rows, rowOf(fact, events.length, null, place, refusal)]
}

/** Names every column, so that all rows are alike: they are written by one statement. */
function rowOf(fact: Fact, at: number, type: string | null, about: Partial<About> | undefined, refusal: Refusal | null): Change {
  const { envelope, outcome, atMs } = fact.decision
  return {
    table: SEAT_DECISIONS.name,
    key: [fact.context, fact.partition, fact.offset, at],
    set: {
      performance_id: about?.performance_id ?? null,
      section_id: about?.section_id ?? null,
      stream_id: about?.stream_id ?? null,
      seats: refusal?.seats ?? about?.seats ?? null,
      hold_id: about?.hold_id ?? null,
      cart_id: about?.cart_id ?? null,
      block_id: about?.block_id ?? null,
      buyer: about?.buyer ?? null,
      actor_kind: envelope.actor.kind,
      actor_id: envelope.actor.id,
      organisation: envelope.organisation,
      command_id: envelope.commandId,
      command_type: envelope.commandType,
      causation_id: envelope.causationId,
      correlation_id: envelope.correlationId,
      outcome,
      code: refusal?.code ?? null,
      event_type: type,
      status_after: about?.status_after ?? null,
      available: about?.available ?? 0,
      held: about?.held ?? 0,
      sold: about?.sold ?? 0,
      blocked: about?.blocked ?? 0,
      decided_at: atMs,
    },
  }
}

function ofSection(event: SeatingEvent): About {
  const { performanceId, sectionId } = event
  const place = { performance_id: performanceId, ...streamOf(sectionId) }
  switch (event.type) {
    case 'SectionOpened':
      return { ...place, available: event.seatCount }
    case 'SectionRevised':
      return place
    case 'PartRefused':
      return { ...place, cart_id: event.cartId }
    case 'SeatsHeld': {
      const { holdId, cartId, buyer, seats } = event
      const held = { status_after: 'held', available: -seats.length, held: seats.length } as const
      return { ...place, hold_id: holdId, cart_id: cartId === '' ? null : cartId, buyer, seats, ...held }
    }
    case 'HoldExtended': // Of which seats, its hold says.
      return { ...place, hold_id: event.holdId, status_after: 'held' }
    case 'HoldReleased':
    case 'HoldExpired': {
      const { holdId, seats } = event
      return { ...place, hold_id: holdId, seats, status_after: 'available', available: seats.length, held: -seats.length }
    }
    case 'SeatsSold': {
      const { holdId, seats } = event
      return { ...place, hold_id: holdId, seats, status_after: 'sold', held: -seats.length, sold: seats.length }
    }
    case 'SeatsBlocked': {
      const { blockId, seats } = event
      return { ...place, block_id: blockId, seats, status_after: 'blocked', available: -seats.length, blocked: seats.length }
    }
    case 'SeatsUnblocked': {
      const { blockId, seats } = event
      return { ...place, block_id: blockId, seats, status_after: 'available', available: seats.length, blocked: -seats.length }
    }
    default:
      return event satisfies never
  }
}

/** To carts seats are what sections decided: they change no counts. */
function ofCart(event: CartEvent): About {
  const hold = { performance_id: event.performanceId, hold_id: event.holdId }
  switch (event.type) {
    case 'CartOpened':
    case 'CartHeld':
      return { ...hold, buyer: event.buyer }
    case 'PartRequested':
      return { ...hold, ...streamOf(event.sectionId), seats: event.seats }
    case 'PartGranted':
    case 'PartReturned':
      return { ...hold, ...streamOf(event.part.sectionId), seats: event.part.seats }
    case 'PartDenied':
    case 'CartOverdue':
      return { ...hold, ...streamOf(event.sectionId) }
    case 'CartRefused':
    case 'CartExtended':
    case 'CartReleased':
    case 'CartExpired':
    case 'CartSold':
      return hold
    default:
      return event satisfies never
  }
}

const streamOf = (streamId: string): { readonly section_id: string; readonly stream_id: string } => {
  return { section_id: sectionOfStream(streamId), stream_id: streamId }
}
