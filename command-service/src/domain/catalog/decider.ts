import type { CatalogCommand, CatalogEvent, PerformanceTerms, Price } from '@cavea/contracts/catalog/messages'
import { derivedKey, performanceIdOf, seatMapIdOf, venueIdOf } from '@cavea/contracts/ids'
import type { CatalogRejection } from '@cavea/contracts/rejections'
import { accept, type Decided, type Decider, type Given, reject } from '../decider.ts'
import { summariesOf } from './geometry.ts'
import { type CatalogState, type CatalogView, type DraftView, decodeState, encodeState, evolve, initialState } from './state.ts'

type Outcome = Decided<CatalogEvent, CatalogRejection>

export const catalog: Decider<CatalogCommand, CatalogEvent, CatalogView, CatalogState, CatalogRejection> = {
  context: 'catalog',
  ruleVersion: 1,
  initialState,
  decide,
  evolve,
  nextDueMs: () => null,
  encodeState,
  decodeState,
}

/** Reads the command, the view and what is given with it, nothing else. Another organisation's things do not exist. */
export function decide(command: CatalogCommand, view: CatalogView, { envelope, now }: Given): Outcome {
  const { organisation, commandId, actor } = envelope
  if (actor.kind === 'buyer') return reject({ code: 'NOT_PERMITTED' })
  const ours = <Thing extends { readonly organisation: string }>(thing: Thing | undefined): Thing | undefined =>
    thing?.organisation === organisation ? thing : undefined
  // The same intent again, longer ago than ids are remembered. These commands are rare enough to look at every id.
  const wasMade = (things: ReadonlyMap<string, unknown>): boolean => [...things.keys()].some((id) => id.endsWith(derivedKey(commandId)))

  switch (command.type) {
    case 'CreateVenue': {
      if (wasMade(view.venues)) return accept()
      const { name, timeZone, address } = command
      return accept({ type: 'VenueCreated', venueId: venueIdOf(now, commandId), organisation, name, timeZone, address })
    }
    case 'DraftSeatMap': {
      if (wasMade(view.drafts) || wasMade(view.seatMaps)) return accept()
      if (ours(view.venues.get(command.venueId)) === undefined) return reject({ code: 'VENUE_NOT_FOUND' })
      return accept({ ...command, type: 'SeatMapDrafted', seatMapId: seatMapIdOf(now, commandId), organisation })
    }
    case 'AddSeatMapPart': {
      const draft = ours(view.drafts.get(command.seatMapId))
      if (draft === undefined) return reject({ code: 'SEAT_MAP_NOT_FOUND' })
      if (command.part !== draft.nextPart)
        return reject({ code: 'SEAT_MAP_INCOMPLETE', detail: `Part ${draft.nextPart} comes next, not ${command.part}.` })
      if (!draft.sections.some(({ sectionId }) => sectionId === command.sectionId))
        return reject({ code: 'SEAT_MAP_INCOMPLETE', detail: `The map has no section ${command.sectionId}.` })
      return accept({ ...command, type: 'SeatMapPartAdded' })
    }
    case 'PublishSeatMap': {
      const { seatMapId } = command
      const draft = ours(view.drafts.get(seatMapId))
      const venue = draft && view.venues.get(draft.venueId)
      if (draft === undefined || venue === undefined)
        return ours(view.seatMaps.get(seatMapId)) ? accept() : reject({ code: 'SEAT_MAP_NOT_FOUND' })
      const detail = lackOf(draft)
      if (detail !== undefined) return reject({ code: 'SEAT_MAP_INCOMPLETE', detail })
      const version = venue.mapVersions + 1
      return accept({ type: 'SeatMapPublished', seatMapId, venueId: draft.venueId, version, sections: summariesOf(draft) })
    }
    case 'SchedulePerformance': {
      if (wasMade(view.performances)) return accept()
      const map = ours(view.seatMaps.get(command.seatMapId))
      if (map === undefined) return reject({ code: 'SEAT_MAP_NOT_FOUND' })
      const detail = faultInPrices(command.terms.prices, map.categories)
      if (detail !== undefined) return reject({ code: 'PRICES_INVALID', detail })
      const { seatMapId, name, startsAtMs, endsAtMs, currency, terms } = command
      return accept({
        type: 'PerformanceScheduled',
        performanceId: performanceIdOf(now, commandId),
        organisation,
        venueId: map.venueId,
        seatMapId,
        name,
        startsAtMs,
        endsAtMs,
        currency,
        sections: map.sections,
        revision: 1,
        priceRevision: 1,
        terms,
      })
    }
    case 'RevisePerformance': {
      const { performanceId, onRevision, terms } = command
      const performance = ours(view.performances.get(performanceId))
      const map = performance && view.seatMaps.get(performance.seatMapId)
      if (performance === undefined || map === undefined) return reject({ code: 'PERFORMANCE_NOT_FOUND' })
      if (onRevision !== null && onRevision !== performance.revision)
        return reject({ code: 'REVISION_CONFLICT', revision: performance.revision })
      const detail = faultInPrices(terms.prices, map.categories)
      if (detail !== undefined) return reject({ code: 'PRICES_INVALID', detail })
      if (sameTerms(terms, performance.terms)) return accept()
      const { sections, revision } = performance
      const priceRevision = performance.priceRevision + (samePrices(terms.prices, performance.terms.prices) ? 0 : 1)
      return accept({ type: 'PerformanceRevised', performanceId, sections, revision: revision + 1, priceRevision, terms })
    }
    case 'RecordSectionOpened': {
      if (actor.kind !== 'system') return reject({ code: 'NOT_PERMITTED' })
      const { performanceId, sectionId } = command
      const performance = ours(view.performances.get(performanceId))
      if (performance === undefined) return reject({ code: 'PERFORMANCE_NOT_FOUND' })
      if (!performance.opening.has(sectionId)) return accept()
      const isLast = performance.opening.size === 1
      const recorded: CatalogEvent = { type: 'SectionOpeningRecorded', performanceId, sectionId }
      return isLast ? accept<CatalogEvent>(recorded, { type: 'PerformanceOpened', performanceId }) : accept(recorded)
    }
    case 'Tick':
      return accept()
    default:
      return command satisfies never
  }
}

