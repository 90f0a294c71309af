import type { Value } from '@cavea/contracts/read-models/table'

/** A document as its collection has it: `_id`, `source`, `version` and its fields; times are dates. */
export type StoredDocument = Readonly<Record<string, Value | Date>>

export interface DocumentQuery {
  /** In the query language of MongoDB, as far as both stores speak it: comparisons, `$in`, `$and`, `$or`, `$exists`, `$regex`. */
  readonly filter: Readonly<Record<string, unknown>>
  /** 1: ascending, -1: descending. */
  readonly sort?: Readonly<Record<string, 1 | -1>>
  readonly skip?: number
  readonly limit: number
}

/** Reads the documents of the generation that is active. */
export interface DocumentReader {
  /** Undefined when no generation of a projection with such a collection is active. */
  find(collection: string, query: DocumentQuery): Promise<readonly StoredDocument[] | undefined>
}
