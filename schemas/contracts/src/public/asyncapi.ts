import type { AvroSchema } from '../avro.ts'
import { CONTEXTS, type Context } from '../topics.ts'
import { PUBLIC_SCHEMAS, publicSubjectOf, publicTopicOf } from './schemas.ts'

type Json = { readonly [key: string]: unknown }

export const AVRO = 'application/vnd.apache.avro+json;version=1.9.0'

const text = (description: string, more: Json = {}): Json => ({ type: 'string', description, ...more })

/** CloudEvents 1.0, binary mode of its binding for Kafka: what a record says of its event beside the event itself. */
export const PUBLIC_HEADERS: Json = {
  type: 'object',
  required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time', 'ce_subject', 'ce_head', 'content-type'],
  properties: {
    ce_specversion: text('The version of CloudEvents.', { const: '1.0' }),
    ce_id: text('Context, partition and offset of the decision and the place in it: unique with the source, and the same for ever.', {
      examples: ['seating/3/1042/0'],
    }),
    ce_source: text('The log that it was decided in.', { format: 'uri-reference', examples: ['/cavea/seating'] }),
    ce_type: text('The subject of its schema.', { examples: ['public.seating.SeatsSold'] }),
    ce_time: text('When it was decided.', { format: 'date-time' }),
    ce_subject: text('The stream that it belongs to, which is also the key.'),
    ce_head: text("The decision's hash in the ledger, to hold against a head that was written down.", { pattern: '^[0-9a-f]{64}$' }),
    ce_traceparent: text('W3C trace context; absent where there was none.'),
    'content-type': text('Of the value.', { const: 'application/avro' }),
  },
}

const SUMMARIES: Readonly<Record<Context, string>> = {
  catalog: 'Venues, published seat maps, performances and their prices.',
  seating: 'What happens to seats, one section after the other: held, sold, released, expired, blocked.',
  cart: 'Holds that span several sections.',
}

/** The public topics as AsyncAPI 3.0 describes them. Made of the same tables that the records are written by. */
export function asyncApiDocument(): Json {
  const channels = Object.fromEntries(CONTEXTS.map((context) => [`public-${context}`, channelOf(context)]))
  const operations = Object.fromEntries(
    CONTEXTS.map((context) => [
      `write-public-${context}`,
      { action: 'send', channel: { $ref: `#/channels/public-${context}` }, summary: `Cavea writes: ${SUMMARIES[context]}` },
    ]),
  )
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Cavea: public topics',
      version: '1.0.0',
      description: [
        'Every decision that concerns outside readers, written exactly once in a transaction: read with `isolation.level=read_committed`.',
        'Values are Avro in the wire format of Confluent (a zero byte, four bytes of schema id, the record); schemas are registered under',
        'FULL_TRANSITIVE compatibility, one subject per type of event. A topic holds all types of its context: tell them apart by `ce_type`',
        'or by the schema. Order holds within a partition, where a stream stays. Topics may have a prefix. No personal data is in here.',
      ].join(' '),
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/avro',
    channels,
    operations,
    components: {
      messageTraits: { cloudEvent: { headers: PUBLIC_HEADERS } },
      messages: Object.fromEntries(
        CONTEXTS.flatMap((context) => typesOf(context).map(([type, schema]) => messageOf(context, type, schema))),
      ),
    },
  }
}

const typesOf = (context: Context): [string, AvroSchema][] => Object.entries(PUBLIC_SCHEMAS[context])

function channelOf(context: Context): Json {
  const address = publicTopicOf(context)
  return {
    address,
    summary: SUMMARIES[context],
    messages: Object.fromEntries(
      typesOf(context).map(([type]) => [type, { $ref: `#/components/messages/${publicSubjectOf(context, type)}` }]),
    ),
    bindings: {
      kafka: { topic: address, topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': -1 }, bindingVersion: '0.5.0' },
    },
  }
}

function messageOf(context: Context, type: string, schema: AvroSchema): [string, Json] {
  const name = publicSubjectOf(context, type)
  return [
    name,
    {
      name,
      title: type,
      contentType: 'application/avro',
      traits: [{ $ref: '#/components/messageTraits/cloudEvent' }],
      payload: { schemaFormat: AVRO, schema },
      bindings: {
        kafka: {
          key: { type: 'string', description: 'The stream, as in `ce_subject`.' },
          schemaIdLocation: 'payload',
          schemaIdPayloadEncoding: 'confluent',
          bindingVersion: '0.5.0',
        },
      },
    },
  ]
}

/** As it is committed. */
export const asyncApiText = (): string => `${JSON.stringify(asyncApiDocument(), null, 2)}\n`
