import { DECIDERS } from '@cavea/command-service/application/command-service'
import { Audience } from './audience.ts'
import { checkAtRest, checkSnapshots } from './final-checks.ts'
import type { Violation } from './invariants.ts'
import type { TrueLedger } from './ledger.ts'
import type { Options } from './options.ts'
import type { Plant } from './plants.ts'
import { EPOCH_MS } from './scheduler.ts'
import { watch } from './watch.ts'
import { weather } from './weather.ts'
import { World } from './world.ts'

export interface Result {
  readonly seed: number
  /** Undefined: all went as it should. */
  readonly violation: Violation | undefined
  /** Of all that landed in the log. */
  readonly historyHash: string
  readonly steps: number
  readonly virtualMs: number
  readonly decisions: number
  readonly voids: number
  readonly answers: number
  readonly faults: ReadonlyMap<string, number>
  /** How often each event and each rejection was decided. */
  readonly kinds: ReadonlyMap<string, number>
  readonly trace: readonly string[]
}

/** The name under which decisions by the other version of the code are counted. */
export const NEXT_VERSION = 'by the next version'

/** Nothing takes so long, whatever the options. */
const END_MS = 600_000

/** Plays one world from its beginning until all its clients are done and all is at rest. */
export async function simulate(options: Options, plant?: Plant): Promise<Result> {
  let undo = plant?.install?.()
  const world = new World(options, plant)
  const { scheduler, referee } = world
  const audience = new Audience(world)
  try {
    for (let at = 0; at < options.workers; at++) world.startService()
    for (let at = 0; at < options.gateways; at++) world.startGateway()
    weather(world)
    watch(world)
    audience.open()
    const isLate = (): boolean => scheduler.nowMs > EPOCH_MS + END_MS
    await scheduler.run(() => referee.violation !== undefined || audience.isDone || isLate())
    if (isLate()) referee.violated('end', `It is not over after ${END_MS / 1_000} s: ${audience.state}.`)
    undo?.()
    undo = undefined
    if (referee.violation === undefined) checkAtRest(world)
    if (referee.violation === undefined) await checkSnapshots(world)
  } catch (error) {
    referee.violated('end', `The simulation threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  } finally {
    undo?.()
  }
  const result = resultOf(world, audience)
  world.abandon()
  await new Promise<void>((resolve) => setImmediate(resolve)) // What it wakes must be over before another world begins.
  return result
}

function resultOf({ options, referee, scheduler, faults, trace }: World, audience: Audience): Result {
  const ledgers = [...referee.ledgers.values()]
  return {
    seed: options.seed,
    violation: referee.violation,
    historyHash: referee.historyHash(),
    steps: scheduler.steps,
    virtualMs: scheduler.nowMs - EPOCH_MS,
    decisions: ledgers.reduce((sum, { counted }) => sum + counted.length, 0),
    voids: ledgers.reduce((sum, { voids }) => sum + voids, 0),
    answers: audience.answers,
    faults: new Map(faults.happened),
    kinds: kindsOf(ledgers),
    trace: [...trace],
  }
}

function kindsOf(ledgers: readonly TrueLedger[]): ReadonlyMap<string, number> {
  const kinds = new Map<string, number>()
  for (const { context, counted } of ledgers) {
    for (const { events, decision } of counted) {
      const names = [...events.map(({ type }) => type), decision.rejection?.code ?? decision.outcome]
      if (decision.ruleVersion > DECIDERS[context].decider.ruleVersion) names.push(NEXT_VERSION)
      for (const name of names) kinds.set(name, (kinds.get(name) ?? 0) + 1)
    }
  }
  return kinds
}
