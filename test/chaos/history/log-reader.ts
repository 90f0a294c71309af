import type { CartCommand, CartEvent } from '@cavea/contracts/cart/messages'
import { createDirectory, type Directory } from '@cavea/contracts/catalog/directory'
import type { CatalogCommand, CatalogEvent } from '@cavea/contracts/catalog/messages'
import { type Codec, createCodec } from '@cavea/contracts/codec'
import type { Decision } from '@cavea/contracts/envelope'
import type { SeatingCommand, SeatingEvent } from '@cavea/contracts/seating/messages'
import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import { type CountedDecision, decodeLearning, followLedger, type LedgerStart, ledgerStart } from '@cavea/event-log/ledger-reader'
import { type EventLog, readRange } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'

type Command = CatalogCommand | SeatingCommand | CartCommand
type Event = CatalogEvent | SeatingEvent | CartEvent

/** A decision that counts, with the command that it is about; an owner's start is about none. */
export interface Read {
  readonly context: Context
  readonly partition: number
  readonly offset: number
  readonly decision: Decision
  readonly events: readonly Event[]
  readonly command: Command | undefined
}

/** The log of a product, opened to read it while the product runs. */
export interface OpenedLog {
  readonly log: EventLog
  readonly registry: SchemaRegistry
  readonly topicPrefix: string
}

type Deps = OpenedLog & { readonly codec: Codec }

/** Reads decisions from the beginning of the log on, each once, whenever it is asked. */
export class LogReader {
  readonly directory: Directory = createDirectory()
  readonly #positions = new Map<string, LedgerStart>()
  decisions = 0
  voids = 0

  /** All that counts and was not read before: the catalog first, then partition by partition. */
  async read(opened: OpenedLog): Promise<Read[]> {
    let id = 0 // Ids below zero are nobody's, so every schema is looked up and none is registered.
    const deps = { ...opened, codec: createCodec(() => --id) }
    const found: Read[] = []
    for (const context of CONTEXTS) {
      const partitions = await deps.log.partitionCount(topicsOf(context, deps.topicPrefix).events)
      for (let partition = 0; partition < partitions; partition++)
        for (const read of await this.#readOn(deps, context, partition)) found.push(read)
    }
    return found
  }

  async #readOn(deps: Deps, context: Context, partition: number): Promise<Read[]> {
    const topics = topicsOf(context, deps.topicPrefix)
    const place = `${context}/${partition}`
    const from = this.#positions.get(place) ?? ledgerStart(topics.events, partition)
    const end = await deps.log.endOffset(topics.events, partition)
    if (from.offset >= end) return []
    const counted: CountedDecision[] = []
    const enough = new AbortController()
    for await (const { decisions, position, voided } of followLedger(deps, topics.events, partition, from, { signal: enough.signal })) {
      this.#positions.set(place, position)
      this.voids += voided
      for (const decision of decisions) counted.push(decision)
      if (position.offset >= end) enough.abort()
    }
    this.decisions += counted.length

    const commands = await commandsOf(deps, context, partition, from.commandOffset + 1, this.#nextCommand(place))
    const found: Read[] = []
    for (const { offset, decision } of counted) {
      const events: Event[] = []
      for (const encoded of decision.events)
        events.push(await decodeLearning(deps, () => deps.codec.decodeMessage<Event>(context, encoded)))
      if (context === 'catalog') for (const event of events) this.directory.apply(event as CatalogEvent)
      found.push({ context, partition, offset, decision, events, command: commands.get(decision.commandOffset) })
    }
    return found
  }

  /** Places, with the end of their commands now, that are not read to be decided up to there. */
  async undecided({ log, topicPrefix }: OpenedLog): Promise<{ readonly place: string; readonly end: number }[]> {
    const found: { place: string; end: number }[] = []
    for (const context of CONTEXTS) {
      const topic = topicsOf(context, topicPrefix).commands
      const partitions = await log.partitionCount(topic)
      for (let partition = 0; partition < partitions; partition++)
        found.push({ place: `${context}/${partition}`, end: await log.endOffset(topic, partition) })
    }
    return found.filter(({ place, end }) => !this.hasDecided(place, end))
  }

  /** Whether all commands of a place before this offset are read to be decided. */
  hasDecided(place: string, end: number): boolean {
    return this.#nextCommand(place) >= end
  }

  #nextCommand(place: string): number {
    return (this.#positions.get(place)?.commandOffset ?? -1) + 1
  }
}

async function commandsOf(deps: Deps, context: Context, partition: number, from: number, to: number): Promise<Map<number, Command>> {
  const commands = new Map<number, Command>()
  for await (const { records } of readRange(deps.log, topicsOf(context, deps.topicPrefix).commands, partition, from, to))
    for (const { offset, value } of records) {
      const { payload } = await decodeLearning(deps, () => deps.codec.decodeCommand(value))
      commands.set(offset, await decodeLearning(deps, () => deps.codec.decodeMessage<Command>(context, payload)))
    }
  return commands
}
