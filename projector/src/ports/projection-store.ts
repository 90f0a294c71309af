import type { Value } from '@cavea/contracts/read-models/table'
import type { LedgerStart } from '@cavea/event-log/ledger-reader'
import type { Change, Projection } from '../application/projection.ts'

/** `building` beside an active one, or before there is any; `retired` may be dropped. */
export type GenerationStatus = 'building' | 'active' | 'retired'

/** One making of a read model, with tables and checkpoints of its own. */
export interface Generation {
  readonly projection: string
  readonly version: number
  /** Counts the makings of the projection, whatever their versions, from 1. */
  readonly number: number
  readonly status: GenerationStatus
}

/** A change of one key, all that a batch says of it in one. */
export interface KeyedChange extends Change {
  /** "seating/3" */
  readonly source: string
  /** The offset of the last decision in the batch that changes the key. */
  readonly version: number
}

export interface PartitionBatch {
  readonly topic: string
  readonly partition: number
  /** Where the checkpoint must stand now. */
  readonly from: LedgerStart
  /** Where it stands afterwards. */
  readonly to: LedgerStart
  /** At most one of each key. */
  readonly changes: readonly KeyedChange[]
}

export interface Row {
  readonly key: readonly (string | number)[]
  readonly version: number
  /** All columns, with null for what was never set; of a document all fields, the key's among them. */
  readonly fields: Readonly<Record<string, Value>>
}

/** The store will not take these changes, however often they are tried: their data is at fault, not the store. */
export class ChangesRefusedError extends Error {
  readonly code = 'CHANGES_REFUSED'
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'ChangesRefusedError'
  }
}

/**
 * A database that keeps read models. What every adapter promises, and `store-contract.ts` checks:
 * - a row changes only by a `version` above its own, so a batch may be written twice and a late writer changes nothing;
 * - a checkpoint moves only from where the writer believes it to be;
 * - readers see one generation of a projection, whole, and the next one from the moment of its activation.
 *
 * Throws `ChangesRefusedError` for data that it cannot keep; every other error may be tried again.
 */
export interface ProjectionStore {
  readonly kind: Projection['store']
  /** Makes what the store itself needs. Idempotent, also side by side. */
  prepare(): Promise<void>
  /** Of all projections, in the order of their numbers. */
  generations(): Promise<readonly Generation[]>
  /** Makes empty tables for the projection's next generation; who comes second with the same number gets the same one. */
  begin(projection: Projection, number: number): Promise<Generation>
  /** The checkpoints of a generation by "topic/partition"; a partition without one is at its beginning. */
  checkpoints(generation: Generation): Promise<ReadonlyMap<string, LedgerStart>>
  /** `superseded`: the checkpoint stands elsewhere, so somebody else writes this partition. */
  write(projection: Projection, generation: Generation, batch: PartitionBatch): Promise<'written' | 'superseded'>
  /** Readers see this generation from now on, at once and whole; the one before it is retired. */
  activate(projection: Projection, generation: Generation): Promise<void>
  /**
   * For rows that lack what a decision in their past changed: a row takes these fields unless it is newer than the change, which
   * then says all that happened to them since. Moves no checkpoint. Answers the changes whose rows are newer.
   */
  amend(projection: Projection, generation: Generation, changes: readonly KeyedChange[]): Promise<readonly KeyedChange[]>
  /** Deletes a generation, which `write` finds superseded from then on. Idempotent. Throws for the active one. */
  drop(projection: Projection, generation: Generation): Promise<void>
  /** The rows that come from a source, in the order of their keys, a few at a time in memory. */
  rows(projection: Projection, generation: Generation, table: string, source: string): AsyncIterable<Row>
  close(): Promise<void>
}
