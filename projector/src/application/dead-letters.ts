import { CONTEXTS, type Context } from '@cavea/contracts/topics'
import { TopicMissingError } from '@cavea/event-log/errors'
import type { LedgerStart } from '@cavea/event-log/ledger-reader'
import { type EventLog, type LogRecord, readRange } from '@cavea/event-log/port'

/** `undecodable`: its bytes; `not-projected`: the projection threw on it; `refused`: the store does not take what it changes. */
export type DeadLetterReason = 'undecodable' | 'not-projected' | 'refused'

/** A decision that one generation of a projection went on without, with all that it takes to try again. */
export interface DeadLetter {
  readonly projection: string
  readonly version: number
  readonly generation: number
  readonly context: Context
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly before: LedgerStart
  /** Its head names the record. */
  readonly after: LedgerStart
  readonly reason: DeadLetterReason
  readonly error: string
  /** When it was set aside, milliseconds since the epoch. */
  readonly atMs: number
  /** The record as it lies in the log. */
  readonly value: Buffer
}

/** One record of the topic of dead letters; the latest of an id holds. */
export type DeadLetterEntry =
  | { readonly type: 'dead'; readonly letter: DeadLetter }
  | { readonly type: 'replayed'; readonly id: string; readonly atMs: number }

export const DEAD_LETTERS_PARTITIONS = 1
const PARTITION = 0
const ERROR_CHARS_MAX = 2_000

export const deadLettersTopic = (topicPrefix: string): string => `${topicPrefix}projector.dead-letters`

/** The same however often a decision is set aside by the same generation, as a projector does that was killed in between. */
export const deadLetterId = ({ projection, generation, topic, partition, offset }: Omit<DeadLetter, 'value'>): string =>
  `${projection}/${generation}/${topic}/${partition}/${offset}`

export async function appendDeadLetterEntry(log: EventLog, topicPrefix: string, entry: DeadLetterEntry): Promise<void> {
  await log.append(deadLettersTopic(topicPrefix), PARTITION, [encodeDeadLetterEntry(entry)])
}

function encodeDeadLetterEntry(entry: DeadLetterEntry): Buffer {
  if (entry.type === 'replayed') return Buffer.from(JSON.stringify(entry))
  const { letter } = entry
  const error = letter.error.slice(0, ERROR_CHARS_MAX)
  return Buffer.from(JSON.stringify({ type: 'dead', letter: { ...letter, error, value: letter.value.toString('base64') } }))
}

/** Undefined for what this version of Cavea cannot read. */
function decodeDeadLetterEntry(value: Buffer): DeadLetterEntry | undefined {
  let json: { readonly type?: unknown; readonly letter?: Record<string, unknown> }
  try {
    json = JSON.parse(value.toString()) as typeof json
  } catch {
    return undefined
  }
  if (json.type === 'replayed') return json as Extract<DeadLetterEntry, { type: 'replayed' }>
  const { letter } = json
  if (json.type !== 'dead' || letter === undefined || typeof letter['value'] !== 'string') return undefined
  if (!CONTEXTS.includes(letter['context'] as Context)) return undefined
  return { type: 'dead', letter: { ...(letter as unknown as DeadLetter), value: Buffer.from(letter['value'], 'base64') } }
}

/** The dead letters that nobody replayed yet, by id, in the order in which they were set aside. */
export class OutstandingLetters {
  readonly #letters = new Map<string, DeadLetter>()

  add(record: Pick<LogRecord, 'value'>): void {
    const entry = decodeDeadLetterEntry(record.value)
    if (entry?.type === 'replayed') this.#letters.delete(entry.id)
    else if (entry !== undefined) this.#letters.set(deadLetterId(entry.letter), entry.letter)
  }

  all(): readonly DeadLetter[] {
    return [...this.#letters.values()]
  }

  /** Of generations that are still there. */
  countOf(projection: string, isThere: (generation: number) => boolean): number {
    let count = 0
    for (const letter of this.#letters.values()) if (letter.projection === projection && isThere(letter.generation)) count++
    return count
  }
}

/** Reads them all; none where there never was a projector. */
export async function readDeadLetters(log: EventLog, topicPrefix: string): Promise<OutstandingLetters> {
  const outstanding = new OutstandingLetters()
  const topic = deadLettersTopic(topicPrefix)
  try {
    const end = await log.endOffset(topic, PARTITION)
    for await (const { records } of readRange(log, topic, PARTITION, 0, end)) for (const record of records) outstanding.add(record)
  } catch (error) {
    if (!(error instanceof TopicMissingError)) throw error
  }
  return outstanding
}

/** Keeps `outstanding` up to date until `signal` aborts. Throws what the log throws; then it may be called again, from the offset told last. */
export async function followDeadLetters(
  log: EventLog,
  topicPrefix: string,
  outstanding: OutstandingLetters,
  from: { offset: number },
  signal: AbortSignal,
): Promise<void> {
  for await (const { records } of log.read(deadLettersTopic(topicPrefix), PARTITION, from.offset, { signal }))
    for (const record of records) {
      outstanding.add(record)
      from.offset = record.offset + 1
    }
}
