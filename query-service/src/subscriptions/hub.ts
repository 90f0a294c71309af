import { sectionOfStream } from '@cavea/contracts/streams'
import type { ReadModelChanges } from '../application/read-model.ts'
import { type Outlet, type Source, Topic, type TopicSettings } from './topic.ts'

/** What somebody wants to watch. */
export interface Wish {
  /** The same for all that see the same bytes: what is watched, and with which selection. */
  readonly key: string
  readonly watched: Watched
  readonly source: () => Source
  /** To go on from. */
  readonly since?: readonly number[]
  readonly outlet: Outlet
}

export type Watched =
  | { readonly kind: 'sections'; readonly performanceId: string; readonly sectionIds: readonly string[] }
  | { readonly kind: 'hold'; readonly holdId: string }

/** Brings what changes in the read model to those that watch it. Nothing is done for what nobody watches. */
export interface Hub extends ReadModelChanges {
  /** Answers how to stop. Throws a problem. */
  watch(wish: Wish): () => void
  topicCount(): number
  readerCount(): number
  /** Ends all operations. */
  stop(): void
}

export interface HubSettings extends TopicSettings {
  /** How often slow readers are looked after. */
  readonly tendMs: number
  /** What a reader is told that is ahead of this replica for too long. */
  readonly behind: () => unknown
}

const sectionKeyOf = (performanceId: string, sectionId: string): string => `${performanceId}/${sectionId}`

export function createHub(settings: HubSettings): Hub {
  const topics = new Map<string, Topic>()
  const topicsOfSection = new Map<string, Set<Topic>>()
  const topicsOfHold = new Map<string, Set<Topic>>()
  /** How many topics watch a performance, so that changes of all others cost one look. */
  const performances = new Map<string, number>()

  function* placesOf(watched: Watched): Iterable<[Map<string, Set<Topic>>, string]> {
    if (watched.kind === 'hold') yield [topicsOfHold, watched.holdId]
    else for (const sectionId of watched.sectionIds) yield [topicsOfSection, sectionKeyOf(watched.performanceId, sectionId)]
  }

  function open({ key, watched, source }: Wish): Topic {
    const topic = new Topic(source(), settings)
    topics.set(key, topic)
    for (const [map, name] of placesOf(watched)) {
      const set = map.get(name) ?? new Set()
      map.set(name, set.add(topic))
    }
    if (watched.kind === 'sections') performances.set(watched.performanceId, (performances.get(watched.performanceId) ?? 0) + 1)
    return topic
  }

  function close({ key, watched }: Wish, topic: Topic): void {
    if (topics.get(key) !== topic) return
    topics.delete(key)
    topic.close()
    for (const [map, name] of placesOf(watched)) {
      const set = map.get(name)
      set?.delete(topic)
      if (set?.size === 0) map.delete(name)
    }
    if (watched.kind !== 'sections') return
    const count = (performances.get(watched.performanceId) ?? 0) - 1
    if (count > 0) performances.set(watched.performanceId, count)
    else performances.delete(watched.performanceId)
  }

  const tending = setInterval(() => {
    for (const topic of topics.values()) {
      if (!topic.needsTending) continue
      topic.tend()
      for (const outlet of topic.overdue()) {
        topic.leave(outlet)
        outlet.end(settings.behind())
      }
    }
  }, settings.tendMs)
  tending.unref()

  return {
    watch(wish) {
      const topic = topics.get(wish.key) ?? open(wish)
      const leave = (): void => {
        topic.leave(wish.outlet)
        if (topic.readers === 0) close(wish, topic)
      }
      try {
        topic.join(wish.outlet, wish.since)
      } catch (error) {
        leave()
        throw error
      }
      return leave
    },
    sectionChanged({ performanceId, sectionId }) {
      if (!performances.has(performanceId)) return
      for (const topic of topicsOfSection.get(sectionKeyOf(performanceId, sectionOfStream(sectionId))) ?? []) topic.changed()
    },
    holdChanged(holdId) {
      if (topicsOfHold.size > 0) for (const topic of topicsOfHold.get(holdId) ?? []) topic.changed()
    },
    partitionFailed() {
      for (const topic of [...topics.values()]) topic.check()
    },
    topicCount: () => topics.size,
    readerCount: () => [...topics.values()].reduce((count, { readers }) => count + readers, 0),
    stop() {
      clearInterval(tending)
      for (const topic of [...topics.values()]) topic.close()
      topics.clear()
      topicsOfSection.clear()
      topicsOfHold.clear()
      performances.clear()
    },
  }
}
