import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createCodec } from '@cavea/contracts/codec'
import type { Actor, Decision } from '@cavea/contracts/envelope'
import { type CommandId, commandIdOf } from '@cavea/contracts/ids'
import { Chain, startOfChain } from '@cavea/contracts/ledger'
import { SUBJECTS } from '@cavea/contracts/subjects'
import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import { readAll } from '@cavea/event-log/contract-tools'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { followLedger } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import { inProcessRegistry, schemaId } from '@cavea/event-log/registry/in-process'
import { fileSnapshots, type Snapshot } from '@cavea/event-log/snapshots'
import { accept, type Decider, reject } from '../domain/decider.ts'
import { type Folding, OwnedState } from './owned-state.ts'
import { PartitionWorker } from './partition-worker.ts'
import { type Clock, DEFAULT_LIMITS, type WorkerOptions } from './worker-options.ts'

// What the specifications of the worker share; it specifies nothing itself.

const subjects = [...SUBJECTS].map(([subject, schema]) => ({ subject, schema: schema as object }))
export const registry = inProcessRegistry(subjects)
export const codec = createCodec((subject) => schemaId(subject, SUBJECTS.get(subject) as object))

export const SEATING = topicsOf('seating')
export const CATALOG = topicsOf('catalog')

export interface Place {
  readonly dir: string
  readonly log: EventLog
  readonly remove: () => Promise<void>
}

/** A real log in a folder of its own, with the topics of both contexts. */
export async function place(partitions = 1): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'cavea-worker-'))
  const log = await openEmbeddedLog({ dir: join(dir, 'log') })
  await log.ensureTopics(CONTEXTS.flatMap((context) => Object.values(topicsOf(context)).map((topic: string) => ({ topic, partitions }))))
  const remove = async () => {
    await log.close()
    await rm(dir, { recursive: true })
  }
  return { dir, log, remove }
}

export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The real clock, in which waiting takes a tenth of the time. */
export const hastyClock = (seed = 1): Clock => ({
  nowMs: Date.now,
  sleep: (ms, signal) => delay(ms / 10, undefined, { signal }).catch(() => {}),
  random: randomOf(seed),
})

/** What a worker told, call by call. */
export interface Told {
  readonly folded: number[]
  readonly dropped: string[]
  readonly voids: number[]
  readonly unreadable: number[]
  readonly quarantined: number[]
  readonly trouble: unknown[]
  readonly failed: unknown[]
  readonly snapshots: number[]
}

/** A decider small enough to know what is right by looking: a text is taken by the first command that names it. */
export type Take = { readonly type: 'ReleaseHold'; readonly holdId: string }
type Taken = {
  readonly type: 'HoldReleased'
  readonly performanceId: string
  readonly sectionId: string
  readonly holdId: string
  readonly seats: number[]
}
interface Texts {
  readonly taken: string[]
}

export const POISON_FOR_DECIDE = 'throws in decide'
export const POISON_FOR_EVOLVE = 'throws half-way in evolve'
export const POISON_ONCE = 'throws once'

export function tinyDecider(): Decider<Take, Taken, Texts, Texts, { readonly code: 'HOLD_NOT_FOUND' }> {
  let thrown = 0
  return {
    context: 'seating',
    ruleVersion: 7,
    initialState: () => ({ taken: [] }),
    decide({ holdId }, view) {
      if (holdId === POISON_FOR_DECIDE || (holdId === POISON_ONCE && thrown++ === 0)) throw new Error('I cannot decide this.')
      if (view.taken.includes(holdId)) return reject({ code: 'HOLD_NOT_FOUND' })
      return accept({ type: 'HoldReleased', performanceId: 'perf_1', sectionId: 'stalls', holdId, seats: [view.taken.length] })
    },
    evolve(state, { holdId }) {
      state.taken.push(holdId)
      if (holdId === POISON_FOR_EVOLVE) throw new Error('I cannot fold this.')
    },
    nextDueMs: () => null,
    encodeState: ({ taken }) => Buffer.from(JSON.stringify(taken)),
    decodeState: (bytes) => ({ taken: JSON.parse(bytes.toString()) as string[] }),
  }
}

export type Change = Partial<Omit<WorkerOptions, 'limits'>> & { readonly limits?: Partial<WorkerOptions['limits']> }

export function optionsFor(
  { dir, log }: Pick<Place, 'dir' | 'log'>,
  { limits, ...change }: Change = {},
): { options: WorkerOptions; told: Told } {
  const told: Told = { folded: [], dropped: [], voids: [], unreadable: [], quarantined: [], trouble: [], failed: [], snapshots: [] }
  const options: WorkerOptions = {
    log,
    codec,
    registry,
    snapshots: fileSnapshots(join(dir, 'snapshots')),
    clock: hastyClock(),
    limits: { ...DEFAULT_LIMITS, ...limits },
    topicPrefix: '',
    owner: 'worker-a',
    decider: tinyDecider(),
    policy: () => [],
    telemetry: {
      folded: (_context, _partition, records) => void told.folded.push(records),
      decided: () => {},
      dropped: (_context, _partition, reason) => void told.dropped.push(reason),
      voids: (_context, _partition, records) => void told.voids.push(records),
      unreadable: (_context, _partition, offset) => void told.unreadable.push(offset),
      quarantined: (_context, _partition, offset) => void told.quarantined.push(offset),
      snapshot: (_context, _partition, bytes) => void told.snapshots.push(bytes),
      trouble: (_context, _partition, error) => void told.trouble.push(error),
      failed: (_context, _partition, error) => void told.failed.push(error),
    },
    ...change,
  }
  return { options, told }
}

