import type { FaultName, Options } from './options.ts'
import { randomFor } from './random.ts'
import { EPOCH_MS, type Scheduler } from './scheduler.ts'

/** What becomes of one append: when it lands, when it is answered after that, and when a second copy lands. */
export interface Fate {
  readonly kind: 'written' | 'refused' | 'lost' | 'unanswered' | 'late'
  readonly landMs: number
  readonly answerMs: number
  readonly againMs?: number
}

const NET_MS = 2
const SLOW_MS = 400
const LATE_MS = 4_000
const UNKNOWN_AFTER_MS = 300
/** The share of appends that meet a fault of full strength. */
const APPENDS_SHARE = 0.2
const STEPS_SHARE = 0.004

/** Chance, as far as messages go. Faults happen in storms only; ways always take their time. */
export class Faults {
  readonly #options: Options
  readonly #scheduler: Scheduler
  readonly #net: () => number
  readonly #chance: () => number
  #isHeard = false
  /** How often each fault happened. */
  readonly happened = new Map<string, number>()

  constructor(options: Options, scheduler: Scheduler) {
    this.#options = options
    this.#scheduler = scheduler
    this.#net = randomFor(options.seed, 'net')
    this.#chance = randomFor(options.seed, 'faults')
  }

  get isStormy(): boolean {
    const atMs = this.#scheduler.nowMs - EPOCH_MS
    return this.#options.storms.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs)
  }

  /** Since when there has been no storm; undefined while there is one. */
  get calmSinceMs(): number | undefined {
    const atMs = this.#scheduler.nowMs - EPOCH_MS
    if (this.isStormy) return undefined
    return EPOCH_MS + Math.max(0, ...this.#options.storms.filter(({ toMs }) => toMs <= atMs).map(({ toMs }) => toMs))
  }

  happens(fault: FaultName, share: number): boolean {
    const strength = this.#options.faults[fault]
    if (strength === 0 || !this.isStormy || this.#chance() >= strength * share) return false
    this.count(fault)
    return true
  }

  count(fault: string): void {
    this.happened.set(fault, (this.happened.get(fault) ?? 0) + 1)
  }

  chance(): number {
    return this.#chance()
  }

  /** Policies are heard again, very soon: a cart gave up waiting, and now its refusal races with the answer. */
  cartGaveUp(): void {
    if (this.#options.faults.mutePolicies > 0) this.#scheduler.after(this.#chance() * 400, () => (this.#isHeard = true))
  }

  askMs(): number {
    return this.#net() * NET_MS
  }

  /** Whether the log does not answer a question. */
  refusesQuestion(): boolean {
    return this.happens('refusedQuestions', 0.2)
  }

  fetchMs(): number {
    return this.#net() * NET_MS + (this.happens('slowReaders', 0.3) ? this.#chance() * 5 * SLOW_MS : 0)
  }

  fetchRecords(): number {
    return this.#net() < 0.3 ? 1 + Math.floor(this.#net() * 4) : Number.POSITIVE_INFINITY
  }

  diesNow(): boolean {
    return this.happens('crashesAnywhere', STEPS_SHARE)
  }

  appendFate(topic: string, partition: number, isReaction: () => boolean): Fate {
    const landMs = 0.2 + this.#net() * NET_MS + (this.happens('slowAppends', 0.5) ? this.#chance() * SLOW_MS : 0)
    const answerMs = 0.1 + (this.#net() * NET_MS) / 2
    if (this.#options.faults.deafSection > 0 && partition === 0 && topic === 'seating.events' && this.isStormy) {
      this.count('deafSection')
      return { kind: 'lost', landMs, answerMs: UNKNOWN_AFTER_MS }
    }
    if (this.#options.faults.mutePolicies > 0 && this.isStormy && !this.#isHeard && topic === 'cart.commands' && isReaction()) {
      this.count('mutePolicies')
      return { kind: 'refused', landMs, answerMs }
    }
    if (this.happens('refusedAppends', APPENDS_SHARE)) return { kind: 'refused', landMs, answerMs }
    if (this.happens('lostAppends', APPENDS_SHARE)) return { kind: 'lost', landMs, answerMs: this.#unknownMs() }
    if (this.happens('unansweredAppends', APPENDS_SHARE)) return { kind: 'unanswered', landMs, answerMs: this.#unknownMs() }
    if (this.happens('lateAppends', APPENDS_SHARE)) {
      const afterMs = this.#unknownMs()
      return { kind: 'late', landMs: this.#chance() * (this.#chance() < 0.5 ? 2 * afterMs : LATE_MS), answerMs: afterMs }
    }
    if (this.happens('doubledAppends', APPENDS_SHARE)) return { kind: 'written', landMs, answerMs, againMs: this.#chance() ** 3 * LATE_MS }
    return { kind: 'written', landMs, answerMs }
  }

  #unknownMs(): number {
    return this.#chance() * UNKNOWN_AFTER_MS
  }
}
