import { isDeepStrictEqual } from 'node:util'
import { isAnswered, type Operation, type Said } from './operation.ts'

/** One seat, hold or cart goes from one state to another. */
export interface Change {
  readonly object: string
  readonly from: string
  readonly to: string
}

/**
 * A decision that counts, as far as clients can notice it. `answers`: its operation gets its answer from it. `precedes`: it
 * was made on the way to that answer. `follows`: it may come after the answer. `repeats`: the operation was decided before.
 */
export interface Logged {
  readonly role: 'answers' | 'precedes' | 'follows' | 'repeats'
  /** Context and partition: `seating/3`. */
  readonly place: string
  readonly offset: number
  /** The operation that led to it, perhaps by a cart; many are no client's, and then nobody knows it. */
  readonly commandId: string
  /** By the log's clock. */
  readonly atMs: number
  /** What the operation must be told; null unless it `answers`. */
  readonly said: Said | null
  readonly changes: readonly Change[]
  /** What it found after these changes, as a refusal tells: an object and how its state begins. */
  readonly found: readonly { readonly object: string; readonly state: string }[]
}

/** The state of whatever nothing has happened to yet. */
export const FREE = 'free'
/** Longer than the longest that anything waits on the way to the log: a broker that is paused for 20 s, and the patience of its clients. */
const TAKEN_WITHIN_MS = 60_000

/**
 * Checks what clients saw against the log, which is the one order in which everything was decided: so nothing is searched
 * for, and a history of any length is checked in one walk. What must hold, for the log to be a linearization of the
 * history seat by seat:
 * - every answer is the one of its operation's only decision, and a repeated request got the very same;
 * - the decisions, one after the other, are those of a hall where a seat has one holder, and refusals are true;
 * - an operation that was answered before another was sent is decided before it in each partition where both are;
 * - what was never answered is decided once, soon after it was sent, or never.
 * It is told piece by piece, each decision once and in the order of its partition, and never forgets a seat.
 */
export class Linearizability {
  readonly #states = new Map<string, string>()
  readonly #decided = new Set<string>()
  /** Never answered, and not in the log when it was last read. */
  readonly #open = new Map<string, Operation>()

  stateOf(object: string): string {
    return this.#states.get(object) ?? FREE
  }

  /** What is wrong, in words; empty when nothing is. The operations are those since the last call, all that will be answered are. */
  check(operations: readonly Operation[], logged: readonly Logged[]): string[] {
    const known = new Map([...this.#open, ...operations.map((operation) => [operation.commandId, operation] as const)])
    const answers = new Map<string, Logged>()
    const faults: string[] = []
    const faultsOfSeats: string[] = []
    for (const entry of logged) {
      const operation = known.get(entry.commandId)
      faultsOfSeats.push(...this.#replay(entry, operation))
      if (entry.role !== 'answers') continue
      if (this.#decided.has(entry.commandId)) faults.push(`${nameOf(entry, operation)} is decided a second time`)
      this.#decided.add(entry.commandId)
      answers.set(entry.commandId, entry)
      this.#open.delete(entry.commandId)
      if (operation !== undefined && entry.atMs > operation.sentMs + TAKEN_WITHIN_MS && !isAnswered(operation))
        faults.push(`${nameOf(entry, operation)} was decided ${seconds(entry.atMs - operation.sentMs)} after it was sent and given up`)
    }
    for (const operation of operations) {
      const entry = answers.get(operation.commandId)
      if (entry === undefined && !isAnswered(operation)) this.#open.set(operation.commandId, operation)
      faults.push(...faultsOfAnswers(operation, entry))
    }
    for (const entries of byPlace(logged)) faults.push(...faultsInTime(entries, known))
    return [...faults, ...faultsOfSeats]
  }

  #replay(entry: Logged, operation: Operation | undefined): string[] {
    const faults: string[] = []
    for (const { object, from, to } of entry.changes) {
      const state = this.stateOf(object)
      if (state !== from) faults.push(`${nameOf(entry, operation)} makes ${object} “${to}”, which was “${state}” and not “${from}”`)
      this.#states.set(object, to)
    }
    for (const { object, state } of entry.found)
      if (!this.stateOf(object).startsWith(state))
        faults.push(`${nameOf(entry, operation)} found ${object} “${state}”, but it was “${this.stateOf(object)}”`)
    return faults
  }
}

function faultsOfAnswers({ what, answers, seats }: Operation, entry: Logged | undefined): string[] {
  const [first, ...others] = answers
  if (first === undefined) return []
  const faults: string[] = []
  const changed = others.find(({ text }) => text !== first.text)
  if (changed !== undefined) faults.push(`${what} was answered “${first.text}”, and when it was repeated “${changed.text}”`)
  if (entry === undefined) return [...faults, `${what} was answered “${first.text}”, and the log has no decision of it`]
  const expected = entry.said ?? undefined
  const said = { ...first.said, ...(expected?.places === null && { places: null }) }
  if (!isDeepStrictEqual(said, expected))
    faults.push(`${what} was answered ${JSON.stringify(first.said)}, and decided ${JSON.stringify(expected)}`)
  if (seats !== null && said.code === '' && !isDeepStrictEqual(said.places, seats))
    faults.push(`${what} was granted ${JSON.stringify(said.places)}, not what it asked for`)
  return faults
}

function byPlace(logged: readonly Logged[]): Iterable<readonly Logged[]> {
  const places = new Map<string, Logged[]>()
  for (const entry of logged) {
    const before = places.get(entry.place)
    if (before === undefined) places.set(entry.place, [entry])
    else before.push(entry)
  }
  return places.values()
}

/** Walks back through one partition with the earliest answer to anything that was decided later. */
function faultsInTime(entries: readonly Logged[], known: ReadonlyMap<string, Operation>): string[] {
  const faults: string[] = []
  let earliest: { readonly entry: Logged; readonly operation: Operation } | undefined
  for (const entry of entries.toReversed()) {
    const operation = known.get(entry.commandId)
    if (operation === undefined) continue
    if (earliest !== undefined && earliest.operation.answeredMs < operation.sentMs)
      faults.push(
        `${nameOf(entry, operation)} comes before ${nameOf(earliest.entry, earliest.operation)}, ` +
          `which was answered ${(operation.sentMs - earliest.operation.answeredMs).toFixed(1)} ms before the other was sent`,
      )
    const bounds = entry.role === 'answers' || entry.role === 'precedes'
    if (bounds && operation.answeredMs < (earliest?.operation.answeredMs ?? Number.POSITIVE_INFINITY)) earliest = { entry, operation }
  }
  return faults
}

const nameOf = ({ place, offset, commandId }: Logged, operation: Operation | undefined): string =>
  `${operation?.what ?? commandId} (${place} at ${offset})`

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
