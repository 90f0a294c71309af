import type { Decision } from '@cavea/contracts/envelope'
import type { Head } from '@cavea/contracts/ledger'
import { type Finding, finding } from './findings.ts'

/** For so long, in log time, a command id is promised to be decided once. */
const PROMISED_MS = 24 * 60 * 60 * 1000
/** And while no more than so many other commands were decided in its partition. */
const PROMISED_IDS = 1 << 18
interface First {
  readonly offset: number
  readonly head: Head
  readonly atMs: number
  readonly bodyHash: string
  readonly number: number
}

/** Which command ids one partition decided: each once, and every repeat names the first decision. */
export class CommandIds {
  /** Two generations, the older of which is dropped whole: what is promised is always in one of them. */
  #young = new Map<string, First>()
  #old = new Map<string, First>()
  #youngSinceMs = Number.NEGATIVE_INFINITY
  #number = 0

  check(decision: Decision, offset: number, head: Head): Finding | undefined {
    const { envelope, outcome, duplicateOf, rejection, events, atMs } = decision
    const { commandId, commandType } = envelope
    const first = this.#young.get(commandId) ?? this.#old.get(commandId)
    if (outcome === 'duplicate') {
      if (first === undefined) return finding('I2', `it calls ${commandId} a duplicate, but no earlier decision has that id`)
      if (events.length > 0 || rejection !== null)
        return finding('I2', `it is a duplicate of the decision at ${first.offset} and decides something itself`)
      if (duplicateOf?.head !== first.head)
        return finding(
          'I2',
          `it names ${duplicateOf?.head ?? 'nothing'} as the first decision of ${commandId}, which is ${first.head} at ${first.offset}`,
        )
      if (duplicateOf.offset > first.offset)
        return finding('I2', `it says that ${commandId} was first decided at ${duplicateOf.offset} or later, but it was at ${first.offset}`)
      if (!sameBody(first.bodyHash, envelope.bodyHash))
        return finding('I2', `it answers ${commandId} with the decision at ${first.offset}, which was about another body`)
      return undefined
    }
    if (rejection?.code === 'IDEMPOTENCY_KEY_REUSED') {
      if (first === undefined) return finding('I2', `it refuses ${commandId} as used before, but no earlier decision has that id`)
      if (sameBody(first.bodyHash, envelope.bodyHash))
        return finding(
          'I2',
          `it refuses ${commandId} as used with another body, but the body of the decision at ${first.offset} is the same`,
        )
      return undefined
    }
    if (commandId === '' || commandType === 'Tick') return undefined // Nobody can ask for these again.
    if (first !== undefined && atMs - first.atMs <= PROMISED_MS && this.#number - first.number < PROMISED_IDS)
      return finding('I2', `${commandId} is decided a second time; the first decision is at ${first.offset}`)
    this.#remember(commandId, { offset, head, atMs, bodyHash: envelope.bodyHash, number: this.#number++ })
    return undefined
  }

  #remember(commandId: string, first: First): void {
    if (this.#young.size >= PROMISED_IDS || first.atMs - this.#youngSinceMs > PROMISED_MS) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngSinceMs = first.atMs
    }
    this.#young.set(commandId, first)
  }
}

/** No body and a hash of zeros are the same. */
const sameBody = (a: string, b: string): boolean => a.replace(/^0+$/, '') === b.replace(/^0+$/, '')
