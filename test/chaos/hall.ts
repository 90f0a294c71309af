import { type Api, expectStatus } from '../support/client.ts'
import { createVenue, type ImportedMap, importPlan, openPerformance, untilDecided } from '../support/hall.ts'

const CAVEA = 'application/vnd.cavea.seat-map+json'
const SECTIONS = 6
const ROWS = 10
const SEATS_PER_ROW = 20
/** The floor has two shards, so that a hold there is a cart; the gallery is one stream. */
const FLOOR = 1_101
const GALLERY = 80

/** What a load holds places in. */
export interface Hall {
  readonly performanceId: string
  /** Sections with seats, by their names. */
  readonly sections: readonly { readonly sectionId: string; readonly seats: readonly string[] }[]
  readonly areas: readonly string[]
  readonly capacity: number
}

/** Opens a performance in a hall with seats and places to stand, where holds that nobody ends last for half a minute. */
export async function openHall(api: Api): Promise<Hall> {
  const sections = Array.from({ length: SECTIONS }, (_, section) => ({ sectionId: `s${section}`, rows: rowsOf(section) }))
  const standing = (sectionId: string, capacity: number): object => ({
    sectionId,
    name: sectionId,
    standing: { capacity, category: 'Any' },
  })
  const plan = {
    name: 'Hall',
    focalPoint: { x: 0, y: 0 },
    categories: [{ name: 'Any' }],
    sections: [
      ...sections.map((section) => ({ ...section, name: section.sectionId })),
      standing('floor', FLOOR),
      standing('gallery', GALLERY),
    ],
  }
  const venueId = await createVenue(api)
  const answer = await untilDecided((key) => importPlan(api, venueId, JSON.stringify(plan), CAVEA, { key }))
  const imported = expectStatus(answer, 201).json<ImportedMap>()
  const performanceId = await openPerformance(api, imported.seatMapId, {
    prices: [{ category: 'Any', amount: 100 }],
    holdPolicy: { ttlSeconds: 30, extensionSeconds: 30, maxSeconds: 120 },
  })
  return {
    performanceId,
    sections: sections.map(({ sectionId, rows }) => ({ sectionId, seats: rows.flatMap(({ seats }) => seats.map(({ seatId }) => seatId)) })),
    areas: ['floor', 'gallery'],
    capacity: imported.capacity,
  }
}

function rowsOf(section: number): { readonly label: string; readonly seats: readonly { readonly seatId: string }[] }[] {
  return Array.from({ length: ROWS }, (_, row) => ({
    label: String(row + 1),
    seats: Array.from({ length: SEATS_PER_ROW }, (_, seat) => ({
      seatId: `s${section}-${row + 1}-${seat + 1}`,
      number: String(seat + 1),
      x: 600 * section + 20 * seat,
      y: 40 * row,
      category: 'Any',
    })),
  }))
}
