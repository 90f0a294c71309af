import { DECIDERS } from '@cavea/command-service/application/command-service'
import { DEFAULT_LIMITS, type WorkerOptions, type WorkerTelemetry } from '@cavea/command-service/application/worker-options'
import { createCodec } from '@cavea/contracts/codec'
import { SUBJECTS } from '@cavea/contracts/subjects'
import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import { inProcessRegistry, schemaId } from '@cavea/event-log/registry/in-process'
import type { Snapshot } from '@cavea/event-log/snapshots'
import { createLogger } from '@cavea/service-kit/logger'
import { createMetrics } from '@cavea/service-kit/metrics'
import { gatewayClock, workerClock } from './clock.ts'
import { Faults } from './faults.ts'
import { type SimulatedGateway, startGateway } from './gateway.ts'
import { logOf, SimulatedLog } from './log.ts'
import { Machine } from './machine.ts'
import { Group } from './membership.ts'
import type { Options } from './options.ts'
import type { Plant } from './plants.ts'
import { randomFor } from './random.ts'
import { ReadModels } from './read-models.ts'
import { Referee } from './referee.ts'
import { Scheduler } from './scheduler.ts'
import { type SimulatedService, startService } from './service.ts'
import { snapshotsOf, Volume } from './snapshots.ts'

const subjects = [...SUBJECTS].map(([subject, schema]) => ({ subject, schema: schema as object }))
export const registry = inProcessRegistry(subjects)
export const codec = createCodec((subject) => schemaId(subject, SUBJECTS.get(subject) as object))
// What is measured and logged decides nothing, so all worlds share it.
const logger = createLogger({ service: 'simulation', level: 'silent' })
const metrics = createMetrics('simulation')

/** The name under which deaths are counted that came while a cart was being opened. */
export const DEATH_AMID_CARTS = 'a death amid carts'

const CURRENT = 1
const NEXT = 2

export interface SavedSnapshot {
  readonly context: Context
  readonly partition: number
  readonly snapshot: Snapshot
}

/** Machines, the log and the volume between them, and the referee who sees it all. */
export class World {
  readonly options: Options
  readonly plant: Plant | undefined
  readonly scheduler = new Scheduler()
  readonly faults: Faults
  readonly referee: Referee
  readonly log: SimulatedLog
  readonly group: Group
  readonly volume: Volume
  readonly saved: SavedSnapshot[] = []
  readonly services: SimulatedService[] = []
  readonly gateways: SimulatedGateway[] = []
  /** What happened, for people. */
  readonly trace: string[] = []
  readonly #aborts: (() => void)[] = []
  #machines = 0

  constructor(options: Options, plant?: Plant) {
    this.options = options
    this.plant = plant
    this.faults = new Faults(options, this.scheduler)
    this.referee = new Referee(
      () => this.log,
      codec,
      (what) => this.note(what),
      new ReadModels(plant?.seatState),
    )
    this.log = new SimulatedLog(this.scheduler, (landed) => this.referee.landed(landed))
    this.group = new Group(this.log)
    this.volume = new Volume((topic, partition, snapshot) => {
      const context = CONTEXTS.find((name) => topicsOf(name).events === topic)
      if (context === undefined) return
      this.saved.push({ context, partition, snapshot })
      this.referee.saved(context, partition, snapshot.start)
    }, plant?.isUnverified !== true)
    for (const context of CONTEXTS)
      for (const topic of Object.values(topicsOf(context)) as string[]) this.log.ensure(topic, options.partitions[context])
  }

  note(what: string): void {
    this.trace.push(`${((this.scheduler.nowMs % 1_000_000) / 1_000).toFixed(3).padStart(8)} ${what}`)
  }

  /** Aborts what machines still wait for, dead ones too: Node keeps signals for as long as somebody listens to them, and with them the world. */
  abandon(): void {
    for (const abort of this.#aborts) abort()
  }

  #machine(kind: 'worker' | 'gateway'): Machine {
    const machine = new Machine(`${kind}-${++this.#machines}`, kind === 'worker', this.scheduler)
    machine.diesNow = () => this.faults.diesNow()
    machine.onDeath(() => {
      this.note(`${machine.name} dies`)
      const carts = [...this.referee.ledgers.values()].flatMap((ledger) => [...ledger.carts.carts.values()])
      if (carts.some(({ status }) => status === 'opening')) this.faults.count(DEATH_AMID_CARTS)
    })
    return machine
  }

