import { type ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import { LogUnavailableError } from '../errors.ts'

/** How a topic is set up, as the brokers tell it; an operator compares that with what the ledger needs. */
export interface TopicDescription {
  readonly topic: string
  readonly partitions: number
  /** The fewest replicas that any partition has. */
  readonly replicas: number
  /** The fewest replicas in sync that any partition has. */
  readonly inSync: number
  /** By Kafka's own names: `retention.ms`. Empty where this client may not ask. */
  readonly settings: ReadonlyMap<string, string>
}

const TIMEOUT_MS = 5_000
/** Kafka's number for topics; an ES module cannot import kafkajs' name for it. */
const TOPIC: ConfigResourceTypes.TOPIC = 2

/** Describes those of the topics that exist. Throws `LogUnavailableError` when no broker answers. */
export async function describeTopics(
  options: { readonly brokers: readonly string[]; readonly clientId: string },
  topics: readonly string[],
): Promise<readonly TopicDescription[]> {
  const kafka = new Kafka({
    brokers: [...options.brokers],
    clientId: options.clientId,
    connectionTimeout: TIMEOUT_MS,
    requestTimeout: TIMEOUT_MS,
    retry: { retries: 2 },
    logLevel: logLevel.NOTHING,
  })
  const admin = kafka.admin()
  try {
    await admin.connect()
    const existing = new Set(await admin.listTopics())
    const wanted = topics.filter((topic) => existing.has(topic))
    if (wanted.length === 0) return []
    const metadata = await admin.fetchTopicMetadata({ topics: wanted })
    const settings = await settingsOf(admin, wanted)
    const inOrder = metadata.topics.sort((a, b) => topics.indexOf(a.name) - topics.indexOf(b.name))
    return inOrder.map(({ name, partitions }) => ({
      topic: name,
      partitions: partitions.length,
      replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      inSync: Math.min(...partitions.map(({ isr }) => isr.length)),
      settings: settings.get(name) ?? new Map(),
    }))
  } catch (error) {
    throw new LogUnavailableError(`Kafka at ${options.brokers.join(', ')} does not describe its topics.`, error)
  } finally {
    await admin.disconnect()
  }
}

/** Describing settings is a right of its own, so a client without it learns the rest all the same. */
async function settingsOf(admin: ReturnType<Kafka['admin']>, topics: readonly string[]): Promise<Map<string, Map<string, string>>> {
  const described = await admin
    .describeConfigs({ includeSynonyms: false, resources: topics.map((name) => ({ type: TOPIC, name })) })
    .catch(() => ({ resources: [] }))
  return new Map(
    described.resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  )
}
