import type { CartCommand, CartEvent } from '../cart/messages.ts'
import type { CatalogCommand, CatalogEvent } from '../catalog/messages.ts'
import type { Decision } from '../envelope.ts'
import type { Head } from '../ledger.ts'
import type { SeatingCommand, SeatingEvent } from '../seating/messages.ts'
import type { Context } from '../topics.ts'
import type { PublicEventsOf } from './events.ts'
import type { Labels } from './labels.ts'

interface EventsOf {
  readonly catalog: CatalogEvent
  readonly seating: SeatingEvent
  readonly cart: CartEvent
}
interface CommandsOf {
  readonly catalog: CatalogCommand
  readonly seating: SeatingCommand
  readonly cart: CartCommand
}

/** One decision that counts, with what is in it decoded, and where it stands in its events topic. */
export interface PublicFact<Of extends Context = Context> {
  readonly context: Of
  readonly partition: number
  readonly offset: number
  readonly head: Head
  readonly decision: Decision
  readonly events: readonly EventsOf[Of][]
  /** What was decided on, where a refusal is told; undefined: nobody could read it, or nothing was refused. */
  readonly command: CommandsOf[Of] | undefined
}

/** What one event is to outside readers, and the stream that it belongs to. */
export interface Told<Of extends Context> {
  readonly key: string
  /** Whose it is; empty: that of who asked. */
  readonly organisation: string
  readonly event: PublicEventsOf[Of]
}

type Tell<Of extends Context, Type> = (
  event: Extract<EventsOf[Of], { readonly type: Type }>,
  labels: Labels,
  fact: PublicFact<Of>,
) => Told<Of>

/** An answer for every event of a context; null: it stays inside. */
export type Telling<Of extends Context> = { readonly [Type in EventsOf[Of]['type']]: Tell<Of, Type> | null }
