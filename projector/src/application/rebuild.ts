import { AppendRefusedError } from '@cavea/event-log/errors'
import type { Generation } from '../ports/projection-store.ts'
import { createFeed } from './feed.ts'
import { type Making, placesOf } from './generations.ts'
import { PartitionProjector } from './partition-projector.ts'
import type { ProjectorOptions } from './projector-options.ts'

const POLL_MS = 200

export interface Progress {
  readonly done: number
  readonly total: number
}

type RebuildOptions = Pick<ProjectorOptions, 'log' | 'codec' | 'registry' | 'topicPrefix' | 'clock' | 'telemetry' | 'limits'>

/** How much of the log a generation has, in records. */
export async function progressOf({ log, topicPrefix }: Pick<RebuildOptions, 'log' | 'topicPrefix'>, making: Making): Promise<Progress> {
  const checkpoints = await making.store.checkpoints(making.generation)
  let done = 0
  let total = 0
  for (const { topic, partition } of await placesOf(log, topicPrefix, making.projection)) {
    const end = await log.endOffset(topic, partition)
    total += end
    done += Math.min(end, checkpoints.get(`${topic}/${partition}`)?.offset ?? 0)
  }
  return { done, total }
}

/** Begins another generation, after the newest. */
export async function beginAnother({ store, projection }: Omit<Making, 'generation'>): Promise<Generation> {
  const all = (await store.generations()).filter((generation) => generation.projection === projection.name)
  return await store.begin(projection, (all.at(-1)?.number ?? 0) + 1)
}

/**
 * Makes a generation in this process, where no projector runs that would, and activates it when it has all that was in the log at the
 * start. Throws when a dead letter is to be written and this log cannot be written to, or a partition fails for good.
 */
export async function buildGeneration(options: RebuildOptions, making: Making, onProgress: (progress: Progress) => void): Promise<void> {
  const { log, clock, topicPrefix, limits } = options
  const never = new AbortController().signal
  let failure: Error | undefined
  const telemetry: ProjectorOptions['telemetry'] = {
    ...options.telemetry,
    failed(place, error) {
      options.telemetry.failed(place, error)
      failure ??= error instanceof Error ? error : new Error(String(error))
    },
    trouble(where, error) {
      options.telemetry.trouble(where, error)
      if (error instanceof AppendRefusedError && !error.retryable) failure ??= error
    },
  }
  const lanes = []
  for (const place of await placesOf(log, topicPrefix, making.projection)) {
    const end = await log.endOffset(place.topic, place.partition)
    if (end === 0) continue
    const feed = createFeed(options, place, limits)
    const projector = new PartitionProjector({ ...options, ...making, telemetry, place, feed })
    lanes.push({ end, feed, projector, ended: projector.run() })
  }
  const total = lanes.reduce((sum, { end }) => sum + end, 0)
  try {
    for (;;) {
      if (failure !== undefined) throw failure
      const done = lanes.reduce((sum, { end, projector }) => sum + Math.min(end, projector.position?.offset ?? 0), 0)
      onProgress({ done, total })
      if (done === total) break
      await clock.sleep(POLL_MS, never)
    }
  } finally {
    for (const { projector, feed } of lanes) {
      projector.stop()
      feed.stop()
    }
    await Promise.all(lanes.map(({ ended }) => ended))
  }
  await making.store.activate(making.projection, making.generation)
}
