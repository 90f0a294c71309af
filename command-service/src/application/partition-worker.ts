import type { Decision, Envelope } from '@cavea/contracts/envelope'
import { commandIdOf } from '@cavea/contracts/ids'
import { headAfter } from '@cavea/contracts/ledger'
import { type ContextTopics, topicsOf } from '@cavea/contracts/topics'
import { AppendUnknownError, EventLogError, OffsetOutOfRangeError } from '@cavea/event-log/errors'
import { followLedger, isInLog, LedgerBrokenError } from '@cavea/event-log/ledger-reader'
import type { LogRecord } from '@cavea/event-log/port'
import { AppendPipeline, MemoryAheadError } from './append-pipeline.ts'
import { DeciderThrewError, type DecisionRecord, decideCommand, THROWS_MAX } from './deciding.ts'
import { OwnedState, TICK } from './owned-state.ts'
import type { Reaction } from './policies.ts'
import { Reactions } from './reactions.ts'
import type { WorkerOptions } from './worker-options.ts'

export type WorkerStatus = 'starting' | 'deciding' | 'stopped' | 'failed'

const TICK_EVERY_MS = 250
const TICK_AGAIN_MS = 100
const PAUSE_MS = 100
const SEND_LAST_MS = 1_000
const PAUSE_MAX_MS = 2_000
/** A larger one is written more rarely, in proportion. */
const SNAPSHOT_BYTES_LARGE = 4 << 20
/** So many are sent in no time: a snapshot waits for them. */
const REACTIONS_FEW = 100

/**
 * The one that should decide a partition's commands. There may be another that thinks so too: what each of them writes
 * counts only where it links, so this one writes, looks at where its records landed, and where anything is not as
 * expected drops its memory and folds the log again. It never repairs memory and never answers from it.
 */
export class PartitionWorker {
  readonly #options: WorkerOptions
  readonly #partition: number
  readonly #topics: ContextTopics
  readonly #stop = new AbortController()
  /** How often the decider threw, by command offset. Outlives the dropped memory, else a poisoned command came back for ever. */
  readonly #throws = new Map<number, number>()
  readonly #reactions: Reactions
  readonly #sending = new AbortController()
  /** Events before this offset have had their reactions queued by this worker. */
  #reactedTo = 0
  #status: WorkerStatus = 'starting'
  #state: OwnedState | undefined
  /** Surprises since the last batch that counted. */
  #failures = 0
  #sinceSnapshot = 0
  /** Of the last one written or restored. */
  #snapshotBytes = 0
  #saving: Promise<void> = Promise.resolve()

  constructor(options: WorkerOptions, partition: number) {
    this.#options = options
    this.#partition = partition
    this.#topics = topicsOf(options.decider.context, options.topicPrefix)
    this.#reactions = new Reactions(options, partition, this.#sending.signal)
  }

  get status(): WorkerStatus {
    return this.#status
  }

  /** The state in memory, which may be ahead of the log: for inspection only. */
  get state(): OwnedState | undefined {
    return this.#state
  }

  /** Finishes what is in flight, then `run` ends. */
  stop(): void {
    this.#stop.abort()
  }

