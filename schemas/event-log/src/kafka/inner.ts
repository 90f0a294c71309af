import type { Broker, Cluster, Kafka } from 'kafkajs'

/*
 * What this adapter uses of kafkajs beside its producer and consumer classes. Those two read only through consumer groups, group
 * messages quadratically, retry, and reset offsets in silence. The requests underneath do what the port promises.
 */

/** The group requests that a broker object has beside its typed ones. */
export interface GroupBroker {
  joinGroup(request: {
    groupId: string
    sessionTimeout: number
    rebalanceTimeout: number
    memberId: string
    groupProtocols: readonly { readonly name: string; readonly metadata: Buffer }[]
  }): Promise<JoinedGroup>
  syncGroup(request: {
    groupId: string
    generationId: number
    memberId: string
    groupAssignment: readonly { readonly memberId: string; readonly memberAssignment: Buffer }[]
  }): Promise<{ readonly memberAssignment: Buffer }>
  heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>
}

export interface JoinedGroup {
  readonly generationId: number
  readonly leaderId: string
  readonly memberId: string
  /** Empty unless this member leads. */
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[]
}

export interface FetchedPartition {
  readonly topic: string
  readonly partition: number
  readonly highWatermark: number
  readonly messages: readonly FetchedMessage[]
}

/** With LogAppendTime, kafkajs gives every message of a record batch the batch's append time as `timestamp`. */
export interface FetchedMessage {
  readonly offset: string
  readonly timestamp: string
  readonly value: Buffer | null
  readonly isControlRecord: boolean
}

interface FetchAnswer {
  readonly responses: readonly {
    readonly topicName: string
    readonly partitions: readonly {
      readonly partition: number
      readonly highWatermark: string
      readonly messages: readonly FetchedMessage[]
    }[]
  }[]
}

interface ProduceAnswer {
  readonly topics: readonly {
    readonly topicName: string
    readonly partitions: readonly { readonly partition: number; readonly baseOffset: string }[]
  }[]
}

/** What kafkajs' errors carry, read without trusting that they do. */
export interface KafkaFailure {
  readonly name: string
  readonly type: string
  readonly message: string
  readonly topic: string | undefined
  readonly partition: number | undefined
}

export function failureOf(error: unknown): KafkaFailure {
  const { name, type, message, topic, partition, cause } = error as Partial<KafkaFailure> & { readonly cause?: unknown }
  if (type === undefined && cause instanceof Error && cause !== error) return failureOf(cause)
  return { name: name ?? '', type: type ?? '', message: message ?? String(error), topic, partition }
}

/** kafkajs hands its cluster object to partition assigners; a consumer that never runs is the public way to get one. */
export function createCluster(kafka: Kafka): Cluster {
  let captured: Cluster | undefined
  kafka.consumer({
    groupId: 'none',
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        captured = cluster
        return { name: 'none', version: 1, assign: async () => [], protocol: () => ({ name: 'none', metadata: Buffer.alloc(0) }) }
      },
    ],
  })
  if (captured === undefined)
    throw new Error('kafkajs did not hand its cluster to the assigner; this adapter is written for version 2.2.4.')
  return captured
}

export async function groupCoordinator(cluster: Cluster, groupId: string): Promise<GroupBroker> {
  return (await cluster.findGroupCoordinator({ groupId })) as unknown as GroupBroker
}

export async function fetchFrom(broker: Broker, request: Parameters<Broker['fetch']>[0]): Promise<FetchedPartition[]> {
  const { responses } = (await broker.fetch(request)) as FetchAnswer
  return responses.flatMap(({ topicName, partitions }) =>
    partitions.map(({ partition, highWatermark, messages }) => ({
      topic: topicName,
      partition,
      highWatermark: Number(highWatermark),
      messages,
    })),
  )
}

/** Answers the base offset per `topic/partition`. */
export async function produceTo(broker: Broker, request: Parameters<Broker['produce']>[0]): Promise<Map<string, number>> {
  const { topics } = (await broker.produce(request)) as ProduceAnswer
  return new Map(
    topics.flatMap(({ topicName, partitions }) =>
      partitions.map((one) => [`${topicName}/${one.partition}`, Number(one.baseOffset)] as const),
    ),
  )
}
