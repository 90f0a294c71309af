import assert from 'node:assert/strict'
import type { CatalogEvent, MapSeat, PerformanceTerms, SectionSummary } from '@cavea/contracts/catalog/messages'
import { epochMillis, type PerformanceId, type SeatMapId, type SectionId, type VenueId } from '@cavea/contracts/ids'
import { AT_MS, ofCatalog } from '../decisions/fact.fixture.ts'
import { catalogue } from './catalogue.ts'

const VENUE_ID = 'venue_1' as VenueId
const SEAT_MAP_ID = 'seatmap_1' as SeatMapId
const PERFORMANCE_ID = 'perf_1' as PerformanceId
const section = (sectionId: string, seatCount: number, shards: number): SectionSummary => {
  return { sectionId: sectionId as SectionId, name: sectionId, seatCount, shards, focalDistance: 0 }
}
const SECTIONS = [section('stalls', 40, 0), section('floor', 1_500, 2)]
const TERMS: PerformanceTerms = {
  saleStartsAtMs: epochMillis(AT_MS - 1),
  saleEndsAtMs: null,
  holdTtlMs: 600_000,
  extensionMs: 600_000,
  holdMaxMs: 1_800_000,
  seatsPerHoldMax: 10,
  purchaseLimit: null,
  sectionLimit: null,
  orphanRule: 'off',
  prices: [
    { category: 'Gold', ticketType: '', amount: 125_000 },
    { category: 'Gold', ticketType: 'child', amount: 60_000 },
  ],
}
const PRICES = [
  { table: 'prices', key: [PERFORMANCE_ID, 2, 'Gold', ''], set: { amount: 125_000 } },
  { table: 'prices', key: [PERFORMANCE_ID, 2, 'Gold', 'child'], set: { amount: 60_000 } },
]
const REVISION = { performanceId: PERFORMANCE_ID, sections: SECTIONS, revision: 4, priceRevision: 2, terms: TERMS }
const REVISED = { sale_starts_at: AT_MS - 1, sale_ends_at: null, capacity: 1_540, revision: 4, price_revision: 2 }

const changes = (event: CatalogEvent) => ofCatalog(catalogue, [event])

describe('The tables of the catalogue', () => {
  it('have a venue with the words that it is found by', () => {
    const address = { street: 's', city: 'Thủ Đức', postalCode: 'p', country: 'VN' }
    const event = { venueId: VENUE_ID, organisation: 'org_house', name: 'Nhà hát Lớn', timeZone: 'Asia/Ho_Chi_Minh', address }
    assert.deepEqual(changes({ type: 'VenueCreated', ...event }), [
      {
        table: 'venues',
        key: [VENUE_ID],
        set: {
          organisation: 'org_house',
          name: 'Nhà hát Lớn',
          name_words: 'nha hat lon',
          city: 'Thủ Đức',
          city_words: 'thu duc',
          country: 'VN',
          time_zone: 'Asia/Ho_Chi_Minh',
        },
      },
    ])
  })

  it('have a performance with its first prices, and take later ones beside them', () => {
    const made = { organisation: 'org_house', venueId: VENUE_ID, seatMapId: SEAT_MAP_ID, name: 'Año Nuevo', currency: 'EUR' }
    const event = { ...made, ...REVISION, startsAtMs: epochMillis(AT_MS), endsAtMs: null }
    const [performance, ...prices] = changes({ type: 'PerformanceScheduled', ...event })
    assert.deepEqual(performance, {
      table: 'performances',
      key: [PERFORMANCE_ID],
      set: {
        organisation: 'org_house',
        venue_id: VENUE_ID,
        seat_map_id: SEAT_MAP_ID,
        name: 'Año Nuevo',
        name_words: 'ano nuevo',
        status: 'opening',
        starts_at: AT_MS,
        ends_at: null,
        currency: 'EUR',
        ...REVISED,
      },
    })
    assert.deepEqual(prices, PRICES)
    assert.deepEqual(changes({ type: 'PerformanceRevised', ...REVISION }), [
      { table: 'performances', key: [PERFORMANCE_ID], set: REVISED },
      ...PRICES,
    ])
  })

  it('call a performance scheduled once it is open', () => {
    assert.deepEqual(changes({ type: 'PerformanceOpened', performanceId: PERFORMANCE_ID }), [
      { table: 'performances', key: [PERFORMANCE_ID], set: { status: 'scheduled' } },
    ])
  })

  it('have the category of every seat, part by part, and the one of a standing area', () => {
    const of = (...categories: string[]) => categories.map((category) => ({ category }) as MapSeat)
    const rows = [of('Gold', 'Silver'), of('Silver')].map((seats) => ({ label: 'A', table: '', seats, extras: '' }) as const)
    const added = { seatMapId: SEAT_MAP_ID, part: 3, sectionId: 'stalls' as SectionId, rows }
    assert.deepEqual(changes({ type: 'SeatMapPartAdded', ...added }), [
      { table: 'seat_categories', key: [SEAT_MAP_ID, 'stalls', 3], set: { categories: ['Gold', 'Silver', 'Silver'] } },
    ])
    const drafted = { organisation: 'org_house', venueId: VENUE_ID, name: '', categories: [], focalPoint: null, parts: 4, extras: '' }
    const sections = SECTIONS.map(({ sectionId, name, seatCount, shards }) => {
      return { sectionId, name, seatCount, standing: shards === 0 ? null : { category: 'Silver', bounds: null }, extras: '' }
    })
    assert.deepEqual(changes({ type: 'SeatMapDrafted', seatMapId: SEAT_MAP_ID, ...drafted, sections }), [
      { table: 'seat_categories', key: [SEAT_MAP_ID, 'floor', 0], set: { categories: [], standing: 'Silver' } },
    ])
  })

  it('have names without the zero bytes that no database keeps', () => {
    const address = { street: 's', city: 'Hu\0ế', postalCode: 'p', country: 'VN' }
    const event = { venueId: VENUE_ID, organisation: 'org_house', name: 'A\0', timeZone: 'Asia/Ho_Chi_Minh', address }
    const terms = { ...TERMS, prices: [{ category: 'G\0old', ticketType: '', amount: 1 }] }
    const changed = [...changes({ type: 'VenueCreated', ...event }), ...changes({ type: 'PerformanceRevised', ...REVISION, terms })]
    assert.ok(!JSON.stringify(changed).includes('\\u0000'), JSON.stringify(changed))
    assert.deepEqual(changed.at(-1)?.key, [PERFORMANCE_ID, 2, 'Gold', ''])
  })

  it('have nothing of steps on the way', () => {
    assert.deepEqual(changes({ type: 'SeatMapPublished', seatMapId: SEAT_MAP_ID, venueId: VENUE_ID, version: 1, sections: SECTIONS }), [])
    assert.deepEqual(changes({ type: 'SectionOpeningRecorded', performanceId: PERFORMANCE_ID, sectionId: 'stalls' as SectionId }), [])
  })
})
