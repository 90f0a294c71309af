import { type MappedSeat, type MapSection, type Performance, priceOf, type SeatMap, type Venue } from '@cavea/contracts/catalog/directory'
import type { SectionSummary } from '@cavea/contracts/catalog/messages'
import { money, rfc3339, rfc3339OrNull } from './values.ts'

/** How many shards a standing area is spread over is our own affair. */
const sectionAnswer = ({ sectionId, name, seatCount, shards }: SectionSummary): object => {
  return { sectionId, name, capacity: seatCount, standing: shards > 0 }
}

const capacityOf = (sections: readonly SectionSummary[]): number => sections.reduce((seats, { seatCount }) => seats + seatCount, 0)

/** What a list shows of a performance. */
export function performanceSummary(performance: Performance): object {
  const { performanceId, venueId, seatMapId, name, status, revision, terms, currency } = performance
  return {
    performanceId,
    venueId,
    seatMapId,
    name,
    status,
    startsAt: rfc3339(performance.startsAtMs),
    endsAt: rfc3339OrNull(performance.endsAtMs),
    saleStartsAt: rfc3339OrNull(terms.saleStartsAtMs),
    saleEndsAt: rfc3339OrNull(terms.saleEndsAtMs),
    currency,
    capacity: capacityOf(performance.sections),
    revision,
  }
}

/** A performance with its terms of sale. The map gives the categories their colours. */
export function performanceAnswer(performance: Performance, map: SeatMap | undefined): object {
  const { terms, currency } = performance
  return {
    ...performanceSummary(performance),
    holdPolicy: { ttlSeconds: terms.holdTtlMs / 1_000, extensionSeconds: terms.extensionMs / 1_000, maxSeconds: terms.holdMaxMs / 1_000 },
    purchaseLimit: terms.purchaseLimit,
    sectionLimit: terms.sectionLimit,
    orphanRule: terms.orphanRule,
    seatsPerHold: terms.seatsPerHoldMax,
    prices: terms.prices.map(({ category, ticketType, amount }) => {
      return { category, ...(ticketType !== '' && { ticketType }), price: money(amount, currency) }
    }),
    categories: categoriesOf(performance, map),
    focalPoint: map?.focalPoint ?? null,
    sections: performance.sections.map((section) => ({ ...sectionAnswer(section), ...standingAnswer(map, section) })),
  }
}

/** Of a standing area, what its seats would tell of a section: its category, and where it is. Null: it was not drawn. */
function standingAnswer(map: SeatMap | undefined, { sectionId }: SectionSummary): object {
  const standing = map?.sections.get(sectionId)?.standing ?? null
  return standing === null ? {} : { category: standing.category, bounds: standing.bounds }
}

/** What of the map is priced, with its colour and what it costs. */
export function categoriesOf({ terms, currency }: Performance, map: SeatMap | undefined): readonly object[] {
  return (map?.categories ?? []).map(({ name, color }) => {
    const amount = priceOf(terms.prices, name)
    return { name, color: color === '' ? null : color, price: amount === undefined ? null : money(amount, currency) }
  })
}

export const venueAnswer = ({ venueId, name, timeZone, address }: Venue): object => ({ venueId, name, timeZone, address })

/** The media type of our own format, which the importer reads. */
export const SEAT_MAP_MEDIA_TYPE = 'application/vnd.cavea.seat-map+json'

export function seatMapAnswer(map: SeatMap): object {
  return { seatMapId: map.seatMapId, venueId: map.venueId, version: map.version, capacity: map.capacity, ...seatMapPlan(map) }
}

/** The map in our own format: importing it draws the same hall again. */
export function seatMapPlan(map: SeatMap): object {
  return {
    name: map.name,
    ...(map.focalPoint !== null && { focalPoint: map.focalPoint }),
    categories: map.categories.map(({ name, color }) => ({ name, ...(color !== '' && { color }) })),
    sections: Array.from(map.sections.values(), (section) => {
      const { sectionId, name, standing } = section
      if (standing === null) return { sectionId, name, rows: rowsOf(section) }
      const { category, bounds } = standing
      return { sectionId, name, standing: { capacity: section.seatCount, category, ...(bounds !== null && { bounds }) } }
    }),
  }
}

function rowsOf({ rows, seats }: MapSection): readonly object[] {
  let first = 0
  return rows.map(({ label, table, seatCount }) => {
    const drawn = seats.slice(first, first + seatCount)
    first += seatCount
    return { label, ...(table !== '' && { table }), seats: drawn.map(seatOf) }
  })
}

function seatOf({ seatId, number, x, y, category, type, aisleAfter, extras }: MappedSeat): object {
  const kept = extras === '' ? {} : { extras: JSON.parse(extras) as unknown }
  return { seatId, number, x, y, category, type, ...(aisleAfter !== null && { aisleAfter }), ...kept }
}
