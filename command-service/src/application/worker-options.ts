import type { Codec } from '@cavea/contracts/codec'
import type { Context } from '@cavea/contracts/topics'
import type { EventLog } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import type { Snapshots } from '@cavea/event-log/snapshots'
import type { PluggedDecider } from '../domain/decider.ts'
import type { Policy } from './policies.ts'

/** Time and chance, so that a simulation can play both. */
export interface Clock {
  readonly nowMs: () => number
  /** Resolves after the time, or at once when `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** A number from 0 up to, not including, 1. */
  readonly random: () => number
}

/** What a worker tells the outside. Each call is cheap; none may throw. */
export interface WorkerTelemetry {
  readonly folded: (context: Context, partition: number, records: number, ms: number) => void
  readonly decided: (context: Context, partition: number, decisions: number) => void
  /** Memory was ahead of the log, or may have been, and was dropped. */
  readonly dropped: (context: Context, partition: number, reason: string) => void
  readonly voids: (context: Context, partition: number, records: number) => void
  readonly unreadable: (context: Context, partition: number, commandOffset: number, error: unknown) => void
  /** A command on which the decider threw twice: recorded as rejected, and somebody must look at it. */
  readonly quarantined: (context: Context, partition: number, commandOffset: number, error: unknown) => void
  readonly snapshot: (context: Context, partition: number, bytes: number) => void
  readonly trouble: (context: Context, partition: number, error: unknown) => void
  /** The partition stopped for good: an invariant is broken. */
  readonly failed: (context: Context, partition: number, error: unknown) => void
}

export interface WorkerLimits {
  /** Decisions in one appended batch. */
  readonly batchDecisionsMax: number
  /** Bytes of one appended batch, about. */
  readonly batchBytesMax: number
  readonly appendsInFlightMax: number
  /** A snapshot after so many decisions, or after more where the state is large. */
  readonly snapshotEvery: number
  /** Policies' commands that wait to be sent; beyond it, deciding waits. */
  readonly reactionsMax: number
}

export const DEFAULT_LIMITS: WorkerLimits = {
  batchDecisionsMax: 1_000,
  batchBytesMax: 1 << 20,
  appendsInFlightMax: 2, // The second links to the first; the ledger's model was checked with two.
  snapshotEvery: 20_000,
  reactionsMax: 10_000,
}

export interface WorkerOptions {
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
  readonly snapshots: Snapshots
  readonly clock: Clock
  readonly telemetry: WorkerTelemetry
  readonly limits: WorkerLimits
  readonly topicPrefix: string
  /** Names this process in the history: who decided. */
  readonly owner: string
  readonly decider: PluggedDecider
  readonly policy: Policy<never, never>
}
