import type { CommandId, EpochMillis } from '@cavea/contracts/ids'
import type { Head } from '@cavea/contracts/ledger'

/** What is remembered of a decision, to answer the same command again with it. */
export interface DecidedCommand {
  readonly bodyHash: string
  /** The decision's offset in the events log. */
  readonly offset: number
  readonly head: Head
}

const HASH_BYTES = 16
/** What is remembered as the body's hash of a command that had none. */
export const NO_BODY = '0'.repeat(2 * HASH_BYTES)
const HEAD_BYTES = 32
const NUMBER_BYTES = 8
const HEADER_BYTES = 8
const ENTRY_BYTES = 2 * NUMBER_BYTES + HASH_BYTES + HEAD_BYTES
const CAPACITY_MIN = 1024

/** How long a command's id is remembered, in log time. */
export const REMEMBERED_MS = 24 * 60 * 60 * 1000
/** How many ids a partition remembers at most: about 200 bytes each. */
export const REMEMBERED_MAX = 1 << 18

/**
 * The idempotency memory of one partition: command id → decision, for a day and up to a number of entries, whichever
 * ends first. A ring of columns, because a Map of objects would cost three times as much. What it holds depends on the
 * log alone, so every replay remembers the same.
 */
export class DecidedCommands {
  readonly #slots = new Map<CommandId, number>()
  readonly #max: number
  #ids: (CommandId | undefined)[] = []
  #offsets = new Float64Array(0)
  #times = new Float64Array(0)
  #hashes = Buffer.alloc(0)
  #heads = Buffer.alloc(0)
  #oldest = 0

  constructor(max: number = REMEMBERED_MAX) {
    this.#max = max
    this.#resize(Math.min(CAPACITY_MIN, max))
  }

  get size(): number {
    return this.#slots.size
  }

  get(id: CommandId): DecidedCommand | undefined {
    const slot = this.#slots.get(id)
    if (slot === undefined) return undefined
    return {
      bodyHash: this.#hashes.toString('hex', slot * HASH_BYTES, (slot + 1) * HASH_BYTES),
      offset: this.#offsets[slot] ?? 0,
      head: this.#heads.toString('hex', slot * HEAD_BYTES, (slot + 1) * HEAD_BYTES) as Head,
    }
  }

