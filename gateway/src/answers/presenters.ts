import type { CartCommand, CartEvent, CartHeld, CartPart, OpenCart } from '@cavea/contracts/cart/messages'
import type { Directory } from '@cavea/contracts/catalog/directory'
import type { CatalogCommand, CatalogEvent } from '@cavea/contracts/catalog/messages'
import type { EpochMillis, HoldId, PerformanceId } from '@cavea/contracts/ids'
import type { SeatingCommand, SeatingEvent, SeatsHeld } from '@cavea/contracts/seating/messages'
import { HttpProblem } from '@cavea/service-kit/problem'
import { type HeldPlaces, heldPlaces, onlySection, type PlacesInStream, seatIdsOf, sectionsOf } from './held-places.ts'
import { capacityOf, revisionTag, rfc3339, rfc3339OrNull, sectionOf, termsOf } from './values.ts'

/** An answer to a command that was accepted, before HTTP writes it down. */
export interface Rendered {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}

type Message = CatalogCommand | SeatingCommand | CartCommand
type Event = CatalogEvent | SeatingEvent | CartEvent

/** What only the read models still know: a hold that an earlier, forgotten command made so. */
export interface HoldToRead {
  readonly readHold: string
}

type Presenter<Type extends Message['type']> = (
  message: Extract<Message, { readonly type: Type }>,
  event: <EventType extends Event['type']>(type: EventType) => Extract<Event, { readonly type: EventType }> | undefined,
  directory: Directory,
) => Rendered | HoldToRead

/**
 * What a client gets when its command was accepted, by the command's type. Routes and `GET /v1/commands/{id}` use the
 * same table, and only what the log says goes in, so that an answer is the same whenever it is given.
 */
const PRESENTERS = {
  CreateVenue(_, event) {
    const { venueId, name, timeZone, address } = event('VenueCreated') ?? forgotten()
    return { status: 201, headers: { Location: `/v1/venues/${venueId}` }, body: { venueId, name, timeZone, address } }
  },
  PublishSeatMap({ seatMapId }, event, directory) {
    const published = event('SeatMapPublished')
    const map = directory.seatMap(seatMapId)
    if (published === undefined && map === undefined) return forgotten()
    const sections = published?.sections ?? [...(map?.sections.values() ?? [])]
    const version = published?.version ?? map?.version
    return {
      status: 201,
      headers: { Location: `/v1/seat-maps/${seatMapId}` },
      body: { seatMapId, version, capacity: capacityOf(sections), sections: sections.map(sectionOf), warnings: [] },
    }
  },
  SchedulePerformance(_, event) {
    const scheduled = event('PerformanceScheduled') ?? forgotten()
    return {
      status: 201,
      headers: { Location: `/v1/performances/${scheduled.performanceId}`, ETag: revisionTag(scheduled.revision) },
      body: {
        performanceId: scheduled.performanceId,
        venueId: scheduled.venueId,
        seatMapId: scheduled.seatMapId,
        name: scheduled.name,
        startsAt: rfc3339(scheduled.startsAtMs),
        endsAt: rfc3339OrNull(scheduled.endsAtMs),
        status: 'opening',
        revision: scheduled.revision,
        ...termsOf(scheduled.terms, scheduled.currency),
        capacity: capacityOf(scheduled.sections),
        sections: scheduled.sections.map(sectionOf),
      },
    }
  },
  RevisePerformance({ performanceId }, event, directory) {
    const performance = directory.performance(performanceId) ?? forgotten()
    const { revision, terms, sections } = event('PerformanceRevised') ?? performance
    return {
      status: 200,
      headers: { ETag: revisionTag(revision) },
      body: {
        performanceId,
        venueId: performance.venueId,
        seatMapId: performance.seatMapId,
        name: performance.name,
        startsAt: rfc3339(performance.startsAtMs),
        endsAt: rfc3339OrNull(performance.endsAtMs),
        revision,
        ...termsOf(terms, performance.currency),
        capacity: capacityOf(sections),
        sections: sections.map(sectionOf),
      },
    }
  },
  HoldSeats: (_, event, directory) => newHold(event('SeatsHeld') ?? forgotten(), directory),
  HoldBestAvailable: (_, event, directory) => newHold(event('SeatsHeld') ?? forgotten(), directory),
  OpenCart: (wish, event, directory) => newCart(wish, event('CartHeld') ?? forgotten(), directory),
  ExtendHold({ holdId }, event) {
    const extended = event('HoldExtended')
    return extended === undefined ? { readHold: holdId } : extendedHold(extended, [extended])
  },
  ExtendCart({ holdId }, event) {
    const extended = event('CartExtended')
    return extended === undefined ? { readHold: holdId } : extendedHold(extended, extended.parts)
  },
  // The first time and every later time look alike, so that a client need not care which one it was.
  ReleaseHold: ({ holdId }) => releasedHold(holdId),
  ReleaseCart: ({ holdId }) => releasedHold(holdId),
  SellHold({ holdId }, event, directory) {
    const sold = event('SeatsSold')
    return sold === undefined ? { readHold: holdId } : soldHold(sold, heldPlaces(directory, sold.performanceId, [sold]))
  },
  SellCart({ holdId }, event, directory) {
    const sold = event('CartSold')
    return sold === undefined ? { readHold: holdId } : soldHold(sold, heldPlaces(directory, sold.performanceId, sold.parts))
  },
  BlockSeats(_, event, directory) {
    const blocked = event('SeatsBlocked') ?? forgotten()
    const { blockId, performanceId } = blocked
    const seats = seatIdsOf(directory, performanceId, blocked)
    return {
      status: 201,
      headers: { Location: `/v1/performances/${performanceId}/blocks/${blockId}` },
      body: { blockId, performanceId, seats },
    }
  },
  UnblockSeats: ({ blockId }) => ({ status: 200, body: { blockId, status: 'removed' } }),
} as const satisfies { readonly [Type in Message['type']]?: Presenter<Type> }

