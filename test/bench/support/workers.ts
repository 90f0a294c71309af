import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Codec } from '@cavea/contracts/codec'
import { bucketOf, partitionOf, sectionKey } from '@cavea/contracts/partitioning'
import { topicsOf } from '@cavea/contracts/topics'
import { connectEngines } from '@cavea/event-log/kafka/connect'
import type { EventLog } from '@cavea/event-log/port'
import type { Parts } from './accounting.ts'
import type { BenchEngines } from './engines.ts'
import { type Program, ROOT, scratchDir, startProgram } from './programs.ts'
import { envelopeOf, openingsOf, PERFORMANCE, SYSTEM } from './sections.ts'
import type { HallShape } from './wrk.ts'

/** Workers alone on Kafka, without HTTP, with the sections of a hall open. */
export interface RunningWorkers {
  readonly log: EventLog
  readonly codec: Codec
  readonly topicPrefix: string
  readonly topics: ReturnType<typeof topicsOf>
  readonly partitions: number
  readonly parts: Parts
  stop(): Promise<void>
}

export async function startWorkers(
  engines: BenchEngines,
  options: { readonly shape: HallShape; readonly partitions: number; readonly workers: number },
): Promise<RunningWorkers> {
  const { shape, partitions } = options
  const [kafka, registry] = await Promise.all([engines.kafka(), engines.registry()])
  const topicPrefix = `w${randomBytes(4).toString('hex')}.`
  const addresses = { brokers: [kafka.brokers], registryUrl: registry.url, topicPrefix, partitions }
  const { log, codec } = await connectEngines(addresses, 'bench', () => undefined)
  const programs: Program[] = []
  for (let number = 1; number <= options.workers; number++)
    programs.push(
      await startProgram({
        name: `worker-${number}`,
        main: join(ROOT, 'command-service/dist/main.js'),
        portVariable: 'COMMAND_PORT',
        env: {
          KAFKA_BROKERS: kafka.brokers,
          SCHEMA_REGISTRY_URL: registry.url,
          CAVEA_TOPIC_PREFIX: topicPrefix,
          CAVEA_PARTITIONS: String(partitions),
          CAVEA_LOG_LEVEL: 'warn',
          CAVEA_SNAPSHOT_DIR: scratchDir('snapshots'),
        },
      }),
    )
  const topics = topicsOf('seating', topicPrefix)
  const openings = openingsOf(shape).map((message) => ({
    partition: partitionOfSection(message.sectionId, partitions),
    value: codec.encodeCommand('seating', { envelope: envelopeOf(message.type, SYSTEM, `open ${message.sectionId}`), message }),
  }))
  const running: RunningWorkers = {
    log,
    codec,
    topicPrefix,
    topics,
    partitions,
    parts: { client: [process.pid], workers: programs.map(({ pid }) => pid), broker: [kafka.pid] },
    async stop() {
      await log.close()
      for (const program of programs) await program.stop()
    },
  }
  const opened = readRecords(
    running,
    topics.events,
    grouped(openings, partitions).map(({ length }) => length),
  )
  for (const { partition, value } of openings) await log.append(topics.commands, partition, [value])
  await opened
  return running
}

export const partitionOfSection = (sectionId: string, partitions: number): number =>
  partitionOf(bucketOf(sectionKey(PERFORMANCE, sectionId)), partitions)

/** The values of each partition, in order. */
export function grouped(records: readonly { readonly partition: number; readonly value: Buffer }[], partitions: number): Buffer[][] {
  const byPartition = Array.from({ length: partitions }, (): Buffer[] => [])
  for (const { partition, value } of records) byPartition[partition]?.push(value)
  return byPartition
}

/** Resolves once so many records of each partition were read, from its end as it is now. */
export async function readRecords({ log }: Pick<RunningWorkers, 'log'>, topic: string, counts: readonly number[]): Promise<void> {
  const ends = await Promise.all(counts.map((_, partition) => log.endOffset(topic, partition)))
  await Promise.all(
    counts.map(async (count, partition) => {
      const stop = new AbortController()
      let seen = 0
      if (count === 0) return
      for await (const { records } of log.read(topic, partition, ends[partition] ?? 0, { signal: stop.signal })) {
        seen += records.length
        if (seen >= count) stop.abort()
      }
    }),
  )
}

/** Appends each partition's values in batches, two on their way at once. */
export async function appendAll(
  { log }: Pick<RunningWorkers, 'log'>,
  topic: string,
  values: readonly (readonly Buffer[])[],
): Promise<void> {
  await Promise.all(
    values.map(async (ofPartition, partition) => {
      let next = 0
      async function keepAppending(): Promise<void> {
        while (next < ofPartition.length) {
          const batch = ofPartition.slice(next, next + BATCH)
          next += batch.length
          await log.append(topic, partition, batch)
        }
      }
      await Promise.all([keepAppending(), keepAppending()])
    }),
  )
}

const BATCH = 500