  /** Decides until stopped. Rejects when an invariant is broken: then nobody may go on with this partition. */
  async run(): Promise<void> {
    const { telemetry, clock, decider } = this.#options
    try {
      while (!this.#stop.signal.aborted) {
        try {
          await this.#own()
        } catch (error) {
          this.#state = undefined
          this.#status = 'starting'
          if (isBroken(error)) throw error
          this.#failures++
          this.#report(error)
          // One surprise is met at once; the next ones wait, longer each time and never in step with another owner.
          const pauseMs = Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** (this.#failures - 2)) * (0.5 + clock.random())
          if (this.#failures > 1) await clock.sleep(pauseMs, this.#stop.signal)
        }
      }
      await this.#saving
      this.#status = 'stopped'
    } catch (error) {
      this.#status = 'failed'
      telemetry.failed(decider.context, this.#partition, error)
      throw error
    } finally {
      this.#stop.abort()
      this.#sending.abort()
    }
  }

  #report(error: unknown): void {
    const { telemetry, decider } = this.#options
    if (error instanceof MemoryAheadError) telemetry.dropped(decider.context, this.#partition, error.message)
    else telemetry.trouble(decider.context, this.#partition, error)
    if (!(error instanceof DeciderThrewError)) return
    const throws = (this.#throws.get(error.commandOffset) ?? 0) + 1
    this.#throws.set(error.commandOffset, throws)
    if (throws === THROWS_MAX) telemetry.quarantined(decider.context, this.#partition, error.commandOffset, error.cause)
  }

  /** One ownership of memory: folds, takes the head, decides, until stopped or surprised. */
  async #own(): Promise<void> {
    const { log, limits } = this.#options
    const state = await this.#fold()
    if (this.#stop.signal.aborted) return
    await this.#takeHead(state)
    this.#state = state
    this.#status = 'deciding'

    const surprise = new AbortController()
    const signal = AbortSignal.any([surprise.signal, this.#stop.signal])
    const pipeline = this.#pipeline(state, () => surprise.abort())
    void this.#tickWhile(state, signal)
    try {
      for await (const { records } of log.read(this.#topics.commands, this.#partition, state.commandOffset + 1, { signal })) {
        for (let at = 0; at < records.length && !signal.aborted; ) {
          await pipeline.slot()
          if (this.#reactions.waiting > limits.reactionsMax) await this.#reactions.sent(signal)
          at = await this.#decideBatch(state, pipeline, records, at)
        }
        if (this.#isSnapshotDue()) {
          await pipeline.drained() // Only what counts may be kept.
          state.position = pipeline.confirmed // Void records may have put it further on than was expected.
          await this.#save(state)
        }
      }
      await pipeline.drained()
      state.position = pipeline.confirmed
    } finally {
      surprise.abort()
    }
    if (this.#sinceSnapshot > 0) await this.#save(state)
  }

  #pipeline(state: OwnedState, onFailed: () => void): AppendPipeline {
    const { log, limits, telemetry, decider } = this.#options
    return new AppendPipeline({
      log,
      topic: this.#topics.events,
      partition: this.#partition,
      inFlightMax: limits.appendsInFlightMax,
      confirmed: state.position,
      onFailed,
      onConfirmed: ({ records, expectedOffset }, firstOffset, voids) => {
        if (firstOffset !== expectedOffset) state.moved(records, firstOffset)
        for (const [at, { decision, reactions }] of records.entries()) this.#reactions.add(reactions, decision, firstOffset + at)
        this.#reactedTo = firstOffset + records.length
        this.#sinceSnapshot += records.length
        this.#failures = 0
        telemetry.decided(decider.context, this.#partition, records.length)
        if (voids > 0) telemetry.voids(decider.context, this.#partition, voids)
      },
    })
  }

  /** Decides commands from `from` on until the batch is full, and answers where the next one starts. */
  async #decideBatch(state: OwnedState, pipeline: AppendPipeline, commands: readonly LogRecord[], from: number): Promise<number> {
    const { batchDecisionsMax, batchBytesMax } = this.#options.limits
    const { expectedOffset } = pipeline
    state.position = { ...state.position, offset: expectedOffset }
    const records: DecisionRecord[] = []
    const circumstances = { throws: this.#throws, reactedTo: this.#reactions.sentTo(this.#reactedTo) }
    let at = from
    for (let bytes = 0; at < commands.length && records.length < batchDecisionsMax && bytes < batchBytesMax; at++) {
      const command = commands[at]
      if (command === undefined) break
      const record = await decideCommand(this.#options, this.#partition, state, circumstances, command)
      this.#throws.delete(command.offset)
      records.push(record)
      bytes += record.value.length
    }
    pipeline.append({ records, expectedOffset, head: state.position.head })
    return at
  }

  async #fold(): Promise<OwnedState> {
    const { log, snapshots, telemetry, decider, clock } = this.#options
    const startedMs = clock.nowMs()
    const end = await log.endOffset(this.#topics.events, this.#partition)
    let state = OwnedState.empty(this.#options, this.#topics.events, this.#partition)
    for await (const snapshot of snapshots.load(this.#topics.events, this.#partition)) {
      // Answers were given by what this snapshot counted. A log without it has lost its tail, or is another one.
      if (!(await isInLog(log, this.#topics.events, this.#partition, snapshot.start)))
        throw new LedgerBrokenError(
          this.#topics.events,
          this.#partition,
          end,
          `the log ends here without what a snapshot counted up to ${snapshot.start.offset}. It lost its tail; or, if it was set up anew, remove the snapshots.`,
        )
      try {
        state = OwnedState.restore(this.#options, snapshot)
        this.#snapshotBytes = snapshot.body.length
        break
      } catch (error) {
        telemetry.trouble(decider.context, this.#partition, error)
      }
    }
    const from = state.position.offset
    this.#sinceSnapshot = 0
    await this.#readTo(state, end)
    telemetry.folded(decider.context, this.#partition, state.position.offset - from, clock.nowMs() - startedMs)
    return state
  }

  /**
   * Folds what counts before `end`, and a little more where a batch goes beyond it. What follows from its events is kept
   * back until the decisions behind have said how much of it was sent: only the rest is sent again.
   */
  async #readTo(state: OwnedState, end: number): Promise<void> {
    if (state.position.offset >= end) return
    const { policy, telemetry, decider, limits } = this.#options
    let unsent: { readonly reactions: readonly Reaction[]; readonly decision: Decision; readonly offset: number }[] = []
    const send = async (): Promise<void> => {
      for (const { reactions, decision, offset } of unsent) this.#reactions.add(reactions, decision, offset)
      unsent = []
      this.#reactedTo = Math.max(this.#reactedTo, state.position.offset)
      if (this.#reactions.waiting > limits.reactionsMax) await this.#reactions.sent(this.#stop.signal)
    }
    const start = { ...state.position, commandOffset: state.commandOffset }
    const reading = followLedger(this.#options, this.#topics.events, this.#partition, start, { signal: this.#stop.signal })
    for await (const { decisions, position, voided } of reading) {
      for (const counted of decisions) {
        const { offset } = counted
        await state.fold(counted, (event, decision) => {
          if (offset < this.#reactedTo) return
          const reactions = policy(event as never, decision, state.domain as never)
          if (reactions.length > 0) unsent.push({ reactions, decision, offset })
        })
      }
      state.position = position
      const sentTo = decisions.at(-1)?.decision.reactedTo ?? 0
      unsent = unsent.filter(({ offset }) => offset >= sentTo)
      this.#sinceSnapshot += decisions.length
      if (voided > 0) telemetry.voids(decider.context, this.#partition, voided)
      if (unsent.length > limits.reactionsMax) await send() // Of a log that does not say.
      if (position.offset >= end) break
    }
    await send()
  }

  /** Records who decides from here on. Nothing that an earlier owner still has in flight can count after it. */
  async #takeHead(state: OwnedState): Promise<void> {
    const { log, codec, clock } = this.#options
    while (!this.#stop.signal.aborted) {
      const value = codec.encodeDecision(this.#ownerStarted(state))
      const { baseOffset } = await log.append(this.#topics.events, this.#partition, [value])
      const head = headAfter(value)
      await this.#readTo(state, baseOffset + 1)
      if (state.position.head === head) return
      await clock.sleep(PAUSE_MS * clock.random(), this.#stop.signal)
    }
  }

  #ownerStarted(state: OwnedState): Decision {
    return {
      link: state.position.head,
      envelope: this.#ownEnvelope('OwnerStarted'),
      commandOffset: -1,
      atMs: state.lastMs,
      ruleVersion: this.#options.decider.ruleVersion,
      outcome: 'started',
      duplicateOf: null,
      rejection: null,
      events: [],
      reactedTo: this.#reactions.sentTo(this.#reactedTo),
    }
  }

  /** Of what an owner says on its own behalf, which nobody asks for again. */
  #ownEnvelope(commandType: string): Envelope {
    const { owner, clock } = this.#options
    const commandId = commandIdOf(commandType, owner, String(clock.nowMs()), String(clock.random()))
    const actor = { kind: 'system', id: owner } as const
    return { commandId, commandType, actor, organisation: '', bodyHash: '', causationId: '', correlationId: commandId, traceparent: '' }
  }

  /** Sends a `Tick` to the own partition when something is due; what it expires is decided by the log's time. */
  async #tickWhile(state: OwnedState, signal: AbortSignal): Promise<void> {
    const { log, codec, clock, decider, telemetry } = this.#options
    while (!signal.aborted) {
      const due = decider.nextDueMs(state.domain as never)
      const waitMs = due === null ? TICK_EVERY_MS : Math.min(TICK_EVERY_MS, due - clock.nowMs())
      if (waitMs > 0) {
        await clock.sleep(waitMs, signal)
        continue
      }
      const value = codec.encodeCommand(decider.context, { envelope: this.#ownEnvelope(TICK), message: { type: TICK } })
      await log.append(this.#topics.commands, this.#partition, [value]).catch((error: unknown) => {
        if (!signal.aborted) telemetry.trouble(decider.context, this.#partition, error)
      })
      await clock.sleep(TICK_AGAIN_MS, signal) // The log's clock may be behind ours: then the tick was too early and the next one does it.
    }
  }

  /**
   * Also soon after a long fold, since the next owner would fold all of it again. But later while reactions are still being
   * sent, for which deciding would have to wait.
   */
  #isSnapshotDue(): boolean {
    const every = this.#options.limits.snapshotEvery * Math.max(1, this.#snapshotBytes / SNAPSHOT_BYTES_LARGE)
    return this.#sinceSnapshot >= (this.#reactions.waiting <= REACTIONS_FEW ? every : 2 * every)
  }

  async #save(state: OwnedState): Promise<void> {
    const { snapshots, telemetry, decider, clock } = this.#options
    // A snapshot also says that everything before it was reacted to. A log that is away must not hold up the end.
    await this.#reactions.sent(this.#stop.signal)
    if (this.#stop.signal.aborted)
      await Promise.race([this.#reactions.sent(this.#sending.signal), clock.sleep(SEND_LAST_MS, this.#sending.signal)])
    if (this.#reactions.waiting > 0) return
    const snapshot = state.snapshot()
    this.#sinceSnapshot = 0
    this.#snapshotBytes = snapshot.body.length
    const saving = snapshots.save(this.#topics.events, this.#partition, snapshot).then(
      () => telemetry.snapshot(decider.context, this.#partition, snapshot.body.length),
      (error: unknown) => telemetry.trouble(decider.context, this.#partition, error),
    )
    this.#saving = saving
    if (this.#stop.signal.aborted) await saving
  }
}

/** Trouble passes; what contradicts the log or the rules does not. */
function isBroken(error: unknown): boolean {
  if (error instanceof MemoryAheadError || error instanceof DeciderThrewError) return false
  if (error instanceof OffsetOutOfRangeError || error instanceof LedgerBrokenError) return true
  return !(error instanceof EventLogError && (error.retryable || error instanceof AppendUnknownError))
}
