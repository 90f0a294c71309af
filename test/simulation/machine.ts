import type { Scheduler } from './scheduler.ts'

/**
 * One process. All that it waits for comes to it through `deliver`, so it can be stopped for a while or for ever between
 * any two of its steps, and what it had sent before goes its way meanwhile.
 */
export class Machine {
  readonly name: string
  readonly scheduler: Scheduler
  readonly isWorker: boolean
  /** How far its clock is ahead of the world's. */
  skewMs = 0
  /** Asked before each delivery: true lets the machine die instead. */
  diesNow: () => boolean = () => false
  #state: 'up' | 'paused' | 'dead' = 'up'
  #sinceMs: number
  readonly #inbox: (() => void)[] = []
  readonly #onDeath: (() => void)[] = []

  constructor(name: string, isWorker: boolean, scheduler: Scheduler) {
    this.name = name
    this.isWorker = isWorker
    this.scheduler = scheduler
    this.#sinceMs = scheduler.nowMs
  }

  get state(): 'up' | 'paused' | 'dead' {
    return this.#state
  }

  /** Since when it is in its state. */
  get sinceMs(): number {
    return this.#sinceMs
  }

  deliver(run: () => void): void {
    if (this.#state === 'up' && this.diesNow()) this.kill()
    if (this.#state === 'up') run()
    if (this.#state === 'paused') this.#inbox.push(run)
  }

  /** Delivers after the time; the returned function takes it back. */
  later(ms: number, run: () => void): () => void {
    return this.scheduler.after(ms, () => this.deliver(run))
  }

  pause(): void {
    if (this.#state === 'up') this.#become('paused')
  }

  resume(): void {
    if (this.#state !== 'paused') return
    this.#become('up')
    for (const run of this.#inbox.splice(0)) this.later(0, run) // One by one: each lets what it woke come to rest.
  }

  kill(): void {
    if (this.#state === 'dead') return
    this.#become('dead')
    this.#inbox.length = 0
    for (const run of this.#onDeath) run()
  }

  onDeath(run: () => void): void {
    this.#onDeath.push(run)
  }

  #become(state: 'up' | 'paused' | 'dead'): void {
    this.#state = state
    this.#sinceMs = this.scheduler.nowMs
  }
}
