import type { AddSeatMapPart, CreateVenue, DraftSeatMap, MapRow, MapSeat, PerformanceTerms } from '@cavea/contracts/catalog/messages'
import { epochMillis, type SeatMapId, type SectionId, type VenueId } from '@cavea/contracts/ids'
import type { TableSale } from '@cavea/contracts/seats'
import { EPOCH_MS } from './scheduler.ts'

export const ORGANISATION = 'org_opera'

/** A seated section: how many seats each row has, how it is sold, and its category. */
interface Drawn {
  readonly sectionId: string
  readonly category: string
  readonly rows: readonly { readonly seats: number; readonly table: TableSale }[]
  readonly y: number
}

export const SEATED: readonly Drawn[] = [
  { sectionId: 'stalls', category: 'A', rows: [4, 4, 3].map((seats) => ({ seats, table: '' })), y: 10 },
  {
    sectionId: 'balcony',
    category: 'B',
    rows: [
      { seats: 5, table: '' },
      { seats: 3, table: 'whole' },
    ],
    y: 200,
  },
]

/** A standing area of two shards, of which the organiser leaves few places: so shards run out, too. */
export const FLOOR = { sectionId: 'floor', capacity: 1_001, left: 7 } as const

export const seatsOf = ({ rows }: Drawn): number => rows.reduce((sum, { seats }) => sum + seats, 0)
export const seatId = (sectionId: string, index: number): string => `${sectionId}-${index}`

export const createVenue: CreateVenue = {
  type: 'CreateVenue',
  name: 'Opera',
  timeZone: 'Europe/Vienna',
  address: { street: '', city: 'Wien', postalCode: '1010', country: 'AT' },
}

export const draftSeatMap = (venueId: VenueId): DraftSeatMap => ({
  type: 'DraftSeatMap',
  venueId,
  name: 'Small hall',
  categories: [
    { name: 'A', color: '' },
    { name: 'B', color: '' },
  ],
  sections: [
    ...SEATED.map((drawn) => ({
      sectionId: drawn.sectionId as SectionId,
      name: drawn.sectionId,
      seatCount: seatsOf(drawn),
      standing: null,
      extras: '',
    })),
    {
      sectionId: FLOOR.sectionId as SectionId,
      name: 'Floor',
      seatCount: FLOOR.capacity,
      standing: { category: 'A', bounds: null },
      extras: '',
    },
  ],
  focalPoint: { x: 50, y: 0 },
  parts: SEATED.length,
  extras: '',
})

export function seatMapPart(seatMapId: SeatMapId, part: number): AddSeatMapPart {
  const drawn = SEATED[part]
  if (drawn === undefined) throw new RangeError(`The hall has no part ${part}.`)
  let index = 0
  const rows = drawn.rows.map(
    ({ seats, table }, row): MapRow => ({
      label: String(row + 1),
      table,
      seats: Array.from({ length: seats }, (_, at): MapSeat => {
        const id = seatId(drawn.sectionId, index++)
        const place = { x: 10 + 10 * at, y: drawn.y + 10 * row }
        return { seatId: id, number: String(at + 1), ...place, category: drawn.category, type: 'standard', aisleAfter: null, extras: '' }
      }),
      extras: '',
    }),
  )
  return { type: 'AddSeatMapPart', seatMapId, part, sectionId: drawn.sectionId as SectionId, rows }
}

/** By which rules tickets are sold. Times are counted from the beginning; null: no limit, and open for ever. */
export interface Sale {
  readonly holdTtlMs: number
  readonly purchaseLimit: number | null
  readonly sectionLimit: number | null
  readonly saleStartsAfterMs: number | null
  readonly saleEndsAfterMs: number | null
}

/** How long holds last. */
export const timesOf = (holdTtlMs: number): Pick<PerformanceTerms, 'holdTtlMs' | 'extensionMs' | 'holdMaxMs'> => ({
  holdTtlMs,
  extensionMs: Math.floor(holdTtlMs / 2),
  holdMaxMs: Math.floor(holdTtlMs * 1.4),
})

export function termsOf({ holdTtlMs, purchaseLimit, sectionLimit, saleStartsAfterMs, saleEndsAfterMs }: Sale): PerformanceTerms {
  const after = (ms: number | null) => (ms === null ? null : epochMillis(EPOCH_MS + Math.floor(ms)))
  return {
    saleStartsAtMs: after(saleStartsAfterMs),
    saleEndsAtMs: after(saleEndsAfterMs),
    ...timesOf(holdTtlMs),
    seatsPerHoldMax: 6,
    purchaseLimit,
    sectionLimit,
    orphanRule: 'off',
    prices: [
      { category: 'A', ticketType: '', amount: 5_000 },
      { category: 'B', ticketType: '', amount: 3_000 },
    ],
  }
}
