export const CLOSED_HOLD_KEPT_MS = 86_400_000
export const CLOSED_HOLDS_MAX = 20_000
const COMPACT_FROM = 1_024

/** The longest closed first. */
export interface ClosedColumns {
  readonly holdIds: readonly string[]
  readonly closedAtMs: Float64Array
}

interface ClosedHold {
  readonly holdId: string
  readonly closedAtMs: number
}

/**
 * A queue of released and expired holds in the order in which they closed. They are remembered for a day of log time,
 * so that their buyers learn what became of them, but never more than `closedMax` of them.
 */
export class ClosedHolds {
  readonly #closedMax: number
  #queue: ClosedHold[]
  #first = 0

  constructor(closedMax: number, from: ClosedColumns | undefined) {
    this.#closedMax = closedMax
    this.#queue = from?.holdIds.map((holdId, at) => ({ holdId, closedAtMs: from.closedAtMs[at] ?? 0 })) ?? []
  }

  add(holdId: string, closedAtMs: number): void {
    this.#queue.push({ holdId, closedAtMs })
  }

  /** Takes out the holds that are to be forgotten by now, the longest closed first. */
  *takeForgotten(nowMs: number): Iterable<string> {
    for (let oldest = this.#queue[this.#first]; oldest !== undefined; oldest = this.#queue[this.#first]) {
      if (this.#queue.length - this.#first <= this.#closedMax && nowMs - oldest.closedAtMs < CLOSED_HOLD_KEPT_MS) return
      this.#drop()
      yield oldest.holdId
    }
  }

  toColumns(): ClosedColumns {
    const waiting = this.#queue.slice(this.#first)
    return { holdIds: waiting.map(({ holdId }) => holdId), closedAtMs: Float64Array.from(waiting, ({ closedAtMs }) => closedAtMs) }
  }

  #drop(): void {
    this.#first++
    if (this.#first < COMPACT_FROM || this.#first * 2 < this.#queue.length) return
    this.#queue = this.#queue.slice(this.#first)
    this.#first = 0
  }
}
