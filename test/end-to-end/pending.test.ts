import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type Answer, type Api, apiOf, expectProblem, expectStatus, type Hold, versionOf } from '../support/client.ts'
import { whyNoCluster } from '../support/engines.ts'
import { eventually, openTheatre } from '../support/hall.ts'
import { type Cluster, startCluster, startStandalone } from '../support/product.ts'

/** Where the outcome of a command that was answered with 202 will stand. */
function pendingAt(answer: Answer): string {
  expectStatus(answer, 202)
  const { commandId, status } = answer.json<{ commandId: string; status: string }>()
  assert.equal(status, 'pending')
  assert.equal(answer.headers.location, `/v1/commands/${commandId}`)
  assert.equal(answer.headers['retry-after'], '1')
  return answer.headers.location ?? ''
}

const outcomeAt = (api: Api, path: string, token: string): Promise<Answer> =>
  eventually('the command is decided', 30_000, async () => {
    const answer = await api.ask('GET', path, { token })
    if (answer.status === 202) return void pendingAt(answer)
    return expectStatus(answer, 200)
  })

describe('A command that is not decided in time, on the embedded log', function () {
  this.timeout(120_000)

  it('is told where to ask, and has its outcome there', async () => {
    const product = await startStandalone()
    try {
      const api = apiOf(product)
      const { performanceId } = await openTheatre(api)
      await product.program.restart({ CAVEA_DECISION_TIMEOUT_MS: '1' })
      const { buyerToken, buyerId } = await api.newBuyer()
      for (let tries = 1; ; tries++) {
        const seat = `Stalls-${'ABCD'[Math.floor(tries / 12)]}-${(tries % 12) + 1}`
        const key = randomUUID()
        const answer = await api.hold(performanceId, [seat], { buyerToken, buyerId }, key)
        if (answer.status === 503) expectProblem(answer, 503, 'COMMAND_UNKNOWN')
        if (answer.status !== 202) {
          assert.ok(tries < 40, `never pending: ${answer.status} ${answer.text}`)
          continue
        }
        const outcome = await outcomeAt(api, pendingAt(answer), buyerToken)
        assert.deepEqual(
          outcome.json<Hold>().seats.map(({ seatId }) => seatId),
          [seat],
        )
        const again = expectStatus(await api.hold(performanceId, [seat], { buyerToken, buyerId }, key), 201)
        assert.equal(again.text, outcome.text)
        break
      }
      await product.audit()
    } finally {
      await product.stop()
    }
  })
})

const why = whyNoCluster()
describe('A command that is not decided in time, on Kafka', function () {
  this.timeout(120_000)
  if (why !== undefined) return void it(`is skipped: ${why}`)
  let cluster: Cluster

  before(async function startTheCluster() {
    this.timeout(180_000)
    cluster = await startCluster({ env: { CAVEA_DECISION_TIMEOUT_MS: '500' } })
  })
  after(async () => await cluster?.stop())

  it('is told where to ask, and its outcome is shown there to its sender alone, as it would have been answered', async () => {
    const api = apiOf(cluster)
    const { performanceId } = await openTheatre(api)
    const [buyer, rival] = [await api.newBuyer(), await api.newBuyer()]
    const [key, rivalKey] = [randomUUID(), randomUUID()]
    for (const worker of cluster.workers) worker.pause()
    let held: Answer
    let refused: Answer
    try {
      held = await api.hold(performanceId, ['Stalls-A-1'], buyer, key)
      refused = await api.hold(performanceId, ['Stalls-A-1'], rival, rivalKey)
      pendingAt(await api.ask('GET', pendingAt(held), { token: buyer.buyerToken }))
      expectProblem(await api.ask('GET', pendingAt(held), { token: rival.buyerToken }), 404, 'COMMAND_NOT_FOUND')
    } finally {
      for (const worker of cluster.workers) worker.resume()
    }
    const outcome = await outcomeAt(api, pendingAt(held), buyer.buyerToken)
    assert.equal(outcome.headers['cavea-outcome'], 'accepted')
    const again = expectStatus(await api.hold(performanceId, ['Stalls-A-1'], buyer, key), 201)
    assert.equal(again.text, outcome.text)
    assert.equal(versionOf(again), versionOf(outcome))
    const refusal = await outcomeAt(api, pendingAt(refused), rival.buyerToken)
    assert.equal(refusal.headers['cavea-outcome'], 'rejected')
    assert.match(String(refusal.headers['content-type']), /^application\/problem\+json/)
    assert.equal(refusal.json<{ code: string }>().code, 'SEAT_UNAVAILABLE')
    expectProblem(await api.hold(performanceId, ['Stalls-A-1'], rival, rivalKey), 409, 'SEAT_UNAVAILABLE')
    expectProblem(await api.ask('GET', pendingAt(held), { token: rival.buyerToken }), 404, 'COMMAND_NOT_FOUND')
    await cluster.audit()
  })
})
