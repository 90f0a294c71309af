import { type Account, openAccount } from '../support/accounting.ts'
import type { BenchDeps, Result } from '../support/measure.ts'
import { buyer, envelopeOf, holdsOf } from '../support/sections.ts'
import { spreadOf } from '../support/statistics.ts'
import { appendAll, grouped, partitionOfSection, type RunningWorkers, readRecords, startWorkers } from '../support/workers.ts'

const SHAPE = { sections: 40, rows: 50, seatsPerRow: 100 }
const PARTITIONS = 4
const COMMANDS = 40_000

interface Run {
  readonly rate: number
  readonly cpuUs: Account['parts']
}

/** Decisions a second from command log to event log, against the same records only written and read back. */
export async function decisions({ engines, repeats }: BenchDeps): Promise<Result> {
  const running = await startWorkers(engines, { shape: SHAPE, partitions: PARTITIONS, workers: 2 })
  const bare: Run[] = []
  const decided: Run[] = []
  try {
    const bareTopic = `${running.topicPrefix}bare`
    await running.log.ensureTopics([{ topic: bareTopic, partitions: PARTITIONS }])
    const commands = holdsOf(SHAPE)
    for (let repeat = -1; repeat < repeats; repeat++) {
      const values = nextCommands(running, commands, repeat)
      const bareRun = await timed(running, bareTopic, bareTopic, values)
      const decidedRun = await timed(running, running.topics.commands, running.topics.events, values)
      if (repeat < 0) continue // To warm all.
      bare.push(bareRun)
      decided.push(decidedRun)
    }
  } finally {
    await running.stop()
  }
  return {
    title: 'Decisions without HTTP',
    how: `${COMMANDS.toLocaleString('en-GB')} holds of one seat each, encoded before, over ${PARTITIONS} partitions in batches of up to 500 with two on their way, 2 workers; from the first append to the last record read; ${repeats} interleaved repeats after one that is not counted. Kafka's default durability.`,
    plot: 'records/s',
    rows: [rowOf('produce → consume', bare), rowOf('Cavea: produce → decide → consume', decided)],
  }
}

function nextCommands(running: RunningWorkers, holds: ReturnType<typeof holdsOf>, repeat: number): Buffer[][] {
  const records: { partition: number; value: Buffer }[] = []
  while (records.length < COMMANDS) {
    const next = holds.next()
    if (next.done === true) throw new Error('The hall has too few seats for so many repeats.')
    const message = next.value
    const envelope = envelopeOf(message.type, buyer(records.length), `hold ${repeat} ${records.length}`)
    records.push({
      partition: partitionOfSection(message.sectionId, PARTITIONS),
      value: running.codec.encodeCommand('seating', { envelope, message }),
    })
  }
  return grouped(records, PARTITIONS)
}

async function timed(running: RunningWorkers, to: string, from: string, values: readonly (readonly Buffer[])[]): Promise<Run> {
  const read = readRecords(
    running,
    from,
    values.map(({ length }) => length),
  )
  const close = openAccount(running.parts)
  const startedMs = performance.now()
  await Promise.all([appendAll(running, to, values), read])
  const seconds = (performance.now() - startedMs) / 1_000
  const { parts } = close()
  return { rate: COMMANDS / seconds, cpuUs: Object.fromEntries(Object.entries(parts).map(([part, us]) => [part, us / COMMANDS])) }
}

function rowOf(of: string, runs: readonly Run[]): Result['rows'][number] {
  const parts = Object.keys(runs[0]?.cpuUs ?? {})
  return {
    of,
    figures: {
      'records/s': spreadOf(runs.map(({ rate }) => rate)),
      ...Object.fromEntries(parts.map((part) => [`${part} µs`, spreadOf(runs.map(({ cpuUs }) => cpuUs[part] ?? Number.NaN))])),
    },
  }
}
