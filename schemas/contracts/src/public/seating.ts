import { sectionKey } from '../partitioning.ts'
import type { HoldExpired, HoldReleased, SeatsBlocked, SeatsUnblocked, SectionTerms } from '../seating/messages.ts'
import type { PublicEventsOf, SaleTerms } from './events.ts'
import type { Telling, Told } from './fact.ts'
import { type Labelled, type Labels, saleTerms } from './labels.ts'

interface InStream {
  readonly performanceId: string
  readonly sectionId: string
}

function told(of: InStream, labels: Labels, event: (stream: Labelled) => PublicEventsOf['seating']): Told<'seating'> {
  const stream = labels.stream(of.performanceId, of.sectionId)
  return { key: sectionKey(of.performanceId, of.sectionId), organisation: stream.organisation, event: event(stream) }
}

const termsOf = (terms: SectionTerms): SaleTerms => saleTerms(terms)

function ended(type: 'HoldReleased' | 'HoldExpired') {
  return (event: HoldReleased | HoldExpired, labels: Labels): Told<'seating'> =>
    told(event, labels, ({ place, seat }) => ({
      type,
      ...place,
      holdId: event.holdId,
      quantity: event.seats.length,
      seats: event.seats.map(seat),
    }))
}

/** The note of a block is what somebody typed: it stays inside. */
function setAside(type: 'SeatsBlocked' | 'SeatsUnblocked') {
  return (event: SeatsBlocked | SeatsUnblocked, labels: Labels): Told<'seating'> =>
    told(event, labels, ({ place, seat }) => ({
      type,
      ...place,
      blockId: event.blockId,
      quantity: event.seats.length,
      seats: event.seats.map(seat),
    }))
}

export const SEATING_TELLING: Telling<'seating'> = {
  SectionOpened: (event, labels) =>
    told(event, labels, ({ place, drawnSeats }) => ({
      type: event.type,
      ...place,
      revision: event.revision,
      priceRevision: event.terms.priceRevision,
      terms: termsOf(event.terms),
      seatCount: event.seatCount,
      seats: drawnSeats(),
    })),
  SectionRevised: (event, labels) =>
    told(event, labels, ({ place }) => ({
      type: event.type,
      ...place,
      revision: event.revision,
      priceRevision: event.terms.priceRevision,
      terms: termsOf(event.terms),
    })),
  SeatsHeld: (event, labels) =>
    told(event, labels, ({ place, currency, priced }) => ({
      type: event.type,
      ...place,
      holdId: event.holdId,
      cartId: event.cartId,
      buyer: event.buyer,
      quantity: event.seats.length,
      seats: priced(event.seats, event.priceRevision),
      currency,
      priceRevision: event.priceRevision,
      expiresAt: event.expiresAtMs,
      extensionsLeft: event.extensionsLeft,
      step: event.step,
    })),
  // The rejection that it comes with is told, which says more.
  PartRefused: null,
  HoldExtended: (event, labels) =>
    told(event, labels, ({ place }) => ({
      type: event.type,
      ...place,
      holdId: event.holdId,
      expiresAt: event.expiresAtMs,
      extensionsLeft: event.extensionsLeft,
    })),
  HoldReleased: ended('HoldReleased'),
  HoldExpired: ended('HoldExpired'),
  SeatsSold: (event, labels) =>
    told(event, labels, ({ place, currency, priced }) => ({
      type: event.type,
      ...place,
      holdId: event.holdId,
      quantity: event.seats.length,
      seats: priced(event.seats, event.priceRevision),
      currency,
      priceRevision: event.priceRevision,
    })),
  SeatsBlocked: setAside('SeatsBlocked'),
  SeatsUnblocked: setAside('SeatsUnblocked'),
}
