import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkLoad } from '../support/check-load.ts'
import { apiOf, expectProblem } from '../support/client.ts'
import { sharedEngines, whyNoCluster } from '../support/engines.ts'
import { type Load, makeLoad } from '../support/load.ts'
import { measured } from '../support/numbers.ts'
import { type Cluster, startCluster } from '../support/product.ts'
import type { Program } from '../support/program.ts'

/** Far beyond what is aimed at (10 s after a kill, 2 s after a farewell), since a busy machine must not fail a test. */
const DECIDES_WITHIN_MS = 30_000
const SESSION_TIMEOUT_MS = 6_000
const WARM_UP_MS = 1_000

describe('Services on Kafka', function () {
  this.timeout(120_000)
  const why = whyNoCluster()
  if (why !== undefined) return void it(`are skipped: ${why}`)
  let cluster: Cluster
  let first: Program
  let second: Program
  let seed = 10 * Number(process.env['CAVEA_TEST_SEED'] ?? 1)

  before(async function startTheCluster() {
    this.timeout(180_000)
    cluster = await startCluster({ workers: 2, gateways: 1 })
    ;[first, second] = cluster.workers as [Program, Program]
  })
  after(async () => await cluster?.stop())

  /** Plays `faults` while a load runs; then everything must be as the answers said. */
  async function underLoad(what: string, faults: (load: Load) => Promise<void>): Promise<void> {
    const load = await makeLoad({ url: () => cluster.url, adminToken: cluster.adminToken, seed: seed++ })
    load.start()
    try {
      await sleep(WARM_UP_MS)
      await faults(load)
    } finally {
      await load.stop()
      measured(`load, ${what}`, load.counts())
    }
    await checkLoad(load, cluster)
    await cluster.audit()
  }

  it('lose nothing when a worker is killed, or leaves in good order', async () => {
    await underLoad('killed and leaving worker', async (load) => {
      await first.kill9()
      measured('next decisions everywhere after kill -9 of a worker', await load.untilAllDecide(performance.now(), DECIDES_WITHIN_MS))
      await first.restart()
      await sleep(2_000) // Both share the partitions again.
      const leavingMs = performance.now()
      const stopping = second.stop()
      const handedOverMs = await load.untilAllDecide(leavingMs, DECIDES_WITHIN_MS)
      measured('next decisions everywhere after a worker left', handedOverMs, await stopping)
      assert.ok(handedOverMs < SESSION_TIMEOUT_MS, 'it said goodbye: nobody had to wait until it was missed')
      await second.restart()
    })
  })

  it('are not misled by a worker that slept while others took its partitions', async () => {
    const voidsBefore = await cluster.voids()
    await underLoad('sleeping worker', async (load) => {
      const sleepingMs = performance.now()
      first.pause()
      try {
        measured('next decisions everywhere after a worker fell asleep', await load.untilAllDecide(sleepingMs, DECIDES_WITHIN_MS))
        await sleep(Math.max(0, SESSION_TIMEOUT_MS + 500 - (performance.now() - sleepingMs)))
      } finally {
        first.resume()
      }
      await load.untilAllDecide(performance.now(), DECIDES_WITHIN_MS)
      await sleep(2_000) // It has joined again, so it can be alone.
      await second.stop()
      await load.untilAllDecide(performance.now(), DECIDES_WITHIN_MS)
      await second.restart()
    })
    assert.ok(first.isRunning)
    measured('void records of that, which change nothing', String((await cluster.voids()) - voidsBefore))
  })

  it('lose nothing when the gateway is killed, and a new one takes over', async () => {
    await underLoad('killed gateway', async (load) => {
      const [gateway] = cluster.gateways.filter(({ isRunning }) => isRunning)
      const killedMs = performance.now()
      await gateway?.kill9()
      await cluster.addGateway()
      measured('answers everywhere through a new gateway', await load.untilAllDecide(killedMs, DECIDES_WITHIN_MS))
      await sleep(500)
    })
  })

  it('read the same from a query service that was killed, and say so while they cannot', async () => {
    await underLoad('killed query service', async (load) => {
      await cluster.query.kill9()
      const { performanceId } = load
      const api = apiOf(cluster)
      const refused = await api.ask('GET', `/v1/performances/${performanceId}/availability`)
      assert.equal(expectProblem(refused, 503, 'READ_SERVICE_UNAVAILABLE').retryable, true)
      await load.untilAllDecide(performance.now(), DECIDES_WITHIN_MS)
      measured('second start of the query service', await cluster.query.restart())
      await cluster.query.restart() // From the snapshot that the orderly stop before it wrote.
    })
  })

  it('lose nothing when the broker is killed and comes back', async () => {
    const { kafka } = await sharedEngines()
    await underLoad('killed broker', async (load) => {
      const killedMs = performance.now()
      await kafka.kill()
      await sleep(1_000)
      await kafka.start()
      const startedMs = performance.now()
      const decidedMs = await load.untilAllDecide(killedMs, 2 * DECIDES_WITHIN_MS)
      measured('after kill -9 of the broker: it was up again, decisions everywhere', startedMs - killedMs, decidedMs)
    })
  })

  it('lose nothing when the broker is silent for fifteen seconds', async () => {
    const { kafka } = await sharedEngines()
    await underLoad('paused broker', async (load) => {
      kafka.pause()
      try {
        await sleep(15_000)
      } finally {
        kafka.resume()
      }
      measured(
        'next decisions everywhere after the broker spoke again',
        await load.untilAllDecide(performance.now(), 2 * DECIDES_WITHIN_MS),
      )
    })
  })
})
