/** Something that lapses. `queueAt` is this queue's own note of where the entry stands; -1 when it is not in it. */
export interface Expiring {
  readonly key: string
  expiresAtMs: number
  queueAt: number
}

/** A binary heap by expiry that can take an entry out of its middle: most holds end before they lapse. */
export class ExpiryQueue<Entry extends Expiring> {
  readonly #heap: Entry[] = []

  get size(): number {
    return this.#heap.length
  }

  first(): Entry | undefined {
    return this.#heap[0]
  }

  add(entry: Entry): void {
    entry.queueAt = this.#heap.length
    this.#heap.push(entry)
    this.#up(entry.queueAt)
  }

  remove(entry: Entry): void {
    const at = entry.queueAt
    if (this.#heap[at] !== entry) throw new RangeError(`${entry.key} is not in the queue.`)
    const last = this.#heap.pop()
    entry.queueAt = -1
    if (last === undefined || last === entry) return
    this.#put(last, at)
    this.#up(at)
    this.#down(last.queueAt)
  }

  /** Call after `expiresAtMs` of a queued entry changed. */
  moved(entry: Entry): void {
    this.#up(entry.queueAt)
    this.#down(entry.queueAt)
  }

  /** Up to `max` entries that lapsed at `nowMs` or before, the earliest first. Changes nothing. */
  due(nowMs: number, max: number): Entry[] {
    const found: Entry[] = []
    const pending = [0]
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const entry = this.#heap[at]
      if (entry === undefined || entry.expiresAtMs > nowMs) continue
      found.push(entry)
      pending.push(2 * at + 1, 2 * at + 2)
    }
    return found.sort((a, b) => (before(a, b) ? -1 : 1)).slice(0, max)
  }

  #put(entry: Entry, at: number): void {
    this.#heap[at] = entry
    entry.queueAt = at
  }

  #up(from: number): void {
    const entry = this.#heap[from]
    if (entry === undefined) return
    let at = from
    while (at > 0) {
      const parentAt = (at - 1) >> 1
      const parent = this.#heap[parentAt]
      if (parent === undefined || !before(entry, parent)) break
      this.#put(parent, at)
      at = parentAt
    }
    this.#put(entry, at)
  }

  #down(from: number): void {
    const entry = this.#heap[from]
    if (entry === undefined) return
    let at = from
    for (;;) {
      const left = this.#heap[2 * at + 1]
      const right = this.#heap[2 * at + 2]
      const child = left !== undefined && right !== undefined && before(right, left) ? right : left
      if (child === undefined || !before(child, entry)) break
      const childAt = child.queueAt
      this.#put(child, at)
      at = childAt
    }
    this.#put(entry, at)
  }
}

// Keys break ties, so that two replays list the same entries in the same order.
const before = (a: Expiring, b: Expiring): boolean => a.expiresAtMs < b.expiresAtMs || (a.expiresAtMs === b.expiresAtMs && a.key < b.key)
