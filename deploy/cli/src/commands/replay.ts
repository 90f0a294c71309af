import { DECIDERS } from '@cavea/command-service/application/command-service'
import { OwnedState } from '@cavea/command-service/application/owned-state'
import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import { followLedger } from '@cavea/event-log/ledger-reader'
import { CliError, EXIT, type ExitCode, sentenceOf } from '../failure.ts'
import { type Io, progressOf, table, tell } from '../io.ts'
import type { Profile } from '../profile.ts'

export interface ReplayOptions {
  readonly json: boolean
  readonly context?: Context
  readonly partition?: number
  readonly fromSnapshot: boolean
}

interface Extent {
  readonly context: Context
  readonly topic: string
  readonly partition: number
  readonly end: number
}

interface Replayed {
  readonly context: Context
  readonly topic: string
  readonly partition: number
  /** The offset of the snapshot that it started from; 0 for the beginning. */
  readonly from: number
  readonly records: number
  readonly counted: number
  readonly voided: number
  readonly commandOffset: number
  readonly stateHash: string
}

/** Folds the log as the deciders do, and tells what it folds to: the same hash everywhere, or something is wrong. */
export async function replay(io: Io, profile: Profile, options: ReplayOptions): Promise<ExitCode> {
  const extents = await extentsOf(profile, options)
  const states = new Map<Extent, OwnedState>()
  for (const extent of extents) states.set(extent, await startOf(io, profile, extent, options.fromSnapshot))
  const total = extents.reduce((sum, extent) => sum + extent.end - (states.get(extent)?.position.offset ?? 0), 0)

  const progress = progressOf(io, 'Replaying')
  const startedMs = performance.now()
  let done = 0
  const step = (records: number): void => {
    done += records
    progress.at(done, total)
  }
  const replayed: Replayed[] = []
  for (const [extent, state] of states) {
    replayed.push(await fold(profile, extent, state, step))
    states.delete(extent) // A large log should not need the memory of all partitions at once.
  }
  progress.end()
  const seconds = (performance.now() - startedMs) / 1_000
  const recordsPerSecond = seconds > 0 ? Math.round(done / seconds) : 0
  tell(io, options.json, { partitions: replayed, records: done, seconds, recordsPerSecond }, () => {
    const rows = replayed.map((one) => [
      one.topic,
      one.partition,
      one.from,
      one.records,
      one.counted,
      one.voided,
      one.commandOffset,
      one.stateHash,
    ])
    const head = ['events topic', 'partition', 'from', 'records', 'counted', 'void', 'last command', 'state hash']
    return `${table(head, rows)}\n\n${done.toLocaleString('en')} records in ${seconds.toFixed(2)} s: ${recordsPerSecond.toLocaleString('en')} records/s.`
  })
  return EXIT.ok
}

async function extentsOf({ log, topicPrefix }: Profile, options: ReplayOptions): Promise<Extent[]> {
  const extents: Extent[] = []
  for (const context of options.context === undefined ? CONTEXTS : [options.context]) {
    const topic = topicsOf(context, topicPrefix).events
    const partitions = await log.partitionCount(topic)
    for (let partition = 0; partition < partitions; partition++) {
      if (options.partition === undefined || options.partition === partition)
        extents.push({ context, topic, partition, end: await log.endOffset(topic, partition) })
    }
  }
  if (extents.length === 0)
    throw new CliError(EXIT.usage, `There is no partition ${options.partition ?? ''}: partitions are numbered from 0.`)
  return extents
}

async function startOf(io: Io, profile: Profile, { context, topic, partition, end }: Extent, fromSnapshot: boolean): Promise<OwnedState> {
  const folding = { codec: profile.codec, registry: profile.registry, decider: DECIDERS[context].decider }
  if (!fromSnapshot) return OwnedState.empty(folding, topic, partition)
  for await (const snapshot of profile.snapshots.load(topic, partition)) {
    if (snapshot.start.offset > end)
      throw new CliError(
        EXIT.broken,
        `${topic}/${partition} ends at ${end}, but a snapshot counted ${snapshot.start.offset} records: the log lost its tail.`,
      )
    try {
      return OwnedState.restore(folding, snapshot)
    } catch (error) {
      io.err(`A snapshot of ${topic}/${partition} is not used. ${sentenceOf(error)}\n`)
    }
  }
  return OwnedState.empty(folding, topic, partition)
}

async function fold(profile: Profile, extent: Extent, state: OwnedState, step: (records: number) => void): Promise<Replayed> {
  const { context, topic, partition, end } = extent
  const from = state.position.offset
  let counted = 0
  let voided = 0
  if (from < end) {
    const stop = new AbortController()
    const start = { ...state.position, commandOffset: state.commandOffset }
    try {
      for await (const batch of followLedger(profile, topic, partition, start, { signal: stop.signal })) {
        for (const decision of batch.decisions) await state.fold(decision, () => {})
        state.position = batch.position
        counted += batch.decisions.length
        voided += batch.voided
        step(batch.decisions.length + batch.voided)
        if (batch.position.offset >= end) break
      }
    } catch (error) {
      throw contradiction(error, topic, partition)
    } finally {
      stop.abort()
    }
  }
  const { commandOffset } = state
  return { context, topic, partition, from, records: counted + voided, counted, voided, commandOffset, stateHash: state.hash() }
}

/** A log that cannot be reached says so with a code; what the fold itself throws means that the log contradicts itself. */
function contradiction(error: unknown, topic: string, partition: number): unknown {
  const { code } = error as { readonly code?: unknown }
  if (typeof code === 'string' && code !== 'LEDGER_BROKEN' && code !== 'UNDECODABLE') return error
  return new CliError(
    EXIT.broken,
    `${topic}/${partition} does not fold: ${sentenceOf(error)} Run "cavea audit verify" to find the record.`,
    error,
  )
}
