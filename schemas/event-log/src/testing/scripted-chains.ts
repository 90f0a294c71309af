import type { Codec } from '@cavea/contracts/codec'
import type { Decision, EncodedMessage, Envelope } from '@cavea/contracts/envelope'
import { commandIdOf, epochMillis } from '@cavea/contracts/ids'
import { emptyHead, type Head, headAfter } from '@cavea/contracts/ledger'
import { type Context, topicsOf } from '@cavea/contracts/topics'

export const START_MS = 1_790_000_000_000

/** What a script may say of a decision beside its events; the rest is made up. */
export type Said = Partial<Omit<Decision, 'link' | 'events'>>

/** Where the chain of a partition ends. A script may move it, to write what the owner would not. */
export interface Tip {
  head: Head
  commandOffset: number
}

/** Decisions as the one owner of every partition would record them, each linked to the one before. Nothing is appended. */
export interface ScriptedChains {
  tipOf(context: Context, partition: number): Tip
  /** A decision at this tip, which stays where it is. */
  encode(tip: Tip, events: readonly EncodedMessage[], said?: Said): Buffer
  /** The next decision of the owner. */
  next(context: Context, partition: number, events: readonly { readonly type: string }[], said?: Said): Buffer
}

export function scriptChains({ codec, topicPrefix }: { readonly codec: Codec; readonly topicPrefix: string }): ScriptedChains {
  const tips = new Map<string, Tip>()
  let made = 0

  function tipOf(context: Context, partition: number): Tip {
    const { events: topic } = topicsOf(context, topicPrefix)
    const key = `${topic}/${partition}`
    const tip = tips.get(key) ?? { head: emptyHead(topic, partition), commandOffset: -1 }
    tips.set(key, tip)
    return tip
  }

  function encode({ head, commandOffset }: Tip, events: readonly EncodedMessage[], said: Said = {}): Buffer {
    return codec.encodeDecision({
      link: head,
      envelope: scriptedEnvelope('script', made++),
      commandOffset,
      atMs: epochMillis(START_MS),
      ruleVersion: 1,
      reactedTo: 0,
      outcome: 'accepted',
      duplicateOf: null,
      rejection: null,
      ...said,
      events,
    })
  }

  return {
    tipOf,
    encode,
    next(context, partition, events, said) {
      const tip = tipOf(context, partition)
      tip.commandOffset = said?.commandOffset ?? tip.commandOffset + 2 // Command topics may have gaps.
      const encoded = events.map((event) => codec.encodeMessage(context, event))
      const value = encode(tip, encoded, said)
      tip.head = headAfter(value)
      return value
    },
  }
}

/** Of the command with this number in a script of this name. */
export function scriptedEnvelope(script: string, number: number, said: Partial<Envelope> = {}): Envelope {
  const commandId = commandIdOf(script, String(number))
  return {
    commandId,
    commandType: 'Scripted',
    actor: { kind: 'system', id: 'script' },
    organisation: 'org_default',
    bodyHash: '',
    causationId: '',
    correlationId: commandId,
    traceparent: '',
    ...said,
  }
}