function newHold(held: SeatsHeld, directory: Directory): Rendered {
  const bestAvailable = held.step === '' ? undefined : { step: held.step }
  return madeHold(held, heldPlaces(directory, held.performanceId, [held]), bestAvailable)
}

function newCart({ candidates, standing }: OpenCart, held: CartHeld, directory: Directory): Rendered {
  const bestAvailable = candidates.length === 0 || standing ? undefined : { step: stepOf(held.parts), sections: sectionsOf(held.parts) }
  return madeHold(held, heldPlaces(directory, held.performanceId, held.parts), bestAvailable)
}

/** How the seats were found: as their section says, or put together from what several had. */
const stepOf = ([first, ...others]: readonly CartPart[]): string => (others.length === 0 ? (first?.step ?? '') : 'combined')

interface OfHold {
  readonly holdId: HoldId
  readonly performanceId: PerformanceId
}
interface Living extends OfHold {
  readonly expiresAtMs: EpochMillis
  readonly extensionsLeft: number
}

// What is undefined is not written into the answer.

function madeHold({ holdId, performanceId, expiresAtMs, extensionsLeft }: Living, places: HeldPlaces, bestAvailable?: object): Rendered {
  const { sectionId, seats, quantity, areas, total } = places
  const body = {
    holdId,
    performanceId,
    sectionId,
    status: 'held',
    seats,
    quantity,
    areas,
    total,
    expiresAt: rfc3339(expiresAtMs),
    extensionsLeft,
    bestAvailable,
  }
  return { status: 201, headers: { Location: `/v1/holds/${holdId}` }, body }
}

function extendedHold(
  { holdId, performanceId, expiresAtMs, extensionsLeft }: Living,
  parts: readonly Pick<PlacesInStream, 'sectionId'>[],
): Rendered {
  const sectionId = onlySection(parts)
  return { status: 200, body: { holdId, performanceId, sectionId, status: 'held', expiresAt: rfc3339(expiresAtMs), extensionsLeft } }
}

function soldHold({ holdId, performanceId }: OfHold, { sectionId, seats, quantity, areas, total }: HeldPlaces): Rendered {
  return { status: 200, body: { holdId, performanceId, sectionId, status: 'sold', seats, quantity, areas, total } }
}

const releasedHold = (holdId: HoldId): Rendered => ({ status: 200, body: { holdId, status: 'released' } })

export type PresentableType = keyof typeof PRESENTERS

export const isPresentable = (type: string): type is PresentableType => Object.hasOwn(PRESENTERS, type)

/** What an accepted command answers. `message` has to be the command's own, and `events` those of its decision. */
export function presentAccepted(
  message: { readonly type: string },
  events: readonly { readonly type: string }[],
  directory: Directory,
): Rendered | HoldToRead {
  if (!isPresentable(message.type)) throw new TypeError(`No answer is known for ${message.type}.`)
  const presenter = PRESENTERS[message.type] as Presenter<PresentableType>
  return presenter(
    message as Extract<Message, { readonly type: PresentableType }>,
    // A hold may be recorded together with the lapses that made room for it: the event is found by its type.
    (type) => events.find((event) => event.type === type) as never,
    directory,
  )
}

/** The intent was decided longer ago than command ids are remembered; the state says only that it is already true. */
function forgotten(): never {
  throw new HttpProblem({
    status: 409,
    code: 'ALREADY_DECIDED',
    detail: 'This Idempotency-Key was used and answered long ago. Use a new key for a new request.',
  })
}
