import type { PublicCodec } from '@cavea/contracts/public/codec'
import type { PublicFact } from '@cavea/contracts/public/fact'
import { publicSubjectOf } from '@cavea/contracts/public/schemas'
import type { PublicRecord } from '@cavea/contracts/public/translate'
import type { PublicMessage } from './publisher.ts'

/** The record that readers get: CloudEvents in binary mode, see `asyncapi.json`. */
export function messageOf(codec: PublicCodec, topicPrefix: string, fact: PublicFact, { key, event }: PublicRecord): PublicMessage {
  const { traceparent } = fact.decision.envelope
  return {
    key,
    value: codec.encode(fact.context, event),
    headers: {
      ce_specversion: '1.0',
      ce_id: event.eventId,
      ce_source: `/cavea/${topicPrefix}${fact.context}`,
      ce_type: publicSubjectOf(fact.context, event.type),
      ce_time: new Date(event.occurredAt).toISOString(),
      ce_subject: key,
      ce_head: fact.head,
      ...(traceparent !== '' && { ce_traceparent: traceparent }),
      'content-type': 'application/avro',
    },
  }
}

/** The offset of the decision that an event was made of. */
export function offsetOfEvent(eventId: string): number {
  const offset = Number(eventId.split('/')[2])
  if (!Number.isSafeInteger(offset)) throw new Error(`"${eventId}" is no id of a public event.`)
  return offset
}
