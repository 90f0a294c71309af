import type { HallShape } from '../support/wrk.ts'

/** One seat for one buyer, as a contender has to record it, with a row or entry in its audit trail. */
export interface HoldToMake {
  readonly performanceId: string
  readonly seatId: string
  readonly holdId: string
  readonly buyerId: string
  readonly commandId: string
  readonly expiresAtMs: number
}

/** The usual ways to keep seats from being sold twice. Each makes one hold of one seat, as fast as its engine can. */
export interface SeatStore {
  /** Makes a performance whose seats are all free. */
  fill(performanceId: string, shape: HallShape): Promise<void>
  hold(hold: HoldToMake): Promise<'held' | 'taken'>
  /** How many holds of a performance have both the seat and the audit entry; throws when the two counts differ. */
  held(performanceId: string): Promise<number>
  close(): Promise<void>
}

export function sameCount(seats: number, entries: number): number {
  if (seats !== entries) throw new Error(`${seats} seats are held, and the audit trail has ${entries} entries.`)
  return seats
}
