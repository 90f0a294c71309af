import { createHash, hash } from 'node:crypto'
import type { CartCommand, CartEvent } from '@cavea/contracts/cart/messages'
import type { Codec } from '@cavea/contracts/codec'
import type { Command } from '@cavea/contracts/envelope'
import type { SeatingCommand, SeatingEvent } from '@cavea/contracts/seating/messages'
import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import type { LedgerStart } from '@cavea/event-log/ledger-reader'
import type { Answer } from '@cavea/gateway/ports/command-bus'
import { Breach, expect, type Invariant, type Violation, violationOf } from './invariants.ts'
import { type Counted, emptyLedger, headAfter, type TrueLedger } from './ledger.ts'
import type { Landed, SimulatedLog } from './log.ts'
import type { Case } from './model-rules.ts'
import { judgePartsOfCarts, judgePartsOfSections } from './parts.ts'
import type { ReadModels } from './read-models.ts'

export interface Undecided {
  readonly offset: number
  readonly landedMs: number
}

type Message = { readonly type: string }

/** What the log says, checked record by record as it lands, and what else is said of it. */
export class Referee {
  readonly ledgers = new Map<string, TrueLedger>()
  /** The decision on a command that counts as its outcome, by the command's id. */
  readonly outcomes = new Map<string, Counted>()
  /** What settled a cart, by the id of the command that opened it. */
  readonly settled = new Map<string, Counted>()
  /** By context and partition, the commands that are not decided yet, in the order of offsets. */
  readonly undecided = new Map<string, Undecided[]>()
  readonly #landed = new Set<string>()
  readonly #log: () => SimulatedLog
  readonly #codec: Codec
  readonly #contexts = new Map<string, { readonly context: Context; readonly isEvents: boolean }>()
  readonly #history = createHash('sha256')
  readonly #note: (what: string) => void
  readonly #readModels: ReadModels
  #violation: Violation | undefined

  constructor(log: () => SimulatedLog, codec: Codec, note: (what: string) => void, readModels: ReadModels) {
    this.#log = log
    this.#codec = codec
    this.#note = note
    this.#readModels = readModels
    for (const context of CONTEXTS) {
      const { commands, events } = topicsOf(context)
      this.#contexts.set(commands, { context, isEvents: false })
      this.#contexts.set(events, { context, isEvents: true })
    }
  }

  get violation(): Violation | undefined {
    return this.#violation
  }

  /** The first one counts: what follows from it says little. */
  violated(invariant: Invariant, what: string): void {
    this.#violation ??= violationOf(invariant, what)
  }

  /** Of everything that landed, when and where: two runs of a seed have the same. */
  historyHash(): string {
    return this.#history.copy().digest('hex')
  }

  landed({ topic, partition, records }: Landed): void {
    const at = this.#contexts.get(topic)
    if (at === undefined) return
    for (const { offset, value, appendTimeMs } of records) {
      this.#history.update(`${topic} ${partition} ${offset} ${appendTimeMs} `).update(value)
      if (at.isEvents) this.#tryJudge(this.ledger(at.context, partition), offset, value)
      else {
        this.undecidedIn(at.context, partition).push({ offset, landedMs: this.#log().scheduler.nowMs })
        this.#landed.add(this.#codec.decodeCommand(value).envelope.commandId)
      }
    }
  }

  undecidedIn(context: Context, partition: number): Undecided[] {
    const place = `${context}/${partition}`
    const found = this.undecided.get(place) ?? []
    this.undecided.set(place, found)
    return found
  }

  ledger(context: Context, partition: number): TrueLedger {
    const place = `${context}/${partition}`
    const found = this.ledgers.get(place) ?? emptyLedger(context, partition)
    this.ledgers.set(place, found)
    return found
  }

  #tryJudge(ledger: TrueLedger, offset: number, value: Buffer): void {
    try {
      this.#judge(ledger, offset, value)
    } catch (error) {
      if (!(error instanceof Breach)) throw error
      this.violated(error.invariant, `${ledger.context}/${ledger.partition}@${offset}: ${error.message}`)
    }
  }

  #judge(ledger: TrueLedger, offset: number, value: Buffer): void {
    const { context, partition } = ledger
    const head = headAfter(ledger, value)
    if (head === undefined) {
      ledger.voids++
      this.#note(`${context}/${partition}@${offset} is void`)
      return
    }
    const decision = this.#codec.decodeDecision(value)
    const events = decision.events.map((event) => this.#codec.decodeMessage<Message>(context, event))
    ledger.head = head
    const counted: Counted = { context, partition, offset, head, value, decision, events }
    ledger.counted.push(counted)
    const became = [...events.map(({ type }) => type), decision.rejection?.code ?? decision.outcome].join(', ')
    this.#note(`${context}/${partition}@${offset} ${decision.envelope.commandType} ${decision.envelope.commandId}: ${became}`)
    if (decision.outcome !== 'started') this.#judgeDecision(ledger, counted)
    this.#readModels.fold(ledger, counted)
    ledger.places.set(head, { offset, commandOffset: ledger.commandOffset })
  }

  #judgeDecision(ledger: TrueLedger, counted: Counted): void {
    const { context, decision, events } = counted
    const { envelope, outcome, rejection } = decision
    const command = this.#judgePlace(ledger, counted)
    const { commandId } = envelope
    const isTick = envelope.commandType === 'Tick' // Nobody asks for it again, so two copies of one are two.
    const first = isTick ? undefined : this.outcomes.get(commandId)
    if (first !== undefined) {
      judgeRepeat(counted, first)
      return
    }
    expect(outcome === 'accepted' || outcome === 'rejected', () => `${commandId} is a ${outcome} of nothing.`, 'I2')
    if (!isTick) {
      this.outcomes.set(commandId, counted)
      ledger.commandIds.add(commandId)
    }
    const of: Case<never, never> = {
      command: command.message as never,
      commandId,
      actor: envelope.actor,
      organisation: envelope.organisation,
      nowMs: decision.atMs,
      events: events as never,
      rejection,
    }
    if (context === 'seating') {
      ledger.seating.judge(of as Case<SeatingCommand, SeatingEvent>)
      judgePartsOfSections([...this.ledgers.values()], ledger.seating, of as Case<SeatingCommand, SeatingEvent>)
    }
    if (context === 'cart') {
      ledger.carts.judge(of as Case<CartCommand, CartEvent>)
      judgePartsOfCarts([...this.ledgers.values()], of as Case<CartCommand, CartEvent>)
      if (events.some(({ type }) => type === 'CartHeld' || type === 'CartRefused')) {
        expect(!this.settled.has(envelope.correlationId), () => `The cart of ${envelope.correlationId} is settled twice.`, 'carts')
        this.settled.set(envelope.correlationId, counted)
      }
    }
  }

