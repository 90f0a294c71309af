import { type Directory, priceOf } from '@cavea/contracts/catalog/directory'
import type { CatalogCommand, CatalogEvent } from '@cavea/contracts/catalog/messages'
import type { SeatingCommand, SeatingEvent, SeatsHeld } from '@cavea/contracts/seating/messages'
import { HttpProblem } from '@cavea/service-kit/problem'
import { capacityOf, money, revisionTag, rfc3339, rfc3339OrNull, sectionOf, termsOf } from './values.ts'

/** An answer to a command that was accepted, before HTTP writes it down. */
export interface Rendered {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}

type Message = CatalogCommand | SeatingCommand
type Event = CatalogEvent | SeatingEvent

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
  ExtendHold({ holdId }, event) {
    const extended = event('HoldExtended')
    if (extended === undefined) return { readHold: holdId }
    const { performanceId, sectionId, expiresAtMs, extensionsLeft } = extended
    return { status: 200, body: { holdId, performanceId, sectionId, status: 'held', expiresAt: rfc3339(expiresAtMs), extensionsLeft } }
  },
  // The first time and every later time look alike, so that a client need not care which one it was.
  ReleaseHold: ({ holdId }) => ({ status: 200, body: { holdId, status: 'released' } }),
  SellHold({ holdId }, event, directory) {
    const sold = event('SeatsSold')
    if (sold === undefined) return { readHold: holdId }
    const { performanceId, sectionId } = sold
    const { seats, total } = pricedSeats(directory, sold, sold.priceRevision)
    return { status: 200, body: { holdId, performanceId, sectionId, status: 'sold', seats, total } }
  },
  BlockSeats(_, event, directory) {
    const blocked = event('SeatsBlocked') ?? forgotten()
    const { blockId, performanceId } = blocked
    const seats = labelledSeats(directory, blocked).map(({ seatId }) => seatId)
    return {
      status: 201,
      headers: { Location: `/v1/performances/${performanceId}/blocks/${blockId}` },
      body: { blockId, performanceId, seats },
    }
  },
  UnblockSeats: ({ blockId }) => ({ status: 200, body: { blockId, status: 'removed' } }),
} as const satisfies { readonly [Type in Message['type']]?: Presenter<Type> }

function newHold(held: SeatsHeld, directory: Directory): Rendered {
  const { holdId, performanceId, sectionId, extensionsLeft, step } = held
  const { seats, total } = pricedSeats(directory, held, held.priceRevision)
  const expiresAt = rfc3339(held.expiresAtMs)
  const chosen = step === '' ? {} : { bestAvailable: { step } }
  const body = { holdId, performanceId, sectionId, status: 'held', seats, total, expiresAt, extensionsLeft, ...chosen }
  return { status: 201, headers: { Location: `/v1/holds/${holdId}` }, body }
}

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

interface SeatsInSection {
  readonly performanceId: string
  readonly sectionId: string
  readonly seats: readonly number[]
}

interface LabelledSeat {
  readonly seatId: string
  readonly section: string
  readonly row: string
  readonly number: string
  readonly category: string
}

function labelledSeats(directory: Directory, { performanceId, sectionId, seats }: SeatsInSection): readonly LabelledSeat[] {
  const map = directory.seatMap(directory.performance(performanceId)?.seatMapId ?? '')
  const section = [...(map?.sections.values() ?? [])].find((candidate) => candidate.sectionId === sectionId)
  if (section === undefined) return notLoaded()
  return seats.map((index) => {
    const { seatId, row, number, category } = section.seats[index] ?? notLoaded()
    return { seatId, section: section.name, row, number, category }
  })
}

function pricedSeats(
  directory: Directory,
  of: SeatsInSection,
  priceRevision: number,
): { readonly seats: readonly object[]; readonly total: object } {
  const performance = directory.performance(of.performanceId) ?? notLoaded()
  // A section may hold by a revision that this gateway has not read yet: then a repeat of the request finds it.
  const prices = performance.priceLists.get(priceRevision) ?? notLoaded()
  let sum = 0
  const seats = labelledSeats(directory, of).map((seat) => {
    const amount = priceOf(prices, seat.category) ?? 0
    sum += amount
    return { ...seat, price: money(amount, performance.currency) }
  })
  return { seats, total: money(sum, performance.currency) }
}

function notLoaded(): never {
  throw new HttpProblem({
    status: 503,
    code: 'CATALOG_LOADING',
    detail: 'The seat map is not loaded here yet. Repeat the request with the same Idempotency-Key.',
    retryable: true,
    headers: { 'Retry-After': '1' },
  })
}

/** The intent was decided longer ago than command ids are remembered; the state says only that it is already true. */
function forgotten(): never {
  throw new HttpProblem({
    status: 409,
    code: 'ALREADY_DECIDED',
    detail: 'This Idempotency-Key was used and answered long ago. Use a new key for a new request.',
  })
}
