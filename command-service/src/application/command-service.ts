import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import type { Membership } from '@cavea/event-log/port'
import { cart } from '../domain/cart/decider.ts'
import { catalog } from '../domain/catalog/decider.ts'
import { seating } from '../domain/seating/decider.ts'
import { PartitionWorker, type WorkerStatus } from './partition-worker.ts'
import { cartPolicy, catalogPolicy, seatingPolicy } from './policies.ts'
import { DEFAULT_LIMITS, type WorkerLimits, type WorkerOptions } from './worker-options.ts'

/** The deciders that are plugged in, each with what follows from its events. Adding a context is adding a line. */
export const DECIDERS = {
  // What the catalog decides is rare and much follows from it, so its snapshots come sooner.
  catalog: { decider: catalog, policy: catalogPolicy, snapshotEvery: 1_000 },
  seating: { decider: seating, policy: seatingPolicy, snapshotEvery: DEFAULT_LIMITS.snapshotEvery },
  cart: { decider: cart, policy: cartPolicy, snapshotEvery: DEFAULT_LIMITS.snapshotEvery },
} as const satisfies Record<Context, Pick<WorkerOptions, 'decider' | 'policy'> & Pick<WorkerLimits, 'snapshotEvery'>>

const GROUP = 'cavea-command-service' // Behind the topics' prefix, so that two deployments can share one Kafka.

export interface CommandService {
  start(): Promise<void>
  /** Finishes what is in flight, then leaves, so that others take over at once. */
  stop(): Promise<void>
  /** The partitions that this process works on. */
  workers(): readonly { readonly context: Context; readonly partition: number; readonly status: WorkerStatus }[]
  /** Ready when it takes part and none of its partitions stopped for good. A process without partitions is a reserve. */
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] }
}

interface Assignment {
  readonly context: Context
  readonly partition: number
  readonly worker: PartitionWorker
  readonly ended: Promise<void>
}

/** Works on the partitions that the group gives to this process. `topics` must exist. */
export function createCommandService(options: Omit<WorkerOptions, 'decider' | 'policy'>): CommandService {
  const contexts = new Map(CONTEXTS.map((context) => [topicsOf(context, options.topicPrefix).commands, context]))
  const assignments = new Map<string, Assignment>()
  let membership: Membership | undefined
  let isStopping = false

  function assigned(topic: string, partition: number): void {
    const context = contexts.get(topic)
    if (context === undefined || isStopping) return
    const key = `${topic}/${partition}`
    const before = assignments.get(key)?.ended // It may have been taken away and given back while it still finishes.
    const { decider, policy, snapshotEvery } = DECIDERS[context]
    const limits = { ...options.limits, snapshotEvery: Math.min(snapshotEvery, options.limits.snapshotEvery) }
    const worker = new PartitionWorker({ ...options, decider, policy, limits }, partition)
    const ended = (before ?? Promise.resolve()).then(() => worker.run()).catch(() => {}) // The worker has told telemetry, and the partition stays stopped: others go on.
    assignments.set(key, { context, partition, worker, ended })
  }

  function revoked(topic: string, partition: number): void {
    const key = `${topic}/${partition}`
    const assignment = assignments.get(key)
    if (assignment === undefined) return
    assignment.worker.stop()
    // Kept until it has ended, in case the partition comes back before; then it is no concern of this process any more.
    void assignment.ended.then(() => {
      if (assignments.get(key) === assignment) assignments.delete(key)
    })
  }

  const workers: CommandService['workers'] = () =>
    [...assignments.values()].map(({ context, partition, worker }) => ({ context, partition, status: worker.status }))

  return {
    workers,
    readiness() {
      const reasons = membership === undefined ? ['It has not joined the group yet.'] : []
      for (const { context, partition, status } of workers()) {
        if (status === 'starting') reasons.push(`${context}/${partition} is folding its log.`)
        if (status === 'failed') reasons.push(`${context}/${partition} stopped for good: the log tells why.`)
      }
      return { ready: reasons.length === 0, reasons }
    },
    async start() {
      membership = await options.log.join(`${options.topicPrefix}${GROUP}`, [...contexts.keys()], {
        assigned,
        revoked,
      })
    },
    async stop() {
      isStopping = true
      for (const { worker } of assignments.values()) worker.stop()
      await Promise.all([...assignments.values()].map(({ ended }) => ended))
      await membership?.leave()
    },
  }
}
