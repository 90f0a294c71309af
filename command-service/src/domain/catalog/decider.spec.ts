import assert from 'node:assert/strict'
import type { CatalogEvent, PerformanceTerms, Price } from '@cavea/contracts/catalog/messages'
import { commandIdOf, epochMillis, performanceIdOf, type SeatMapId, type SectionId, seatMapIdOf, venueIdOf } from '@cavea/contracts/ids'
import { at, COMMAND_ID, specification } from '../specification.ts'
import { catalog } from './decider.ts'
import {
  added,
  addPart,
  BALCONY,
  BUYER,
  createVenue,
  draft,
  drafted,
  HALL,
  MAPPED,
  ORGANISER,
  PERFORMANCE,
  PRICES,
  price,
  publish,
  published,
  revise,
  SCHEDULED,
  STALLS,
  SYSTEM,
  schedule,
  scheduled,
  sectionOpened,
  summaries,
  TERMS,
  venue,
} from './examples.ts'
import { DRAFTS_MAX } from './state.ts'

const given = specification(catalog)
const asking = { actor: ORGANISER, at: 500 } as const
const STRANGER = { ...asking, organisation: 'org_circus' } as const

describe('The catalog', () => {
  it('is nothing that a buyer may change', () => {
    for (const command of [createVenue, draft, addPart(0, STALLS, 2), publish, schedule(), revise(TERMS), sectionOpened(STALLS)])
      given(...SCHEDULED)
        .when(command, { actor: BUYER, at: 500 })
        .thenRejected({ code: 'NOT_PERMITTED' })
  })

  it('has nothing to do at a tick', () => {
    given(...SCHEDULED)
      .when({ type: 'Tick' }, { actor: SYSTEM, at: 1e12 })
      .thenNothing()
  })
})

describe('Venues and their seat maps', () => {
  it('makes a venue for the organisation that asks', () => {
    given()
      .when(createVenue, asking)
      .then({ ...venue, venueId: venueIdOf(epochMillis(500), COMMAND_ID) } as CatalogEvent)
  })

  it('starts a seat map in a venue of one’s own', () => {
    given(at(1, venue))
      .when(draft, asking)
      .then({ ...drafted, seatMapId: seatMapIdOf(epochMillis(500), COMMAND_ID) } as CatalogEvent)
    given(at(1, venue)).when(draft, STRANGER).thenRejected({ code: 'VENUE_NOT_FOUND' })
    given().when(draft, asking).thenRejected({ code: 'VENUE_NOT_FOUND' })
  })

  it('takes the parts in their order alone', () => {
    given(...HALL.slice(0, 2))
      .when(addPart(0, STALLS, 2), asking)
      .then(added(0, STALLS, 2))
    given(...HALL.slice(0, 2))
      .when(addPart(1, BALCONY, 1), asking)
      .thenRejected({ code: 'SEAT_MAP_INCOMPLETE', detail: 'Part 0 comes next, not 1.' })
    given(...HALL.slice(0, 3))
      .when(addPart(0, STALLS, 2), asking)
      .thenRejected({ code: 'SEAT_MAP_INCOMPLETE', detail: 'Part 1 comes next, not 0.' })
  })

  it('takes no parts for a map that is unknown, published, or another organisation’s', () => {
    given(at(1, venue))
      .when(addPart(0, STALLS, 2), asking)
      .thenRejected({ code: 'SEAT_MAP_NOT_FOUND' })
    given(...MAPPED)
      .when(addPart(2, STALLS, 2), asking)
      .thenRejected({ code: 'SEAT_MAP_NOT_FOUND' })
    given(...HALL)
      .when(addPart(2, STALLS, 2), STRANGER)
      .thenRejected({ code: 'SEAT_MAP_NOT_FOUND' })
  })

  it('publishes a map when every part and every seat is there, as the next version of its venue', () => {
    given(...HALL)
      .when(publish, asking)
      .then(published)
    const second = seatMapIdOf(epochMillis(20), commandIdOf('second'))
    const again = [drafted, added(0, STALLS, 2), added(1, BALCONY, 1)].map((event) =>
      at(20, { ...event, seatMapId: second } as CatalogEvent),
    )
    given(...MAPPED, ...again)
      .when({ type: 'PublishSeatMap', seatMapId: second }, asking)
      .then({ ...published, seatMapId: second, version: 2 } as CatalogEvent)
  })

  it('publishes no map that lacks parts or seats, or has too many', () => {
    given(...HALL.slice(0, 3))
      .when(publish, asking)
      .thenRejected({ code: 'SEAT_MAP_INCOMPLETE', detail: '1 of 2 parts came.' })
    given(at(1, venue), at(2, { ...drafted, parts: 3 } as CatalogEvent), ...HALL.slice(2))
      .when(publish, asking)
      .thenRejected({ code: 'SEAT_MAP_INCOMPLETE', detail: '2 of 3 parts came.' })
    given(at(1, venue), at(2, { ...drafted, parts: 1 } as CatalogEvent), ...HALL.slice(2, 3))
      .when(publish, asking)
      .thenRejected({ code: 'SEAT_MAP_INCOMPLETE', detail: 'Seats of section balcony are missing.' })
    given(...HALL.slice(0, 3), at(4, added(1, BALCONY, 2)))
      .when(publish, asking)
      .thenRejected({ code: 'SEAT_MAP_INCOMPLETE', detail: 'Seats of section balcony are missing.' })
  })

  it('takes no seats of a section that the draft does not have, and publishes no map without sections', () => {
    given(...HALL.slice(0, 2))
      .when(addPart(0, 'gallery' as SectionId, 2), asking)
      .thenRejected({ code: 'SEAT_MAP_INCOMPLETE', detail: 'The map has no section gallery.' })
    given(at(1, venue), at(2, { ...drafted, parts: 0, sections: [] } as CatalogEvent))
      .when(publish, asking)
      .thenRejected({ code: 'SEAT_MAP_INCOMPLETE', detail: 'The map has no section.' })
  })

  it('publishes a map once, and another organisation’s never', () => {
    given(...MAPPED)
      .when(publish, asking)
      .thenNothing()
    given(...MAPPED)
      .when(publish, STRANGER)
      .thenRejected({ code: 'SEAT_MAP_NOT_FOUND' })
    given(...HALL)
      .when(publish, STRANGER)
      .thenRejected({ code: 'SEAT_MAP_NOT_FOUND' })
  })

  it('forgets the oldest uploads that were never finished', () => {
    const later = Array.from({ length: DRAFTS_MAX }, (_, n) =>
      at(10, { ...drafted, seatMapId: `seatmap_${n}` as SeatMapId } as CatalogEvent),
    )
    given(...HALL, ...later.slice(1))
      .when(publish, asking)
      .then(published)
    given(...HALL, ...later)
      .when(publish, asking)
      .thenRejected({ code: 'SEAT_MAP_NOT_FOUND' })
  })
})

