import type { Directory } from '@cavea/contracts/catalog/directory'
import type { CatalogEvent } from '@cavea/contracts/catalog/messages'
import type { Codec } from '@cavea/contracts/codec'
import type { Decision } from '@cavea/contracts/envelope'
import type { CommandId } from '@cavea/contracts/ids'
import { partitionOf } from '@cavea/contracts/partitioning'
import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import { AppendRefusedError } from '@cavea/event-log/errors'
import { decodeLearning, type LedgerBatch, type LedgerStart, ledgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import type { Logger } from '@cavea/service-kit/logger'
import type { Metrics } from '@cavea/service-kit/metrics'
import {
  type Answer,
  type Asked,
  type CommandBus,
  CommandNotSentError,
  CommandUnknownError,
  type Decided,
  OverloadedError,
  type Recalled,
} from '../ports/command-bus.ts'
import { createAdmission } from './admission.ts'
import { createAppendBatcher } from './append-batcher.ts'
import { busMetrics } from './bus-metrics.ts'
import { type Clock, sleep, steadyClock, within } from './clock.ts'
import { firstDecisions } from './first-decisions.ts'
import { followPartition, type PartitionTail } from './partition-tail.ts'
import { askedBy, createRecentDecisions, opensCart, settledCommand } from './recent-decisions.ts'
import { createWaiters, type Waiter, type WaiterOf } from './waiters.ts'

export interface CommandBusOptions {
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
  readonly directory: Directory
  readonly logger: Logger
  readonly metrics: Metrics
  /** Default: the machine's. */
  readonly clock?: Clock
  readonly topicPrefix?: string
  /** How long a request waits for its decision. Default 2,000. */
  readonly decisionTimeoutMs?: number
  /** Commands that may wait for their decision at once, however quickly they are decided. Default 4,096. */
  readonly inFlightMax?: number
  /** Decisions remembered for `recall`. Default 50,000, at most 100,000. */
  readonly recentMax?: number
  /** How long `refresh` waits at most. Default 1,000. */
  readonly refreshTimeoutMs?: number
  /** Where to start reading an events partition; the catalog, which is kept whole, always from its beginning. Default: all from there. */
  readonly starts?: (topic: string, partition: number) => Promise<LedgerStart>
}

export interface RunningCommandBus extends CommandBus {
  /** Starts reading. Resolves once the log could be asked for its partitions; keeps trying until `stop`. */
  start(): Promise<void>
  /** Resolves when everything that was in the log at the start was read; rejects when that cannot be, or when `signal` aborts before. */
  whenCaughtUp(signal?: AbortSignal): Promise<void>
  /** Fails what still waits, then ends the readers. Idempotent. */
  stop(): Promise<void>
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] }
  /** After the last decision read, per events topic and partition: a place to start from next time. */
  positions(): ReadonlyMap<string, ReadonlyMap<number, LedgerStart>>
}

/** What of a request's time its command may spend in the queue before no others are let in: the rest is for the way back. */
const QUEUE_SHARE = 4
const PENDING_MAX = 10_000
const PENDING_TTL_MS = 600_000
const RECENT_MAX = 100_000
const START_RETRY_MS = 500
const CAUGHT_UP_POLL_MS = 5

interface Pending {
  readonly actorKind: string
  readonly actorId: string
  readonly sinceMs: number
}

