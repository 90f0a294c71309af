import { createDirectory, type Directory } from '@cavea/contracts/catalog/directory'
import type { Codec } from '@cavea/contracts/codec'
import type { LedgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import { type Snapshots, startsFrom } from '@cavea/event-log/snapshots'
import type { Clock } from '@cavea/gateway/application/clock'
import { createCommandBus, type RunningCommandBus } from '@cavea/gateway/application/command-bus'
import type { FreeSeats } from '@cavea/gateway/routes/free-seats'
import type { Logger } from '@cavea/service-kit/logger'
import type { Metrics } from '@cavea/service-kit/metrics'
import type { Machine } from './machine.ts'

export interface GatewayParts {
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
  readonly snapshots: Snapshots
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** Whether readers start where a snapshot ends. */
  readonly startsAtSnapshots: boolean
  readonly decisionTimeoutMs: number
  readonly recentMax: number
  readonly inFlightMax: number
  readonly free: FreeSeats
  readonly starts?: (topic: string, partition: number) => Promise<LedgerStart>
}

/** One gateway, as far as its reply path goes. */
export interface SimulatedGateway {
  readonly machine: Machine
  readonly bus: RunningCommandBus
  readonly directory: Directory
  readonly free: FreeSeats
}

export function startGateway(machine: Machine, parts: GatewayParts): SimulatedGateway {
  const { snapshots, startsAtSnapshots, free, ...rest } = parts
  const directory = createDirectory()
  const starts = parts.starts ?? (startsAtSnapshots ? startsFrom(parts.log, snapshots) : undefined)
  const bus = createCommandBus({ ...rest, directory, ...(starts && { starts }) })
  void bus.start()
  return { machine, bus, directory, free }
}
