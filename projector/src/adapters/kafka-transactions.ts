import { createRequire } from 'node:module'
import type { Broker, Cluster } from 'kafkajs'

/*
 * The requests of Kafka's transactions. kafkajs' own producer would take a connection of its own for every transactional id, groups
 * messages quadratically and tries again by itself where only whoever knows the position may; its brokers speak the protocol.
 */

export interface ProducerIdentity {
  readonly transactionalId: string
  readonly producerId: string
  readonly producerEpoch: number
}

export interface CommittedOffset {
  readonly offset: number
  readonly metadata: string
}

interface Message {
  readonly key: string
  readonly value: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** The requests that a broker object has beside those that kafkajs' types tell. */
interface TransactionBroker {
  initProducerId(request: {
    transactionalId: string
    transactionTimeout: number
  }): Promise<{ readonly producerId: string; readonly producerEpoch: number }>
  addPartitionsToTxn(request: ProducerIdentity & { topics: readonly { topic: string; partitions: readonly number[] }[] }): Promise<unknown>
  addOffsetsToTxn(request: ProducerIdentity & { groupId: string }): Promise<unknown>
  txnOffsetCommit(
    request: ProducerIdentity & {
      groupId: string
      topics: readonly { topic: string; partitions: readonly { partition: number; offset: string; metadata: string }[] }[]
    },
  ): Promise<unknown>
  endTxn(request: ProducerIdentity & { transactionResult: boolean }): Promise<unknown>
  offsetFetch(request: { groupId: string; topics: readonly { topic: string; partitions: readonly { partition: number }[] }[] }): Promise<{
    readonly responses: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number; readonly offset: string; readonly metadata: string | null }[]
    }[]
  }>
  produce(
    request: ProducerIdentity & {
      acks: number
      timeout: number
      topicData: readonly {
        topic: string
        partitions: readonly { partition: number; firstSequence: number; messages: readonly Message[] }[]
      }[]
    },
  ): Promise<unknown>
}

interface Coordinators {
  findGroupCoordinator(of: { groupId: string; coordinatorType: number }): Promise<unknown>
}

const GROUP_COORDINATOR = 0
const TRANSACTION_COORDINATOR = 1
const READ_COMMITTED = 1
const ALL_REPLICAS = -1
const FETCH_BYTES_MAX = 1024 * 1024

export const transactionCoordinator = async (cluster: Cluster, transactionalId: string): Promise<TransactionBroker> =>
  (await (cluster as unknown as Coordinators).findGroupCoordinator({
    groupId: transactionalId,
    coordinatorType: TRANSACTION_COORDINATOR,
  })) as TransactionBroker

export const groupCoordinatorOf = async (cluster: Cluster, groupId: string): Promise<TransactionBroker> =>
  (await (cluster as unknown as Coordinators).findGroupCoordinator({ groupId, coordinatorType: GROUP_COORDINATOR })) as TransactionBroker

async function leaderOf(cluster: Cluster, topic: string, partition: number): Promise<Broker> {
  const leader = cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition)?.leader
  if (leader === undefined || leader < 0) throw new Error(`${topic}/${partition} has no leader at the moment.`)
  return await cluster.findBroker({ nodeId: String(leader) })
}

/** What a group has committed for a partition; undefined: nothing, or so long ago that the brokers have forgotten. */
export async function committedOffset(
  cluster: Cluster,
  groupId: string,
  topic: string,
  partition: number,
): Promise<CommittedOffset | undefined> {
  const coordinator = await groupCoordinatorOf(cluster, groupId)
  const { responses } = await coordinator.offsetFetch({ groupId, topics: [{ topic, partitions: [{ partition }] }] })
  const found = responses.find((one) => one.topic === topic)?.partitions.find((one) => one.partition === partition)
  if (found === undefined || Number(found.offset) < 0) return undefined
  return { offset: Number(found.offset), metadata: found.metadata ?? '' }
}

export async function produceInTransaction(
  cluster: Cluster,
  producer: ProducerIdentity,
  to: { readonly topic: string; readonly partition: number; readonly firstSequence: number; readonly timeoutMs: number },
  messages: readonly Message[],
): Promise<void> {
  const { topic, partition, firstSequence, timeoutMs } = to
  const broker = (await leaderOf(cluster, topic, partition)) as unknown as TransactionBroker
  await broker.produce({
    ...producer,
    acks: ALL_REPLICAS,
    timeout: timeoutMs,
    topicData: [{ topic, partitions: [{ partition, firstSequence, messages }] }],
  })
}

interface FetchedMessage {
  readonly offset: string
  readonly isControlRecord: boolean
  readonly headers?: Readonly<Record<string, Buffer | string | undefined>>
}

interface FetchAnswer {
  readonly responses: readonly {
    readonly partitions: readonly {
      readonly lastStableOffset: string
      readonly abortedTransactions: readonly unknown[] | null
      readonly messages: readonly FetchedMessage[]
    }[]
  }[]
}

type FilterAborted = (fetched: {
  messages: readonly FetchedMessage[]
  abortedTransactions: readonly unknown[] | null
}) => readonly FetchedMessage[]

/** As kafkajs' own consumer leaves out what was rolled back. */
const withoutAborted = createRequire(import.meta.url)('kafkajs/src/consumer/filterAbortedMessages') as FilterAborted

const STEP_RECORDS = 1_000

/** A header of the last record of a partition that readers of committed records see; undefined when they see none. */
export async function lastCommittedHeader(cluster: Cluster, topic: string, partition: number, header: string): Promise<string | undefined> {
  const [earliest, end] = await Promise.all([offsetAt(cluster, topic, partition, true), offsetAt(cluster, topic, partition, false)])
  // Backwards in growing steps: the last records may have been rolled back, and each transaction leaves a marker too.
  for (let step = STEP_RECORDS, to = end; to > earliest; step *= 4) {
    const from = Math.max(earliest, end - step)
    const found = await lastHeaderIn(cluster, { topic, partition, from, to: end }, header)
    if (found !== undefined) return found
    to = from
  }
  return undefined
}

async function offsetAt(cluster: Cluster, topic: string, partition: number, fromBeginning: boolean): Promise<number> {
  const [found] = await cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning }])
  const offset = found?.partitions.find((one) => one.partition === partition)?.offset
  if (offset === undefined) throw new Error(`The brokers do not tell where ${topic}/${partition} begins and ends.`)
  return Number(offset)
}

async function lastHeaderIn(
  cluster: Cluster,
  { topic, partition, from, to }: { readonly topic: string; readonly partition: number; readonly from: number; readonly to: number },
  header: string,
): Promise<string | undefined> {
  const broker = await leaderOf(cluster, topic, partition)
  let last: string | undefined
  for (let at = from; at < to; ) {
    const answer = (await broker.fetch({
      maxWaitTime: 0,
      minBytes: 1,
      maxBytes: FETCH_BYTES_MAX,
      isolationLevel: READ_COMMITTED,
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(at), maxBytes: FETCH_BYTES_MAX }] }],
    })) as FetchAnswer
    const fetched = answer.responses[0]?.partitions[0]
    const next = Number(fetched?.messages.at(-1)?.offset ?? -1) + 1
    if (fetched === undefined || next <= at) break
    for (const message of withoutAborted(fetched)) {
      const value = message.isControlRecord ? undefined : message.headers?.[header]
      if (value !== undefined) last = value.toString()
    }
    at = next
  }
  return last
}
