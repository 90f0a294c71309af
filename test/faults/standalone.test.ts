import assert from 'node:assert/strict'
import { cp, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { HistoryCheck } from '../chaos/check.ts'
import { type Load, makeLoad, nowMs } from '../chaos/load.ts'
import { apiOf, expectStatus } from '../support/client.ts'
import { bigHall, createVenue, type ImportedMap, importPlan } from '../support/hall.ts'
import { measured } from '../support/numbers.ts'
import { type Standalone, startStandalone } from '../support/product.ts'

const KILLS = 4

describe('The process that is everything', function () {
  this.timeout(120_000)
  let product: Standalone
  let history: HistoryCheck

  before(async function startProduct() {
    this.timeout(180_000)
    product = await startStandalone()
    history = new HistoryCheck(product)
  })
  after(async () => await product?.stop())

  const loadWith = (seed: number): Promise<Load> => makeLoad({ urls: () => [product.url], adminToken: product.adminToken, seed, rate: 320 })

  it('keeps all that it acknowledged when it is killed under load, again and again', async () => {
    const load = await loadWith(1)
    load.start()
    for (let kill = 1; kill <= KILLS; kill++) {
      await sleep(700 + 150 * kill)
      await product.program.kill9()
      const killedMs = nowMs()
      const readyMs = await product.program.restart()
      measured(`kill ${kill} of the standalone process: ready, all sections deciding`, readyMs, await load.untilAllDecide(killedMs, 30_000))
    }
    await load.stop()
    measured('load on the standalone process', JSON.stringify(load.counts()))
    await history.check(load)
    await product.audit()
  })

  it('remembers across snapshots what it answered, in an orderly stop and a kill after it', async () => {
    const load = await loadWith(2)
    load.start()
    await sleep(1_000)
    const stopMs = await product.program.stop()
    measured('orderly stop under load, and second start of the standalone process', stopMs, await product.program.restart())
    await load.untilAllDecide(nowMs(), 30_000)
    await product.program.kill9()
    await product.program.restart()
    await load.untilAllDecide(nowMs(), 30_000)
    await load.stop()
    await history.check(load)
    await product.audit()
  })

  it('finishes an import that a kill cut off when it is sent again', async () => {
    const api = apiOf(product)
    const venueId = await createVenue(api)
    const { csv } = bigHall({ sections: 6, rows: 50, seatsPerRow: 80 })
    const startedMs = performance.now()
    const whole = JSON.stringify(
      expectStatus(await importPlan(api, venueId, csv, 'text/csv', { key: 'unharmed' }), 201).json<ImportedMap>().sections,
    )
    const tookMs = performance.now() - startedMs
    for (const share of [0.5, 0.8]) {
      const key = `cut-off-at-${share}`
      const cutOff = importPlan(api, venueId, csv, 'text/csv', { key }).catch(() => undefined)
      await sleep(share * tookMs)
      await product.program.kill9()
      await cutOff
      await product.program.restart()
      const finished = expectStatus(await importPlan(api, venueId, csv, 'text/csv', { key }), 201)
      assert.equal(JSON.stringify(finished.json<ImportedMap>().sections), whole)
      assert.equal((await importPlan(api, venueId, csv, 'text/csv', { key })).text, finished.text)
    }
    await product.audit()
  })

  it('lets no second process work on its data', async () => {
    await assert.rejects(startStandalone({ dir: product.dir, readyTimeoutMs: 10_000 }), /in use|another process|already/i)
    expectStatus(await apiOf(product).ask('GET', '/readyz'), 200)
  })

  it('would not pass this check if its log had lost what was acknowledged', async () => {
    const load = await loadWith(3)
    await product.program.stop()
    await cp(product.dir, `${product.dir}-before`, { recursive: true })
    await product.program.restart()
    load.start()
    await sleep(1_000)
    await load.stop()
    await product.program.kill9()
    await rm(product.dir, { recursive: true })
    await cp(`${product.dir}-before`, product.dir, { recursive: true })
    await product.program.restart()
    await assert.rejects(new HistoryCheck(product).check(load), /was answered “.*(?:when it was repeated|the log has no decision)/)
  })
})
