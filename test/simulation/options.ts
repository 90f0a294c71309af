import type { Sale } from './hall.ts'
import { randomFor } from './random.ts'
import { type Step, scriptOf } from './script.ts'

/** Everything that may go wrong, each with a strength of its own from 0, never, to 1. */
export const FAULTS = [
  'refusedAppends',
  'lostAppends',
  'unansweredAppends',
  'lateAppends',
  'doubledAppends',
  'slowAppends',
  'slowReaders',
  'refusedQuestions',
  'tornSnapshots',
  'lostSnapshots',
  'pauses',
  'workerCrashes',
  'workerDepartures',
  'gatewayCrashes',
  'gatewayDepartures',
  'crashesAnywhere',
  'twoOwners',
  'logClockJumps',
  'ownerClockJumps',
  'repeatedRequests',
  'twoVersions',
  'deafSection',
  'mutePolicies',
] as const
export type FaultName = (typeof FAULTS)[number]

export interface Storm {
  readonly fromMs: number
  readonly toMs: number
}

/** All that a run depends on beside the code. */
export interface Options extends Sale {
  readonly seed: number
  readonly faults: Readonly<Record<FaultName, number>>
  /** When faults happen, in milliseconds from the beginning; between storms everything must go well. */
  readonly storms: readonly Storm[]
  /** When a worker leaves in good order though there is no storm; null: none does. */
  readonly departureMs: number | null
  readonly workers: number
  readonly gateways: number
  readonly partitions: { readonly catalog: number; readonly seating: number; readonly cart: number }
  readonly snapshotEvery: number
  readonly batchDecisionsMax: number
  readonly appendsInFlightMax: number
  readonly reactionsMax: number
  readonly decisionTimeoutMs: number
  /** Decisions that a gateway remembers. */
  readonly recentMax: number
  /** Commands that may wait at a gateway at once. */
  readonly waitingMax: number
  /** What gateways know of free seats: nothing; what is true; what was true once or never. */
  readonly availability: 'unknown' | 'true' | 'wrong'
  readonly script: readonly Step[]
}

const CALM_SHARE = 0.1
const DEAF_MS = 66_000

export function optionsOf(seed: number): Options {
  const random = randomFor(seed, 'options')
  const among = <Value>(...values: readonly [Value, ...Value[]]): Value => values[Math.floor(random() * values.length)] ?? values[0]
  const isCalm = random() < CALM_SHARE
  const strength = (): number => (isCalm || random() < 0.55 ? 0 : random() ** 2)
  const drawn = Object.fromEntries(FAULTS.map((name) => [name, strength()])) as Record<FaultName, number>
  const deafness = isCalm ? 1 : random()
  const faults = { ...drawn, deafSection: deafness < 0.03 ? 1 : 0, mutePolicies: deafness >= 0.03 && deafness < 0.06 ? 1 : 0 }
  const storms: Storm[] = []
  let atMs = random() * 3_000
  for (let count = isCalm ? 0 : among(1, 1, 2); count > 0; count--) {
    const lastsMs = storms.length === 0 && faults.deafSection + faults.mutePolicies > 0 ? DEAF_MS : 3_000 + random() * 9_000
    storms.push({ fromMs: atMs, toMs: atMs + lastsMs })
    atMs += lastsMs + 14_000
  }
  return {
    seed,
    faults,
    storms,
    departureMs: isCalm ? 2_500 + random() * 5_000 : null,
    workers: isCalm ? 2 : among(1, 2, 2, 3),
    gateways: among(1, 2, 2),
    partitions: { catalog: 1, seating: among(1, 2, 3), cart: among(1, 2) },
    snapshotEvery: among(8, 20, 50, 200),
    batchDecisionsMax: among(1, 3, 100),
    appendsInFlightMax: among(1, 2, 2),
    reactionsMax: among(1, 4, 10_000),
    decisionTimeoutMs: among(100, 500, 2_000, 2_000),
    recentMax: among(1, 10, 50_000),
    holdTtlMs: among(1_500, 4_000, 8_000),
    purchaseLimit: among(null, null, 5),
    sectionLimit: among(null, null, null, 4),
    saleStartsAfterMs: among(null, null, null, null, 1_500),
    saleEndsAfterMs: among(null, null, null, 6_000 + random() * 6_000),
    waitingMax: among(4_096, 4_096, 4_096, 2),
    availability: among('unknown', 'true', 'wrong'),
    script: scriptOf(seed),
  }
}
