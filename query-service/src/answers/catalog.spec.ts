import assert from 'node:assert/strict'
import { createDirectory } from '@cavea/contracts/catalog/directory'
import type { CatalogEvent, MapRow, MapSeat, StandingArea } from '@cavea/contracts/catalog/messages'
import type { SeatMapId, SectionId, VenueId } from '@cavea/contracts/ids'
import { seatMapPlan } from './catalog.ts'

const MAP = 'seatmap_1' as SeatMapId
const VENUE = 'venue_1' as VenueId
const FOCAL_POINT = { x: 50, y: -20 }
const BOUNDS = { x: 0, y: 10, width: 300, height: 80.5 }

interface DrawnSection {
  readonly sectionId: string
  /** Parts, each of rows: labels, what kind of table, and how many seats. */
  readonly parts?: readonly (readonly MapRow[])[]
  readonly standing?: StandingArea
  readonly seatCount?: number
}

function planOf(focalPoint: { readonly x: number; readonly y: number } | null, ...drawn: readonly DrawnSection[]): Record<string, unknown> {
  const events: CatalogEvent[] = [
    {
      type: 'SeatMapDrafted',
      seatMapId: MAP,
      organisation: 'org_default',
      venueId: VENUE,
      name: 'Hall',
      categories: [{ name: 'Gold', color: '' }],
      sections: drawn.map(({ sectionId, standing = null, seatCount = 0 }) => {
        return { sectionId: sectionId as SectionId, name: sectionId, seatCount, standing, extras: '' }
      }),
      focalPoint,
      parts: 0,
      extras: '',
    },
  ]
  for (const { sectionId, parts = [] } of drawn)
    for (const [part, rows] of parts.entries())
      events.push({ type: 'SeatMapPartAdded', seatMapId: MAP, part, sectionId: sectionId as SectionId, rows })
  events.push({
    type: 'SeatMapPublished',
    seatMapId: MAP,
    venueId: VENUE,
    version: 1,
    sections: drawn.map(({ sectionId, standing, seatCount = 0 }) => {
      const shards = standing === undefined ? 0 : 1
      return { sectionId: sectionId as SectionId, name: sectionId, seatCount, shards, focalDistance: 0 }
    }),
  })
  const directory = createDirectory()
  for (const event of events) directory.apply(event)
  const map = directory.seatMap(MAP)
  assert.ok(map)
  return JSON.parse(JSON.stringify(seatMapPlan(map))) as Record<string, unknown>
}

const seat = (number: string, aisleAfter: boolean | null = null): MapSeat => {
  return { seatId: `seat-${number}`, number, x: 1, y: 2, category: 'Gold', type: 'standard', aisleAfter, extras: '' }
}
const row = (label: string, table: MapRow['table'], ...seats: MapSeat[]): MapRow => ({ label, table, seats, extras: '' })
const plain = (number: string): object => ({ seatId: `seat-${number}`, number, x: 1, y: 2, category: 'Gold', type: 'standard' })

describe('The plan of a seat map', () => {
  it('has the focal point only where one was given', () => {
    assert.deepEqual(planOf(FOCAL_POINT)['focalPoint'], FOCAL_POINT)
    assert.equal('focalPoint' in planOf(null), false)
  })

  it('draws a standing area with its capacity, and no rows', () => {
    const { sections } = planOf(
      null,
      { sectionId: 'floor', standing: { category: 'Gold', bounds: BOUNDS }, seatCount: 400 },
      { sectionId: 'gallery', standing: { category: 'Gold', bounds: null }, seatCount: 120 },
    )
    assert.deepEqual(sections, [
      { sectionId: 'floor', name: 'floor', standing: { capacity: 400, category: 'Gold', bounds: BOUNDS } },
      { sectionId: 'gallery', name: 'gallery', standing: { capacity: 120, category: 'Gold' } },
    ])
  })

  it('says where the drawing overrides an aisle, and nothing where it does not', () => {
    const rows = [row('A', '', seat('1', true), seat('2', false), seat('3'))]
    const { sections } = planOf(null, { sectionId: 'stalls', parts: [rows], seatCount: 3 })
    assert.deepEqual(sections, [
      {
        sectionId: 'stalls',
        name: 'stalls',
        rows: [{ label: 'A', seats: [{ ...plain('1'), aisleAfter: true }, { ...plain('2'), aisleAfter: false }, plain('3')] }],
      },
    ])
  })

  it('keeps its rows and tables apart, whatever their labels', () => {
    const parts = [
      [row('A', '', seat('1')), row('A', '', seat('2')), row('A', 'whole', seat('3'), seat('4'))],
      [row('A', 'whole', seat('5')), row('A', 'chairs', seat('6')), row('A', '', seat('7'))],
    ]
    const { sections } = planOf(null, { sectionId: 'box', parts, seatCount: 7 })
    const [box] = sections as { rows: unknown[] }[]
    assert.deepEqual(box?.rows, [
      { label: 'A', seats: [plain('1')] },
      { label: 'A', seats: [plain('2')] },
      { label: 'A', table: 'whole', seats: [plain('3'), plain('4')] },
      { label: 'A', table: 'whole', seats: [plain('5')] },
      { label: 'A', table: 'chairs', seats: [plain('6')] },
      { label: 'A', seats: [plain('7')] },
    ])
  })
})
