import type { CartPart } from '../cart/messages.ts'
import type { PublicCartPart, PublicEventsOf } from './events.ts'
import type { Telling, Told } from './fact.ts'
import type { Labels } from './labels.ts'

interface WithParts {
  readonly performanceId: string
  readonly holdId: string
  readonly parts: readonly CartPart[]
}
interface Parts {
  readonly performanceId: string
  readonly holdId: string
  readonly currency: string
  readonly quantity: number
  readonly parts: readonly PublicCartPart[]
}

function told({ performanceId, holdId, parts }: WithParts, labels: Labels, event: (parts: Parts) => PublicEventsOf['cart']): Told<'cart'> {
  const performance = labels.performance(performanceId)
  const named = parts.map((part): PublicCartPart => {
    const { place, priced } = labels.stream(performanceId, part.sectionId)
    const { sectionId, section, stream } = place
    return { holdId: part.holdId, sectionId, section, stream, seats: priced(part.seats, part.priceRevision) }
  })
  const quantity = parts.reduce((sum, { seats }) => sum + seats.length, 0)
  return {
    key: holdId,
    organisation: performance?.organisation ?? '',
    event: event({ performanceId, holdId, currency: performance?.currency ?? '', quantity, parts: named }),
  }
}

export const CART_TELLING: Telling<'cart'> = {
  CartOpened: ({ type, performanceId, holdId, organisation, buyer, quantity, categories, accessible, standing, chosen }, labels) => ({
    key: holdId,
    organisation,
    event: {
      type,
      performanceId,
      holdId,
      buyer,
      quantity,
      categories,
      accessible,
      standing,
      seats: chosen.flatMap(({ sectionId, seats }) => seats.map(labels.stream(performanceId, sectionId).seat)),
    },
  }),
  // Where a cart looks for seats is its own business; what the sections answered is in their topic.
  PartRequested: null,
  PartGranted: null,
  PartDenied: null,
  CartOverdue: null,
  PartReturned: null,
  CartHeld: (event, labels) =>
    told(event, labels, (parts) => ({
      type: event.type,
      ...parts,
      buyer: event.buyer,
      expiresAt: event.expiresAtMs,
      extensionsLeft: event.extensionsLeft,
    })),
  CartRefused: (event, labels, { decision }) =>
    told(event, labels, (parts) => ({ type: event.type, ...parts, code: decision.rejection?.code ?? '' })),
  CartExtended: (event, labels) =>
    told(event, labels, (parts) => ({ type: event.type, ...parts, expiresAt: event.expiresAtMs, extensionsLeft: event.extensionsLeft })),
  CartReleased: (event, labels) => told(event, labels, (parts) => ({ type: event.type, ...parts })),
  CartExpired: (event, labels) => told(event, labels, (parts) => ({ type: event.type, ...parts })),
  CartSold: (event, labels) => told(event, labels, (parts) => ({ type: event.type, ...parts })),
}
