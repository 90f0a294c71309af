import { setTimeout as delay } from 'node:timers/promises'
import type { EventLog } from '@cavea/event-log/port'
import type { Snapshots } from '@cavea/event-log/snapshots'
import type { Clock } from './worker-options.ts'

/** When a process dies: in its append of this number, which was written although nobody hears of it, or was not. */
export interface Death {
  readonly append: number
  readonly isWritten: boolean
  /** For so long it goes on with everything else, while that append is not answered. */
  readonly lingersMs: number
}

type Surroundings = { readonly log: EventLog; readonly snapshots: Snapshots; readonly clock: Clock }

export interface MortalProcess extends Surroundings {
  readonly isDead: () => boolean
  /** Resolves at its death. */
  readonly died: Promise<void>
}

/**
 * What a process sees of the world until it dies in the middle of an append: from then on nothing that it asked for is
 * answered and nothing that it asks for is done, as if it were not there. It specifies nothing itself.
 */
export function mortalProcess({ log, snapshots, clock }: Surroundings, death: Death | null): MortalProcess {
  const end = new AbortController()
  const isDead = () => end.signal.aborted
  const died = new Promise<void>((resolve) => end.signal.addEventListener('abort', () => resolve()))
  let appends = 0

  const never = <Answer>() => new Promise<Answer>(() => {})
  const untilDeath = (signal: AbortSignal) => AbortSignal.any([signal, end.signal])
  const whileAlive =
    <Args extends unknown[], Answer>(call: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      if (isDead()) return await never()
      const answer = await call(...args)
      return isDead() ? await never() : answer
    }

  async function append(...[topic, partition, values]: Parameters<EventLog['append']>): ReturnType<EventLog['append']> {
    if (++appends !== death?.append) return await log.append(topic, partition, values)
    if (death.isWritten) await log.append(topic, partition, values)
    if (death.lingersMs > 0) await delay(death.lingersMs)
    end.abort()
    return await never()
  }
  async function* read(...[topic, partition, from, options]: Parameters<EventLog['read']>): ReturnType<EventLog['read']> {
    for await (const batch of log.read(topic, partition, from, { ...options, signal: untilDeath(options.signal) })) {
      if (isDead()) break
      yield batch
    }
    if (isDead()) await never()
  }
  async function* load(...[topic, partition]: Parameters<Snapshots['load']>): ReturnType<Snapshots['load']> {
    for await (const snapshot of snapshots.load(topic, partition)) {
      if (isDead()) await never()
      yield snapshot
    }
  }

  return {
    isDead,
    died,
    log: {
      append: whileAlive(append),
      read,
      ensureTopics: whileAlive((...args) => log.ensureTopics(...args)),
      partitionCount: whileAlive((...args) => log.partitionCount(...args)),
      endOffset: whileAlive((...args) => log.endOffset(...args)),
      join: whileAlive((...args) => log.join(...args)),
      close: whileAlive(() => log.close()),
    },
    snapshots: { save: whileAlive((...args) => snapshots.save(...args)), load },
    clock: { ...clock, sleep: whileAlive((ms, signal) => clock.sleep(ms, untilDeath(signal))) },
  }
}
