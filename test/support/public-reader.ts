import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { Kafka, logLevel } from 'kafkajs'

export interface PublicRecordRead {
  readonly topic: string
  readonly partition: number
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly event: Readonly<Record<string, unknown>>
}

const END = 'the end'

/**
 * Reads topics to their end as anybody would who knows nothing of Cavea: with an ordinary client that reads what is committed and
 * asks the registry what the bytes mean. Whoever still writes must have stopped.
 */
export async function readPublicTopics(
  engines: { readonly brokers: string; readonly registryUrl: string },
  topics: readonly { readonly topic: string; readonly partitions: number }[],
): Promise<PublicRecordRead[]> {
  const kafka = new Kafka({ brokers: [engines.brokers], clientId: 'an analyst', logLevel: logLevel.NOTHING })
  const registry = new SchemaRegistry({ host: engines.registryUrl })
  // A plain record behind everything tells where to stop: markers of transactions have offsets of their own.
  const marks = kafka.producer()
  await marks.connect()
  for (const { topic, partitions } of topics)
    await marks.send({ topic, messages: Array.from({ length: partitions }, (_, partition) => ({ partition, key: END, value: null })) })
  await marks.disconnect()

  const ends = new Set(topics.flatMap(({ topic, partitions }) => Array.from({ length: partitions }, (_, at) => `${topic}/${at}`)))
  const records: PublicRecordRead[] = []
  const consumer = kafka.consumer({ groupId: `analyst.${randomBytes(4).toString('hex')}`, maxWaitTimeInMs: 50 })
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: topics.map(({ topic }) => topic), fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
      consumer
        .run({
          autoCommit: false,
          eachMessage: async ({ topic, partition, message: { key, value, headers } }) => {
            if (value !== null) {
              const event = (await registry.decode(value)) as Record<string, unknown>
              const named = Object.entries(headers ?? {}).map(([name, of]) => [name, String(of)])
              records.push({ topic, partition, key: String(key), headers: Object.fromEntries(named), event })
            } else if (String(key) === END) ends.delete(`${topic}/${partition}`)
            if (ends.size === 0) resolve()
          },
        })
        .catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
  return records
}

/** Forgets what a group committed, as brokers do on their own after a while. */
export async function forgetGroup(brokers: string, groupId: string): Promise<void> {
  const admin = new Kafka({ brokers: [brokers], clientId: 'an operator', logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    await admin.deleteGroups([groupId])
  } finally {
    await admin.disconnect()
  }
}

export const typeOf = ({ headers }: PublicRecordRead): string => headers['ce_type']?.split('.').at(-1) ?? ''

/** The one record of that type. */
export function only(records: readonly PublicRecordRead[], type: string): PublicRecordRead {
  const found = records.filter((record) => typeOf(record) === type)
  assert.equal(found.length, 1, `${found.length} times ${type}`)
  return found[0] as PublicRecordRead
}

/** Without the prototypes that a decoder gives. */
export const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
