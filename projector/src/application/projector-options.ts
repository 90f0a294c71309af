import type { ProjectionStore } from '../ports/projection-store.ts'
import type { DeadLetter } from './dead-letters.ts'
import type { LogDeps, Place } from './facts.ts'
import type { Projection } from './projection.ts'

export interface Clock {
  nowMs(): number
  /** Resolves after so long or when the signal aborts; 0 lets everybody else have a turn. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** Who goes on when, where the projector is not alone in its process. */
export interface Pace {
  /** Runs the work when its turn has come, one of each kind at a time. Undefined when the signal aborts before. */
  turn<Value>(kind: string, signal: AbortSignal, work: () => Promise<Value>): Promise<Value | undefined>
}

export interface ProjectorLimits {
  /** Records that are projected and written at once. */
  readonly batchRecordsMax: number
  /** How long a partition waits after a batch that was not full, so that the next one is worth its transaction. */
  readonly pauseMs: number
  /** How often generations and lag are looked at. */
  readonly pollMs: number
  /** How long a retired generation is kept for readers that are half-way through it. */
  readonly graceMs: number
  readonly backoffMinMs: number
  readonly backoffMaxMs: number
}

export const DEFAULT_LIMITS: ProjectorLimits = {
  batchRecordsMax: 1_000,
  pauseMs: 25,
  pollMs: 1_000,
  graceMs: 60_000,
  backoffMinMs: 100,
  backoffMaxMs: 5_000,
}

/** Which generation of which projection, in which partition. */
export interface LanePlace extends Place {
  readonly projection: string
  readonly generation: number
}

/** Told what happens; it must be quick and throw nothing. */
export interface ProjectorTelemetry {
  written(place: LanePlace, records: number, changes: number): void
  /** Somebody else writes this partition too; only one of both gets on. */
  superseded(place: LanePlace): void
  deadLetter(letter: DeadLetter): void
  trouble(where: Partial<LanePlace>, error: unknown): void
  failed(place: LanePlace, error: unknown): void
  generation(what: 'begun' | 'activated' | 'dropped' | 'newer', projection: string, generation: number, version: number): void
}

export interface ProjectorOptions extends LogDeps {
  /** At most one of a kind. Projections of a kind without a store are left out. */
  readonly stores: readonly ProjectionStore[]
  readonly projections: readonly Projection[]
  readonly topicPrefix: string
  readonly clock: Clock
  readonly telemetry: ProjectorTelemetry
  readonly limits: ProjectorLimits
  /** Without one every partition goes as fast as it can. */
  readonly pace?: Pace
}
