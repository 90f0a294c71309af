import type { CommandId } from '@cavea/contracts/ids'
import { type Answer, CommandUnknownError } from '../ports/command-bus.ts'
import type { Clock } from './clock.ts'

/** Where the append of a waiting command stands. */
type Appending = 'under way' | 'done' | 'unknown'

export interface Waiter {
  readonly promise: Promise<Answer>
  readonly settle: (answer: Answer) => void
  readonly fail: (error: unknown) => void
  readonly appended: (result: Exclude<Appending, 'under way'>) => void
}

export interface WaiterOf {
  readonly commandId: CommandId
  readonly bodyHash: string
  /** The events partition that the answer will come from. */
  readonly place: string
}

/** The requests that wait for a decision, by command id and body: two bodies under one id get two answers. */
export interface Waiters {
  readonly count: () => number
  readonly find: (of: WaiterOf) => Waiter | undefined
  readonly open: (of: WaiterOf) => Waiter
  readonly failAll: (error: unknown, place?: string) => void
}

/** How much longer than for the decision a request waits to hear whether its command was taken. */
const APPEND_PATIENCE_MS = 2_000

const keyOf = ({ commandId, bodyHash, place }: WaiterOf): string => `${commandId} ${bodyHash} ${place}`

export function createWaiters(options: {
  readonly clock: Clock
  readonly timeoutMs: number
  /** The command is in the log, and nobody decided it in time. */
  readonly onUndecided: (of: WaiterOf) => void
  readonly onSettled: (waitedMs: number) => void
}): Waiters {
  const { clock } = options
  const waiting = new Map<string, Waiter & { readonly place: string }>()

  function open(of: WaiterOf): Waiter {
    const key = keyOf(of)
    const openedMs = clock.nowMs()
    let appending: Appending = 'under way'
    let resolve: (answer: Answer) => void = () => undefined
    let reject: (error: unknown) => void = () => undefined
    const promise = new Promise<Answer>((onAnswer, onError) => {
      resolve = onAnswer
      reject = onError
    })
    let isLate = false
    let cancel = clock.after(options.timeoutMs, () => {
      isLate = true
      // Whether the command is in the log decides between "ask there" and "repeat it", so that is worth a little more time.
      cancel = clock.after(APPEND_PATIENCE_MS, () => giveUp('unknown'))
      if (appending !== 'under way') giveUp(appending)
    })

    /** Only the first answer ends the wait: by a later one, another request may be waiting under the same key. */
    function end(): boolean {
      cancel()
      return waiting.get(key) === waiter && waiting.delete(key)
    }

    function giveUp(appended: Exclude<Appending, 'under way'>): void {
      if (appended === 'unknown') {
        waiter.fail(new CommandUnknownError('The log did not say whether it took the command.'))
        return
      }
      if (!end()) return
      options.onUndecided(of)
      resolve({ outcome: 'undecided', commandId: of.commandId })
    }

    const waiter = {
      promise,
      place: of.place,
      settle(answer: Answer) {
        if (!end()) return
        options.onSettled(clock.nowMs() - openedMs)
        resolve(answer)
      },
      fail(error: unknown) {
        if (end()) reject(error)
      },
      appended(result: Exclude<Appending, 'under way'>) {
        if (appending !== 'done') appending = result // A decision that was read says more than a lost acknowledgement.
        if (isLate) giveUp(appending)
      },
    }
    waiting.set(key, waiter)
    return waiter
  }

  return {
    count: () => waiting.size,
    find: (of) => waiting.get(keyOf(of)),
    open,
    failAll(error, place) {
      for (const waiter of [...waiting.values()]) if (place === undefined || waiter.place === place) waiter.fail(error)
    },
  }
}