  startService(): SimulatedService {
    const machine = this.#machine('worker')
    const version = this.options.faults.twoVersions > 0 && this.#machines % 2 === 0 ? NEXT : CURRENT
    if (version === NEXT) this.faults.count('twoVersions')
    const service = startService(machine, version, (context) => this.#workerOptions(machine, version, context))
    this.services.push(service)
    this.#aborts.push(service.abort)
    return service
  }

  #workerOptions(machine: Machine, version: number, context: Context): WorkerOptions {
    const { snapshotEvery, batchDecisionsMax, appendsInFlightMax, reactionsMax, seed } = this.options
    const { decider, policy } = DECIDERS[context]
    const snapshots = snapshotsOf(machine, this.volume, this.faults)
    const options: WorkerOptions = {
      log: logOf(machine, this.log, () => this.group, this.faults),
      codec,
      registry,
      snapshots: this.plant?.snapshots?.(snapshots, this) ?? snapshots,
      clock: workerClock(machine, randomFor(seed, `${machine.name} ${context}`)),
      telemetry: this.#telemetry(machine),
      limits: { ...DEFAULT_LIMITS, snapshotEvery, batchDecisionsMax, appendsInFlightMax, reactionsMax },
      topicPrefix: '',
      owner: machine.name,
      // Another version of the code that decides the same: its records and those of the first fold alike.
      decider: version === CURRENT ? decider : { ...decider, ruleVersion: decider.ruleVersion + 1 },
      policy,
    }
    return this.plant?.options?.(options, this) ?? options
  }

  #telemetry(machine: Machine): WorkerTelemetry {
    const quiet = (): void => {}
    const text = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error))
    return {
      folded: (context, partition, records) => this.note(`${machine.name} folds ${records} records of ${context}/${partition}`),
      decided: quiet,
      dropped: (context, partition, reason) => this.note(`${machine.name} drops its memory of ${context}/${partition}: ${reason}`),
      voids: (context, partition, records) => this.note(`${machine.name} reads ${records} void records of ${context}/${partition}`),
      unreadable: (context, partition, offset) =>
        this.referee.violated('guards', `${context}/${partition}: command ${offset} cannot be read.`),
      quarantined: (context, partition, offset, error) =>
        this.referee.violated('guards', `${context}/${partition}: the decider throws on command ${offset}: ${text(error)}`),
      snapshot: quiet,
      trouble: (context, partition, error) => this.note(`${machine.name} has trouble with ${context}/${partition}: ${text(error)}`),
      failed: (context, partition, error) =>
        this.referee.violated('guards', `${machine.name} stops ${context}/${partition} for good: ${text(error)}`),
    }
  }

  /** What a read model says of free seats, which is behind at times: nothing hangs on it but where a cart looks first. */
  #freeSeats(random: () => number): ReadonlyMap<string, number> {
    const { availability } = this.options
    if (availability === 'unknown') return new Map()
    const sections = [...this.referee.ledgers.values()].flatMap(({ seating }) => [...seating.sections.values()])
    const share = availability === 'true' ? 1 : random()
    return new Map(sections.map(({ sectionId, owner }) => [sectionId, Math.floor(share * owner.filter((by) => by === null).length)]))
  }

  startGateway(): SimulatedGateway {
    const machine = this.#machine('gateway')
    const { seed, decisionTimeoutMs, recentMax, waitingMax } = this.options
    const random = randomFor(seed, machine.name)
    const parts = {
      log: logOf(machine, this.log, () => this.group, this.faults),
      codec,
      registry,
      snapshots: snapshotsOf(machine, this.volume, this.faults),
      clock: gatewayClock(machine, random),
      logger,
      metrics,
      startsAtSnapshots: random() < 0.6,
      decisionTimeoutMs,
      recentMax,
      inFlightMax: waitingMax,
      free: async () => this.#freeSeats(random),
    }
    const started = startGateway(machine, this.plant?.gatewayParts?.(parts, this) ?? parts)
    this.#aborts.push(() => void started.bus.stop().catch(() => {}))
    const gateway = this.plant?.gateway?.(started, this) ?? started
    this.gateways.push(gateway)
    return gateway
  }
}