/** Brings commands to the log and decisions back. It answers only from what a reader of the log saw to count. */
export function createCommandBus(options: CommandBusOptions): RunningCommandBus {
  const { log, codec, directory, logger } = options
  const { topicPrefix = '', decisionTimeoutMs = 2_000, inFlightMax = 4_096, refreshTimeoutMs = 1_000, clock = steadyClock } = options
  const beginning = async (topic: string, partition: number): Promise<LedgerStart> => ledgerStart(topic, partition)
  const measure = busMetrics(options.metrics, () => waiters.count())
  const admission = createAdmission({
    clock,
    waitMs: decisionTimeoutMs / QUEUE_SHARE,
    waitingMax: inFlightMax,
  })
  const append = createAppendBatcher(log, measure.batch)
  const recent = createRecentDecisions(Math.min(options.recentMax ?? 50_000, RECENT_MAX))
  const stopping = new AbortController()
  const firsts = firstDecisions({ ...options, clock, topicPrefix, timeoutMs: decisionTimeoutMs, signal: stopping.signal })
  const tails = new Map<Context, readonly PartitionTail[]>()
  const pending = new Map<CommandId, Pending>()
  const actors = new Map<CommandId, Pending>()
  const refreshing = new Map<Context, { running: Promise<boolean>; next: Promise<boolean> | undefined }>()
  let started: Promise<void> | undefined
  let hasReadAll = false

  const waiters = createWaiters({
    clock,
    timeoutMs: decisionTimeoutMs,
    onSettled(waitedMs) {
      admission.decided(waitedMs)
      measure.decided(waitedMs)
    },
    onUndecided({ commandId }) {
      admission.decided(decisionTimeoutMs)
      measure.undecided()
      const actor = actors.get(commandId)
      if (actor !== undefined) remember(commandId, actor)
    },
  })

  function remember(commandId: CommandId, actor: Pending): void {
    pending.set(commandId, actor)
    for (const [id, { sinceMs }] of pending) {
      if (pending.size <= PENDING_MAX && sinceMs > clock.nowMs() - PENDING_TTL_MS) break
      pending.delete(id)
    }
  }

  const placeOf = (context: Context, partition: number): string => `${context}/${partition}`
  const waiterOf = ({ envelope: { commandId, bodyHash } }: Pick<Asked, 'envelope'>, context: Context, partition: number): WaiterOf => {
    const place = placeOf(context, partition)
    return { commandId, bodyHash, place }
  }

  async function handle(context: Context, partition: number, batch: LedgerBatch): Promise<void> {
    if (batch.voided > 0) measure.voided(context, batch.voided)
    if (context === 'catalog') {
      // Decoded before the first is applied: a batch that fails half-way is handed over again from its beginning.
      const events: CatalogEvent[] = []
      for (const { decision } of batch.decisions)
        for (const event of decision.events)
          events.push(await decodeLearning(options, () => codec.decodeMessage<CatalogEvent>('catalog', event)))
      for (const event of events) directory.apply(event)
    }
    for (const { decision } of batch.decisions) if (decision.outcome !== 'started') decided(context, partition, decision)
  }

  function decided(context: Context, partition: number, decision: Decision): void {
    if (opensCart(context, decision)) {
      recent.addOpened({ asked: askedBy(decision), context, partition })
      waiters.find(waiterOf(decision, context, partition))?.appended('done')
      return
    }
    if (decision.outcome === 'duplicate') {
      pending.delete(decision.envelope.commandId) // Decided long ago, and not pending because nobody here remembers how.
      const waiter = waiters.find(waiterOf(decision, context, partition))
      if (waiter !== undefined) void answerFirst(context, partition, decision, waiter)
      return
    }
    answer({ decision, asked: decision, context, partition })
    const settled = settledCommand(context, decision)
    const opened = settled && recent.opened(settled)
    if (opened?.partition === partition) answer({ ...opened, decision })
  }

  /** Remembers the answer of a command and gives it to who waits for it. */
  function answer(to: Decided): void {
    const { decision, asked, context, partition } = to
    recent.add(to)
    if (pending.size > 0) pending.delete(asked.envelope.commandId)
    waiters.find(waiterOf(asked, context, partition))?.settle({ outcome: 'decided', decision, asked, context, partition })
  }

  /**
   * A duplicate's answer is that of the first decision, wherever in the log it stands. Where that left a cart open, the
   * tail is told of it before the log is searched for what settled it: so one of the two finds that, whenever it comes.
   */
  async function answerFirst(context: Context, partition: number, duplicate: Decision, waiter: Waiter): Promise<void> {
    const { commandId } = duplicate.envelope
    try {
      if (recent.opened(commandId) !== undefined) return waiter.appended('done')
      const known = recent.get(commandId)
      if (known !== undefined) return waiter.settle({ outcome: 'decided', ...known })
      const first = await firsts.find(context, partition, duplicate)
      if (first === undefined) throw new Error(`The log has no first decision for ${commandId}.`)
      const { decision, next } = first
      if (!opensCart(context, decision)) return waiter.settle({ outcome: 'decided', decision, asked: decision, context, partition })
      const opened = { asked: askedBy(decision), context, partition }
      recent.addOpened(opened)
      waiter.appended('done')
      const settling = await firsts.findSettling(context, partition, next, commandId)
      if (settling !== undefined) answer({ ...opened, decision: settling })
    } catch (cause) {
      logger.error({ err: cause, commandId }, 'A first decision could not be read back.')
      waiter.fail(new CommandUnknownError('The recorded answer could not be read.', cause))
    }
  }

  async function start(): Promise<void> {
    for (const context of CONTEXTS) {
      const topics = topicsOf(context, topicPrefix)
      const partitions = await untilKnown(topics.events)
      const forCommands = await untilKnown(topics.commands)
      if (stopping.signal.aborted) return
      if (partitions !== forCommands)
        throw new Error(`${topics.events} has ${partitions} partitions and ${topics.commands} has ${forCommands}.`)
      tails.set(
        context,
        Array.from({ length: partitions }, (_, partition) => tailOf(context, topics.events, partition)),
      )
    }
  }

  async function untilKnown(topic: string): Promise<number> {
    for (let tries = 0; !stopping.signal.aborted; tries++) {
      try {
        return await log.partitionCount(topic)
      } catch (err) {
        if (tries % 20 === 0) logger.warn({ err, topic }, 'The log does not know the topic yet.')
        await sleep(clock, START_RETRY_MS, stopping.signal)
      }
    }
    return 0
  }

  function tailOf(context: Context, topic: string, partition: number): PartitionTail {
    return followPartition(
      { ...options, clock },
      { topic, partition, start: () => (context === 'catalog' ? beginning : (options.starts ?? beginning))(topic, partition) },
      {
        signal: stopping.signal,
        onBatch: (batch) => handle(context, partition, batch),
        onRetry: (err) => logger.warn({ err, topic, partition }, 'Reading decisions failed and is tried again.'),
        onFailed(err) {
          logger.fatal({ err, topic, partition }, 'Decisions cannot be read any further.')
          waiters.failAll(new CommandUnknownError('The decision cannot be read.', err), placeOf(context, partition))
        },
      },
    )
  }

  async function refreshNow(context: Context): Promise<boolean> {
    const topic = topicsOf(context, topicPrefix).events
    const reached = await within(clock, refreshTimeoutMs, stopping.signal, (signal) =>
      Promise.all((tails.get(context) ?? []).map(async (tail, partition) => tail.reached(await log.endOffset(topic, partition), signal))),
    )
    return reached.length > 0 && reached.every(Boolean)
  }

  /** One question to the log serves all who ask at the same time; who comes while it is under way waits for the next. */
  function refresh(context: Context): Promise<boolean> {
    const now = refreshing.get(context)
    if (now === undefined) {
      const running = refreshNow(context).finally(() => refreshing.delete(context))
      refreshing.set(context, { running, next: undefined })
      return running
    }
    now.next ??= now.running.catch(() => undefined).then(() => refresh(context))
    return now.next
  }

  function caughtUp(context?: Context): boolean {
    const wanted = context === undefined ? CONTEXTS : [context]
    return wanted.every((of) => tails.get(of)?.every((tail) => tail.caughtUp()) ?? false)
  }

  /** Until the log was read, every request would only take time from reading it. A partition that failed has nothing to wait for. */
  function hasRead(): boolean {
    if (!hasReadAll)
      hasReadAll = CONTEXTS.every((of) => tails.get(of)?.every((tail) => tail.caughtUp() || tail.status() === 'failed') ?? false)
    return hasReadAll
  }

  function admit(): void {
    if (waiters.count() >= inFlightMax) throw new OverloadedError(inFlightMax)
  }

  /** The command is in the log and opened a cart: nothing is to be sent again. */
  function untilSettled(of: WaiterOf): Promise<Answer> {
    const waiter = waiters.open(of)
    waiter.appended('done')
    return waiter.promise
  }

  return {
    caughtUp,
    refresh,
    admit,
    isFull: (inside) => !hasRead() || admission.isFull(inside),
    async send(context, bucket, command) {
      admit()
      const partitions = tails.get(context)
      if (partitions === undefined) throw new CommandNotSentError('The log is not connected yet.')
      const partition = partitionOf(bucket, partitions.length)
      if (partitions[partition]?.status() === 'failed') throw new CommandNotSentError(`${placeOf(context, partition)} cannot be read.`)
      const { commandId, bodyHash, actor } = command.envelope
      const of = waiterOf(command, context, partition)
      const isSame = ({ asked, ...at }: Omit<Decided, 'decision'>): boolean =>
        at.context === context && at.partition === partition && asked.envelope.bodyHash === bodyHash
      const known = recent.get(commandId)
      if (known !== undefined && isSame(known)) return { outcome: 'decided', ...known }
      const already = waiters.find(of)
      if (already !== undefined) return already.promise
      const opened = recent.opened(commandId)
      if (opened !== undefined && isSame(opened)) return untilSettled(of)

      const value = codec.encodeCommand(context, command)
      const waiter = waiters.open(of) // Before the append: the decision may be read before the append is acknowledged.
      actors.set(commandId, { actorKind: actor.kind, actorId: actor.id, sinceMs: clock.nowMs() })
      append(topicsOf(context, topicPrefix).commands, partition, value).then(
        () => waiter.appended('done'),
        (error: unknown) => {
          if (error instanceof AppendRefusedError) return waiter.fail(new CommandNotSentError('The log refused the command.', error))
          logger.warn({ err: error, commandId }, 'It is not known whether the log took a command.')
          waiter.appended('unknown')
        },
      )
      try {
        return await waiter.promise
      } finally {
        actors.delete(commandId)
      }
    },
    recall(commandId): Recalled | undefined {
      const known = recent.get(commandId)
      if (known !== undefined) return { outcome: 'decided', ...known }
      const actor = recent.opened(commandId)?.asked.envelope.actor
      if (actor !== undefined) return { outcome: 'pending', actorKind: actor.kind, actorId: actor.id }
      const waits = pending.get(commandId) ?? actors.get(commandId)
      return waits && { outcome: 'pending', actorKind: waits.actorKind, actorId: waits.actorId }
    },
    messageOf: firsts.messageOf,
    start: () => (started ??= start()),
    async whenCaughtUp(signal) {
      await started
      while (!caughtUp()) {
        signal?.throwIfAborted()
        stopping.signal.throwIfAborted()
        const failed = [...tails.values()].flat().find((tail) => tail.status() === 'failed')
        if (failed !== undefined) throw new Error(failed.reason())
        await sleep(clock, CAUGHT_UP_POLL_MS)
      }
    },
    async stop() {
      stopping.abort()
      waiters.failAll(new CommandUnknownError('This gateway is shutting down.'))
      await started?.catch(() => undefined)
      await Promise.all([...tails.values()].flat().map((tail) => tail.done))
    },
    readiness() {
      const all = [...tails.values()].flat()
      const troubles = all.filter((tail) => tail.status() !== 'reading').map((tail) => tail.reason())
      const loading =
        tails.size < CONTEXTS.length ? ['The log is not connected yet.'] : caughtUp() ? [] : ['Decisions are still being read.']
      return { ready: troubles.length + loading.length === 0, reasons: [...troubles, ...loading] }
    },
    positions() {
      const byTopic = new Map<string, ReadonlyMap<number, LedgerStart>>()
      for (const [context, partitions] of tails) {
        const known = partitions.flatMap((tail, partition): [number, LedgerStart][] => {
          const position = tail.position()
          return position === undefined ? [] : [[partition, position]]
        })
        byTopic.set(topicsOf(context, topicPrefix).events, new Map(known))
      }
      return byTopic
    },
  }
}