/** What a draft still lacks to be a hall; undefined when nothing. */
function lackOf({ sections, seatsOf, nextPart, parts }: DraftView): string | undefined {
  if (sections.length === 0) return 'The map has no section.'
  if (nextPart !== parts) return `${nextPart} of ${parts} parts came.`
  const short = sections.find(
    ({ sectionId, seatCount, standing }) => standing === null && (seatsOf.get(sectionId)?.x.length ?? 0) !== seatCount,
  )
  return short === undefined ? undefined : `Seats of section ${short.sectionId} are missing.`
}

/** Every category has one ordinary price, and no price is for a category that the hall does not have. */
function faultInPrices(prices: readonly Price[], categories: readonly string[]): string | undefined {
  const priced = new Set<string>()
  for (const { category, ticketType, amount } of prices) {
    if (!categories.includes(category)) return `The hall has no category "${category}".`
    if (!Number.isSafeInteger(amount) || amount < 0) return `The price of "${category}" is not a whole number of minor units.`
    const key = JSON.stringify([category, ticketType])
    if (priced.has(key)) return `"${category}" has two prices for one ticket type.`
    priced.add(key)
  }
  const missing = categories.find((category) => !priced.has(JSON.stringify([category, ''])))
  return missing === undefined ? undefined : `Category "${missing}" has no price.`
}

const samePrices = (a: readonly Price[], b: readonly Price[]): boolean =>
  a.length === b.length &&
  a.every((price, at) => price.category === b[at]?.category && price.ticketType === b[at].ticketType && price.amount === b[at].amount)

function sameTerms(a: PerformanceTerms, b: PerformanceTerms): boolean {
  const { prices: pricesA, ...restA } = a
  const { prices: pricesB, ...restB } = b
  return samePrices(pricesA, pricesB) && Object.entries(restA).every(([key, value]) => restB[key as keyof typeof restB] === value)
}
