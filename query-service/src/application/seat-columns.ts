import type { ClosedColumns } from './closed-holds.ts'

/**
 * The seat state as a snapshot writes it: a column per field, because a million records with their field names take
 * many times as long to write and to read. A change of these shapes is a new snapshot schema.
 */
export interface SeatColumns {
  /** The latest log time seen. */
  readonly nowMs: number
  readonly sections: readonly SectionColumns[]
  readonly holds: HoldColumns
  readonly closed: ClosedColumns
}

export interface SectionColumns {
  readonly performanceId: string
  readonly sectionId: string
  readonly organisation: string
  readonly revision: number
  readonly version: number
  readonly status: Uint8Array
}

/** One entry per hold in each column, in the order of the holds. */
export interface HoldColumns {
  /** Performance and section, which `place` names by index. */
  readonly places: readonly (readonly [string, string])[]
  readonly place: Uint32Array
  readonly holdIds: readonly string[]
  /** Empty for holds of their own. */
  readonly cartIds: readonly string[]
  readonly buyers: readonly string[]
  readonly status: Uint8Array
  readonly expiresAtMs: Float64Array
  readonly extensionsLeft: Int32Array
  readonly priceRevision: Int32Array
  /** The seats of all holds, one after the other; a hold's own end where `seatsEnd` says. */
  readonly seats: Uint32Array
  readonly seatsEnd: Uint32Array
}
