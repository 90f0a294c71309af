import type { Decision } from '@cavea/contracts/envelope'
import { commandIdOf } from '@cavea/contracts/ids'
import { bucketOf, partitionOf } from '@cavea/contracts/partitioning'
import { topicsOf } from '@cavea/contracts/topics'
import type { Reaction } from './policies.ts'
import type { WorkerOptions } from './worker-options.ts'

const RETRY_MS = 250

/** Sends what policies ask for, in order, and again until the log has it: a doubled command is recorded as a duplicate. */
export class Reactions {
  readonly #options: WorkerOptions
  readonly #partition: number
  readonly #queue: { readonly reaction: Reaction; readonly cause: Decision }[] = []
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

  add(reactions: readonly Reaction[], cause: Decision): void {
    for (const reaction of reactions) this.#queue.push({ reaction, cause })
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
    const { log, clock, telemetry, decider } = this.#options
    for (let next = this.#queue[0]; next !== undefined && !this.#stop.aborted; next = this.#queue[0]) {
      try {
        const { topic, partition, value } = await this.#encode(next.reaction, next.cause)
        await log.append(topic, partition, [value])
        this.#queue.shift()
      } catch (error) {
        telemetry.trouble(decider.context, this.#partition, error)
        await clock.sleep(RETRY_MS, this.#stop)
      }
    }
    this.#sending = undefined // In the very step that saw the queue empty: what is added a moment later must start anew.
  }

  async #encode(
    { policy, context, key, message }: Reaction,
    cause: Decision,
  ): Promise<{ topic: string; partition: number; value: Buffer }> {
    const { log, codec, topicPrefix } = this.#options
    const { commandId, correlationId, organisation, traceparent } = cause.envelope
    const topic = topicsOf(context, topicPrefix).commands
    const partition = partitionOf(bucketOf(key), await log.partitionCount(topic))
    const envelope = {
      commandId: commandIdOf('reaction', policy, commandId, key),
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
