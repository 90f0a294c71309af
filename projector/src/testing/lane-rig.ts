import { type Context, topicsOf } from '@cavea/contracts/topics'
import { openMemoryDocuments } from '../adapters/memory-documents.ts'
import { createFeed } from '../application/feed.ts'
import { PartitionProjector } from '../application/partition-projector.ts'
import type { Projection } from '../application/projection.ts'
import type { ProjectorLimits } from '../application/projector-options.ts'
import type { Generation, ProjectionStore } from '../ports/projection-store.ts'
import { HOLDS, listen, type ManualClock, manualClock, QUICK_LIMITS, type Rig, type Told } from './projector-rig.ts'

export interface RunningLane {
  readonly projector: PartitionProjector
  readonly told: Told
  readonly clock: ManualClock
  readonly ended: Promise<void>
  stop(): Promise<void>
}

/** One generation of a projection in one store, and lanes that make it. */
export interface LaneRig {
  readonly store: ProjectionStore
  readonly generation: Generation
  /** `by`: the store as this lane has it. */
  run(options?: { readonly by?: ProjectionStore; readonly limits?: Partial<ProjectorLimits>; readonly partition?: number }): RunningLane
}

export async function openLaneRig(rig: Rig, projection: Projection = HOLDS, context: Context = 'seating'): Promise<LaneRig> {
  const store = openMemoryDocuments()
  const generation = await store.begin(projection, 1)
  return {
    store,
    generation,
    run({ by = store, limits = {}, partition = 0 } = {}) {
      const { told, telemetry } = listen()
      const clock = manualClock()
      const place = { context, topic: topicsOf(context).events, partition }
      const all = { ...QUICK_LIMITS, ...limits }
      const feed = createFeed(rig, place, all)
      const projector = new PartitionProjector({
        log: rig.log,
        topicPrefix: '',
        clock,
        telemetry,
        limits: all,
        store: by,
        projection,
        generation,
        place,
        feed,
      })
      const ended = projector.run()
      return {
        projector,
        told,
        clock,
        ended,
        async stop() {
          projector.stop()
          await ended
          feed.stop()
        },
      }
    },
  }
}

/** A store whose every call to `write` goes through here. */
export const throughWrite = (store: ProjectionStore, write: ProjectionStore['write']): ProjectionStore => ({ ...store, write })
