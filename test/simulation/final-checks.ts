import { DECIDERS } from '@cavea/command-service/application/command-service'
import { OwnedState } from '@cavea/command-service/application/owned-state'
import { epochMillis } from '@cavea/contracts/ids'
import { topicsOf } from '@cavea/contracts/topics'
import type { ModelCart } from './cart-model.ts'
import { Breach } from './invariants.ts'
import type { Counted, TrueLedger } from './ledger.ts'
import { compareMemory } from './memory.ts'
import type { ModelHold } from './model-rules.ts'
import { codec, registry, type World } from './world.ts'

/** When nothing is under way any more: all is decided and answered for, and carts are all or nothing. */
export function checkAtRest(world: World): void {
  const { referee } = world
  for (const [place, waiting] of referee.undecided)
    if (waiting.length > 0) referee.violated('I10', `${place}: ${waiting.length} commands are not decided at the end.`)
  for (const { bus, machine } of world.gateways) {
    const { reasons } = bus.readiness()
    if (machine.state === 'up' && reasons.length > 0)
      referee.violated('I10', `${machine.name} is not ready at the end: ${reasons.join(' ')}`)
  }
  const ledgers = [...referee.ledgers.values()]
  const holds = new Map(ledgers.flatMap(({ seating }) => [...seating.holds]))
  const carts = new Map(ledgers.flatMap((ledger) => [...ledger.carts.carts]))
  for (const cart of carts.values()) checkCart(world, cart, holds)
  for (const { holdId, cartId } of holds.values())
    if (cartId !== '' && !carts.has(cartId)) referee.violated('carts', `${holdId} is a part of ${cartId}, which never was.`)
}

function checkCart({ referee }: World, { holdId, status, parts }: ModelCart, holds: ReadonlyMap<string, ModelHold>): void {
  if (status === 'opening') referee.violated('I10', `${holdId} is still being opened at the end.`)
  const wanted = status === 'sold' ? 'sold' : status === 'held' ? 'held' : 'released'
  for (const part of parts) {
    const hold = holds.get(part.holdId)
    if (hold?.status !== wanted) referee.violated('carts', `${holdId} is ${status}, and its part ${part.holdId} is ${hold?.status}.`)
  }
  const own = new Set(parts.map((part) => part.holdId as string))
  for (const hold of holds.values())
    if (hold.cartId === holdId && !own.has(hold.holdId) && hold.status !== 'released')
      referee.violated('carts', `${hold.holdId} was granted to ${holdId}, is none of its parts, and is ${hold.status}.`)
}

/** Invariant I4: the live state, every snapshot that was saved, and the full replay are the same at the same place. */
export async function checkSnapshots(world: World): Promise<void> {
  for (const ledger of world.referee.ledgers.values()) await checkLedger(world, ledger)
}

async function checkLedger(world: World, ledger: TrueLedger): Promise<void> {
  const { context, partition } = ledger
  const { referee } = world
  const place = `${context}/${partition}`
  const { decider } = DECIDERS[context]
  const replay = OwnedState.empty({ codec, registry, decider }, topicsOf(context).events, partition)
  const saved = world.saved
    .filter((one) => one.context === context && one.partition === partition)
    .map(({ snapshot }) => snapshot)
    .sort((a, b) => a.start.offset - b.start.offset)
  let next = 0
  const compareUpTo = (offset: number): void => {
    for (; (saved[next]?.start.offset ?? Number.POSITIVE_INFINITY) <= offset; next++) {
      const { start, body } = saved[next] ?? replay.snapshot()
      const isRight = start.head === replay.position.head && start.commandOffset === replay.commandOffset
      if (!isRight || !body.equals(replay.snapshot().body))
        referee.violated('I4', `The snapshot of ${place} at ${start.offset} is not what counts up to there.`)
    }
  }
  for (const counted of ledger.counted) {
    compareUpTo(counted.offset)
    await fold(replay, counted)
  }
  compareUpTo(Number.MAX_SAFE_INTEGER)
  if (next < saved.length) referee.violated('I4', `A snapshot of ${place} is from nowhere.`)
  try {
    compareMemory(replay, ledger)
  } catch (error) {
    if (!(error instanceof Breach)) throw error
    referee.violated(error.invariant, `The replay: ${error.message}`)
  }
  for (const { machine, workers } of world.services) {
    const worker = workers.get(`${topicsOf(context).commands}/${partition}`)
    if (machine.state !== 'up' || worker?.state === undefined || worker.status !== 'deciding') continue
    if (worker.state.position.head !== replay.position.head) continue // It is not the one who decides.
    if (worker.state.hash() !== replay.hash())
      referee.violated('I4', `What ${machine.name} has in memory of ${place} is not what the log says.`)
  }
}

async function fold(state: OwnedState, { offset, head, decision }: Counted): Promise<void> {
  await state.fold({ offset, head: head as never, decision: { ...decision, atMs: epochMillis(decision.atMs) } }, () => {})
}
