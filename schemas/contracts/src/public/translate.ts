import type { Directory } from '../catalog/directory.ts'
import type { Context } from '../topics.ts'
import { CART_TELLING } from './cart.ts'
import { CATALOG_TELLING } from './catalog.ts'
import type { PublicEvent, PublicOrigin } from './events.ts'
import type { PublicFact, Telling, Told } from './fact.ts'
import { createLabels, type Labels } from './labels.ts'
import { tellRejection } from './rejected.ts'
import { SEATING_TELLING } from './seating.ts'

export interface PublicRecord {
  /** The stream that it belongs to. */
  readonly key: string
  readonly event: PublicEvent & PublicOrigin
}

export interface Translated {
  /** In the order in which it happened; none where nothing that concerns outside readers did. */
  readonly records: readonly PublicRecord[]
  /** The directory lacked what the decision names: where it only has to read on, translate again. */
  readonly isIncomplete: boolean
}

const TELLING: { readonly [Of in Context]: Telling<Of> } = {
  catalog: CATALOG_TELLING,
  seating: SEATING_TELLING,
  cart: CART_TELLING,
}

/**
 * What a decision is to outside readers. Pure, and the same for ever: whatever more the directory may have read, what a
 * decision names in it does not change.
 */
export function publicRecordsOf(fact: PublicFact, directory: Directory): Translated {
  const labels = createLabels(directory)
  const told = fact.events.flatMap((event) => {
    const tell = TELLING[fact.context][event.type as never] as ((event: never, labels: Labels, fact: never) => Told<Context>) | null
    return tell?.(event as never, labels, fact as never) ?? []
  })
  const { rejection } = fact.decision
  if (rejection !== null) told.push(tellRejection(fact, rejection, labels))
  return { records: told.map((one, index) => recordOf(fact, one, index)), isIncomplete: labels.isIncomplete }
}

function recordOf(
  { context, partition, offset, decision }: PublicFact,
  { key, organisation, event }: Told<Context>,
  index: number,
): PublicRecord {
  const { commandId, correlationId, actor, organisation: asking } = decision.envelope
  const eventId = `${context}/${partition}/${offset}/${index}`
  const origin: PublicOrigin = {
    eventId,
    occurredAt: decision.atMs,
    organisation: organisation || asking,
    commandId,
    correlationId,
    actorKind: actor.kind,
  }
  // A command that could not be read has no id, and no stream either.
  // Assigned, since a new object of both would take longer than all else here.
  return { key: key || eventId, event: Object.assign(origin, event) }
}
