import type { CartEvent } from '@cavea/contracts/cart/messages'
import type { CatalogEvent } from '@cavea/contracts/catalog/messages'
import type { Codec } from '@cavea/contracts/codec'
import { epochMillis, type HoldId, keyOfId } from '@cavea/contracts/ids'
import { bucketOf, partitionOf, sectionKey } from '@cavea/contracts/partitioning'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import type { EventLog } from '@cavea/event-log/port'
import { START_MS, scriptChains } from '@cavea/event-log/testing/scripted-chains'
import { ORGANISATION } from './scripted-hall.ts'

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

export function scriptLedger(deps: {
  readonly log: EventLog
  readonly codec: Codec
  readonly topicPrefix: string
  readonly partitions: number
}): ScriptedLedger {
  const { tipOf, encode, next } = scriptChains(deps)

  const append = (context: Context, partition: number, value: Buffer) =>
    deps.log.append(topicsOf(context, deps.topicPrefix).events, partition, [value])

  async function record(context: Context, key: string, events: readonly { readonly type: string }[], atMs: number): Promise<Recorded> {
    const partition = partitionOf(bucketOf(key), deps.partitions)
    const value = next(context, partition, events, { atMs: epochMillis(atMs) })
    const { commandOffset } = tipOf(context, partition)
    await append(context, partition, value)
    return { partition, commandOffset, token: `${context}/${partition}/${commandOffset}`, value }
  }

  return {
    catalog: (events, organisation = ORGANISATION) => record('catalog', organisation, events, START_MS),
    seating: (performanceId, sectionId, events, atMs = START_MS) => record('seating', sectionKey(performanceId, sectionId), events, atMs),
    cart: (cartId, events, atMs = START_MS) => record('cart', keyOfId(cartId), events, atMs),
    async raw(context, partition, value) {
      await append(context, partition, value)
    },
    outOfOrder: (context, partition) => encode(tipOf(context, partition), []),
  }
}