describe('Performances', () => {
  it('is scheduled on a published map of one’s own, with all that its sections decide by', () => {
    given(...MAPPED)
      .when(schedule(), asking)
      .then(scheduled(performanceIdOf(epochMillis(500), COMMAND_ID)))
    given(...HALL)
      .when(schedule(), asking)
      .thenRejected({ code: 'SEAT_MAP_NOT_FOUND' })
    given(...MAPPED)
      .when(schedule(), STRANGER)
      .thenRejected({ code: 'SEAT_MAP_NOT_FOUND' })
  })

  const faults: [string, Price[], string][] = [
    ['a category without a price', [price('A', 1)], 'Category "B" has no price.'],
    ['a category with a price for a ticket type alone', [price('A', 1), price('B', 1, 'student')], 'Category "B" has no price.'],
    ['a price for a category that the hall lacks', [...PRICES, price('C', 1)], 'The hall has no category "C".'],
    ['two prices for one ticket type', [...PRICES, price('A', 1, 'student')], '"A" has two prices for one ticket type.'],
    ['a negative amount', [price('A', -1), price('B', 1)], 'The price of "A" is not a whole number of minor units.'],
    ['half a cent', [price('A', 0.5), price('B', 1)], 'The price of "A" is not a whole number of minor units.'],
  ]
  for (const [fault, prices, detail] of faults)
    it(`are refused with ${fault}`, () => {
      given(...MAPPED)
        .when(schedule({ ...TERMS, prices }), asking)
        .thenRejected({ code: 'PRICES_INVALID', detail })
      given(...SCHEDULED)
        .when(revise({ ...TERMS, prices }), asking)
        .thenRejected({ code: 'PRICES_INVALID', detail })
    })

  it('may cost nothing', () => {
    const terms = { ...TERMS, prices: [price('A', 0), price('B', 0)] }
    given(...MAPPED)
      .when(schedule(terms), asking)
      .then(scheduled(performanceIdOf(epochMillis(500), COMMAND_ID), terms))
  })
})

