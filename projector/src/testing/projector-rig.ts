import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { HoldId, PerformanceId, SectionId } from '@cavea/contracts/ids'
import { epochMillis, seatIndex } from '@cavea/contracts/ids'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import { allTopics, topicsOf } from '@cavea/contracts/topics'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { ledgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import { embeddedRegistry, registerSchemas } from '@cavea/event-log/schemas'
import { START_MS } from '@cavea/event-log/testing/scripted-chains'
import { DEAD_LETTERS_PARTITIONS, type DeadLetter, deadLettersTopic } from '../application/dead-letters.ts'
import { type LogDeps, readFacts } from '../application/facts.ts'
import { mergeChanges } from '../application/merge.ts'
import { changesOf } from '../application/partition-projector.ts'
import type { Projection } from '../application/projection.ts'
import { type Clock, DEFAULT_LIMITS, type ProjectorLimits, type ProjectorTelemetry } from '../application/projector-options.ts'
import { createRowSet, type RowSet } from '../application/row-set.ts'
import { type ScriptedLedger, scriptLedger } from './scripted-ledger.ts'

export interface Rig extends LogDeps {
  readonly log: EventLog
  readonly ledger: ScriptedLedger
  close(): Promise<void>
}

/** A real log in a folder of its own. */
export async function openRig(partitions = 1): Promise<Rig> {
  const dir = await mkdtemp(join(tmpdir(), 'cavea-projector-'))
  const log = await openEmbeddedLog({ dir })
  await log.ensureTopics([...allTopics(partitions), { topic: deadLettersTopic(''), partitions: DEAD_LETTERS_PARTITIONS }])
  const registry = embeddedRegistry()
  const codec = await registerSchemas(registry)
  return {
    log,
    registry,
    codec,
    ledger: scriptLedger({ log, codec, topicPrefix: '' }),
    async close() {
      await log.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Time that stands still until it is told to go on; waiting takes next to no time, but lets others have their turn. */
export interface ManualClock extends Clock {
  pass(ms: number): void
}

export function manualClock(): ManualClock {
  let now = START_MS
  return {
    nowMs: () => now,
    pass(ms) {
      now += ms
    },
    sleep: (_ms, signal) => delay(1, undefined, { signal }).catch(() => undefined),
  }
}

export const QUICK_LIMITS: ProjectorLimits = { ...DEFAULT_LIMITS, batchRecordsMax: 10, pauseMs: 0, pollMs: 5, graceMs: 1_000 }

/** What a projector told. */
export interface Told {
  readonly records: number[]
  readonly superseded: string[]
  readonly deadLetters: DeadLetter[]
  readonly trouble: unknown[]
  readonly failed: unknown[]
  readonly generations: string[]
}

export function listen(): { readonly told: Told; readonly telemetry: ProjectorTelemetry } {
  const told: Told = { records: [], superseded: [], deadLetters: [], trouble: [], failed: [], generations: [] }
  return {
    told,
    telemetry: {
      written: (_place, records) => void told.records.push(records),
      superseded: ({ topic, partition }) => void told.superseded.push(`${topic}/${partition}`),
      deadLetter: (letter) => void told.deadLetters.push(letter),
      trouble: (_where, error) => void told.trouble.push(error),
      failed: (_place, error) => void told.failed.push(error),
      generation: (what, projection, generation) => void told.generations.push(`${what} ${projection}#${generation}`),
    },
  }
}

/** One row per hold, small enough to know what is right by looking. */
export const HOLDS: Projection = {
  name: 'example-holds',
  version: 1,
  store: 'documents',
  tables: [
    { name: 'example_holds', key: ['hold'], columns: { hold: 'text', status: 'text', seats: 'json', times: 'integer' } },
    { name: 'example_sections', key: ['section'], columns: { section: 'text', seats: 'json' } },
  ],
  project: {
    seating: ({ events }) =>
      events.flatMap((event) => {
        if (event.type !== 'SeatsHeld' && event.type !== 'SeatsSold' && event.type !== 'HoldReleased') return []
        const status = event.type === 'SeatsHeld' ? 'held' : event.type === 'SeatsSold' ? 'sold' : 'released'
        return [
          { table: 'example_holds', key: [event.holdId], set: { status, ...(status === 'held' && { seats: event.seats }) } },
          {
            table: 'example_sections',
            key: [event.sectionId],
            set: Object.fromEntries(event.seats.map((seat) => [`seats.${seat}`, status])),
          },
        ]
      }),
  },
}

const IN_STALLS = { performanceId: 'perf_1' as PerformanceId, sectionId: 'stalls' as SectionId }

export const heldEvent = (hold: string, ...seats: number[]): SeatingEvent => ({
  type: 'SeatsHeld',
  ...IN_STALLS,
  holdId: hold as HoldId,
  seats: seats.map(seatIndex),
  buyer: 'buyer_1',
  expiresAtMs: epochMillis(START_MS + 600_000),
  extensionsLeft: 1,
  priceRevision: 1,
  step: '',
  cartId: '',
  attempt: 0,
})
export const soldEvent = (hold: string, ...seats: number[]): SeatingEvent => ({
  type: 'SeatsSold',
  ...IN_STALLS,
  holdId: hold as HoldId,
  seats: seats.map(seatIndex),
  priceRevision: 1,
})
export const releasedEvent = (hold: string, ...seats: number[]): SeatingEvent => ({
  type: 'HoldReleased',
  ...IN_STALLS,
  holdId: hold as HoldId,
  seats: seats.map(seatIndex),
})

/** What the rows of a partition of seating must be: its decisions one by one, without batches, checkpoints or a store. */
export async function foldSeating(rig: LogDeps, projection: Projection, partition = 0): Promise<RowSet> {
  const rows = createRowSet(projection)
  const { events: topic } = topicsOf('seating')
  const end = await rig.log.endOffset(topic, partition)
  const stop = new AbortController()
  if (end === 0) return rows
  const place = { context: 'seating', topic, partition } as const
  for await (const { counted, to } of readFacts(rig, place, ledgerStart(topic, partition), { signal: stop.signal })) {
    for (const { content, offset } of counted) {
      if (content instanceof Error) continue
      const changes = changesOf(projection, content)
      for (const change of mergeChanges(`seating/${partition}`, [{ offset, changes }])) rows.apply(change)
    }
    if (to.offset >= end) break
  }
  stop.abort()
  return rows
}
