/** The first moment of every simulated world, milliseconds since the epoch. */
export const EPOCH_MS = 1_800_000_000_000

interface Planned {
  readonly atMs: number
  readonly order: number
  run: (() => void) | undefined
}

/**
 * Virtual time. What is planned runs in the order of its time, and what is planned for one moment in the order of
 * planning. Between two of them everything that the first one woke has come to rest, so a run depends on nothing else.
 */
export class Scheduler {
  readonly #heap: Planned[] = []
  #planned = 0
  #nowMs = EPOCH_MS
  /** How many plans ran. */
  steps = 0

  get nowMs(): number {
    return this.#nowMs
  }

  /** Plans `run`; the returned function takes it back. */
  after(ms: number, run: () => void): () => void {
    const planned: Planned = { atMs: this.#nowMs + Math.max(0, ms), order: this.#planned++, run }
    this.#push(planned)
    return () => {
      planned.run = undefined
    }
  }

  /** Runs what is planned until `isOver`, which is asked after every step, or until nothing is planned any more. */
  async run(isOver: () => boolean): Promise<void> {
    const immediates = watchImmediates()
    try {
      while (!isOver()) {
        const next = this.#pop()
        if (next === undefined) return
        if (next.run === undefined) continue
        this.#nowMs = next.atMs
        this.steps++
        next.run()
        await restOf(immediates)
      }
    } finally {
      immediates.forget()
    }
  }

  #push(planned: Planned): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(planned)
    while (at > 0) {
      const parentAt = (at - 1) >> 1
      const parent = heap[parentAt]
      if (parent === undefined || !isBefore(planned, parent)) break
      heap[at] = parent
      at = parentAt
    }
    heap[at] = planned
  }

  #pop(): Planned | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || first === last) return first
    let at = 0
    for (;;) {
      let childAt = 2 * at + 1
      let child = heap[childAt]
      if (child === undefined) break
      const right = heap[childAt + 1]
      if (right !== undefined && isBefore(right, child)) {
        child = right
        childAt++
      }
      if (!isBefore(child, last)) break
      heap[at] = child
      at = childAt
    }
    heap[at] = last
    return first
  }
}

/**
 * Resolves when everything that is awake has come to rest: a tick comes after all microtasks, those that they queue
 * included. A turn of the event loop costs ten times as much, so it is waited for only when somebody planned an immediate.
 */
async function restOf(immediates: Immediates): Promise<void> {
  await new Promise<void>((resolve) => process.nextTick(resolve))
  while (immediates.taken()) await new Promise<void>((resolve) => immediates.plan(() => process.nextTick(resolve)))
}

interface Immediates {
  /** Whether any was planned since this was last asked. */
  readonly taken: () => boolean
  readonly plan: (run: () => void) => void
  readonly forget: () => void
}

/** The code under test gathers appends in an immediate, which no clock of ours plays. */
function watchImmediates(): Immediates {
  const original = globalThis.setImmediate
  let isPlanned = false
  const watched: typeof original = Object.assign((...planned: Parameters<typeof original>) => {
    isPlanned = true
    return original(...planned)
  }, original)
  globalThis.setImmediate = watched
  return {
    taken() {
      const was = isPlanned
      isPlanned = false
      return was
    },
    plan: (run) => void original(run),
    forget() {
      globalThis.setImmediate = original
    },
  }
}

const isBefore = (a: Planned, b: Planned): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
