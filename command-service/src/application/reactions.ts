import type { Decision } from '@cavea/contracts/envelope'
import { commandIdOf } from '@cavea/contracts/ids'
import { bucketOf, partitionOf } from '@cavea/contracts/partitioning'
import { topicsOf } from '@cavea/contracts/topics'
import type { Reaction } from './policies.ts'
import type { WorkerOptions } from './worker-options.ts'

const RETRY_MS = 250
const BATCH_REACTIONS_MAX = 1_000
const BATCH_BYTES_MAX = 512 * 1024

interface Waiting {
  readonly reaction: Reaction
  readonly cause: Decision
  /** Of the cause. */
  readonly offset: number
}

interface Batch {
  readonly topic: string
  readonly partition: number
  readonly values: Buffer[]
  readonly of: Waiting[]
  bytes: number
  isFull: boolean
}

/** Sends what policies ask for, in order, and again until the log has it: a doubled command is recorded as a duplicate. */
export class Reactions {
  readonly #options: WorkerOptions
  readonly #partition: number
  #queue: Waiting[] = []
  #sending: Promise<void> | undefined
  readonly #stop: AbortSignal

  constructor(options: WorkerOptions, partition: number, stop: AbortSignal) {
    this.#options = options
    this.#partition = partition
    this.#stop = stop
  }

  get waiting(): number {
    return this.#queue.length
  }

  /** Up to where all is sent that was added: the offset of the first cause that still waits, or `end` when nothing does. */
  sentTo(end: number): number {
    return this.#queue[0]?.offset ?? end
  }

  /** Takes what follows from the decision at this offset, which is not before that of the last one. */
  add(reactions: readonly Reaction[], cause: Decision, offset: number): void {
    for (const reaction of reactions) this.#queue.push({ reaction, cause, offset })
    if (this.#queue.length > 0) this.#sending ??= this.#sendAll()
  }

  /** Resolves when nothing waits any more, or when `signal` aborts. */
  async sent(signal: AbortSignal): Promise<void> {
    const sending = this.#sending
    if (sending === undefined || signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done)
      void sending.then(done)
    })
  }

  async #sendAll(): Promise<void> {
    const { clock, telemetry, decider } = this.#options
    while (this.#queue.length > 0 && !this.#stop.aborted) {
      try {
        await this.#sendSome()
      } catch (error) {
        telemetry.trouble(decider.context, this.#partition, error)
        await clock.sleep(RETRY_MS, this.#stop)
      }
    }
    this.#sending = undefined // In the very step that saw the queue empty: what is added a moment later must start anew.
  }

  /** One append for each partition that has something to get. What an append did not take is sent again, in its order. */
  async #sendSome(): Promise<void> {
    const batches = new Map<string, Batch>()
    for (const waiting of this.#queue.slice(0, BATCH_REACTIONS_MAX)) {
      const { topic, partition, value } = await this.#encode(waiting.reaction, waiting.cause)
      const key = `${topic}/${partition}`
      const batch = batches.get(key) ?? { topic, partition, values: [], of: [], bytes: 0, isFull: false }
      batches.set(key, batch)
      // A large one, once it does not fit, must not be overtaken by the small ones behind it.
      batch.isFull ||= batch.values.length > 0 && batch.bytes + value.length > BATCH_BYTES_MAX
      if (batch.isFull) continue
      batch.values.push(value)
      batch.of.push(waiting)
      batch.bytes += value.length
    }
    const sent = new Set<Waiting>()
    const failures: unknown[] = []
    await Promise.all(
      Array.from(batches.values(), ({ topic, partition, values, of }) =>
        this.#options.log.append(topic, partition, values).then(
          () => of.forEach((one) => void sent.add(one)),
          (error: unknown) => void failures.push(error),
        ),
      ),
    )
    this.#queue = this.#queue.filter((waiting) => !sent.has(waiting))
    if (failures.length > 0) throw failures[0]
  }

  async #encode(
    { policy, context, key, message, ...reaction }: Reaction,
    cause: Decision,
  ): Promise<{ topic: string; partition: number; value: Buffer }> {
    const { log, codec, topicPrefix } = this.#options
    const { commandId, organisation, traceparent } = cause.envelope
    const { correlationId = cause.envelope.correlationId, about } = reaction
    const topic = topicsOf(context, topicPrefix).commands
    const partition = partitionOf(bucketOf(key), await log.partitionCount(topic))
    const envelope = {
      commandId: commandIdOf('reaction', policy, commandId, key, ...(about === undefined ? [] : [about])),
      commandType: message.type,
      actor: { kind: 'system', id: policy },
      organisation,
      bodyHash: '',
      causationId: commandId,
      correlationId,
      traceparent,
    } as const
    return { topic, partition, value: codec.encodeCommand(context, { envelope, message }) }
  }
}
