import assert from 'node:assert/strict'
import type { PerformanceRevised, PerformanceScheduled, PerformanceTerms } from '@cavea/contracts/catalog/messages'
import type { Decision } from '@cavea/contracts/envelope'
import { epochMillis, type PerformanceId, type SeatMapId, type SectionId, type VenueId } from '@cavea/contracts/ids'
import type { SectionGeometry, SectionTerms } from '@cavea/contracts/seating/messages'
import { type CatalogView, initialState } from '../domain/catalog/state.ts'
import { initialState as initialSeating } from '../domain/seating/state.ts'
import { catalogPolicy, seatingPolicy } from './policies.ts'

const NO_DECISION = {} as Decision // Neither policy looks at it.
const performanceId = 'perf_1' as PerformanceId
const terms: PerformanceTerms = {
  saleStartsAtMs: epochMillis(10),
  saleEndsAtMs: null,
  holdTtlMs: 1,
  extensionMs: 2,
  holdMaxMs: 3,
  seatsPerHoldMax: 4,
  purchaseLimit: 5,
  sectionLimit: 3,
  orphanRule: 'off',
  prices: [{ category: 'A', ticketType: '', amount: 100 }],
}
const sections = ['stalls', 'balcony'].map((name, at) => ({
  sectionId: name as SectionId,
  name,
  seatCount: 10 + at,
  shards: 0,
  focalDistance: 0,
}))
const scheduled: PerformanceScheduled = {
  type: 'PerformanceScheduled',
  performanceId,
  organisation: 'org_opera',
  venueId: 'venue_1' as VenueId,
  seatMapId: 'seatmap_1' as SeatMapId,
  name: 'Norma',
  startsAtMs: epochMillis(100),
  endsAtMs: null,
  currency: 'EUR',
  sections,
  revision: 1,
  priceRevision: 1,
  terms,
}
const revised: PerformanceRevised = { type: 'PerformanceRevised', performanceId, sections, revision: 4, priceRevision: 2, terms }
const sectionTerms: Omit<SectionTerms, 'priceRevision'> = {
  saleStartsAtMs: epochMillis(10),
  saleEndsAtMs: null,
  holdTtlMs: 1,
  extensionMs: 2,
  extensions: 1,
  holdMaxMs: 3,
  seatsPerHoldMax: 4,
  purchaseLimit: 5,
  sectionLimit: 3,
  orphanRule: 'off',
}
const geometryOf = (seatCount: number): SectionGeometry => ({
  row: new Array<number>(seatCount).fill(0),
  x: Array.from({ length: seatCount }, (_, at) => at * 100),
  y: new Array<number>(seatCount).fill(0),
  categories: ['A'],
  category: new Array<number>(seatCount).fill(0),
  type: new Array<number>(seatCount).fill(0),
  focalX: 0,
  focalY: 0,
  aisles: [],
  joined: [],
  tables: [],
  wholeTables: [],
})
const seatMap = {
  organisation: scheduled.organisation,
  venueId: scheduled.venueId,
  categories: ['A'],
  sections,
  geometry: new Map(sections.map(({ sectionId, seatCount }) => [sectionId, geometryOf(seatCount)])),
}
const VIEW: CatalogView = { ...initialState(), seatMaps: new Map([[scheduled.seatMapId, seatMap]]) }

describe('The policies of the catalog', () => {
  it('open every section of a scheduled performance, each in its own stream', () => {
    assert.deepEqual(
      catalogPolicy(scheduled, NO_DECISION, VIEW),
      sections.map(({ sectionId, seatCount }) => ({
        policy: 'open-sections',
        context: 'seating',
        key: `perf_1/${sectionId}`,
        message: {
          type: 'OpenSection',
          performanceId,
          sectionId,
          revision: 1,
          seatCount,
          terms: { priceRevision: 1, ...sectionTerms },
          geometry: geometryOf(seatCount),
        },
      })),
    )
  })

  it('bring a revision to every section', () => {
    assert.deepEqual(
      catalogPolicy(revised, NO_DECISION, VIEW),
      sections.map(({ sectionId }) => ({
        policy: 'revise-sections',
        context: 'seating',
        key: `perf_1/${sectionId}`,
        message: { type: 'ReviseSection', performanceId, sectionId, revision: 4, terms: { priceRevision: 2, ...sectionTerms } },
      })),
    )
  })

  it('ask for the same again when they see the same event again', () => {
    assert.deepEqual(catalogPolicy(scheduled, NO_DECISION, VIEW), catalogPolicy(scheduled, NO_DECISION, VIEW))
  })

  it('let everything else pass', () => {
    assert.deepEqual(catalogPolicy({ type: 'PerformanceOpened', performanceId }, NO_DECISION, VIEW), [])
    assert.deepEqual(
      catalogPolicy({ type: 'SectionOpeningRecorded', performanceId, sectionId: 'stalls' as SectionId }, NO_DECISION, VIEW),
      [],
    )
  })
})

describe('The policy of seating', () => {
  const place = { performanceId, sectionId: 'stalls' as SectionId }

  it('tells the catalog, in the stream of the organisation, that a section opened', () => {
    const opened = {
      type: 'SectionOpened',
      ...place,
      organisation: 'org_opera',
      revision: 1,
      seatCount: 9,
      geometry: geometryOf(9),
      terms: { priceRevision: 1, ...sectionTerms },
    } as const
    assert.deepEqual(seatingPolicy(opened, NO_DECISION, initialSeating()), [
      { policy: 'record-section-opened', context: 'catalog', key: 'org_opera', message: { type: 'RecordSectionOpened', ...place } },
    ])
  })

  it('says nothing of revisions and holds', () => {
    assert.deepEqual(
      seatingPolicy(
        { type: 'SectionRevised', ...place, revision: 2, terms: { priceRevision: 1, ...sectionTerms } },
        NO_DECISION,
        initialSeating(),
      ),
      [],
    )
    assert.deepEqual(
      seatingPolicy({ type: 'HoldExpired', ...place, holdId: 'hold_1' as never, seats: [] }, NO_DECISION, initialSeating()),
      [],
    )
  })
})
