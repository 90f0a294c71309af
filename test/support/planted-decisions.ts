import { randomBytes } from 'node:crypto'
import type { Codec } from '@cavea/contracts/codec'
import type { Actor } from '@cavea/contracts/envelope'
import { commandIdOf, epochMillis } from '@cavea/contracts/ids'
import { emptyHead, type Head, headAfter } from '@cavea/contracts/ledger'
import { type Rejection, recorded } from '@cavea/contracts/rejections'
import { allTopics, type Context, topicsOf } from '@cavea/contracts/topics'
import { APPEND_BYTES_MAX } from '@cavea/event-log/limits'
import type { EventLog } from '@cavea/event-log/port'

export interface Planted {
  readonly command: { readonly type: string; readonly [field: string]: unknown }
  readonly events: readonly { readonly type: string }[]
  readonly actor?: Actor
  readonly rejection?: Rejection
  readonly traceparent?: string
}

interface Tip {
  head: Head
  offset: number
  commandOffset: number
  commands: Buffer[]
  events: Buffer[]
}

export const BUYER: Actor = { kind: 'buyer', id: 'buyer_planted' }
export const SYSTEM: Actor = { kind: 'system', id: 'policy' }
export const PLANTED_MS = 1_790_000_000_000

/** Writes commands and their decisions into empty topics as the owner of every partition would, many at a time. */
export class PlantedDecisions {
  readonly #deps: { readonly log: EventLog; readonly codec: Codec; readonly topicPrefix: string; readonly partitions: number }
  readonly #tips = new Map<string, Tip>()
  readonly #salt = randomBytes(4).toString('hex')
  #made = 0

  constructor(deps: { readonly log: EventLog; readonly codec: Codec; readonly topicPrefix: string; readonly partitions: number }) {
    this.#deps = deps
  }

  async makeTopics(): Promise<void> {
    await this.#deps.log.ensureTopics(allTopics(this.#deps.partitions, this.#deps.topicPrefix))
  }

  /** Answers the offset that the decision will have. */
  decide(context: Context, partition: number, { command, events, actor = BUYER, rejection, traceparent = '' }: Planted): number {
    const tip = this.#tipOf(context, partition)
    const commandId = commandIdOf('planted', this.#salt, String(this.#made++))
    const envelope = {
      commandId,
      commandType: command.type,
      actor,
      organisation: actor.kind === 'buyer' ? '' : 'org_planted',
      bodyHash: '',
      causationId: '',
      correlationId: commandId,
      traceparent,
    }
    tip.commands.push(this.#deps.codec.encodeCommand(context, { envelope, message: command }))
    const value = this.#deps.codec.encodeDecision({
      link: tip.head,
      envelope,
      commandOffset: ++tip.commandOffset,
      atMs: epochMillis(PLANTED_MS + this.#made),
      ruleVersion: 1,
      outcome: rejection === undefined ? 'accepted' : 'rejected',
      duplicateOf: null,
      rejection: rejection === undefined ? null : recorded(rejection),
      events: events.map((event) => this.#deps.codec.encodeMessage(context, event)),
    })
    tip.head = headAfter(value)
    tip.events.push(value)
    return tip.offset++
  }

  /** What a writer says that did not see the last record: it counts for nobody. */
  zombie(context: Context, partition: number, events: readonly { readonly type: string }[]): void {
    const tip = this.#tipOf(context, partition)
    const { head, commandOffset } = tip
    tip.head = emptyHead('somebody else', partition)
    this.decide(context, partition, { command: { type: 'Tick' }, events })
    tip.head = head
    tip.commandOffset = commandOffset
    tip.commands.pop()
  }

  async flush(): Promise<void> {
    for (const [place, tip] of this.#tips) {
      const [context, partition] = place.split('/') as [Context, string]
      const topics = topicsOf(context, this.#deps.topicPrefix)
      for (const [topic, values] of [
        [topics.commands, tip.commands.splice(0)],
        [topics.events, tip.events.splice(0)],
      ] as const)
        for (const part of partsOf(values)) await this.#deps.log.append(topic, Number(partition), part)
    }
  }

  #tipOf(context: Context, partition: number): Tip {
    const key = `${context}/${partition}`
    const head = emptyHead(topicsOf(context, this.#deps.topicPrefix).events, partition)
    const tip = this.#tips.get(key) ?? { head, offset: 0, commandOffset: -1, commands: [], events: [] }
    this.#tips.set(key, tip)
    return tip
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
