import type { WorkerOptions } from '@cavea/command-service/application/worker-options'
import type { Snapshots } from '@cavea/event-log/snapshots'
import type { SeatState } from '@cavea/query-service/application/seat-state'
import type { GatewayParts, SimulatedGateway } from './gateway.ts'
import type { Invariant } from './invariants.ts'

/** A mistake that is planted into a world, to see whether it is noticed. It wraps or replaces pieces; it edits none. To it, the world is but a key. */
export interface Plant {
  readonly name: string
  /** What it is against, in one way or another. */
  readonly breaks: readonly Invariant[]
  readonly options?: (options: WorkerOptions, world: object) => WorkerOptions
  readonly snapshots?: (snapshots: Snapshots, world: object) => Snapshots
  readonly gatewayParts?: (parts: GatewayParts, world: object) => GatewayParts
  readonly gateway?: (gateway: SimulatedGateway, world: object) => SimulatedGateway
  /** Changes what all worlds share; answers how to undo it. */
  readonly install?: () => () => void
  /** Changes the read model of a partition's seats. */
  readonly seatState?: (state: SeatState) => SeatState
  /** Snapshots are used as they are found. */
  readonly isUnverified?: boolean
}

/** Puts something else in a method's place, and answers how to undo it. */
export function replaceMethod<Target extends object, Name extends keyof Target>(
  target: Target,
  name: Name,
  by: (original: Target[Name]) => Target[Name],
): () => void {
  const original = target[name]
  target[name] = by(original)
  return () => {
    target[name] = original
  }
}
