import type { CatalogEvent } from '@cavea/contracts/catalog/messages'
import type { Codec } from '@cavea/contracts/codec'
import { UndecodableError } from '@cavea/contracts/codec'
import type { PublicFact } from '@cavea/contracts/public/fact'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import { OffsetOutOfRangeError } from '@cavea/event-log/errors'
import { type CountedDecision, decodeLearning } from '@cavea/event-log/ledger-reader'
import { type EventLog, readRange } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'

export interface FactDeps {
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
  readonly topicPrefix: string
}

type Events = PublicFact['events']
type Command = PublicFact['command']

/**
 * Decodes decisions for outside readers. A decision does not hold the command that it refuses, so those are read from the
 * commands' topic: only there it says which seats were asked for. Throws `UndecodableError`, and what log and registry throw.
 */
export async function factsOf(
  deps: FactDeps,
  context: Context,
  partition: number,
  decisions: readonly CountedDecision[],
  signal?: AbortSignal,
): Promise<PublicFact[]> {
  const commands = await refusedCommands(deps, context, partition, decisions, signal)
  const facts: PublicFact[] = []
  for (const { offset, head, decision } of decisions) {
    const events: CatalogEvent[] = [] // Of whichever context: the compiler is told below.
    for (const encoded of decision.events) {
      const event = decodeLearning(deps, () => deps.codec.decodeMessage<CatalogEvent>(context, encoded))
      events.push(event instanceof Promise ? await event : event)
    }
    facts.push({ context, partition, offset, head, decision, events: events as Events, command: commands.get(decision.commandOffset) })
  }
  return facts
}

async function refusedCommands(
  deps: FactDeps,
  context: Context,
  partition: number,
  decisions: readonly CountedDecision[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, Command>> {
  const commands = new Map<number, Command>()
  const refused = decisions.filter(({ decision }) => decision.rejection !== null).map(({ decision }) => decision.commandOffset)
  const [first, last] = [refused[0], refused.at(-1)]
  if (first === undefined || last === undefined) return commands
  const wanted = new Set(refused)
  const { commands: topic } = topicsOf(context, deps.topicPrefix)
  try {
    for await (const { records } of readRange(deps.log, topic, partition, first, last + 1, signal))
      for (const { offset, value } of records) if (wanted.has(offset)) commands.set(offset, await commandOf(deps, context, value))
  } catch (error) {
    if (!(error instanceof OffsetOutOfRangeError)) throw error // Else an operator has deleted them: the refusal is told without.
  }
  return commands
}

async function commandOf(deps: FactDeps, context: Context, value: Buffer): Promise<Command> {
  try {
    return await decodeLearning(deps, () =>
      deps.codec.decodeMessage<NonNullable<Command>>(context, deps.codec.decodeCommand(value).payload),
    )
  } catch (error) {
    if (error instanceof UndecodableError) return undefined // Which is why it was refused.
    throw error
  }
}
