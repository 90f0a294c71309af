import { setTimeout as delay } from 'node:timers/promises'
import { AppendRefusedError, AppendUnknownError } from '@cavea/event-log/errors'
import type { EventLog } from '@cavea/event-log/port'
import { randomOf } from './worker-harness.spec.ts'

/** What becomes of one append, beside being written and acknowledged. */
export type Fault = 'lost' | 'unanswered' | 'late' | 'doubled' | 'refused' | 'slow'

export interface FaultyLog {
  readonly log: EventLog
  readonly faults: Record<Fault, number>
  /** Resolves when no late write is under way any more. */
  readonly settled: () => Promise<void>
}

const SLOW_MS = 15
const LATE_MS = 60

/**
 * The embedded log, whose appends to one topic go wrong in every way that the port allows, by a seed. It specifies
 * nothing itself.
 */
export function faultyLog(log: EventLog, topic: string, seed: number, share: number): FaultyLog {
  const random = randomOf(seed)
  const faults: Record<Fault, number> = { lost: 0, unanswered: 0, late: 0, doubled: 0, refused: 0, slow: 0 }
  const kinds = Object.keys(faults) as Fault[]
  const underWay = new Set<Promise<unknown>>()

  async function append(...[to, partition, values]: Parameters<EventLog['append']>): ReturnType<EventLog['append']> {
    if (to !== topic || random() >= share) return await log.append(to, partition, values)
    const fault = kinds[Math.floor(random() * kinds.length)] ?? 'lost'
    const waitMs = random() * (fault === 'late' ? LATE_MS : SLOW_MS)
    faults[fault]++
    switch (fault) {
      case 'lost':
        throw new AppendUnknownError('Nothing was written, but nobody knows.')
      case 'unanswered':
        await log.append(to, partition, values)
        throw new AppendUnknownError('It was written, but nobody knows.')
      case 'late': {
        const write = delay(waitMs).then(() => log.append(to, partition, values))
        underWay.add(write)
        void write.finally(() => underWay.delete(write))
        throw new AppendUnknownError('It will be written, but nobody knows.')
      }
      case 'doubled': {
        const answers = [await log.append(to, partition, values), await log.append(to, partition, values)] as const
        return random() < 0.5 ? answers[0] : answers[1]
      }
      case 'refused':
        throw new AppendRefusedError('Not now.', { retryable: true })
      case 'slow': {
        const answer = await log.append(to, partition, values)
        await delay(waitMs)
        return answer
      }
      default:
        return fault satisfies never
    }
  }

  const through = {
    append,
    ensureTopics: (...args) => log.ensureTopics(...args),
    partitionCount: (...args) => log.partitionCount(...args),
    endOffset: (...args) => log.endOffset(...args),
    read: (...args) => log.read(...args),
    join: (...args) => log.join(...args),
    close: () => log.close(),
  } satisfies EventLog
  const settled = async () => {
    while (underWay.size > 0) await Promise.all(underWay)
  }
  return { log: through, faults, settled }
}
