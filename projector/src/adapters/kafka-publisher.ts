import { setTimeout as sleep } from 'node:timers/promises'
import { parseHead } from '@cavea/contracts/ledger'
import { Connection, type LogWriter } from '@cavea/event-log/kafka/connection'
import { failureOf } from '@cavea/event-log/kafka/inner'
import type { LedgerStart } from '@cavea/event-log/ledger-reader'
import type { Cluster } from 'kafkajs'
import { type Publication, PublicationTakenError, type PublicMessage, type Publisher, type Source } from '../public-topics/publisher.ts'
import {
  committedOffset,
  groupCoordinatorOf,
  lastCommittedHeader,
  type ProducerIdentity,
  produceInTransaction,
  transactionCoordinator,
} from './kafka-transactions.ts'

export interface KafkaPublisherOptions {
  readonly brokers: readonly string[]
  readonly clientId: string
  /** Of the topics; transactional ids and the group of positions have it too, so that two deployments can share one Kafka. */
  readonly topicPrefix: string
  readonly logger?: LogWriter
  /** After it the brokers roll back what its writer left open, and readers see what comes behind. Default 30,000. */
  readonly transactionTimeoutMs?: number
}

const REQUEST_TIMEOUT_MS = 10_000
const PRODUCE_TIMEOUT_MS = REQUEST_TIMEOUT_MS - 500
const OPEN_WITHIN_MS = 60_000
const RETRY_INTERVAL_MS = 50
const BUSY_INTERVAL_MS = 3
/** What one request carries at most; topics take more in one record batch, but nobody is served by larger ones. */
const CHUNK_BYTES_MAX = 1024 * 1024
const CHUNK_RECORDS_MAX = 5_000
const RECORD_OVERHEAD_BYTES = 512

/** The coordinator is still busy with the transaction before, or has only just come up: the same again a moment later. */
const NOT_YET = new Set([
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'GROUP_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_COORDINATOR_FOR_GROUP',
])
const TAKEN = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING'])

/** Writes public topics in transactions of Kafka, one transactional id per source partition, all over one connection. */
export function openKafkaPublisher(options: KafkaPublisherOptions): Publisher {
  const { brokers, clientId, topicPrefix, logger, transactionTimeoutMs = 30_000 } = options
  const connection = new Connection({ brokers, clientId, requestTimeoutMs: REQUEST_TIMEOUT_MS, logger })
  // A group that nobody joins: what it has committed is where each source's last transaction ended.
  const positions = `${topicPrefix}cavea-public-positions`

  return {
    async open(source, target) {
      const transactionalId = `${topicPrefix}cavea-public.${source.topic}.${source.partition}`
      const cluster = await connection.get()
      try {
        await connection.loadTopic(cluster, target)
        // In this order: only when the writer before is fenced, and what it left open settled, does the position stand.
        const opened = await beginning(cluster, transactionalId, transactionTimeoutMs)
        const committed = await coordinated(() => committedOffset(cluster, positions, source.topic, source.partition))
        const position = committed === undefined ? undefined : parsePosition(committed.offset, committed.metadata)
        const lastEventId = position === undefined ? await lastCommittedHeader(cluster, target, source.partition, 'ce_id') : undefined
        return publication(cluster, opened, { source, target, position, lastEventId })
      } catch (error) {
        connection.recycle(cluster)
        throw error
      }
    },
    close: () => connection.close(),
  }

  function publication(
    cluster: Cluster,
    producer: ProducerIdentity,
    of: Pick<Publication, 'position' | 'lastEventId'> & { readonly source: Source; readonly target: string },
  ): Publication {
    const { source, target } = of
    const { partition } = source
    let sequence = 0

    async function transaction(messages: readonly PublicMessage[], position: LedgerStart): Promise<void> {
      const coordinator = await transactionCoordinator(cluster, producer.transactionalId)
      if (messages.length > 0)
        await patiently(() => coordinator.addPartitionsToTxn({ ...producer, topics: [{ topic: target, partitions: [partition] }] }))
      await patiently(() => coordinator.addOffsetsToTxn({ ...producer, groupId: positions }))
      for (const chunk of chunksOf(messages)) {
        const to = { topic: target, partition, firstSequence: sequence, timeoutMs: PRODUCE_TIMEOUT_MS }
        await produceInTransaction(cluster, producer, to, chunk)
        sequence += chunk.length
      }
      const group = await groupCoordinatorOf(cluster, positions)
      const offset = { partition, offset: String(position.offset), metadata: formatPosition(position) }
      await patiently(() =>
        group.txnOffsetCommit({ ...producer, groupId: positions, topics: [{ topic: source.topic, partitions: [offset] }] }),
      )
      await patiently(() => coordinator.endTxn({ ...producer, transactionResult: true }))
    }

    return {
      position: of.position,
      lastEventId: of.lastEventId,
      async commit(messages, position) {
        try {
          await transaction(messages, position)
        } catch (error) {
          if (TAKEN.has(failureOf(error).type)) throw new PublicationTakenError(source, error)
          connection.recycle(cluster) // Whatever was the matter, the next attempt shall not meet it again.
          throw error
        }
      },
    }
  }
}

