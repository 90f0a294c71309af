import { topicsOf } from '@cavea/contracts/topics'
import { Breach } from './invariants.ts'
import type { TrueLedger } from './ledger.ts'
import { compareMemory } from './memory.ts'
import { EPOCH_MS } from './scheduler.ts'
import type { World } from './world.ts'

const LOOK_MS = 250
/** So long after the last fault, decisions go on. */
const PROGRESS_WITHIN_MS = 10_000
/** And so soon where nothing went wrong, and a worker at most left in good order. */
const CALM_PROGRESS_WITHIN_MS = 2_000
/** No hold that is over is kept longer than this. */
const EXPIRED_WITHIN_MS = 2_000

/** Looks again and again, as time passes, at memory, and for what should have happened by now and did not. */
export function watch(world: World): void {
  const { scheduler, referee, faults, log, options } = world
  const isAllCalm = options.storms.length === 0
  /** By worker, the head at which its memory was looked at last. */
  const seen = new WeakMap<object, string>()

  /** Whoever is at the true head has folded what counts and nothing else, so memory must be what the models say. */
  function lookAtMemory(): void {
    for (const { machine, workers } of world.services) {
      if (machine.state !== 'up') continue
      for (const [topic, { state, status }] of workers) {
        const ledger = referee.ledgers.get(topic.replace('.commands', ''))
        if (state === undefined || status !== 'deciding' || ledger === undefined) continue
        if (state.position.head !== ledger.head || seen.get(state) === ledger.head) continue
        seen.set(state, ledger.head)
        try {
          compareMemory(state, ledger)
        } catch (error) {
          if (!(error instanceof Breach)) throw error
          referee.violated(error.invariant, `${machine.name}: ${error.message}`)
        }
      }
    }
  }

  /** Invariant I10. */
  function lookForProgress(calmSinceMs: number): void {
    for (const [place, [oldest]] of referee.undecided) {
      if (oldest === undefined) continue
      const waitedMs = scheduler.nowMs - Math.max(oldest.landedMs, calmSinceMs)
      if (waitedMs > (isAllCalm ? CALM_PROGRESS_WITHIN_MS : PROGRESS_WITHIN_MS))
        referee.violated('I10', `${place}: command ${oldest.offset} is not decided after ${Math.floor(waitedMs)} calm ms.`)
    }
  }

  /** Invariant I7. */
  function lookForOverdue({ context, partition, seating, carts, atMs }: TrueLedger): void {
    const ledgerMs = Math.max(atMs, log.nowMs(topicsOf(context).commands, partition))
    const alone = [...seating.holds.values()].filter(({ cartId }) => cartId === '')
    for (const { holdId, status, untilMs } of [...alone, ...carts.carts.values()])
      if (status === 'held' && ledgerMs > untilMs + EXPIRED_WITHIN_MS)
        referee.violated('I7', `${holdId} is held ${ledgerMs - untilMs} ms after its time.`)
  }

  function look(): void {
    scheduler.after(LOOK_MS, look)
    lookAtMemory()
    const calmSinceMs = faults.calmSinceMs
    if (calmSinceMs === undefined) return
    lookForProgress(calmSinceMs)
    if (calmSinceMs !== EPOCH_MS && scheduler.nowMs < calmSinceMs + PROGRESS_WITHIN_MS) return
    for (const ledger of referee.ledgers.values()) lookForOverdue(ledger)
  }
  look()
}