  /** The command must be the next one, and its time the log's. */
  #judgePlace(ledger: TrueLedger, { context, partition, decision }: Counted): Command<Message> {
    const { commandOffset, envelope, atMs } = decision
    expect(commandOffset === ledger.commandOffset + 1, () => `Command ${commandOffset} is decided after ${ledger.commandOffset}.`, 'I3')
    ledger.commandOffset = commandOffset
    const record = this.#log().partition(topicsOf(context).commands, partition).records[commandOffset]
    expect(record !== undefined, () => `There is no command ${commandOffset}.`, 'I3')
    const waiting = this.undecidedIn(context, partition)
    while ((waiting[0]?.offset ?? Number.POSITIVE_INFINITY) <= commandOffset) waiting.shift()
    const sent = this.#codec.decodeCommand(record.value)
    const isIt = JSON.stringify(sent.envelope) === JSON.stringify(envelope)
    expect(isIt, () => `The decision ${commandOffset} is on another command.`, 'I3')
    const dueMs = Math.max(ledger.atMs, record.appendTimeMs)
    expect(atMs === dueMs, () => `${envelope.commandType} is decided by the time ${atMs}, and the log says ${dueMs}.`, 'I7')
    ledger.atMs = atMs
    return { envelope, message: this.#codec.decodeMessage<Message>(context, sent.payload) }
  }

  /** The decision that answers a command: its first, or where that opened a cart what settled it. */
  answerTo(commandId: string): Counted | undefined {
    const outcome = this.outcomes.get(commandId)
    return outcome?.events.some(({ type }) => type === 'CartOpened') ? this.settled.get(commandId) : outcome
  }

  /** An answer is in the log when it is given, and it is the answer to this command and body. */
  answered(commandId: string, bodyHash: string, answer: Answer): void {
    const fault = this.#faultOfAnswer(commandId, bodyHash, answer)
    if (fault !== undefined) this.violated('I2', `${commandId} is answered ${fault}.`)
  }

  #faultOfAnswer(commandId: string, bodyHash: string, answer: Answer): string | undefined {
    if (answer.outcome === 'undecided') return this.#landed.has(commandId) ? undefined : 'as if the log had it'
    const { decision, asked, context, partition } = answer
    const first = this.outcomes.get(commandId)
    if (first === undefined) return 'before any decision on it counts'
    const isOther = first.decision.envelope.bodyHash !== bodyHash
    if (decision.rejection?.code === 'IDEMPOTENCY_KEY_REUSED') return isOther ? undefined : 'as used before, and was not'
    if (isOther) return 'with the outcome of another body'
    const right = this.answerTo(commandId)
    if (right === undefined) return 'before it is settled'
    if (hash('sha256', this.#codec.encodeDecision(decision), 'hex') !== right.head) return 'with a decision that does not count'
    const isItsPlace = asked.commandOffset === first.decision.commandOffset && asked.envelope.commandId === commandId
    return isItsPlace && context === first.context && partition === first.partition ? undefined : 'with the version of another command'
  }

  /** The gateway said that nothing was written, each time that this was sent. */
  neverSent(commandId: string): void {
    if (this.#landed.has(commandId)) this.violated('I2', `${commandId} was said not to be in the log, and is.`)
  }

  /** What somebody saves must end where something counts. Whether it is all of that is looked at in the end. */
  saved(context: Context, partition: number, { head, headOffset, commandOffset }: LedgerStart): void {
    const place = this.ledger(context, partition).places.get(head)
    if (place?.offset === headOffset && place.commandOffset === commandOffset) return
    this.violated('I4', `A snapshot of ${context}/${partition} is saved with what does not count, up to command ${commandOffset}.`)
  }
}

/** A command id has one decision, and what repeats it says which. */
function judgeRepeat({ decision, events }: Counted, first: Counted): void {
  const { envelope, outcome, rejection, duplicateOf } = decision
  const { commandId } = envelope
  if (first.decision.envelope.bodyHash !== envelope.bodyHash) {
    const isRefused = rejection?.code === 'IDEMPOTENCY_KEY_REUSED' && events.length === 0
    expect(isRefused, () => `${commandId} is decided with another body.`, 'I2')
    return
  }
  expect(outcome === 'duplicate' && events.length === 0, () => `${commandId}, ${envelope.commandType}, is decided twice.`, 'I2')
  expect(duplicateOf?.head === first.head, () => `${commandId} repeats another decision than its first.`, 'I2')
  expect((duplicateOf?.offset ?? 0) <= first.offset, () => `${commandId} names its first decision further on than it is.`, 'I2')
}
