import assert from 'node:assert/strict'
import type { CatalogEvent, SectionSummary } from '@cavea/contracts/catalog/messages'
import { CatalogRules, type PromisedPerformance } from './catalog-rules.ts'
import { CAPACITY, FLOOR, FLOOR_0, FLOOR_1, PlantedLog, SECTION } from './planted-log.fixture.ts'

const planted = new PlantedLog()
const EVENTS = planted.records.catalog.flatMap((value) =>
  planted.codec.decodeDecision(value).events.map((event) => planted.codec.decodeMessage<CatalogEvent>('catalog', event)),
)

/** Checks the planted catalog after `change`, and answers the first event that breaks something, and why. */
function check(change: (event: CatalogEvent) => CatalogEvent) {
  const promised = new Map<string, PromisedPerformance>()
  const rules = new CatalogRules(promised)
  for (const event of EVENTS) {
    const finding = rules.check(change(event))
    if (finding !== undefined) return { type: event.type, ...finding, promised }
  }
  return { type: undefined, why: '', promised }
}

/** The same with one section of one kind of event listed otherwise. */
const checkListed = (type: 'SeatMapPublished' | 'PerformanceScheduled', sectionId: string, change: Partial<SectionSummary>) =>
  check((event) => {
    if (event.type !== type) return event
    return { ...event, sections: event.sections.map((section) => (section.sectionId === sectionId ? { ...section, ...change } : section)) }
  })

describe('The audit of the catalog', () => {
  it('promises a section with seats as one stream, and a standing area as its shards, which share its places', () => {
    const { type, promised } = check((event) => event)
    assert.equal(type, undefined)
    assert.deepEqual(
      [...(promised.get(planted.performanceId)?.streams ?? [])],
      [
        [SECTION, CAPACITY],
        ['circle', CAPACITY],
        [FLOOR_0, 3],
        [FLOOR_1, 2],
      ],
    )
  })

  it('finds a standing area that is published with more places than it was drawn with', () => {
    const { type, why } = checkListed('SeatMapPublished', FLOOR, { seatCount: 6 })
    assert.equal(type, 'SeatMapPublished')
    assert.match(why, /gives section floor 6 seats, but the parts of seatmap_.* have 5/)
  })

  it('finds a section with seats that is spread over shards, and a standing area that is not', () => {
    const seated = checkListed('SeatMapPublished', SECTION, { shards: 1 })
    assert.equal(seated.type, 'SeatMapPublished')
    assert.match(seated.why, /section stalls, which has seats, over 1 shards/)
    assert.match(checkListed('SeatMapPublished', FLOOR, { shards: 0 }).why, /section floor, a standing area, over 0 shards/)
  })

  it('finds a performance whose standing area has other places or other shards than the map', () => {
    const larger = checkListed('PerformanceScheduled', FLOOR, { seatCount: 6 })
    assert.equal(larger.type, 'PerformanceScheduled')
    assert.match(larger.why, /gives section floor 6 seats, but seatmap_.* has 5/)
    assert.match(checkListed('PerformanceScheduled', FLOOR, { shards: 3 }).why, /over 3 shards, but seatmap_.* over 2/)
  })

  it('finds seats that are drawn into a standing area', () => {
    const { type } = check((event) => (event.type === 'SeatMapPartAdded' && event.part === 0 ? { ...event, sectionId: FLOOR } : event))
    assert.equal(type, 'SeatMapPublished')
  })
})
