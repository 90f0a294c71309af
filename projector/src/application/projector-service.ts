import { CONTEXTS, topicsOf } from '@cavea/contracts/topics'
import type { Membership } from '@cavea/event-log/port'
import { DEAD_LETTERS_PARTITIONS, deadLettersTopic, followDeadLetters, OutstandingLetters } from './dead-letters.ts'
import type { Place } from './facts.ts'
import { createFeed, type Feed } from './feed.ts'
import { keepGenerations, type Making } from './generations.ts'
import { type Lag, type LaneStatus, PartitionProjector } from './partition-projector.ts'
import type { LanePlace, ProjectorOptions } from './projector-options.ts'

const GROUP = 'cavea-projector' // Behind the topics' prefix, so that two deployments can share one Kafka.

export interface LaneView {
  readonly place: LanePlace
  readonly version: number
  /** Whether readers see this generation. */
  readonly isActive: boolean
  readonly status: LaneStatus
  readonly lag: Lag
}

export interface ProjectorService {
  /** Resolves when it takes part; stores may come up later. The events topics must exist. */
  start(): Promise<void>
  /** Finishes what is in flight, then leaves, so that others take over at once. */
  stop(): Promise<void>
  lanes(): readonly LaneView[]
  /** Dead letters of generations that are still there, by projection. */
  deadLetters(): ReadonlyMap<string, number>
  /**
   * Ready when every store answers and all that was in the log at the start is in the read models of this process's partitions.
   * Dead letters are told among the reasons and make nothing unready.
   */
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] }
}

interface Lane {
  readonly making: Making
  readonly projector: PartitionProjector
  readonly ended: Promise<void>
}

interface Owned {
  readonly place: Place
  readonly feed: Feed
  readonly lanes: Map<string, Lane>
}

