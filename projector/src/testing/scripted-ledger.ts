import type { Codec } from '@cavea/contracts/codec'
import { FRAME_BYTES, headAfter } from '@cavea/contracts/ledger'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import type { EventLog } from '@cavea/event-log/port'
import { type Said, scriptChains, type Tip } from '@cavea/event-log/testing/scripted-chains'
import type { EventsOf } from '../application/projection.ts'

const APPENDED_AT_ONCE_MAX = 1_000

/** Writes decisions into a log as the one owner of every partition would, each linked to the one before. */
export interface ScriptedLedger {
  /** One decision for each list of events. Answers the offset of the first. */
  append<Of extends Context>(context: Of, partition: number, decisions: readonly (readonly EventsOf[Of][])[], said?: Said): Promise<number>
  /** A decision that counts, with an event that nobody can decode. */
  appendUnreadableEvent(context: Context, partition: number, type: string): Promise<number>
  /** A record that counts and is no decision. */
  appendNoDecision(context: Context, partition: number): Promise<number>
  /** A decision that counts although its command was decided before. */
  appendOutOfOrder(context: Context, partition: number): Promise<number>
  /** A decision by an owner that was late: it does not link. */
  appendVoid(context: Context, partition: number): Promise<number>
}

export function scriptLedger(deps: { readonly log: EventLog; readonly codec: Codec; readonly topicPrefix: string }): ScriptedLedger {
  const { log, codec, topicPrefix } = deps
  const { tipOf, encode, next } = scriptChains(deps)

  async function link(context: Context, partition: number, make: (tip: Tip) => Buffer): Promise<number> {
    const tip = tipOf(context, partition)
    const value = make(tip)
    tip.head = headAfter(value)
    return (await log.append(topicsOf(context, topicPrefix).events, partition, [value])).baseOffset
  }

  return {
    async append(context, partition, decisions, said) {
      const topic = topicsOf(context, topicPrefix).events
      const values = decisions.map((events) => next(context, partition, events, said))
      let first: number | undefined
      for (let at = 0; at < values.length; at += APPENDED_AT_ONCE_MAX) {
        const { baseOffset } = await log.append(topic, partition, values.slice(at, at + APPENDED_AT_ONCE_MAX))
        first ??= baseOffset
      }
      return first ?? (await log.endOffset(topic, partition))
    },
    appendUnreadableEvent: (context, partition, type) =>
      link(context, partition, (tip) => {
        tip.commandOffset += 2
        const event = { type, schemaId: codec.encodeMessage(context, { type: 'Tick' }).schemaId, bytes: Buffer.from('no such event') }
        return encode(tip, [event])
      }),
    appendNoDecision: (context, partition) =>
      link(context, partition, (tip) =>
        Buffer.concat([encode(tip, []).subarray(0, FRAME_BYTES), Buffer.from(tip.head, 'hex'), Buffer.from('no decision')]),
      ),
    appendOutOfOrder: (context, partition) => link(context, partition, (tip) => encode({ ...tip, commandOffset: 0 }, [])),
    async appendVoid(context, partition) {
      const topic = topicsOf(context, topicPrefix).events
      const late = { head: headAfter(Buffer.from('what a late owner believed')), commandOffset: 1_000_000 }
      return (await log.append(topic, partition, [encode(late, [])])).baseOffset
    },
  }
}
