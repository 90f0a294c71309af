import type { CartEvent } from '@cavea/contracts/cart/messages'
import type { Decision } from '@cavea/contracts/envelope'
import { BOOKINGS, BOOKINGS_TABLES, HOLDS, SALES } from '@cavea/contracts/read-models/bookings'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import { sectionOfStream } from '@cavea/contracts/streams'
import type { Change, Projection } from '../../application/projection.ts'

/** Holds and what was sold of them. A hold's own fields come with it; what happens to it later changes only what is new. */
export const bookings: Projection = {
  name: BOOKINGS,
  version: 1,
  store: 'tables',
  tables: BOOKINGS_TABLES,
  project: {
    seating: ({ events, decision }) => events.flatMap((event) => ofSection(event, decision)),
    cart: ({ events, decision }) => events.flatMap((event) => ofCart(event, decision)),
  },
}

function ofSection(event: SeatingEvent, { atMs, envelope }: Decision): readonly Change[] {
  switch (event.type) {
    case 'SectionOpened':
    case 'SectionRevised':
    case 'PartRefused':
    case 'SeatsBlocked':
    case 'SeatsUnblocked':
      return []
    case 'SeatsHeld': {
      const { holdId, performanceId, sectionId, buyer, seats, priceRevision, expiresAtMs, extensionsLeft, cartId } = event
      return [
        hold(holdId, {
          kind: cartId === '' ? 'section' : 'part',
          cart_id: cartId === '' ? null : cartId,
          performance_id: performanceId,
          section_id: sectionOfStream(sectionId),
          stream_id: sectionId,
          buyer,
          status: 'held',
          seats,
          quantity: seats.length,
          price_revision: priceRevision,
          held_at: atMs,
          expires_at: expiresAtMs,
          extensions_left: extensionsLeft,
        }),
      ]
    }
    case 'HoldExtended':
      return [hold(event.holdId, { expires_at: event.expiresAtMs, extensions_left: event.extensionsLeft })]
    case 'HoldReleased':
      return [hold(event.holdId, { status: 'released', ended_at: atMs })]
    case 'HoldExpired':
      return [hold(event.holdId, { status: 'expired', ended_at: atMs })]
    case 'SeatsSold': {
      const { holdId, performanceId, sectionId, seats, priceRevision } = event
      const { commandId, correlationId } = envelope
      const sale: Change = {
        table: SALES.name,
        key: [holdId],
        set: {
          performance_id: performanceId,
          section_id: sectionOfStream(sectionId),
          stream_id: sectionId,
          seats,
          quantity: seats.length,
          price_revision: priceRevision,
          sold_at: atMs,
          command_id: commandId,
          correlation_id: correlationId,
        },
      }
      return [hold(holdId, { status: 'sold', ended_at: atMs }), sale]
    }
    default:
      return event satisfies never
  }
}

function ofCart(event: CartEvent, { atMs }: Decision): readonly Change[] {
  switch (event.type) {
    case 'CartOpened':
    case 'PartRequested':
    case 'PartGranted':
    case 'PartDenied':
    case 'CartOverdue':
    case 'PartReturned':
    case 'CartRefused': // Nobody was ever told of this hold.
      return []
    case 'CartHeld':
      return [
        hold(event.holdId, {
          kind: 'cart',
          performance_id: event.performanceId,
          buyer: event.buyer,
          status: 'held',
          quantity: event.parts.reduce((seats, part) => seats + part.seats.length, 0),
          held_at: atMs,
          expires_at: event.expiresAtMs,
          extensions_left: event.extensionsLeft,
        }),
      ]
    case 'CartExtended':
      return [hold(event.holdId, { expires_at: event.expiresAtMs, extensions_left: event.extensionsLeft })]
    case 'CartReleased':
      return [hold(event.holdId, { status: 'released', ended_at: atMs })]
    case 'CartExpired':
      return [hold(event.holdId, { status: 'expired', ended_at: atMs })]
    case 'CartSold':
      return [hold(event.holdId, { status: 'sold', ended_at: atMs })]
    default:
      return event satisfies never
  }
}

const hold = (holdId: string, set: Change['set']): Change => ({ table: HOLDS.name, key: [holdId], set })