/** Fences who had this id before, and waits until what they left open is settled. */
async function beginning(cluster: Cluster, transactionalId: string, transactionTimeout: number): Promise<ProducerIdentity> {
  return await coordinated(async () => {
    const coordinator = await transactionCoordinator(cluster, transactionalId)
    const { producerId, producerEpoch } = await coordinator.initProducerId({ transactionalId, transactionTimeout })
    return { transactionalId, producerId, producerEpoch }
  })
}

/** Asks again while the coordinator is not ready: what may be repeated at will. */
async function coordinated<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const deadlineMs = performance.now() + OPEN_WITHIN_MS
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const { type, name } = failureOf(error)
      const isNotYet = NOT_YET.has(type) || name === 'KafkaJSGroupCoordinatorNotFound'
      if (!isNotYet || performance.now() > deadlineMs) throw error
      await sleep(RETRY_INTERVAL_MS)
    }
  }
}

/** Markers of the transaction before may be under way still, which takes a few milliseconds. */
async function patiently(request: () => Promise<unknown>): Promise<void> {
  const deadlineMs = performance.now() + REQUEST_TIMEOUT_MS
  for (;;) {
    try {
      await request()
      return
    } catch (error) {
      if (failureOf(error).type !== 'CONCURRENT_TRANSACTIONS' || performance.now() > deadlineMs) throw error
      await sleep(BUSY_INTERVAL_MS)
    }
  }
}

function* chunksOf(messages: readonly PublicMessage[]): Generator<PublicMessage[]> {
  let chunk: PublicMessage[] = []
  let bytes = 0
  for (const message of messages) {
    const size = message.value.length + message.key.length + RECORD_OVERHEAD_BYTES
    if (chunk.length > 0 && (bytes + size > CHUNK_BYTES_MAX || chunk.length === CHUNK_RECORDS_MAX)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(message)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}

const formatPosition = ({ head, headOffset, commandOffset }: LedgerStart): string => JSON.stringify({ head, headOffset, commandOffset })

/** Undefined for what this program has not written: the records themselves tell then how far they go. */
function parsePosition(offset: number, metadata: string): LedgerStart | undefined {
  try {
    const { head, headOffset, commandOffset } = JSON.parse(metadata) as Readonly<Record<string, unknown>>
    const parsed = typeof head === 'string' ? parseHead(head) : undefined
    if (parsed === undefined || !Number.isSafeInteger(headOffset) || !Number.isSafeInteger(commandOffset)) return undefined
    return { offset, head: parsed, headOffset: Number(headOffset), commandOffset: Number(commandOffset) }
  } catch {
    return undefined
  }
}