/** Keeps the read models of the partitions that the group gives to this process. */
export function createProjectorService(options: ProjectorOptions): ProjectorService {
  const { log, topicPrefix, clock, telemetry, limits } = options
  const contexts = new Map(CONTEXTS.map((context) => [topicsOf(context, topicPrefix).events, context]))
  const keepers = options.stores.map((store) => keepGenerations(options, store))
  const owned = new Map<string, Owned>()
  /** Lanes that were stopped and still finish; their place is free when they have ended. */
  const ending = new Map<string, Promise<void>>()
  const outstanding = new OutstandingLetters()
  const stopping = new AbortController()
  let membership: Membership | undefined
  let background: Promise<unknown> = Promise.resolve()
  let wake: AbortController | undefined

  const keyOf = ({ projection, generation }: Making): string => `${projection.name}/${generation.number}`

  /** Starts the lanes that are wanted and missing, and stops those that nobody wants any more. */
  function settle({ place, feed, lanes }: Owned): void {
    if (stopping.signal.aborted) return // Nobody would end a lane that begins now.
    for (const keeper of keepers) {
      if (keeper.makings === undefined) continue
      const wanted = new Map(keeper.makings.map((making) => [keyOf(making), making]))
      for (const [key, lane] of lanes) if (lane.making.store === keeper.store && !wanted.has(key)) end(place, lanes, key, lane)
      for (const [key, making] of wanted) {
        const lane = lanes.get(key)
        if (lane !== undefined) lanes.set(key, { ...lane, making })
        else if (making.projection.project[place.context] !== undefined) lanes.set(key, begin(place, feed, key, making))
      }
    }
  }

  function begin(place: Place, feed: Feed, key: string, making: Making): Lane {
    const projector = new PartitionProjector({ ...options, ...making, place, feed })
    const before = ending.get(`${place.topic}/${place.partition}/${key}`) ?? Promise.resolve()
    return { making, projector, ended: before.then(() => projector.run()) }
  }

  function end({ topic, partition }: Place, lanes: Map<string, Lane>, key: string, lane: Lane): void {
    lane.projector.stop()
    lanes.delete(key)
    const id = `${topic}/${partition}/${key}`
    const ended = lane.ended.finally(() => {
      if (ending.get(id) === ended) ending.delete(id)
    })
    ending.set(id, ended)
  }

  function assigned(topic: string, partition: number): void {
    const context = contexts.get(topic)
    const key = `${topic}/${partition}`
    if (context === undefined || owned.has(key) || stopping.signal.aborted) return
    const place = { context, topic, partition }
    const one: Owned = { place, feed: createFeed(options, place, limits), lanes: new Map() }
    owned.set(key, one)
    settle(one)
    wake?.abort() // Its end is not known yet.
  }

  function revoked(topic: string, partition: number): void {
    const one = owned.get(`${topic}/${partition}`)
    if (one === undefined) return
    owned.delete(`${topic}/${partition}`)
    for (const [key, lane] of one.lanes) end(one.place, one.lanes, key, lane)
    one.feed.stop()
  }

  async function look(): Promise<void> {
    for (const keeper of keepers) {
      await keeper.look().catch((error: unknown) => telemetry.trouble({}, error))
      for (const one of owned.values()) settle(one)
    }
    for (const { place, lanes } of owned.values()) {
      const end = await log.endOffset(place.topic, place.partition).catch((error: unknown) => void telemetry.trouble(place, error))
      if (end !== undefined) for (const { projector } of lanes.values()) projector.observeEnd(end)
    }
  }

  async function keepLooking(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = new AbortController()
      await look()
      await clock.sleep(limits.pollMs, AbortSignal.any([wake.signal, stopping.signal]))
    }
  }

  async function keepCounting(): Promise<void> {
    const from = { offset: 0 }
    while (!stopping.signal.aborted) {
      await followDeadLetters(log, topicPrefix, outstanding, from, stopping.signal).catch((error: unknown) => {
        if (!stopping.signal.aborted) telemetry.trouble({}, error)
      })
      await clock.sleep(limits.pollMs, stopping.signal)
    }
  }

  const lanes = (): LaneView[] =>
    [...owned.values()].flatMap((one) =>
      Array.from(one.lanes.values(), ({ making: { projection, generation }, projector: { place, status, lag } }) => {
        return { place, version: projection.version, isActive: generation.status === 'active', status, lag }
      }),
    )

  function deadLetters(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { makings = [] } of keepers)
      for (const { projection, generation } of makings) {
        const count = outstanding.countOf(projection.name, (number) => number === generation.number)
        counts.set(projection.name, (counts.get(projection.name) ?? 0) + count)
      }
    return counts
  }

  /** Why this process should not be relied on yet. */
  function* unready(): Iterable<string> {
    if (membership === undefined) yield 'It has not joined the group yet.'
    for (const { makings, store } of keepers) {
      if (makings === undefined) yield `The store of ${store.kind} has not answered yet.`
      const active = new Set(makings?.flatMap(({ projection, generation }) => (generation.status === 'active' ? [projection.name] : [])))
      for (const { projection } of makings ?? []) if (!active.has(projection.name)) yield `${projection.name} is being built.`
    }
    for (const { place, isActive, status } of lanes()) {
      const where = `${place.projection} of ${place.context}/${place.partition}`
      if (status === 'failed') yield `${where} stopped for good: the log tells why.`
      else if (isActive && status !== 'current') yield `${where} is catching up.`
    }
  }

  return {
    lanes,
    deadLetters,
    readiness() {
      const reasons = [...unready()]
      const told = Array.from(deadLetters()).flatMap(([projection, count]) =>
        count === 0 ? [] : [`${count} dead letters of ${projection}: cavea dlq list shows them.`],
      )
      return { ready: reasons.length === 0, reasons: [...reasons, ...told] }
    },
    async start() {
      await log.ensureTopics([{ topic: deadLettersTopic(topicPrefix), partitions: DEAD_LETTERS_PARTITIONS }])
      membership = await log.join(`${topicPrefix}${GROUP}`, [...contexts.keys()], { assigned, revoked })
      background = Promise.all([keepLooking(), keepCounting()])
    },
    async stop() {
      stopping.abort()
      for (const { place, lanes, feed } of owned.values()) {
        for (const [key, lane] of lanes) end(place, lanes, key, lane)
        feed.stop()
      }
      await background
      await Promise.all(ending.values())
      await membership?.leave()
    },
  }
}
