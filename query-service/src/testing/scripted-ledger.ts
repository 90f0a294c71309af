import type { CartEvent } from '@cavea/contracts/cart/messages'
import type { CatalogEvent } from '@cavea/contracts/catalog/messages'
import type { Codec } from '@cavea/contracts/codec'
import type { EncodedMessage } from '@cavea/contracts/envelope'
import { commandIdOf, epochMillis, type HoldId, keyOfId } from '@cavea/contracts/ids'
import { emptyHead, type Head, headAfter } from '@cavea/contracts/ledger'
import { bucketOf, partitionOf, sectionKey } from '@cavea/contracts/partitioning'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import type { EventLog } from '@cavea/event-log/port'
import { ORGANISATION, START_MS } from './scripted-hall.ts'

/** What a decision was recorded as. */
export interface Recorded {
  readonly partition: number
  readonly commandOffset: number
  /** The version token of an answer to it. */
  readonly token: string
  /** The record as appended, to be appended again: then it is void. */
  readonly value: Buffer
}

/** Writes decisions into a log as the one owner of every partition would, each linked to the one before. */
export interface ScriptedLedger {
  catalog(events: readonly CatalogEvent[], organisation?: string): Promise<Recorded>
  /** `sectionId` is a section's, or a shard's. */
  seating(performanceId: string, sectionId: string, events: readonly SeatingEvent[], atMs?: number): Promise<Recorded>
  cart(cartId: HoldId, events: readonly CartEvent[], atMs?: number): Promise<Recorded>
  /** Appends bytes that nobody's rule allows, such as a record that links but breaks the order. */
  raw(context: Context, partition: number, value: Buffer): Promise<void>
  /** A record that links to the head although its command was decided before. */
  outOfOrder(context: Context, partition: number): Buffer
}

interface Tip {
  head: Head
  commandOffset: number
}

export function scriptLedger(deps: {
  readonly log: EventLog
  readonly codec: Codec
  readonly topicPrefix: string
  readonly partitions: number
}): ScriptedLedger {
  const tips = new Map<string, Tip>()
  let commands = 0

  function tipOf(topic: string, partition: number): Tip {
    const key = `${topic}/${partition}`
    const tip = tips.get(key) ?? { head: emptyHead(topic, partition), commandOffset: -1 }
    tips.set(key, tip)
    return tip
  }

  function encode(head: Head, commandOffset: number, atMs: number, events: readonly EncodedMessage[]): Buffer {
    const commandId = commandIdOf('script', String(commands++))
    return deps.codec.encodeDecision({
      link: head,
      envelope: {
        commandId,
        commandType: 'Scripted',
        actor: { kind: 'system', id: 'script' },
        organisation: ORGANISATION,
        bodyHash: '',
        causationId: '',
        correlationId: commandId,
        traceparent: '',
      },
      commandOffset,
      atMs: epochMillis(atMs),
      ruleVersion: 1,
      outcome: 'accepted',
      duplicateOf: null,
      rejection: null,
      events,
    })
  }

  async function record(context: Context, key: string, events: readonly { readonly type: string }[], atMs: number): Promise<Recorded> {
    const topic = topicsOf(context, deps.topicPrefix).events
    const partition = partitionOf(bucketOf(key), deps.partitions)
    const tip = tipOf(topic, partition)
    const commandOffset = tip.commandOffset + 2 // Command topics may have gaps.
    const value = encode(
      tip.head,
      commandOffset,
      atMs,
      events.map((event) => deps.codec.encodeMessage(context, event)),
    )
    tip.head = headAfter(value)
    tip.commandOffset = commandOffset
    await deps.log.append(topic, partition, [value])
    return { partition, commandOffset, token: `${context}/${partition}/${commandOffset}`, value }
  }

  return {
    catalog: (events, organisation = ORGANISATION) => record('catalog', organisation, events, START_MS),
    seating: (performanceId, sectionId, events, atMs = START_MS) => record('seating', sectionKey(performanceId, sectionId), events, atMs),
    cart: (cartId, events, atMs = START_MS) => record('cart', keyOfId(cartId), events, atMs),
    async raw(context, partition, value) {
      await deps.log.append(topicsOf(context, deps.topicPrefix).events, partition, [value])
    },
    outOfOrder(context, partition) {
      const { head, commandOffset } = tipOf(topicsOf(context, deps.topicPrefix).events, partition)
      return encode(head, commandOffset, START_MS, [])
    },
  }
}
