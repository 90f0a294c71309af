import type { ClosedColumns } from './closed-holds.ts'

/** The carts as a snapshot writes them: a column per field, as in `SeatColumns`. A change of these shapes is a new snapshot schema. */
export interface CartColumns {
  /** The latest log time seen. */
  readonly nowMs: number
  readonly carts: HeldCartColumns
  readonly closed: ClosedColumns
}

/** One entry per cart in each column, in the order of the carts. */
export interface HeldCartColumns {
  /** What many carts have alike, written once: `performance`, `organisation` and a part's `section` are indexes here. */
  readonly names: readonly string[]
  readonly holdIds: readonly string[]
  readonly buyers: readonly string[]
  readonly performance: Uint32Array
  readonly organisation: Uint32Array
  readonly status: Uint8Array
  readonly expiresAtMs: Float64Array
  readonly extensionsLeft: Int32Array
  /** The parts of all carts, one after the other; a cart's own end where `partsEnd` says. */
  readonly parts: PartColumns
  readonly partsEnd: Uint32Array
}

/** One entry per part. Its seats end in `seats` where `seatsEnd` says. */
export interface PartColumns {
  readonly holdIds: readonly string[]
  readonly section: Uint32Array
  readonly step: Uint8Array
  readonly priceRevision: Int32Array
  readonly seats: Uint32Array
  readonly seatsEnd: Uint32Array
}