export interface Running {
  readonly worker: PartitionWorker
  readonly told: Told
  readonly options: WorkerOptions
  /** Stops gracefully. */
  readonly stop: () => Promise<void>
  readonly ended: Promise<void>
}

export function start(at: Pick<Place, 'dir' | 'log'>, change: Change = {}): Running {
  const { options, told } = optionsFor(at, change)
  const worker = new PartitionWorker(options, 0)
  const ended = worker.run()
  ended.catch(() => {}) // Whoever stops it sees the error.
  const stop = async () => {
    worker.stop()
    await ended
  }
  return { worker, told, options, stop, ended }
}

export interface Sending {
  readonly actor?: Actor
  readonly organisation?: string
  readonly commandId?: CommandId
  readonly bodyHash?: string
}

export const hashOfBody = (text: string): string => Buffer.from(text).toString('hex').padEnd(32, '0').slice(0, 32)

let commandsSent = 0

export function encoded<Message extends { readonly type: string }>(context: Context, message: Message, sending: Sending = {}): Buffer {
  const {
    actor = { kind: 'buyer', id: 'buyer_anna' },
    organisation = 'org_opera',
    commandId = commandIdOf('sent', String(commandsSent++)),
  } = sending
  const { bodyHash = hashOfBody(JSON.stringify(message)) } = sending
  const envelope = {
    commandId,
    commandType: message.type,
    actor,
    organisation,
    bodyHash,
    causationId: '',
    correlationId: commandId,
    traceparent: '',
  }
  return codec.encodeCommand(context, { envelope, message })
}

export const take = (text: string, sending: Sending = {}): Buffer =>
  encoded('seating', { type: 'ReleaseHold', holdId: text } satisfies Take, sending)

export interface Counted {
  readonly offset: number
  readonly head: string
  readonly decision: Decision
}

/** What counts in an events partition, by the rule alone. */
export async function counted(
  log: EventLog,
  topic: string,
  partition = 0,
): Promise<{ decisions: Counted[]; voids: number; position: { offset: number; head: string } }> {
  const chain = new Chain(startOfChain(topic, partition))
  const decisions: Counted[] = []
  for (const record of await readAll(log, topic, partition))
    if (chain.accept(record)) decisions.push({ offset: record.offset, head: chain.head, decision: codec.decodeDecision(record.value) })
  return { decisions, voids: chain.voided, position: chain.position }
}

/** Decisions on commands: without the records by which owners take the head. */
export async function decided(log: EventLog, topic = SEATING.events, partition = 0): Promise<Counted[]> {
  return (await counted(log, topic, partition)).decisions.filter(({ decision }) => decision.outcome !== 'started')
}

/** Folds the log from its beginning, or from a snapshot, to its end. */
export async function replay(folding: Folding, log: EventLog, topic = SEATING.events, snapshot?: Snapshot): Promise<OwnedState> {
  const state = snapshot === undefined ? OwnedState.empty(folding, topic, 0) : OwnedState.restore(folding, snapshot)
  const end = await log.endOffset(topic, 0)
  if (state.position.offset >= end) return state
  const stop = new AbortController()
  const from = { ...state.position, commandOffset: state.commandOffset }
  for await (const { decisions, position } of followLedger({ log, codec, registry }, topic, 0, from, { signal: stop.signal })) {
    for (const one of decisions) await state.fold(one, () => {})
    state.position = position
    if (position.offset >= end) break
  }
  stop.abort()
  return state
}

/** Judges everything that counts by the tiny decider's one rule: each command once, in order, rightly. */
export async function auditTiny(log: EventLog): Promise<Counted[]> {
  const decisions = await decided(log)
  const commands = await readAll(log, SEATING.commands, 0)
  assert.deepEqual(
    decisions.map(({ decision }) => decision.commandOffset),
    commands.map(({ offset }) => offset),
    'not every command was decided once and in order',
  )
  const first = new Map<string, Counted>()
  const taken = new Set<string>()
  for (const [at, one] of decisions.entries()) {
    const { envelope, payload } = codec.decodeCommand(commands[at]?.value ?? Buffer.alloc(0))
    const { holdId } = codec.decodeMessage<Take>('seating', payload)
    const { decision } = one
    assert.equal(decision.envelope.commandId, envelope.commandId)
    const earlier = first.get(envelope.commandId)
    if (earlier !== undefined) {
      assert.equal(decision.outcome, 'duplicate')
      assert.equal(decision.duplicateOf?.head, earlier.head)
      assert.ok(decision.duplicateOf.offset <= earlier.offset)
      continue
    }
    first.set(envelope.commandId, one)
    assert.equal(decision.outcome, taken.has(holdId) ? 'rejected' : 'accepted', `the wrong answer to ${holdId}`)
    assert.equal(decision.events.length, taken.has(holdId) ? 0 : 1)
    taken.add(holdId)
  }
  return decisions
}
