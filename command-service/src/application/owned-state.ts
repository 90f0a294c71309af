import { createHash } from 'node:crypto'
import type { Codec } from '@cavea/contracts/codec'
import type { Decision } from '@cavea/contracts/envelope'
import { type EpochMillis, epochMillis } from '@cavea/contracts/ids'
import { type ChainPosition, headAfter } from '@cavea/contracts/ledger'
import { type CountedDecision, decodeLearning, type LedgerStart, ledgerStart } from '@cavea/event-log/ledger-reader'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import type { Snapshot } from '@cavea/event-log/snapshots'
import type { PluggedDecider } from '../domain/decider.ts'
import { DecidedCommands } from './decided-commands.ts'

export interface Message {
  readonly type: string
}

/** The command that an owner sends to itself. Its id is never asked for again, so it is not remembered. */
export const TICK = 'Tick'

export type Folding = { readonly codec: Codec; readonly registry: SchemaRegistry; readonly decider: PluggedDecider }

/**
 * Everything that one partition's counted records fold to: the context's state, the memory of command ids, the place
 * in the chain, and the last log time. It is a function of those records and of nothing else.
 */
export class OwnedState {
  readonly #folding: Folding
  readonly domain: unknown
  readonly decided: DecidedCommands
  position: ChainPosition
  commandOffset: number
  lastMs: EpochMillis

  private constructor(folding: Folding, domain: unknown, decided: DecidedCommands, start: LedgerStart, lastMs: EpochMillis) {
    this.#folding = folding
    this.domain = domain
    this.decided = decided
    const { offset, head, headOffset } = start
    this.position = { offset, head, headOffset }
    this.commandOffset = start.commandOffset
    this.lastMs = lastMs
  }

  static empty(folding: Folding, topic: string, partition: number): OwnedState {
    return new OwnedState(folding, folding.decider.initialState(), new DecidedCommands(), ledgerStart(topic, partition), epochMillis(0))
  }

  /** Throws when the body was written by another schema or cannot be read; then an older snapshot or the log serves. */
  static restore(folding: Folding, { start, schema, body }: Snapshot): OwnedState {
    if (schema !== schemaOf(folding.decider)) throw new Error(`The snapshot was written as "${schema}".`)
    const lastMs = epochMillis(body.readDoubleBE(0))
    const domainBytes = body.readUInt32BE(8)
    const domain: unknown = folding.decider.decodeState(body.subarray(12, 12 + domainBytes))
    return new OwnedState(folding, domain, DecidedCommands.decode(body.subarray(12 + domainBytes)), start, lastMs)
  }

  snapshot(): Snapshot {
    const { position, commandOffset } = this
    return { start: { ...position, commandOffset }, schema: schemaOf(this.#folding.decider), body: this.#encode() }
  }

  /** The same on every machine that folded the same records, whether live, from a snapshot or from the beginning. */
  hash(): string {
    return createHash('sha256').update(this.position.head).update(String(this.commandOffset)).update(this.#encode()).digest('hex')
  }

  #encode(): Buffer {
    const domain = this.#folding.decider.encodeState(this.domain as never)
    const header = Buffer.alloc(12)
    header.writeDoubleBE(this.lastMs, 0)
    header.writeUInt32BE(domain.length, 8)
    return Buffer.concat([header, domain, this.decided.encode()])
  }

  /** Folds one decision of the log, and hands each of its events to `seen`. */
  async fold(counted: CountedDecision, seen: (event: Message, decision: Decision) => void): Promise<void> {
    const { codec, decider } = this.#folding
    const events: Message[] = []
    for (const encoded of counted.decision.events) {
      const decoded = decodeLearning(this.#folding, () => codec.decodeMessage<Message>(decider.context, encoded))
      events.push(decoded instanceof Promise ? await decoded : decoded)
    }
    this.apply(counted, events)
    for (const event of events) seen(event, counted.decision)
  }

  /** Folds a decision whose events are known already, because they were decided here. */
  apply({ offset, head, decision }: CountedDecision, events: readonly Message[]): void {
    for (const event of events) this.#folding.decider.evolve(this.domain as never, event as never, decision.atMs)
    this.position = { offset: offset + 1, head, headOffset: offset }
    if (decision.outcome === 'started') return
    this.commandOffset = decision.commandOffset
    this.lastMs = decision.atMs
    const { commandId, commandType, bodyHash } = decision.envelope
    if (commandType !== TICK && commandId !== '') this.decided.add(commandId, { bodyHash, offset, head }, decision.atMs)
  }

  /** The log put decisions further on than they were expected, with void records before them. */
  moved(records: readonly { readonly decision: Decision; readonly value: Buffer }[], firstOffset: number): void {
    for (const [at, { decision, value }] of records.entries())
      this.decided.moved(decision.envelope.commandId, headAfter(value), firstOffset + at)
  }
}

const schemaOf = (decider: PluggedDecider): string => `cavea/${decider.context}/${decider.ruleVersion}/2`
