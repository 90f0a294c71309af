import type { TableSpec } from './table.ts'

export const SEAT_STATUSES = ['available', 'held', 'sold', 'blocked'] as const
export type SeatStatus = (typeof SEAT_STATUSES)[number]

/**
 * A section with seats, or one shard of a standing area, of one performance. `seats` has a `SeatStatus` by the seat's index; a
 * seat that is not in it was never taken, so it is available.
 */
export const SECTIONS: TableSpec = {
  name: 'sections',
  key: ['performance_id', 'section_id'],
  columns: {
    performance_id: 'text',
    section_id: 'text',
    organisation: 'text',
    capacity: 'integer',
    revision: 'integer',
    terms: 'json',
    seats: 'json',
  },
}

export const SECTIONS_TABLES: readonly TableSpec[] = [SECTIONS]
