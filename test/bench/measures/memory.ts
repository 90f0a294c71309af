import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { OwnedState } from '@cavea/command-service/application/owned-state'
import { fileSnapshots } from '@cavea/event-log/snapshots'
import type { BenchDeps, Result } from '../support/measure.ts'
import { decideBytes, FOLDING, holdCommands, openPartition, TOPIC } from '../support/partition.ts'
import { spreadOf } from '../support/statistics.ts'

const SECTION = { rows: 50, seatsPerRow: 100 }
const SEATS_PER_SECTION = SECTION.rows * SECTION.seatsPerRow

/** Bytes of the heap and outside it that are still in use once everything that nobody reaches is gone. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let times = 0; times < 3; times++) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const HALL = { sections: 40, ...SECTION }
const HALL_SEATS = HALL.sections * SEATS_PER_SECTION

/** Bytes per seat. A function of its own, so that nothing of one repeat is still in reach when the next one begins. */
async function weigh(repeat: number): Promise<{ readonly free: number; readonly held: number; readonly remembered: number }> {
  const before = usedBytes()
  let state: OwnedState | undefined = (await openPartition(HALL)).state
  const afterOpening = usedBytes()
  let commands: Buffer[] | undefined = holdCommands(HALL, HALL_SEATS, repeat)
  for (const [at, value] of commands.entries()) await decideBytes(state, HALL.sections + at, value)
  commands = undefined
  const afterHolds = usedBytes()
  const { decided } = state
  state = undefined
  const afterAll = usedBytes()
  if (decided.size !== HALL_SEATS + HALL.sections) throw new Error(`The worker remembers ${decided.size} commands.`)
  return {
    free: (afterOpening - before) / HALL_SEATS,
    held: (afterHolds - afterOpening) / HALL_SEATS,
    remembered: (afterAll - before) / HALL_SEATS,
  }
}

/** Memory of a partition's state per seat: open and free, and with every seat in a hold of its own. */
export async function heap({ repeats }: BenchDeps): Promise<Result> {
  const weights: Awaited<ReturnType<typeof weigh>>[] = []
  for (let repeat = 0; repeat < repeats; repeat++) weights.push(await weigh(repeat))
  return {
    title: 'Memory in the worker',
    how: `One partition of ${HALL_SEATS.toLocaleString('en-GB')} seats in ${HALL.sections} sections; heap and external memory after collection; ${repeats} repeats.`,
    rows: [
      { of: 'a seat, open and free', figures: { bytes: spreadOf(weights.map(({ free }) => free)) } },
      {
        of: 'more for a hold of one seat, with the memory of its command',
        note: 'of which the next line',
        figures: { bytes: spreadOf(weights.map(({ held }) => held)) },
      },
      { of: 'the memory of a command alone', figures: { bytes: spreadOf(weights.map(({ remembered }) => remembered)) } },
    ],
  }
}

const RESTORED = { sections: 200, ...SECTION }

/** From a snapshot's file to a state that decides, for a million seats. */
export async function restore({ repeats }: BenchDeps): Promise<Result> {
  const rows: Result['rows'][number][] = []
  const dir = await mkdtemp(join(tmpdir(), 'cavea-bench-snapshots-'))
  try {
    for (const heldShare of [0, 0.5]) {
      const snapshots = fileSnapshots(join(dir, String(heldShare)))
      const seats = RESTORED.sections * SEATS_PER_SECTION
      await saved(snapshots, seats * heldShare)
      const seconds: number[] = []
      for (let repeat = 0; repeat < repeats; repeat++) {
        const startedMs = performance.now()
        for await (const snapshot of snapshots.load(TOPIC, 0)) {
          OwnedState.restore(FOLDING, snapshot)
          seconds.push((performance.now() - startedMs) / 1_000)
          break
        }
      }
      rows.push({ of: `1,000,000 seats, ${heldShare * 100} % held one by one`, figures: { seconds: spreadOf(seconds) } })
    }
  } finally {
    await rm(dir, { recursive: true })
  }
  return {
    title: 'Restoring one million seats',
    how: `${RESTORED.sections} sections of ${SEATS_PER_SECTION} seats in one partition: reading the file, checking its hash, decoding, indexing; ${repeats} repeats.`,
    plot: 'seconds',
    rows,
  }
}

async function saved(snapshots: ReturnType<typeof fileSnapshots>, holds: number): Promise<void> {
  const { state, values } = await openPartition(RESTORED)
  for (const [at, value] of holdCommands(RESTORED, holds).entries()) await decideBytes(state, values.length + at, value)
  await snapshots.save(TOPIC, 0, state.snapshot())
}
