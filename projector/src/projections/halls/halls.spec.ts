import assert from 'node:assert/strict'
import type { CatalogEvent, PerformanceTerms } from '@cavea/contracts/catalog/messages'
import type { Decision } from '@cavea/contracts/envelope'
import { epochMillis, type PerformanceId, type SeatMapId, type SectionId, type VenueId } from '@cavea/contracts/ids'
import { halls } from './halls.ts'

const VENUE = 'venue_1' as VenueId
const MAP = 'map_1' as SeatMapId
const SHOW = 'perf_1' as PerformanceId
const STALLS = { sectionId: 'stalls' as SectionId, name: 'Stalls', seatCount: 2, shards: 0, focalDistance: 5 }
const FLOOR = { sectionId: 'floor' as SectionId, name: 'Floor', seatCount: 900, shards: 1, focalDistance: 1 }
const PRICES = [{ category: 'Gold', ticketType: '', amount: 12_500 }]
const TERMS = { holdTtlMs: 600_000, purchaseLimit: null, prices: PRICES } as unknown as PerformanceTerms
const STANDING = { category: 'Floor', bounds: { x: 1, y: 2, width: 3, height: 4 } }

function changesOf(...events: readonly CatalogEvent[]) {
  return halls.project.catalog?.({ context: 'catalog', partition: 0, offset: 5, decision: {} as Decision, events })
}

describe('The documents of halls', () => {
  it('have each venue', () => {
    const address = { street: '1 Opera Square', city: 'Hà Nội', postalCode: '', country: 'VN' }
    assert.deepEqual(
      changesOf({ type: 'VenueCreated', venueId: VENUE, organisation: 'org_1', name: 'Opera', timeZone: 'Asia/Ho_Chi_Minh', address }),
      [{ table: 'venues', key: [VENUE], set: { organisation: 'org_1', name: 'Opera', time_zone: 'Asia/Ho_Chi_Minh', address } }],
    )
  })

  it('have each seat map, which is a draft until it is published, and a document for each of its sections', () => {
    const drafted: CatalogEvent = {
      type: 'SeatMapDrafted',
      seatMapId: MAP,
      organisation: 'org_1',
      venueId: VENUE,
      name: 'Great hall',
      categories: [{ name: 'Gold', color: '#ffcc00' }],
      sections: [
        { sectionId: STALLS.sectionId, name: 'Stalls', seatCount: 2, standing: null, extras: '' },
        { sectionId: FLOOR.sectionId, name: 'Floor', seatCount: 900, standing: STANDING, extras: '{"a":1}' },
      ],
      focalPoint: { x: 5, y: 0 },
      parts: 1,
      extras: '',
    }
    const [map, stalls, floor, ...more] = changesOf(drafted) ?? []
    assert.deepEqual(map, {
      table: 'seat_maps',
      key: [MAP],
      set: {
        organisation: 'org_1',
        venue_id: VENUE,
        name: 'Great hall',
        status: 'draft',
        categories: [{ name: 'Gold', color: '#ffcc00' }],
        focal_point: { x: 5, y: 0 },
        extras: '',
      },
    })
    assert.deepEqual(stalls?.key, [MAP, 'stalls'])
    assert.deepEqual(floor, {
      table: 'seat_map_sections',
      key: [MAP, 'floor'],
      set: { name: 'Floor', seat_count: 900, standing: STANDING, extras: '{"a":1}' },
    })
    assert.deepEqual(more, [])
    assert.deepEqual(changesOf({ type: 'SeatMapPublished', seatMapId: MAP, venueId: VENUE, version: 3, sections: [STALLS, FLOOR] }), [
      { table: 'seat_maps', key: [MAP], set: { status: 'published', map_version: 3, sections: [STALLS, FLOOR] } },
    ])
  })

  it('keep the parts of a section apart, so that each may come twice', () => {
    const seat = { seatId: 's1', number: '1', x: 0, y: 0, category: 'Gold', type: 'standard', aisleAfter: null, extras: '' } as const
    const rows = [{ label: 'A', table: '', seats: [seat], extras: '' }] as const
    assert.deepEqual(changesOf({ type: 'SeatMapPartAdded', seatMapId: MAP, part: 12, sectionId: STALLS.sectionId, rows }), [
      { table: 'seat_map_sections', key: [MAP, 'stalls'], set: { 'parts.12': rows } },
    ])
  })

  it('have each performance with every price list it ever had', () => {
    const scheduled: CatalogEvent = {
      type: 'PerformanceScheduled',
      performanceId: SHOW,
      organisation: 'org_1',
      venueId: VENUE,
      seatMapId: MAP,
      name: 'Aïda',
      startsAtMs: epochMillis(1_790_000_000_000),
      endsAtMs: null,
      currency: 'VND',
      sections: [STALLS],
      revision: 1,
      priceRevision: 1,
      terms: TERMS,
    }
    assert.deepEqual(changesOf(scheduled), [
      {
        table: 'performances',
        key: [SHOW],
        set: {
          organisation: 'org_1',
          venue_id: VENUE,
          seat_map_id: MAP,
          name: 'Aïda',
          starts_at: 1_790_000_000_000,
          ends_at: null,
          currency: 'VND',
          status: 'opening',
          sections: [STALLS],
          revision: 1,
          price_revision: 1,
          terms: TERMS,
          'price_lists.1': PRICES,
        },
      },
    ])
    assert.deepEqual(
      changesOf({ type: 'PerformanceRevised', performanceId: SHOW, sections: [STALLS], revision: 2, priceRevision: 2, terms: TERMS }),
      [{ table: 'performances', key: [SHOW], set: { revision: 2, price_revision: 2, terms: TERMS, 'price_lists.2': PRICES } }],
    )
    assert.deepEqual(changesOf({ type: 'PerformanceOpened', performanceId: SHOW }), [
      { table: 'performances', key: [SHOW], set: { status: 'scheduled' } },
    ])
  })

  it('do not change while sections answer one by one', () => {
    assert.deepEqual(changesOf({ type: 'SectionOpeningRecorded', performanceId: SHOW, sectionId: STALLS.sectionId }), [])
    assert.deepEqual(Object.keys(halls.project), ['catalog'])
  })
})
