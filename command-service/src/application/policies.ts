import type { CartEvent, CartPart, PartRequested } from '@cavea/contracts/cart/messages'
import type { CatalogEvent, PerformanceTerms } from '@cavea/contracts/catalog/messages'
import type { Decision } from '@cavea/contracts/envelope'
import { type CommandId, type HoldId, keyOfId, type PerformanceId } from '@cavea/contracts/ids'
import { sectionKey } from '@cavea/contracts/partitioning'
import { recorded } from '@cavea/contracts/rejections'
import type { OpenSection, ReviseSection, SeatingCommand, SeatingEvent, SeatsHeld, SectionTerms } from '@cavea/contracts/seating/messages'
import { streamsOf } from '@cavea/contracts/streams'
import type { Context } from '@cavea/contracts/topics'
import type { CatalogView } from '../domain/catalog/state.ts'
import type { SeatingView } from '../domain/seating/state.ts'

/** A command that follows from a recorded event. `key` names the stream, and so the partition, that decides it. */
export interface Reaction {
  readonly policy: string
  readonly context: Context
  readonly key: string
  readonly message: { readonly type: string }
  /** Tells it from others of the same policy, decision and stream: one tick ends many carts, with parts in one section. */
  readonly about?: string
  /** The first cause, where it is not the decision's own: a tick is due to nobody. */
  readonly correlationId?: CommandId
}

/**
 * What follows from an event in other contexts. A policy has no state of its own and no clock: it sees the event, its
 * decision, and the state that they left, all of which the log gives. So the same event always asks for the same
 * commands, under ids that derive from the decision, and their deciders accept them twice: after a crash all that may
 * not have been sent is sent again.
 */
export type Policy<Event, View> = (event: Event, decision: Decision, view: View) => readonly Reaction[]

const EXTENSIONS = 1

/** A new performance opens each of its sections, in every shard of it; a revision reaches each of them. */
export const catalogPolicy: Policy<CatalogEvent, CatalogView> = (event, _, view) => {
  switch (event.type) {
    case 'PerformanceScheduled': {
      const { performanceId, revision } = event
      const terms = sectionTerms(event.terms, event.priceRevision)
      const geometries = view.seatMaps.get(event.seatMapId)?.geometry
      return event.sections.flatMap((section) => {
        const geometry = geometries?.get(section.sectionId)
        if (geometry === undefined)
          throw new Error(`The log schedules ${performanceId} in section ${section.sectionId}, which its map does not have.`)
        return streamsOf(section).map(({ sectionId, seatCount }) =>
          toSection('open-sections', { type: 'OpenSection', performanceId, sectionId, revision, seatCount, terms, geometry }),
        )
      })
    }
    case 'PerformanceRevised': {
      const { performanceId, revision } = event
      const terms = sectionTerms(event.terms, event.priceRevision)
      return event.sections
        .flatMap(streamsOf)
        .map(({ sectionId }) => toSection('revise-sections', { type: 'ReviseSection', performanceId, sectionId, revision, terms }))
    }
    default:
      return NONE
  }
}

function toSection(policy: string, message: OpenSection | ReviseSection): Reaction {
  return { policy, context: 'seating', key: sectionKey(message.performanceId, message.sectionId), message }
}

/** A section that opened tells its performance, which is open when the last one has. A part, or its refusal, tells its cart. */
export const seatingPolicy: Policy<SeatingEvent, SeatingView> = (event, decision, view) => {
  switch (event.type) {
    case 'SectionOpened': {
      const { performanceId, sectionId, organisation } = event
      const message = { type: 'RecordSectionOpened', performanceId, sectionId } as Message
      return [{ policy: 'record-section-opened', context: 'catalog', key: organisation, message }]
    }
    case 'SeatsHeld':
      return event.cartId === '' ? NONE : [toCart(event.cartId, { type: 'RecordPart', ...partOf(event, view) })]
    case 'PartRefused': {
      const { cartId, attempt, sectionId } = event
      const { rejection } = decision
      if (rejection === null) throw new Error(`The log refuses a part of ${cartId} without saying why.`)
      return [toCart(cartId, { type: 'RecordRefusal', cartId, attempt, sectionId, rejection } as Message)]
    }
    default:
      return NONE
  }
}

const toCart = (cartId: HoldId, message: Message): Reaction => ({ policy: 'record-part', context: 'cart', key: keyOfId(cartId), message })

function partOf({ cartId, attempt, performanceId, sectionId, holdId, seats, step, priceRevision, buyer }: SeatsHeld, view: SeatingView) {
  const have = view.section(performanceId, sectionId)?.seatsOfBuyer.get(buyer) ?? seats.length
  return { cartId, attempt, performanceId, part: { holdId, sectionId, seats, step, priceRevision }, have }
}

/** A try asks its section; what becomes of the cart reaches every part. */
export const cartPolicy: Policy<CartEvent, unknown> = (event) => {
  const { performanceId } = event
  switch (event.type) {
    case 'PartRequested':
      return [toPart('request-part', performanceId, event.sectionId, requested(event))]
    case 'CartOverdue': {
      const { holdId: cartId, attempt, sectionId, openedBy: correlationId } = event
      const message = { type: 'RecordRefusal', cartId, attempt, sectionId, rejection: recorded({ code: 'PART_UNANSWERED' }) } as Message
      return [{ ...toCart(cartId, message), policy: 'give-up-waiting', correlationId }]
    }
    case 'PartReturned':
      return toParts('return-part', performanceId, [event.part], ({ holdId }) => ({ type: 'ReleaseHold', holdId }))
    case 'CartRefused':
    case 'CartReleased':
    case 'CartExpired':
      return toParts('release-parts', performanceId, event.parts, ({ holdId }) => ({ type: 'ReleaseHold', holdId }))
    case 'CartExtended':
      return toParts('extend-parts', performanceId, event.parts, ({ holdId }) => ({
        type: 'ExtendPart',
        holdId,
        expiresAtMs: event.expiresAtMs,
      }))
    case 'CartSold':
      return toParts('sell-parts', performanceId, event.parts, ({ holdId }) => ({ type: 'SellHold', holdId }))
    default:
      return NONE
  }
}

function requested(event: PartRequested): SeatingCommand {
  const { performanceId, sectionId, seats, holdId: cartId, attempt, buyerKind, buyer } = event
  const cart = { cartId, attempt, buyerKind, buyer }
  if (seats.length > 0) return { type: 'HoldSeats', performanceId, sectionId, seats, cart }
  const { quantity, atLeast, worstStep, categories, accessible } = event
  return { type: 'HoldBestAvailable', performanceId, sectionId, quantity, atLeast, worstStep, categories, accessible, cart }
}

const toParts = (
  policy: string,
  performanceId: PerformanceId,
  parts: readonly CartPart[],
  messageFor: (part: CartPart) => SeatingCommand,
): readonly Reaction[] => parts.map((part) => ({ ...toPart(policy, performanceId, part.sectionId, messageFor(part)), about: part.holdId }))

const toPart = (policy: string, performanceId: PerformanceId, sectionId: string, message: SeatingCommand): Reaction => ({
  policy,
  context: 'seating',
  key: sectionKey(performanceId, sectionId),
  message,
})

type Message = Reaction['message']
const NONE: readonly Reaction[] = []

function sectionTerms({ prices: _, ...terms }: PerformanceTerms, priceRevision: number): SectionTerms {
  return { ...terms, priceRevision, extensions: EXTENSIONS }
}
