import { both } from './both.ts'
import type { Fault } from './fault.ts'
import { fullDisk } from './full-disk.ts'
import { killedBroker } from './killed-broker.ts'
import { killedGateway } from './killed-gateway.ts'
import { killedQueryService } from './killed-query-service.ts'
import { killedWorker } from './killed-worker.ts'
import { leavingWorker } from './leaving-worker.ts'
import { oneWayLoss } from './one-way-loss.ts'
import { rebalanceStorm } from './rebalance-storm.ts'
import { silentBroker } from './silent-broker.ts'
import { sleepingWorker } from './sleeping-worker.ts'
import { slowNetwork } from './slow-network.ts'

const SILENT_MS = 20_000
const SILENT_BRIEFLY_MS = 8_000

/** Every fault there is, and how often it comes in one pass of `npm run chaos`. */
export const FAULTS: readonly { readonly fault: Fault; readonly times: number }[] = [
  { fault: killedWorker, times: 50 },
  { fault: killedGateway, times: 50 },
  { fault: sleepingWorker, times: 6 },
  { fault: leavingWorker, times: 4 },
  { fault: killedQueryService, times: 2 },
  { fault: killedBroker, times: 5 },
  { fault: silentBroker(SILENT_MS), times: 2 },
  { fault: fullDisk, times: 2 },
  { fault: slowNetwork, times: 4 },
  { fault: oneWayLoss, times: 8 },
  { fault: rebalanceStorm, times: 3 },
  { fault: both(sleepingWorker, killedBroker), times: 2 },
  { fault: both(silentBroker(SILENT_BRIEFLY_MS), killedWorker), times: 2 },
  { fault: both(oneWayLoss, killedGateway), times: 2 },
  { fault: both(slowNetwork, rebalanceStorm), times: 1 },
]
