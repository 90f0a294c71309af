import { randomBytes } from 'node:crypto'
import type { Codec } from '@cavea/contracts/codec'
import type { Actor } from '@cavea/contracts/envelope'
import { epochMillis } from '@cavea/contracts/ids'
import { emptyHead } from '@cavea/contracts/ledger'
import { type Rejection, recorded } from '@cavea/contracts/rejections'
import { allTopics, type Context, topicsOf } from '@cavea/contracts/topics'
import { APPEND_BYTES_MAX } from '@cavea/event-log/limits'
import type { EventLog } from '@cavea/event-log/port'
import { type ScriptedChains, START_MS, scriptChains, scriptedEnvelope } from '@cavea/event-log/testing/scripted-chains'

export interface Planted {
  readonly command: { readonly type: string; readonly [field: string]: unknown }
  readonly events: readonly { readonly type: string }[]
  readonly actor?: Actor
  readonly rejection?: Rejection
  readonly traceparent?: string
}

/** What is to be appended to a partition. */
interface Pending {
  /** Of the next decision. */
  offset: number
  readonly commands: Buffer[]
  readonly events: Buffer[]
}

const BUYER: Actor = { kind: 'buyer', id: 'buyer_planted' }
export const SYSTEM: Actor = { kind: 'system', id: 'policy' }

/** Writes commands and their decisions into empty topics as the owner of every partition would, many at a time. */
export class PlantedDecisions {
  readonly #deps: { readonly log: EventLog; readonly codec: Codec; readonly topicPrefix: string; readonly partitions: number }
  readonly #chains: ScriptedChains
  readonly #pending = new Map<string, Pending>()
  readonly #script = `planted ${randomBytes(4).toString('hex')}`
  #made = 0

  constructor(deps: { readonly log: EventLog; readonly codec: Codec; readonly topicPrefix: string; readonly partitions: number }) {
    this.#deps = deps
    this.#chains = scriptChains(deps)
  }

  async makeTopics(): Promise<void> {
    await this.#deps.log.ensureTopics(allTopics(this.#deps.partitions, this.#deps.topicPrefix))
  }

  /** Answers the offset that the decision will have. */
  decide(context: Context, partition: number, { command, events, actor = BUYER, rejection, traceparent = '' }: Planted): number {
    const pending = this.#pendingOf(context, partition)
    const organisation = actor.kind === 'buyer' ? '' : 'org_planted'
    const envelope = scriptedEnvelope(this.#script, this.#made++, { commandType: command.type, actor, organisation, traceparent })
    pending.commands.push(this.#deps.codec.encodeCommand(context, { envelope, message: command }))
    pending.events.push(
      this.#chains.next(context, partition, events, {
        envelope,
        commandOffset: this.#chains.tipOf(context, partition).commandOffset + 1,
        atMs: epochMillis(START_MS + this.#made),
        ...(rejection !== undefined && { outcome: 'rejected', rejection: recorded(rejection) }),
      }),
    )
    return pending.offset++
  }

  /** What a writer says that did not see the last record: it counts for nobody. */
  zombie(context: Context, partition: number, events: readonly { readonly type: string }[]): void {
    const tip = this.#chains.tipOf(context, partition)
    const { head, commandOffset } = tip
    tip.head = emptyHead('somebody else', partition)
    this.decide(context, partition, { command: { type: 'Tick' }, events })
    tip.head = head
    tip.commandOffset = commandOffset
    this.#pendingOf(context, partition).commands.pop()
  }

  async flush(): Promise<void> {
    for (const [place, { commands, events }] of this.#pending) {
      const [context, partition] = place.split('/') as [Context, string]
      const topics = topicsOf(context, this.#deps.topicPrefix)
      for (const [topic, values] of [
        [topics.commands, commands.splice(0)],
        [topics.events, events.splice(0)],
      ] as const)
        for (const part of partsOf(values)) await this.#deps.log.append(topic, Number(partition), part)
    }
  }

  #pendingOf(context: Context, partition: number): Pending {
    const key = `${context}/${partition}`
    const pending = this.#pending.get(key) ?? { offset: 0, commands: [], events: [] }
    this.#pending.set(key, pending)
    return pending
  }
}

const RECORDS_MAX = 5_000

function* partsOf(values: readonly Buffer[]): Generator<readonly Buffer[]> {
  let from = 0
  let bytes = 0
  for (const [at, value] of values.entries()) {
    bytes += value.length
    if (at - from + 1 < RECORDS_MAX && bytes < APPEND_BYTES_MAX / 4) continue
    yield values.slice(from, at + 1)
    from = at + 1
    bytes = 0
  }
  if (from < values.length) yield values.slice(from)
}