  /** The first decision of an id stays; later ones are its duplicates. */
  add(id: CommandId, decided: DecidedCommand, atMs: EpochMillis): void {
    if (this.#slots.has(id)) return
    this.#forgetBefore(atMs - REMEMBERED_MS)
    if (this.size === this.#ids.length) {
      if (this.#ids.length < this.#max) this.#resize(Math.min(this.#max, this.#ids.length * 2))
      else this.#forgetOldest()
    }
    const slot = (this.#oldest + this.size) % this.#ids.length
    this.#slots.set(id, slot)
    this.#ids[slot] = id
    this.#offsets[slot] = decided.offset
    this.#times[slot] = atMs
    this.#hashes.fill(0, slot * HASH_BYTES, (slot + 1) * HASH_BYTES)
    this.#hashes.write(decided.bodyHash, slot * HASH_BYTES, HASH_BYTES, 'hex')
    this.#heads.write(decided.head, slot * HEAD_BYTES, HEAD_BYTES, 'hex')
  }

  /** Corrects where the decision that this head names stands, once the log has said so. */
  moved(id: CommandId, head: Head, offset: number): void {
    const slot = this.#slots.get(id)
    if (slot !== undefined && this.get(id)?.head === head) this.#offsets[slot] = offset
  }

  #forgetBefore(timeMs: number): void {
    while (this.size > 0 && (this.#times[this.#oldest] ?? 0) < timeMs) this.#forgetOldest()
  }

  #forgetOldest(): void {
    const id = this.#ids[this.#oldest]
    if (id !== undefined) this.#slots.delete(id)
    this.#ids[this.#oldest] = undefined
    this.#oldest = (this.#oldest + 1) % this.#ids.length
  }

  #resize(capacity: number): void {
    const order = this.#inOrder()
    const ids = new Array<CommandId | undefined>(capacity).fill(undefined)
    const offsets = new Float64Array(capacity)
    const times = new Float64Array(capacity)
    const hashes = Buffer.alloc(capacity * HASH_BYTES)
    const heads = Buffer.alloc(capacity * HEAD_BYTES)
    for (const [to, from] of order.entries()) {
      const id = this.#ids[from]
      ids[to] = id
      offsets[to] = this.#offsets[from] ?? 0
      times[to] = this.#times[from] ?? 0
      this.#hashes.copy(hashes, to * HASH_BYTES, from * HASH_BYTES, (from + 1) * HASH_BYTES)
      this.#heads.copy(heads, to * HEAD_BYTES, from * HEAD_BYTES, (from + 1) * HEAD_BYTES)
      if (id !== undefined) this.#slots.set(id, to)
    }
    this.#ids = ids
    this.#offsets = offsets
    this.#times = times
    this.#hashes = hashes
    this.#heads = heads
    this.#oldest = 0
  }

  #inOrder(): number[] {
    return Array.from({ length: this.size }, (_, at) => (this.#oldest + at) % this.#ids.length)
  }

  /**
   * Column by column, the oldest entry first: the same memory gives the same bytes. Numbers are written as the machine
   * has them, little-endian wherever Node runs: to convert each would take longer than all the rest of restoring it.
   */
  encode(): Buffer {
    const order = this.#inOrder()
    const ids = Buffer.from(order.map((slot) => this.#ids[slot] ?? '').join('\n'))
    const header = Buffer.alloc(HEADER_BYTES)
    header.writeUInt32LE(order.length, 0)
    header.writeUInt32LE(ids.length, 4)
    const offsets = Float64Array.from(order, (slot) => this.#offsets[slot] ?? 0)
    const times = Float64Array.from(order, (slot) => this.#times[slot] ?? 0)
    const hashes = Buffer.alloc(order.length * HASH_BYTES)
    const heads = Buffer.alloc(order.length * HEAD_BYTES)
    for (const [to, from] of order.entries()) {
      this.#hashes.copy(hashes, to * HASH_BYTES, from * HASH_BYTES, (from + 1) * HASH_BYTES)
      this.#heads.copy(heads, to * HEAD_BYTES, from * HEAD_BYTES, (from + 1) * HEAD_BYTES)
    }
    return Buffer.concat([header, ids, bytesOf(offsets), bytesOf(times), hashes, heads])
  }

  /** Throws on bytes that it cannot read. */
  static decode(bytes: Buffer, max: number = REMEMBERED_MAX): DecidedCommands {
    const count = bytes.readUInt32LE(0)
    const idBytes = bytes.readUInt32LE(4)
    if (bytes.length !== HEADER_BYTES + idBytes + count * ENTRY_BYTES) throw new RangeError('The memory of command ids is cut off.')
    let at = HEADER_BYTES
    const take = (length: number): Buffer => {
      at += length
      return bytes.subarray(at - length, at)
    }
    const ids = count === 0 ? [] : (take(idBytes).toString('latin1').split('\n') as CommandId[])
    if (ids.length !== count) throw new RangeError(`The memory of command ids has ${ids.length} ids for ${count} entries.`)
    const memory = new DecidedCommands(max)
    if (count > max) throw new RangeError(`The memory of command ids has ${count} entries, more than ${max}.`)
    memory.#resize(Math.max(count, Math.min(CAPACITY_MIN, max)))
    for (let slot = 0; slot < count; slot++) {
      const id = ids[slot]
      memory.#ids[slot] = id
      if (id !== undefined) memory.#slots.set(id, slot)
    }
    bytesOf(memory.#offsets).set(take(count * NUMBER_BYTES))
    bytesOf(memory.#times).set(take(count * NUMBER_BYTES))
    memory.#hashes.set(take(count * HASH_BYTES))
    memory.#heads.set(take(count * HEAD_BYTES))
    return memory
  }
}

const bytesOf = (numbers: Float64Array<ArrayBuffer>): Uint8Array => new Uint8Array(numbers.buffer)
