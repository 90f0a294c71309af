import { CONTEXTS, topicsOf } from '@cavea/contracts/topics'
import type { LedgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import type { Generation, ProjectionStore } from '../ports/projection-store.ts'
import type { Place } from './facts.ts'
import type { Projection } from './projection.ts'
import type { ProjectorOptions } from './projector-options.ts'

/** A generation that this build of the projection makes. */
export interface Making {
  readonly store: ProjectionStore
  readonly projection: Projection
  readonly generation: Generation
}

/** Looks after the generations of one store: begins them, activates them when they have caught up, drops them when they are replaced. */
export interface GenerationKeeper {
  readonly store: ProjectionStore
  /** What is to be kept up to date, as the store said last; undefined before it answered. */
  readonly makings: readonly Making[] | undefined
  /** Throws what the store and the log throw. Until then everything stays as it was. */
  look(): Promise<void>
}

const keyOf = ({ projection, number }: Generation): string => `${projection}/${number}`

type KeeperOptions = Pick<ProjectorOptions, 'log' | 'projections' | 'topicPrefix' | 'clock' | 'telemetry' | 'limits'>

export function keepGenerations(options: KeeperOptions, store: ProjectionStore): GenerationKeeper {
  const { clock, telemetry, limits } = options
  const projections = options.projections.filter((projection) => projection.store === store.kind)
  const replacedAtMs = new Map<string, number>()
  const endsBefore = new Map<string, ReadonlyMap<string, number>>()
  const toldNewer = new Set<string>()
  let isPrepared = false
  let makings: readonly Making[] | undefined

  /** Answers the projection's generations, with a new one when the newest is of an older version. */
  async function current(projection: Projection, all: readonly Generation[]): Promise<Generation[]> {
    const { name, version } = projection
    const known = all.filter((generation) => generation.projection === name)
    const newest = known.at(-1)
    if (newest !== undefined && newest.version > version && !toldNewer.has(name)) {
      toldNewer.add(name)
      telemetry.generation('newer', name, newest.number, newest.version)
    }
    if (newest !== undefined && newest.version >= version) return known
    const begun = await store.begin(projection, (newest?.number ?? 0) + 1)
    telemetry.generation('begun', name, begun.number, begun.version)
    return [...known, begun]
  }

  async function activateIfDone(making: Making): Promise<boolean> {
    const { projection, generation } = making
    const key = keyOf(generation)
    const ends = await endsOf(options.log, options.topicPrefix, projection)
    const checkpoints = await store.checkpoints(generation)
    // While writes go on nobody is ever at the end; to have all that was there at the look before is as good.
    const isDone = reaches(checkpoints, ends) || reaches(checkpoints, endsBefore.get(key))
    endsBefore.set(key, ends)
    if (!isDone) return false
    endsBefore.delete(key)
    await store.activate(projection, generation)
    telemetry.generation('activated', projection.name, generation.number, generation.version)
    return true
  }

  async function dropWhenOld(projection: Projection, generation: Generation): Promise<void> {
    const key = keyOf(generation)
    const sinceMs = replacedAtMs.get(key) ?? clock.nowMs()
    replacedAtMs.set(key, sinceMs)
    if (clock.nowMs() - sinceMs < limits.graceMs) return
    await store.drop(projection, generation)
    replacedAtMs.delete(key)
    telemetry.generation('dropped', projection.name, generation.number, generation.version)
  }

  return {
    store,
    get makings() {
      return makings
    },
    async look() {
      if (!isPrepared) await store.prepare()
      isPrepared = true
      const all = await store.generations()
      const kept: Making[] = []
      for (const projection of projections) {
        const known = await current(projection, all)
        let active = known.findLast(({ status }) => status === 'active')?.number ?? 0
        for (const generation of known) {
          if (generation.status !== 'building' || generation.number < active || generation.version !== projection.version) continue
          if (await activateIfDone({ store, projection, generation })) active = generation.number
        }
        for (const generation of known) {
          if (generation.number < active) await dropWhenOld(projection, generation)
          else if (generation.version === projection.version) {
            const status = generation.number === active ? 'active' : 'building'
            kept.push({ store, projection, generation: { ...generation, status } })
          }
        }
      }
      makings = kept
    },
  }
}

/** The partitions that a projection reads. */
export async function placesOf(log: EventLog, topicPrefix: string, projection: Projection): Promise<Place[]> {
  const places: Place[] = []
  for (const context of CONTEXTS) {
    if (projection.project[context] === undefined) continue
    const topic = topicsOf(context, topicPrefix).events
    const partitions = await log.partitionCount(topic)
    for (let partition = 0; partition < partitions; partition++) places.push({ context, topic, partition })
  }
  return places
}

/** Where each partition of a projection ends, by "topic/partition". */
async function endsOf(log: EventLog, topicPrefix: string, projection: Projection): Promise<Map<string, number>> {
  const ends = new Map<string, number>()
  for (const { topic, partition } of await placesOf(log, topicPrefix, projection))
    ends.set(`${topic}/${partition}`, await log.endOffset(topic, partition))
  return ends
}

/** Whether all is there up to these ends, whoever wrote it. */
function reaches(checkpoints: ReadonlyMap<string, LedgerStart>, ends: ReadonlyMap<string, number> | undefined): boolean {
  if (ends === undefined) return false
  return [...ends].every(([place, end]) => (checkpoints.get(place)?.offset ?? 0) >= end)
}
