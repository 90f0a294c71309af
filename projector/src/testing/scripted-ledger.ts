import type { Codec } from '@cavea/contracts/codec'
import type { Decision, EncodedMessage } from '@cavea/contracts/envelope'
import { commandIdOf, epochMillis } from '@cavea/contracts/ids'
import { emptyHead, FRAME_BYTES, type Head, headAfter } from '@cavea/contracts/ledger'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import type { EventLog } from '@cavea/event-log/port'
import type { EventsOf } from '../application/projection.ts'

export const START_MS = 1_790_000_000_000
const APPENDED_AT_ONCE_MAX = 1_000

/** What a script may say of a decision beside its events; the rest is made up. */
export type Said = Partial<Omit<Decision, 'link' | 'events' | 'commandOffset'>>

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

interface Tip {
  head: Head
  commandOffset: number
}

export function scriptLedger(deps: { readonly log: EventLog; readonly codec: Codec; readonly topicPrefix: string }): ScriptedLedger {
  const { log, codec, topicPrefix } = deps
  const tips = new Map<string, Tip>()
  let commands = 0

  function tipOf(topic: string, partition: number): Tip {
    const key = `${topic}/${partition}`
    const tip = tips.get(key) ?? { head: emptyHead(topic, partition), commandOffset: -1 }
    tips.set(key, tip)
    return tip
  }

  function encode({ head, commandOffset }: Tip, events: readonly EncodedMessage[], said: Said = {}): Buffer {
    const commandId = commandIdOf('script', String(commands++))
    return codec.encodeDecision({
      link: head,
      envelope: {
        commandId,
        commandType: 'Scripted',
        actor: { kind: 'system', id: 'script' },
        organisation: 'org_house',
        bodyHash: '',
        causationId: '',
        correlationId: commandId,
        traceparent: '',
      },
      commandOffset,
      atMs: epochMillis(START_MS),
      ruleVersion: 1,
      outcome: 'accepted',
      duplicateOf: null,
      rejection: null,
      ...said,
      events,
    })
  }

  async function link(context: Context, partition: number, make: (tip: Tip) => Buffer): Promise<number> {
    const topic = topicsOf(context, topicPrefix).events
    const tip = tipOf(topic, partition)
    const value = make(tip)
    tip.head = headAfter(value)
    return (await log.append(topic, partition, [value])).baseOffset
  }

  return {
    async append(context, partition, decisions, said) {
      const topic = topicsOf(context, topicPrefix).events
      const tip = tipOf(topic, partition)
      const values = decisions.map((events) => {
        tip.commandOffset += 2 // Command topics may have gaps.
        const value = encode(
          tip,
          events.map((event) => codec.encodeMessage(context, event)),
          said,
        )
        tip.head = headAfter(value)
        return value
      })
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
