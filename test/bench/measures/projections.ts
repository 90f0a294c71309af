import { setTimeout as sleep } from 'node:timers/promises'
import { topicsOf } from '@cavea/contracts/topics'
import type { EventLog } from '@cavea/event-log/port'
import type { BenchDeps, Result } from '../support/measure.ts'
import { codec } from '../support/partition.ts'
import {
  openLog,
  PARTITIONS,
  type StoreKind,
  startDeciding,
  startProjecting,
  storeKinds,
  untilCurrent,
  untilDecided,
} from '../support/projecting.ts'
import { buyer, envelopeOf, holdsOf, openingsOf, SYSTEM } from '../support/sections.ts'
import { quantile, spreadOf } from '../support/statistics.ts'
import { stopwatch } from '../support/stopwatch.ts'
import { appendAll, grouped, partitionOfSection } from '../support/workers.ts'

const SHAPE = { sections: 40, rows: 50, seatsPerRow: 100 }
const HOLDS = 100_000
const COMMANDS = topicsOf('seating').commands
/** About 80 % of what a gateway of the embedded profile takes over HTTP on two cores. */
const LAG_RATE = 3_000
const LAG_SECONDS = 10
const LAG_SAMPLE_MS = 10
const PACE_MS = 10

interface Run {
  readonly rate: number
  readonly cpuUs: number
}

/** How quickly read models are made from the log, and how old what their readers see is, against how quickly the log is made. */
export async function projections({ engines, repeats }: BenchDeps): Promise<Result> {
  const kinds = storeKinds(engines)
  const decided: Run[] = []
  const built = kinds.map(() => [] as Run[])
  const lags = kinds.map(() => [] as number[])
  for (let repeat = 0; repeat < repeats; repeat++) {
    const { log, close } = await openLog()
    try {
      decided.push(await decideAll(log))
      for (const [at, kind] of kinds.entries()) built[at]?.push(await build(log, kind))
    } finally {
      await close()
    }
    for (const [at, kind] of kinds.entries()) lags[at]?.push(await lagOf(kind))
  }
  const decider = spreadOf(decided.map(({ rate }) => rate))
  return {
    title: 'Read models',
    how: `Embedded log, ${PARTITIONS} partitions, ${HOLDS.toLocaleString('en-GB')} holds of one seat. The decider: from the first command read to the last decision written, in one process. A store: all its read models of these decisions from nothing, one process reading and projecting. Lag: how old what readers see is, looked at every ${LAG_SAMPLE_MS} ms for ${LAG_SECONDS} s while ${LAG_RATE.toLocaleString('en-GB')} holds a second are appended, decided and projected in this one process. ${repeats} repeats.`,
    plot: 'records/s',
    rows: [
      { of: 'the decider', figures: { 'records/s': decider, 'CPU µs/record': spreadOf(decided.map(({ cpuUs }) => cpuUs)) } },
      ...kinds.map(({ name }, at) => ({
        of: name,
        figures: {
          'records/s': spreadOf((built[at] ?? []).map(({ rate }) => rate)),
          'of the decider': spreadOf((built[at] ?? []).map(({ rate }, repeat) => rate / (decided[repeat]?.rate ?? Number.NaN))),
          'CPU µs/record': spreadOf((built[at] ?? []).map(({ cpuUs }) => cpuUs)),
          'lag p99 ms': spreadOf(lags[at] ?? []),
        },
      })),
    ],
  }
}

const openings = (): { readonly partition: number; readonly value: Buffer }[] =>
  openingsOf(SHAPE).map((message) => ({
    partition: partitionOfSection(message.sectionId, PARTITIONS),
    value: codec.encodeCommand('seating', { envelope: envelopeOf(message.type, SYSTEM, `open ${message.sectionId}`), message }),
  }))

function* holds(): Generator<{ readonly partition: number; readonly value: Buffer }> {
  let count = 0
  for (const message of holdsOf(SHAPE)) {
    const envelope = envelopeOf(message.type, buyer(count), `hold ${count++}`)
    yield { partition: partitionOfSection(message.sectionId, PARTITIONS), value: codec.encodeCommand('seating', { envelope, message }) }
  }
}

async function decideAll(log: EventLog): Promise<Run> {
  const commands = openings()
  for (const hold of holds()) if (commands.push(hold) === SHAPE.sections + HOLDS) break
  await appendAll({ log }, COMMANDS, grouped(commands, PARTITIONS))
  const elapsed = stopwatch()
  const workers = startDeciding(log)
  await workers.start()
  await untilDecided(log, commands.length + PARTITIONS)
  const run = runOf(elapsed(), commands.length)
  await workers.stop()
  return run
}

async function build(log: EventLog, kind: StoreKind): Promise<Run> {
  const store = await kind.open()
  const elapsed = stopwatch()
  const projector = startProjecting(log, store)
  await projector.start()
  await untilCurrent(projector)
  const run = runOf(elapsed(), SHAPE.sections + HOLDS)
  await projector.stop()
  await store.close()
  return run
}

const runOf = ({ ms, cpuMs }: { readonly ms: number; readonly cpuMs: number }, records: number): Run => ({
  rate: records / (ms / 1_000),
  cpuUs: (cpuMs * 1_000) / records,
})

/** One in a hundred looks finds what readers see at least so old, in milliseconds. */
async function lagOf(kind: StoreKind): Promise<number> {
  const { log, close } = await openLog()
  const store = await kind.open()
  const workers = startDeciding(log)
  const projector = startProjecting(log, store)
  try {
    await appendAll({ log }, COMMANDS, grouped(openings(), PARTITIONS))
    await workers.start()
    await projector.start()
    await untilDecided(log, SHAPE.sections + PARTITIONS)
    await untilCurrent(projector)
    const samples: number[] = []
    const looking = setInterval(() => {
      for (const { lag } of projector.lanes()) samples.push(lag.seconds * 1_000)
    }, LAG_SAMPLE_MS)
    await appendAtPace(log)
    clearInterval(looking)
    return quantile(Float64Array.from(samples).sort(), 0.99)
  } finally {
    await projector.stop()
    await workers.stop()
    await store.close()
    await close()
  }
}

async function appendAtPace(log: EventLog): Promise<void> {
  const commands = holds()
  const startedMs = performance.now()
  for (let sent = 0; sent < LAG_RATE * LAG_SECONDS; ) {
    const due = Math.min(LAG_RATE * LAG_SECONDS, Math.floor(((performance.now() - startedMs) / 1_000) * LAG_RATE))
    const batch: { partition: number; value: Buffer }[] = []
    for (; sent < due; sent++) {
      const next = commands.next()
      if (next.done === true) throw new Error('The hall has too few seats.')
      batch.push(next.value)
    }
    await appendAll({ log }, COMMANDS, grouped(batch, PARTITIONS))
    await sleep(PACE_MS)
  }
}