describe('Revising a performance', () => {
  const revised = (terms: PerformanceTerms, revision: number, priceRevision: number): CatalogEvent => ({
    type: 'PerformanceRevised',
    performanceId: PERFORMANCE,
    sections: summaries,
    revision,
    priceRevision,
    terms,
  })
  const later = { ...TERMS, saleStartsAtMs: epochMillis(200) }
  const dearer = { ...TERMS, prices: [price('A', 9_500), ...PRICES.slice(1)] }

  it('counts revisions, and price lists only when prices change', () => {
    given(...SCHEDULED)
      .when(revise(later), asking)
      .then(revised(later, 2, 1))
    given(...SCHEDULED)
      .when(revise(dearer), asking)
      .then(revised(dearer, 2, 2))
    given(...SCHEDULED, at(20, revised(dearer, 2, 2)))
      .when(revise(TERMS), asking)
      .then(revised(TERMS, 3, 3))
  })

  it('counts a price list as another one whatever of it changes', () => {
    const changed: readonly (readonly Price[])[] = [
      [...PRICES, price('B', 2_500, 'student')],
      PRICES.slice(0, 2),
      [...PRICES.slice(0, 2), price('B', 4_500, 'student')],
      [...PRICES.slice(0, 2), price('A', 4_500, 'senior')],
    ]
    for (const prices of changed)
      given(...SCHEDULED)
        .when(revise({ ...TERMS, prices }), asking)
        .then(revised({ ...TERMS, prices }, 2, 2))
  })

  it('that changes nothing writes nothing', () => {
    given(...SCHEDULED)
      .when(revise({ ...TERMS, prices: [...PRICES] }), asking)
      .thenNothing()
    given(...SCHEDULED)
      .when(revise(TERMS, 1), asking)
      .thenNothing()
  })

  it('is refused when it was made on another revision', () => {
    given(...SCHEDULED)
      .when(revise(later, 1), asking)
      .then(revised(later, 2, 1))
    given(...SCHEDULED, at(20, revised(dearer, 2, 2)))
      .when(revise(later, 1), asking)
      .thenRejected({ code: 'REVISION_CONFLICT', revision: 2 })
    given(...SCHEDULED)
      .when(revise(later, 2), asking)
      .thenRejected({ code: 'REVISION_CONFLICT', revision: 1 })
  })

  it('finds no performance that never was, or is another organisation’s', () => {
    given(...MAPPED)
      .when(revise(later), asking)
      .thenRejected({ code: 'PERFORMANCE_NOT_FOUND' })
    given(...SCHEDULED)
      .when(revise(later), STRANGER)
      .thenRejected({ code: 'PERFORMANCE_NOT_FOUND' })
  })
})

describe('Opening a performance', () => {
  const asking = { actor: SYSTEM, at: 500 } as const
  const recorded = (sectionId: SectionId): CatalogEvent => ({ type: 'SectionOpeningRecorded', performanceId: PERFORMANCE, sectionId })
  const stallsOpen = at(20, recorded(STALLS))

  it('waits for the last section, whichever it is', () => {
    given(...SCHEDULED)
      .when(sectionOpened(STALLS), asking)
      .then(recorded(STALLS))
    given(...SCHEDULED, stallsOpen)
      .when(sectionOpened(BALCONY), asking)
      .then(recorded(BALCONY), { type: 'PerformanceOpened', performanceId: PERFORMANCE })
  })

  it('hears a section twice, or one that it does not have, and writes nothing', () => {
    given(...SCHEDULED, stallsOpen)
      .when(sectionOpened(STALLS), asking)
      .thenNothing()
    given(...SCHEDULED)
      .when(sectionOpened('cellar' as SectionId), asking)
      .thenNothing()
    given(...SCHEDULED, stallsOpen, at(21, recorded(BALCONY)), at(21, { type: 'PerformanceOpened', performanceId: PERFORMANCE }))
      .when(sectionOpened(BALCONY), asking)
      .thenNothing()
  })

  it('is reported by the system alone, and for performances of the same organisation', () => {
    given(...SCHEDULED)
      .when(sectionOpened(STALLS), { actor: ORGANISER, at: 5 })
      .thenRejected({ code: 'NOT_PERMITTED' })
    given(...SCHEDULED)
      .when(sectionOpened(STALLS), { ...asking, organisation: 'org_circus' })
      .thenRejected({ code: 'PERFORMANCE_NOT_FOUND' })
    given(...MAPPED)
      .when(sectionOpened(STALLS), asking)
      .thenRejected({ code: 'PERFORMANCE_NOT_FOUND' })
  })
})

describe('The same command again, after the memory of its id was lost', () => {
  const again = (name: string) => ({ ...asking, commandId: commandIdOf(name) })

  it('makes nothing a second time', () => {
    given(...SCHEDULED)
      .when(createVenue, again('venue'))
      .thenNothing()
    given(...SCHEDULED)
      .when(draft, again('map'))
      .thenNothing()
    given(...HALL)
      .when(draft, again('map'))
      .thenNothing()
    given(...SCHEDULED)
      .when(schedule(), again('performance'))
      .thenNothing()
  })
})

describe('The catalog’s state', () => {
  it('is told apart by everything that decides', () => {
    const encodings = [MAPPED, SCHEDULED, HALL, HALL.slice(0, 3)].map((recorded) => {
      const state = catalog.initialState()
      for (const { atMs, event } of recorded) catalog.evolve(state, event, atMs)
      return catalog.encodeState(state).toString()
    })
    assert.equal(new Set(encodings).size, encodings.length)
  })

  it('refuses a log that contradicts itself', () => {
    const state = catalog.initialState()
    assert.throws(() => catalog.evolve(state, added(0, STALLS, 2), epochMillis(1)), /never made/)
    assert.throws(() => catalog.evolve(state, published, epochMillis(1)), /never made/)
  })
})
