import type { Decision } from '@cavea/contracts/envelope'
import { Chain, FRAME_BYTES, type Head, headAfter, parseHead, startOfChain } from '@cavea/contracts/ledger'
import type { LogRecord } from '@cavea/event-log/port'
import { type Finding, finding } from './findings.ts'

const LINK_BYTES = 32
/** Beyond so many the log is full of what nobody wrote for it, and the first ones tell that already. */
const UNLINKED_MAX = 10_000

/** A void record whose link names no record that was seen so far. */
interface Unlinked {
  readonly offset: number
  readonly link: Head
  /** The head at that place. */
  readonly head: Head
  readonly countedOffset: number
  readonly previousOffset: number
  readonly commandOffset: number
  readonly decision: Decision | undefined
}

/**
 * Walks one partition by the ledger rule, and tells voids that come about in good order from those that an altered,
 * removed or foreign record leaves behind.
 *
 * A void record is in good order when its link names an earlier record: its writer had seen that one, and another
 * writer was faster. A link to a record that is nowhere means that the log is not what its writers wrote, with one
 * exception: of two appends in flight the first may never have arrived. Then the second leaves out the commands that
 * the first had decided, which a record that follows an altered one does not, and the chain goes on after it.
 */
export class ChainAudit {
  readonly #chain: Chain
  readonly #unlinked = new Map<Head, Unlinked>()
  #previous: { readonly offset: number; readonly hash: Head }
  #countedOffset = -1

  constructor(topic: string, partition: number) {
    const start = startOfChain(topic, partition)
    this.#chain = new Chain(start)
    this.#previous = { offset: -1, hash: start.head }
  }

  get head(): Head {
    return this.#chain.head
  }

  get counted(): number {
    return this.#chain.counted
  }

  get voided(): number {
    return this.#chain.voided
  }

  /** Whether the record counts. `decode` is asked only where a void record needs a closer look. */
  async accept(record: LogRecord, commandOffset: number, decode: () => Promise<Decision | undefined>): Promise<boolean> {
    const previous = this.#previous
    const { head } = this.#chain
    if (this.#chain.accept(record)) {
      this.#previous = { offset: record.offset, hash: this.#chain.head }
      this.#countedOffset = record.offset
      return true
    }
    this.#previous = { offset: record.offset, hash: headAfter(record.value) }
    const link = parseHead(record.value.toString('hex', FRAME_BYTES, FRAME_BYTES + LINK_BYTES))
    if (link === undefined || link === previous.hash || this.#unlinked.has(link) || this.#unlinked.size >= UNLINKED_MAX) return false
    const decision = await decode()
    this.#unlinked.set(link, {
      offset: record.offset,
      link,
      head,
      countedOffset: this.#countedOffset,
      previousOffset: previous.offset,
      commandOffset,
      decision,
    })
    return false
  }

  /** Whether the whole partition must be looked through for the records that void ones link to. */
  get mustSearch(): boolean {
    return this.#unlinked.size > 0
  }

  /** Shown every record once more, or the start of the chain: a link to an earlier record is in good order. */
  seen(offset: number, hash: Head): void {
    const unlinked = this.#unlinked.get(hash)
    if (unlinked !== undefined && offset < unlinked.offset) this.#unlinked.delete(hash)
  }

  /** The first record that is not what its writer wrote, after everything was seen. */
  broken(): { readonly offset: number; readonly finding: Finding } | undefined {
    const first = [...this.#unlinked.values()].filter((unlinked) => !this.#isInOrder(unlinked)).sort((a, b) => a.offset - b.offset)[0]
    if (first === undefined) return undefined
    const { offset, why } = blame(first)
    return { offset, finding: finding('I3', why) }
  }

  /** What is no decision was put there by a stranger and is skipped by everybody; a lost append is explained above. */
  #isInOrder(unlinked: Unlinked): boolean {
    if (unlinked.decision === undefined) return true
    const wentOn = this.#countedOffset > unlinked.countedOffset
    return wentOn && unlinked.offset === unlinked.previousOffset + 1 && leavesOut(unlinked)
  }
}

const leavesOut = ({ decision, commandOffset }: Unlinked): boolean =>
  decision !== undefined && decision.outcome !== 'started' && decision.commandOffset > commandOffset + 1

function blame(unlinked: Unlinked): { readonly offset: number; readonly why: string } {
  const { offset, link, head, countedOffset, previousOffset, commandOffset } = unlinked
  const differing = differingBytes(link, head)
  if (differing <= LINK_BYTES / 2)
    return {
      offset,
      why: `its link differs from the head before it in ${differing} of ${LINK_BYTES} bytes: it was altered after it was written`,
    }
  if (offset > previousOffset + 1)
    return { offset: previousOffset + 1, why: `it is missing: the record at ${offset} links to one that is nowhere in the log` }
  if (leavesOut(unlinked))
    return {
      offset,
      why: `it links to a record that is nowhere in the log, and nothing decides command ${commandOffset + 1}: what stood before it was taken out`,
    }
  if (previousOffset < 0) return { offset, why: 'the first record does not link to the empty head: what stood before it was removed' }
  const late = previousOffset === countedOffset ? '' : ', or one that stood before it is gone'
  return {
    offset: previousOffset,
    why: `the record at ${offset} links to another one than stands here: this record was altered after it was written${late}`,
  }
}

function differingBytes(a: Head, b: Head): number {
  let count = 0
  for (let at = 0; at < a.length; at += 2) if (a.slice(at, at + 2) !== b.slice(at, at + 2)) count++
  return count
}
