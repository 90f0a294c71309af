import { type ChaosCluster, startChaosCluster } from '../chaos/chaos-cluster.ts'
import { HistoryCheck } from '../chaos/check.ts'
import type { Fault } from '../chaos/faults/fault.ts'
import { fullDisk } from '../chaos/faults/full-disk.ts'
import { killedBroker } from '../chaos/faults/killed-broker.ts'
import { killedGateway } from '../chaos/faults/killed-gateway.ts'
import { killedQueryService } from '../chaos/faults/killed-query-service.ts'
import { killedWorker } from '../chaos/faults/killed-worker.ts'
import { leavingWorker } from '../chaos/faults/leaving-worker.ts'
import { oneWayLoss } from '../chaos/faults/one-way-loss.ts'
import { rebalanceStorm } from '../chaos/faults/rebalance-storm.ts'
import { silentBroker } from '../chaos/faults/silent-broker.ts'
import { sleepingWorker } from '../chaos/faults/sleeping-worker.ts'
import { slowNetwork } from '../chaos/faults/slow-network.ts'
import { describePlayed, playRound } from '../chaos/round.ts'
import { whyNoCluster } from '../support/engines.ts'
import { measured } from '../support/numbers.ts'

const SEED = 5
const RATE = 120
/** Longer than gateways wait for a decision, so that they have to say that they do not know. */
const SILENT_MS = 6_000

// The short form of `npm run chaos`: a few faults of each kind with one seed.
describe('Services on Kafka, under load', function () {
  this.timeout(300_000)
  const why = whyNoCluster()
  if (why !== undefined) return void it(`are skipped: ${why}`)
  let cluster: ChaosCluster
  let history: HistoryCheck

  before(async function startTheCluster() {
    this.timeout(400_000)
    cluster = await startChaosCluster(SEED)
    history = new HistoryCheck(cluster.services)
  })
  after(async () => await cluster?.stop())
  // What a fault broke may still be broken, and would fail all that comes after it.
  let hasFailed = false
  beforeEach(function skipAfterFailure() {
    if (hasFailed) this.skip()
  })
  afterEach(function noteFailure() {
    hasFailed ||= this.currentTest?.state === 'failed'
  })

  const rounds: readonly (readonly [string, readonly Fault[]])[] = [
    ['lose nothing when their processes are killed, leave or sleep', [killedWorker, killedGateway, leavingWorker, sleepingWorker]],
    ['lose nothing when the broker is killed, is silent or has no room left', [killedBroker, silentBroker(SILENT_MS), fullDisk]],
    [
      'lose nothing while the network is slow or loses one direction, workers come and go, and reads fail',
      [slowNetwork, oneWayLoss, rebalanceStorm, killedQueryService],
    ],
  ]
  for (const [at, [title, faults]] of rounds.entries())
    it(title, async () => {
      const counts = await playRound(cluster, history, { seed: 10 * SEED + at, faults, rate: RATE }, (played) =>
        measured('fault', describePlayed(played)),
      )
      measured('load', JSON.stringify(counts))
    })

  it('leave a log that the audit finds intact, decided again from its first command on', async () => {
    await cluster.services.audit()
    measured('decisions, and void records among them', `${history.log.decisions}, ${history.log.voids}`)
  })
})
