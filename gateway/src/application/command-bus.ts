import { setTimeout as sleep } from 'node:timers/promises'
import type { Directory } from '@cavea/contracts/catalog/directory'
import type { CatalogEvent } from '@cavea/contracts/catalog/messages'
import type { Codec } from '@cavea/contracts/codec'
import type { Decision } from '@cavea/contracts/envelope'
import type { CommandId } from '@cavea/contracts/ids'
import { headAfter } from '@cavea/contracts/ledger'
import { partitionOf } from '@cavea/contracts/partitioning'
import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import { AppendRefusedError } from '@cavea/event-log/errors'
import { decodeLearning, type LedgerBatch, type LedgerStart, ledgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import type { Logger } from '@cavea/service-kit/logger'
import type { Metrics } from '@cavea/service-kit/metrics'
import { type CommandBus, CommandNotSentError, CommandUnknownError, OverloadedError, type Recalled } from '../ports/command-bus.ts'
import { createAppendBatcher } from './append-batcher.ts'
import { busMetrics } from './bus-metrics.ts'
import { followPartition, type PartitionTail } from './partition-tail.ts'
import { createRecentDecisions } from './recent-decisions.ts'
import { createWaiters, type Waiter } from './waiters.ts'

export interface CommandBusOptions {
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
  readonly directory: Directory
  readonly logger: Logger
  readonly metrics: Metrics
  readonly topicPrefix?: string
  /** How long a request waits for its decision. Default 2,000. */
  readonly decisionTimeoutMs?: number
  /** Commands that may wait for their decision at once. Default 4,096. */
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

const PENDING_MAX = 10_000
const PENDING_TTL_MS = 600_000
const RECENT_MAX = 100_000
/** Void records may stand before a first decision; so many in a row mean that it is not there. */
const FIRST_DECISION_WITHIN = 2_000
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
  const { topicPrefix = '', decisionTimeoutMs = 2_000, inFlightMax = 4_096, refreshTimeoutMs = 1_000 } = options
  const beginning = async (topic: string, partition: number): Promise<LedgerStart> => ledgerStart(topic, partition)
  const measure = busMetrics(options.metrics, () => waiters.count())
  const append = createAppendBatcher(log, measure.batch)
  const recent = createRecentDecisions(Math.min(options.recentMax ?? 50_000, RECENT_MAX))
  const stopping = new AbortController()
  const tails = new Map<Context, readonly PartitionTail[]>()
  const pending = new Map<CommandId, Pending>()
  const actors = new Map<CommandId, Pending>()
  const refreshing = new Map<Context, { running: Promise<boolean>; next: Promise<boolean> | undefined }>()
  let started: Promise<void> | undefined

  const waiters = createWaiters({
    timeoutMs: decisionTimeoutMs,
    onSettled: measure.decided,
    onUndecided({ commandId }) {
      measure.undecided()
      const actor = actors.get(commandId)
      if (actor !== undefined) remember(commandId, actor)
    },
  })

  function remember(commandId: CommandId, actor: Pending): void {
    pending.set(commandId, actor)
    for (const [id, { sinceMs }] of pending) {
      if (pending.size <= PENDING_MAX && sinceMs > performance.now() - PENDING_TTL_MS) break
      pending.delete(id)
    }
  }

  const placeOf = (context: Context, partition: number): string => `${context}/${partition}`

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
    const { commandId, bodyHash } = decision.envelope
    recent.add({ decision, context, partition })
    if (pending.size > 0) pending.delete(commandId)
    const waiter = waiters.find({ commandId, bodyHash, place: placeOf(context, partition) })
    if (waiter === undefined) return
    if (decision.outcome === 'duplicate') void answerFirst(context, partition, decision, waiter)
    else waiter.settle({ outcome: 'decided', decision, context, partition })
  }

  /** A duplicate's answer is the first decision, wherever in the log it stands. */
  async function answerFirst(context: Context, partition: number, decision: Decision, waiter: Waiter): Promise<void> {
    try {
      const first = recent.get(decision.envelope.commandId)?.decision ?? (await readFirst(context, partition, decision))
      if (first === undefined) throw new Error(`The log has no first decision for ${decision.envelope.commandId}.`)
      waiter.settle({ outcome: 'decided', decision: first, context, partition })
    } catch (cause) {
      logger.error({ err: cause, commandId: decision.envelope.commandId }, 'A first decision could not be read back.')
      waiter.fail(new CommandUnknownError('The recorded answer could not be read.', cause))
    }
  }

  async function readFirst(context: Context, partition: number, { duplicateOf }: Decision): Promise<Decision | undefined> {
    if (duplicateOf === null) return undefined
    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, stopping.signal, AbortSignal.timeout(decisionTimeoutMs)])
    let seen = 0
    try {
      for await (const { records } of log.read(topicsOf(context, topicPrefix).events, partition, duplicateOf.offset, {
        signal,
        batchRecordsMax: 200,
      })) {
        for (const record of records) {
          if (headAfter(record.value) === duplicateOf.head) return await decodeLearning(options, () => codec.decodeDecision(record.value))
          if (++seen >= FIRST_DECISION_WITHIN) return undefined
        }
      }
      return undefined
    } finally {
      stop.abort()
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
        await sleep(START_RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
    return 0
  }

  function tailOf(context: Context, topic: string, partition: number): PartitionTail {
    return followPartition(
      options,
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
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(refreshTimeoutMs)])
    const topic = topicsOf(context, topicPrefix).events
    const reached = await Promise.all(
      (tails.get(context) ?? []).map(async (tail, partition) => tail.reached(await log.endOffset(topic, partition), signal)),
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

  function admit(): void {
    if (waiters.count() >= inFlightMax) throw new OverloadedError(inFlightMax)
  }

  return {
    caughtUp,
    refresh,
    admit,
    async send(context, bucket, command) {
      admit()
      const partitions = tails.get(context)
      if (partitions === undefined) throw new CommandNotSentError('The log is not connected yet.')
      const partition = partitionOf(bucket, partitions.length)
      if (partitions[partition]?.status() === 'failed') throw new CommandNotSentError(`${placeOf(context, partition)} cannot be read.`)
      const { commandId, bodyHash, actor } = command.envelope
      const known = recent.get(commandId)
      if (known?.context === context && known.partition === partition && known.decision.envelope.bodyHash === bodyHash)
        return { outcome: 'decided', ...known }
      const of = { commandId, bodyHash, place: placeOf(context, partition) }
      const already = waiters.find(of)
      if (already !== undefined) return already.promise

      const value = codec.encodeCommand(context, command)
      const waiter = waiters.open(of) // Before the append: the decision may be read before the append is acknowledged.
      actors.set(commandId, { actorKind: actor.kind, actorId: actor.id, sinceMs: performance.now() })
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
      const waits = pending.get(commandId) ?? actors.get(commandId)
      return waits && { outcome: 'pending', actorKind: waits.actorKind, actorId: waits.actorId }
    },
    async messageOf(context, partition, commandOffset) {
      const stop = new AbortController()
      const signal = AbortSignal.any([stop.signal, stopping.signal, AbortSignal.timeout(decisionTimeoutMs)])
      try {
        for await (const { records } of log.read(topicsOf(context, topicPrefix).commands, partition, commandOffset, {
          signal,
          batchRecordsMax: 1,
        })) {
          const record = records[0]
          if (record?.offset !== commandOffset) return undefined
          const { payload } = await decodeLearning(options, () => codec.decodeCommand(record.value))
          return await decodeLearning(options, () => codec.decodeMessage(context, payload))
        }
        return undefined
      } finally {
        stop.abort()
      }
    },
    start: () => (started ??= start()),
    async whenCaughtUp(signal) {
      await started
      while (!caughtUp()) {
        signal?.throwIfAborted()
        stopping.signal.throwIfAborted()
        const failed = [...tails.values()].flat().find((tail) => tail.status() === 'failed')
        if (failed !== undefined) throw new Error(failed.reason())
        await sleep(CAUGHT_UP_POLL_MS)
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
