import type { Codec } from '@cavea/contracts/codec'
import { allTopics } from '@cavea/contracts/topics'
import type { EventLog } from '../port.ts'
import { confluentRegistry } from '../registry/confluent.ts'
import type { SchemaRegistry } from '../registry/port.ts'
import { registerSchemas } from '../schemas.ts'
import type { LogWriter } from './connection.ts'
import { openKafkaLog } from './kafka-log.ts'

export interface EngineAddresses {
  readonly brokers: readonly string[]
  readonly registryUrl: string
  readonly topicPrefix: string
  /** Of topics that do not exist yet. */
  readonly partitions: number
}

export interface Engines {
  readonly log: EventLog
  readonly registry: SchemaRegistry
  readonly codec: Codec
}

/** Connects to Kafka and to the schema registry, and makes the topics and registers the schemas that they lack. */
export async function connectEngines(addresses: EngineAddresses, clientId: string, logger: LogWriter): Promise<Engines> {
  const log = await openKafkaLog({ brokers: addresses.brokers, clientId, logger })
  try {
    await log.ensureTopics(allTopics(addresses.partitions, addresses.topicPrefix))
    const registry = confluentRegistry({ url: addresses.registryUrl })
    return { log, registry, codec: await registerSchemas(registry) }
  } catch (error) {
    await log.close()
    throw error
  }
}
