import type { Codec } from '@cavea/contracts/codec'
import type { Command, Envelope } from '@cavea/contracts/envelope'
import { commandIdOf, type EpochMillis, epochMillis } from '@cavea/contracts/ids'
import { headAfter, startOfChain } from '@cavea/contracts/ledger'
import { type RecordedRejection, type Rejection, recorded } from '@cavea/contracts/rejections'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import type { EventLog } from '@cavea/event-log/port'

export interface Scripted {
  readonly events?: readonly { readonly type: string }[]
  readonly rejection?: Rejection | RecordedRejection
  /** A command of the system that follows, in the same partition and in the name of the decided one. */
  readonly next?: { readonly type: string }
}

export type Script = (message: never, given: { readonly envelope: Envelope; readonly now: EpochMillis }) => Scripted

/**
 * Decides the commands of every partition of a context by a script, for specs: it keeps the ledger rule and the memory
 * of command ids as the real worker does, and nothing else.
 */
export function scriptedWorker(
  deps: { readonly log: EventLog; readonly codec: Codec },
  context: Context,
  partitions: number,
  script: Script,
) {
  const stop = new AbortController()
  const done = Promise.all(Array.from({ length: partitions }, (_, partition) => work(partition)))

  async function work(partition: number): Promise<void> {
    const { commands, events } = topicsOf(context)
    const { log, codec } = deps
    let { head } = startOfChain(events, partition)
    const known = new Map<string, { bodyHash: string; offset: number; head: typeof head }>()
    for await (const { records } of log.read(commands, partition, 0, { signal: stop.signal })) {
      for (const record of records) {
        const { envelope, payload } = codec.decodeCommand(record.value)
        const now = epochMillis(record.appendTimeMs)
        const before = known.get(envelope.commandId)
        const reused = before !== undefined && before.bodyHash !== envelope.bodyHash
        const scripted: Scripted = reused
          ? { rejection: { code: 'IDEMPOTENCY_KEY_REUSED' } }
          : before
            ? {}
            : script(codec.decodeMessage(context, payload) as never, { envelope, now })
        const value = codec.encodeDecision({
          link: head,
          envelope,
          commandOffset: record.offset,
          atMs: now,
          ruleVersion: 1,
          reactedTo: 0,
          outcome: scripted.rejection ? 'rejected' : before ? 'duplicate' : 'accepted',
          duplicateOf: before === undefined || reused ? null : { offset: before.offset, head: before.head },
          rejection: scripted.rejection ? recorded(scripted.rejection) : null,
          events: (scripted.events ?? []).map((event) => codec.encodeMessage(context, event)),
        })
        const { baseOffset } = await log.append(events, partition, [value])
        head = headAfter(value)
        if (scripted.next !== undefined)
          await log.append(commands, partition, [codec.encodeCommand(context, following(envelope, scripted.next))])
        if (before === undefined) known.set(envelope.commandId, { bodyHash: envelope.bodyHash, offset: baseOffset, head })
      }
    }
  }

  return {
    async stop(): Promise<void> {
      stop.abort()
      await done
    },
  }
}

/** As a policy would send it: its id derives from what it follows from, and the first cause stays the same. */
export function following(cause: Envelope, message: { readonly type: string }): Command<{ readonly type: string }> {
  const { commandId, organisation, correlationId } = cause
  const envelope = {
    ...{ organisation, correlationId },
    commandId: commandIdOf(commandId, message.type),
    commandType: message.type,
    actor: { kind: 'system', id: 'policy' } as const,
    bodyHash: '',
    causationId: commandId,
    traceparent: '',
  }
  return { envelope, message }
}
