import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { openKafkaLog } from '@cavea/event-log/kafka/kafka-log'
import { followLedger } from '@cavea/event-log/ledger-reader'
import { type EventLog, readRange } from '@cavea/event-log/port'
import type { BenchDeps, Result } from '../support/measure.ts'
import { codec, decideBytes, emptyState, holdCommands, openPartition, registry, TOPIC } from '../support/partition.ts'
import { spreadOf } from '../support/statistics.ts'
import { stopwatch } from '../support/stopwatch.ts'

const SHAPE = { sections: 20, rows: 50, seatsPerRow: 100 }
const BATCH = 500

/** Folding a partition's whole history, against reading the same records and doing nothing with them. */
export async function replay({ engines, repeats }: BenchDeps): Promise<Result> {
  const { state, values } = await openPartition(SHAPE)
  for (const command of holdCommands(SHAPE, Number.POSITIVE_INFINITY)) values.push((await decideBytes(state, values.length, command)).value)
  const dir = await mkdtemp(join(tmpdir(), 'cavea-bench-log-'))
  const kafka = await engines.kafka()
  const rows: Result['rows'][number][] = []
  try {
    for (const [name, log] of [
      ['Kafka', await openKafkaLog({ brokers: [kafka.brokers], clientId: 'bench' })],
      ['embedded', await openEmbeddedLog({ dir })],
    ] as const) {
      await log.ensureTopics([{ topic: TOPIC, partitions: 1 }])
      for (let at = 0; at < values.length; at += BATCH) await log.append(TOPIC, 0, values.slice(at, at + BATCH))
      const read: Run[] = []
      const folded: Run[] = []
      for (let repeat = -1; repeat < repeats; repeat++) {
        const readRun = await timed(() => readOnly(log, values.length), values.length)
        const foldRun = await timed(() => fold(log, values.length, state.position.head), values.length)
        if (repeat < 0) continue // To warm all.
        read.push(readRun)
        folded.push(foldRun)
      }
      rows.push(rowOf(`${name}, read only`, read))
      rows.push(rowOf(`${name}, replay`, folded))
      await log.close()
    }
  } finally {
    await rm(dir, { recursive: true })
  }
  return {
    title: 'Replay',
    how: `${values.length.toLocaleString('en-GB')} decisions of one partition, each a hold of one seat, read by the same adapter; a replay checks the chain, decodes and folds; ${repeats} interleaved repeats after one that is not counted.`,
    plot: 'records/s',
    rows,
  }
}

interface Run {
  readonly rate: number
  readonly cpuUs: number
}

async function timed(work: () => Promise<void>, records: number): Promise<Run> {
  const elapsed = stopwatch()
  await work()
  const { ms, cpuMs } = elapsed()
  return { rate: records / (ms / 1_000), cpuUs: (cpuMs * 1_000) / records }
}

const rowOf = (of: string, runs: readonly Run[]): Result['rows'][number] => ({
  of,
  figures: { 'records/s': spreadOf(runs.map(({ rate }) => rate)), 'CPU µs/record': spreadOf(runs.map(({ cpuUs }) => cpuUs)) },
})

async function readOnly(log: EventLog, end: number): Promise<void> {
  let bytes = 0
  for await (const { records } of readRange(log, TOPIC, 0, 0, end)) for (const { value } of records) bytes += value.length
  if (bytes === 0) throw new Error('Nothing was read.')
}

async function fold(log: EventLog, end: number, head: string): Promise<void> {
  const state = emptyState()
  const stop = new AbortController()
  const start = { ...state.position, commandOffset: state.commandOffset }
  for await (const { decisions, position } of followLedger({ log, codec, registry }, TOPIC, 0, start, { signal: stop.signal })) {
    for (const decision of decisions) await state.fold(decision, () => undefined)
    state.position = position
    if (position.offset >= end) stop.abort()
  }
  if (state.position.head !== head) throw new Error('The replay came to another head.')
}
