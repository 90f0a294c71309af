import { headAfter, startOfChain } from '@cavea/contracts/ledger'
import { Kafka, logLevel, type Producer } from 'kafkajs'
import type { BenchDeps, Result } from '../support/measure.ts'
import { spreadOf } from '../support/statistics.ts'

const RUN_MS = 4_000
const LONE_APPENDS = 300
const RECORD_BYTES = 300
const BATCH_RECORDS = 200
const IN_FLIGHT = 2

interface Contender {
  readonly name: string
  readonly topic: string
  /** Appends one batch and answers when it counts. */
  readonly append: (values: readonly Buffer[]) => Promise<void>
  readonly inFlight: number
}

/**
 * What fencing costs: batches of linked records, as the partition worker appends them, against one Kafka transaction per
 * batch. Both through kafkajs on the same broker in one run, interleaved.
 */
export async function ledger({ engines, repeats }: BenchDeps): Promise<Result> {
  const { brokers } = await engines.kafka()
  const kafka = new Kafka({ brokers: [brokers], clientId: 'bench', logLevel: logLevel.NOTHING, retry: { initialRetryTime: 10 } })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: ['ledger', 'transactions'].map((topic) => ({ topic, numPartitions: 1 })) })
  await admin.disconnect()
  const plain = kafka.producer({ retry: { retries: 0 } })
  const transactional = kafka.producer({ transactionalId: 'bench-0', idempotent: true, maxInFlightRequests: 1 })
  await Promise.all([plain.connect(), transactional.connect()])

  const contenders: readonly Contender[] = [
    { name: 'ledger rule', topic: 'ledger', inFlight: IN_FLIGHT, append: (values) => send(plain, 'ledger', values) },
    {
      name: 'transaction per batch',
      topic: 'transactions',
      inFlight: 1, // A transactional producer has one transaction at a time.
      async append(values) {
        const transaction = await transactional.transaction()
        await transaction.send({ topic: 'transactions', acks: -1, messages: values.map((value) => ({ value, partition: 0 })) })
        await transaction.commit()
      },
    },
  ]
  for (const contender of contenders) await rateOf(contender, RUN_MS / 4) // Warm.

  const rates = new Map(contenders.map(({ name }) => [name, [] as number[]]))
  const lone = new Map(contenders.map(({ name }) => [name, [] as number[]]))
  for (let repeat = 0; repeat < repeats; repeat++)
    for (const contender of contenders) {
      rates.get(contender.name)?.push(await rateOf(contender, RUN_MS))
      lone.get(contender.name)?.push(await loneOf(contender))
    }
  await Promise.all([plain.disconnect(), transactional.disconnect()])
  return {
    title: 'The ledger rule against transactions',
    how: `Batches of ${BATCH_RECORDS} linked records of ${RECORD_BYTES} bytes for ${RUN_MS / 1_000} s, then ${LONE_APPENDS} appends of one record one after the other; ${repeats} interleaved repeats.`,
    plot: 'records/s',
    rows: contenders.map(({ name }) => ({
      of: name,
      figures: { 'records/s': spreadOf(rates.get(name) ?? []), 'lone append, ms': spreadOf(lone.get(name) ?? []) },
    })),
  }
}

async function send(producer: Producer, topic: string, values: readonly Buffer[]): Promise<void> {
  await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value, partition: 0 })) })
}

/** Linked records of the size of a decision: the hashing is part of what the ledger rule costs, so both pay it here. */
function* linkedBatches(topic: string, records: number): Generator<Buffer[]> {
  let { head } = startOfChain(topic, 0)
  for (;;) {
    yield Array.from({ length: records }, () => {
      const value = Buffer.alloc(RECORD_BYTES)
      value.write(head, 5, 32, 'hex')
      head = headAfter(value)
      return value
    })
  }
}

async function rateOf({ topic, append, inFlight }: Contender, runMs: number): Promise<number> {
  const batches = linkedBatches(topic, BATCH_RECORDS)
  const started = performance.now()
  let records = 0
  async function keepAppending(): Promise<void> {
    while (performance.now() - started < runMs) {
      const batch = batches.next()
      if (batch.done === true) return
      await append(batch.value)
      records += batch.value.length
    }
  }
  await Promise.all(Array.from({ length: inFlight }, keepAppending))
  return records / ((performance.now() - started) / 1000)
}

async function loneOf({ topic, append }: Contender): Promise<number> {
  const batches = linkedBatches(topic, 1)
  const tookMs: number[] = []
  for (let count = 0; count < LONE_APPENDS; count++) {
    const batch = batches.next()
    if (batch.done === true) break
    const started = performance.now()
    await append(batch.value)
    tookMs.push(performance.now() - started)
  }
  return spreadOf(tookMs).median
}
