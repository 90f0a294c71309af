import type { CartEvent } from '@cavea/contracts/cart/messages'
import type { CatalogEvent } from '@cavea/contracts/catalog/messages'
import type { Decision } from '@cavea/contracts/envelope'
import type { TableSpec, Value } from '@cavea/contracts/read-models/table'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import type { Context } from '@cavea/contracts/topics'

export interface EventsOf {
  readonly catalog: CatalogEvent
  readonly seating: SeatingEvent
  readonly cart: CartEvent
}

/** One decision that counts, with its events decoded, and where it stands in its events topic. */
export interface Fact<Of extends Context = Context> {
  readonly context: Of
  readonly partition: number
  readonly offset: number
  readonly decision: Decision
  readonly events: readonly EventsOf[Of][]
}

/**
 * What one row or document is from now on: these fields are set, all others stay as they were. Absolute ("seat 7 is held"),
 * never relative, so that it may be written twice. A field of a document may be a path into it: `seats.7`.
 */
export interface Change {
  readonly table: string
  /** The values of the table's key, in the order of its spec. A key belongs to one partition of one context, for ever. */
  readonly key: readonly (string | number)[]
  readonly set: Readonly<Record<string, Value>>
}

/**
 * A read model: a pure function from fact to changes, which never throws (a recorded event is a fact) and has an answer for
 * every event of the contexts that it reads. Everything in it can be thrown away and made again from the log.
 */
export interface Projection {
  /** kebab-case, unique among all stores. */
  readonly name: string
  /** Grows when the function or the tables change: then it is built anew beside the old one. */
  readonly version: number
  readonly store: 'documents' | 'tables'
  readonly tables: readonly TableSpec[]
  readonly project: { readonly [Of in Context]?: (fact: Fact<Of>) => readonly Change[] }
}
