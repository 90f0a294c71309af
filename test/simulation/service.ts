import { PartitionWorker } from '@cavea/command-service/application/partition-worker'
import type { WorkerOptions } from '@cavea/command-service/application/worker-options'
import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import type { Membership } from '@cavea/event-log/port'
import type { Machine } from './machine.ts'

/** One process of the command service: it works on what the group gives to it. */
export interface SimulatedService {
  readonly machine: Machine
  readonly version: number
  readonly workers: ReadonlyMap<string, PartitionWorker>
  /** Finishes what is in flight and leaves. */
  readonly leave: () => Promise<void>
  /** Aborts all that is under way. */
  readonly abort: () => void
}

export function startService(machine: Machine, version: number, optionsFor: (context: Context) => WorkerOptions): SimulatedService {
  const contexts = new Map(CONTEXTS.map((context) => [topicsOf(context).commands, context]))
  const workers = new Map<string, PartitionWorker>()
  const ended = new Map<string, Promise<void>>()
  let membership: Membership | undefined
  let isLeaving = false

  function assigned(topic: string, partition: number): void {
    const context = contexts.get(topic)
    const place = `${topic}/${partition}`
    if (context === undefined || isLeaving || workers.has(place)) return
    const worker = new PartitionWorker(optionsFor(context), partition)
    workers.set(place, worker)
    // It may have been taken away and given back while it still finishes. What it fails for is told by telemetry.
    ended.set(
      place,
      (ended.get(place) ?? Promise.resolve()).then(() => worker.run()).catch(() => {}),
    )
  }

  function revoked(topic: string, partition: number): void {
    const place = `${topic}/${partition}`
    workers.get(place)?.stop()
    workers.delete(place)
  }

  const { log } = optionsFor('catalog')
  void log.join('command-service', [...contexts.keys()], { assigned, revoked }).then((joined) => {
    membership = joined
  })
  return {
    machine,
    version,
    workers,
    abort() {
      for (const worker of workers.values()) worker.stop()
    },
    async leave() {
      isLeaving = true
      for (const worker of workers.values()) worker.stop()
      await Promise.all(ended.values())
      await membership?.leave()
    },
  }
}
