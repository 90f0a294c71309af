import { hash } from 'node:crypto'

/**
 * The ledger rule: every record in an events partition starts with the head that its writer had folded, and it counts
 * if and only if that is the current head. Then the head becomes the record's hash. All others are void, for every
 * reader, for ever. The same chain fences late writers and proves that nobody altered the log.
 */
export type Head = string & { readonly __brand: 'Head' }

/** Confluent's wire format: a zero byte and the schema's id in four bytes, big-endian. */
export const FRAME_BYTES = 5
const LINK_FROM = FRAME_BYTES
const LINK_TO = LINK_FROM + 32

/** The head of a partition in which nothing counts yet. */
export function emptyHead(topic: string, partition: number): Head {
  return hash('sha256', `cavea/1 ${topic} ${partition}`, 'hex') as Head
}

export function headAfter(value: Uint8Array): Head {
  return hash('sha256', value, 'hex') as Head
}

/** The head after this record, or undefined when the record is void. Any bytes are allowed: what cannot link is void. */
export function step(head: Head, value: Buffer): Head | undefined {
  return value.length >= LINK_TO && value.toString('hex', LINK_FROM, LINK_TO) === head ? headAfter(value) : undefined
}

const HEAD = /^[0-9a-f]{64}$/

export function parseHead(text: string): Head | undefined {
  return HEAD.test(text) ? (text as Head) : undefined
}

/** A place in the chain of one events partition: what counts before `offset` folds to `head`. */
export interface ChainPosition {
  readonly offset: number
  readonly head: Head
  /** Where the record stands that the head is the hash of; -1 at the beginning. By it a reader knows its own log again. */
  readonly headOffset: number
}

/** Walks one partition record by record. It must start from a position that is known, never from what it sees first. */
export class Chain {
  #offset: number
  #head: Head
  #headOffset: number
  counted = 0
  voided = 0

  constructor(start: ChainPosition) {
    this.#offset = start.offset
    this.#head = start.head
    this.#headOffset = start.headOffset
  }

  get position(): ChainPosition {
    return { offset: this.#offset, head: this.#head, headOffset: this.#headOffset }
  }

  get head(): Head {
    return this.#head
  }

  /** The offset after the last record seen, counted or void. */
  get offset(): number {
    return this.#offset
  }

  /** Whether the record counts. Records before the current offset are a caller's mistake. */
  accept(record: { readonly offset: number; readonly value: Buffer }): boolean {
    if (record.offset < this.#offset) throw new RangeError(`Record ${record.offset} comes after offset ${this.#offset} was read.`)
    this.#offset = record.offset + 1
    const next = step(this.#head, record.value)
    if (next === undefined) {
      this.voided++
      return false
    }
    this.#head = next
    this.#headOffset = record.offset
    this.counted++
    return true
  }
}

export const startOfChain = (topic: string, partition: number): ChainPosition => ({
  offset: 0,
  head: emptyHead(topic, partition),
  headOffset: -1,
})
