import { createDirectory, type Directory } from '@cavea/contracts/catalog/directory'
import type { CatalogEvent, PerformanceTerms } from '@cavea/contracts/catalog/messages'
import { epochMillis, type PerformanceId, type SeatMapId, type SectionId, type VenueId } from '@cavea/contracts/ids'

export const PERFORMANCE = 'perf_example' as PerformanceId
const seatMapId = 'seatmap_example' as SeatMapId
const venueId = 'venue_example' as VenueId
const organisation = 'org_example'
const stalls = { sectionId: 'stalls' as SectionId, name: 'Stalls', seatCount: 6, shards: 0, focalDistance: 0 }
const floor = { sectionId: 'floor' as SectionId, name: 'Floor', seatCount: 3_000, shards: 3, focalDistance: 0 }

const terms = (amount: number): PerformanceTerms => ({
  ...{ saleStartsAtMs: null, saleEndsAtMs: null, holdTtlMs: 1, extensionMs: 1, holdMaxMs: 2 },
  ...{ seatsPerHoldMax: 10, purchaseLimit: null, sectionLimit: null, orphanRule: 'off' },
  prices: [
    { category: 'Seat', ticketType: '', amount },
    { category: 'Place', ticketType: '', amount: amount / 2 },
  ],
})

const seat = (row: string, number: string) => ({
  ...{ seatId: `${row}-${number}`, number, x: 0, y: 0, category: 'Seat', type: 'standard', aisleAfter: null, extras: '' },
})

/** Two rows of three seats, where the last seat has no number, and a floor; seats cost 100, and 200 by revision 2. */
export function exampleCatalog(): Directory {
  const directory = createDirectory()
  const sections = [stalls, floor]
  const row = (label: string, numbers: readonly string[]) => ({
    ...{ label, table: '', extras: '' },
    seats: numbers.map((number) => seat(label, number)),
  })
  const events = [
    {
      ...{ type: 'SeatMapDrafted', seatMapId, venueId, organisation, name: 'Map', focalPoint: null, parts: 1, extras: '' },
      categories: [],
      sections: [
        { ...stalls, standing: null, extras: '' },
        { ...floor, standing: { category: 'Place', bounds: null }, extras: '' },
      ],
    },
    {
      type: 'SeatMapPartAdded',
      seatMapId,
      part: 0,
      sectionId: stalls.sectionId,
      rows: [row('A', ['1', '2', '3']), row('B', ['1', '2', ''])],
    },
    { type: 'SeatMapPublished', seatMapId, venueId, version: 1, sections },
    {
      ...{ type: 'PerformanceScheduled', performanceId: PERFORMANCE, organisation, venueId, seatMapId, name: 'Example', endsAtMs: null },
      ...{ startsAtMs: epochMillis(0), currency: 'EUR', sections, revision: 1, priceRevision: 1, terms: terms(100) },
    },
    { type: 'PerformanceRevised', performanceId: PERFORMANCE, sections, revision: 2, priceRevision: 2, terms: terms(200) },
  ] as readonly CatalogEvent[]
  for (const event of events) directory.apply(event)
  return directory
}
