import avro from 'avsc'
import { FRAME_BYTES } from '../ledger.ts'
import type { Context } from '../topics.ts'
import type { PublicEvent, PublicOrigin } from './events.ts'
import { PUBLIC_SUBJECTS, publicSubjectOf } from './schemas.ts'

export interface PublicCodec {
  /** Confluent's wire format: a zero byte, the schema's id, the record. */
  encode(context: Context, event: PublicEvent & PublicOrigin): Buffer
}

const SCRATCH_BYTES = 1 << 16

/** Encodes public events, given the registry's id for each of `PUBLIC_SUBJECTS`. Readers decode with their own client. */
export function createPublicCodec(idOf: (subject: string) => number): PublicCodec {
  const types = new Map(
    [...PUBLIC_SUBJECTS].map(([subject, schema]) => [subject, { id: idOf(subject), type: avro.Type.forSchema(schema as avro.Schema) }]),
  )
  let scratch = Buffer.allocUnsafe(SCRATCH_BYTES)
  return {
    encode(context, event) {
      const subject = publicSubjectOf(context, event.type)
      const known = types.get(subject)
      if (known === undefined) throw new TypeError(`There is no public event "${subject}".`)
      let end = known.type.encode(event, scratch, FRAME_BYTES)
      if (end < 0) {
        scratch = Buffer.allocUnsafe(2 * (scratch.length - end))
        end = known.type.encode(event, scratch, FRAME_BYTES)
      }
      scratch[0] = 0
      scratch.writeUInt32BE(known.id, 1)
      return Buffer.from(scratch.subarray(0, end))
    },
  }
}
