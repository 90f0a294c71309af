import assert from 'node:assert/strict'
import type { CatalogEvent, MapRow } from '@cavea/contracts/catalog/messages'
import type { PerformanceId, SeatMapId, VenueId } from '@cavea/contracts/ids'
import { added, BALCONY, drafted, HALL, MAPPED, PERFORMANCE, published, SCHEDULED, STALLS, scheduled, venue } from './examples.ts'
import { type CatalogState, decodeState, encodeState, evolve, initialState } from './state.ts'

function after(...events: readonly CatalogEvent[]): CatalogState {
  const state = initialState()
  for (const event of events) evolve(state, event)
  return state
}
const eventsOf = (recorded: typeof HALL): readonly CatalogEvent[] => recorded.map(({ event }) => event)

describe('The state of the catalog', () => {
  it('has of a published map what its sections are told of their seats', () => {
    const inB = (row: MapRow): MapRow => ({ ...row, seats: row.seats.map((seat) => ({ ...seat, category: 'B' })) })
    const told = eventsOf(MAPPED).map((event) =>
      event.type === 'SeatMapPartAdded' && event.sectionId === BALCONY ? { ...event, rows: event.rows.map(inB) } : event,
    )
    const [map] = after(...told).seatMaps.values()
    const common = { aisles: [], joined: [], tables: [], wholeTables: [], categories: ['A', 'B'], focalX: 50, focalY: 0 }
    assert.deepEqual(
      map?.geometry,
      new Map([
        [STALLS, { row: [0, 0], x: [0, 100], y: [0, 0], category: [0, 0], type: [0, 0], ...common }],
        [BALCONY, { row: [0], x: [0], y: [0], category: [1], type: [0], ...common }],
      ]),
    )
  })

  it('has no seats of a section where people stand', () => {
    const floor = [{ sectionId: STALLS, name: 'Floor', seatCount: 90, standing: { category: 'B', bounds: null }, extras: '' }]
    const sections = [{ sectionId: STALLS, name: 'Floor', seatCount: 90, shards: 1, focalDistance: 0 }]
    const state = after(venue, { ...drafted, sections: floor } as CatalogEvent, { ...published, sections } as CatalogEvent)
    const [map] = state.seatMaps.values()
    const { row, categories } = map?.geometry.get(STALLS) ?? assert.fail('the floor is not in the map')
    assert.deepEqual([row, categories], [[], ['A', 'B']])
  })

  it('comes back from its snapshot to the last detail', () => {
    const opening: CatalogEvent = { type: 'SectionOpeningRecorded', performanceId: PERFORMANCE, sectionId: STALLS }
    const unfinished = [{ ...drafted, seatMapId: 'seatmap_2' as SeatMapId } as CatalogEvent]
    for (const events of [[], eventsOf(HALL), eventsOf(MAPPED), [...eventsOf(SCHEDULED), opening, ...unfinished]]) {
      const state = after(...events)
      assert.deepEqual(decodeState(encodeState(state)), state)
    }
  })

  it('encodes to the same bytes in whatever order its venues, maps and performances were made', () => {
    const storyOf = (name: string): readonly CatalogEvent[] => {
      const ids = { venueId: name as VenueId, seatMapId: name as SeatMapId, performanceId: name as PerformanceId }
      const told = [venue, drafted, added(0, STALLS, 2), added(1, BALCONY, 1), published, scheduled(PERFORMANCE)]
      return told.map((event) => ({ ...event, ...ids }) as CatalogEvent)
    }
    const [first, second, third] = [storyOf('a'), storyOf('b'), storyOf('c')]
    const bytes = encodeState(after(...first, ...second, ...third))
    assert.deepEqual(encodeState(after(...third, ...first, ...second)), bytes)
    assert.deepEqual(encodeState(after(...second, ...third, ...first)), bytes)
  })

  it('encodes to the same bytes in whatever order the sections of a draft came', () => {
    const parts = (first: typeof STALLS, second: typeof STALLS) =>
      encodeState(after(venue, drafted, added(0, first, 2), added(1, second, 2)))
    assert.deepEqual(parts(STALLS, BALCONY), parts(BALCONY, STALLS))
  })

  it('refuses parts, maps and revisions of what was never made', () => {
    const never = (id: string) => new Error(`The log speaks of ${id}, which it never made.`)
    const ofNobody = 'perf_nobody' as PerformanceId
    const lost: readonly (readonly [string, CatalogEvent])[] = [
      ['seatmap_none', { ...added(0, STALLS, 2), seatMapId: 'seatmap_none' as SeatMapId } as CatalogEvent],
      ['seatmap_none', { ...published, seatMapId: 'seatmap_none' as SeatMapId } as CatalogEvent],
      ['venue_none', { ...published, venueId: 'venue_none' as VenueId } as CatalogEvent],
      [ofNobody, { type: 'SectionOpeningRecorded', performanceId: ofNobody, sectionId: STALLS }],
    ]
    for (const [id, event] of lost) assert.throws(() => after(...eventsOf(HALL), event), never(id))
  })
})
