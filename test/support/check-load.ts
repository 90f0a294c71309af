import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type Answer, apiOf, ask, expectStatus, type Hold, versionOf } from './client.ts'
import { eventually } from './hall.ts'
import type { Load, Sent } from './load.ts'

const AT_ONCE = 16
const DECIDED_WITHIN_MS = 60_000

/**
 * What must be true after any fault: each request, sent again with its key, gets the answer that it got before, or now a
 * first final one; each hold is as its acknowledged requests left it; no seat has two holds; and the totals add up.
 */
export async function checkLoad(load: Load, at: { readonly url: string; readonly adminToken: string }): Promise<void> {
  const tokens: string[] = []
  await inParallel(load.sent, async (request) => {
    const again = await repeat(at.url, request)
    tokens.push(versionOf(again))
    if (request.answer === undefined) {
      request.outcome = again.status < 300 ? 'acknowledged' : 'refused'
      request.answer = again
      return
    }
    assert.equal(again.status, request.answer.status, `${request.key}: ${request.answer.text} became ${again.text}`)
    assert.deepEqual(contentOf(again), contentOf(request.answer), `${request.key} got another answer`)
  })

  const api = apiOf(at)
  const seen = latest(tokens)
  const holders = new Map<string, string>()
  await inParallel(
    load.sent.filter(({ kind, outcome }) => kind === 'hold' && outcome === 'acknowledged'),
    async (request) => {
      const granted = request.answer?.json<Hold>()
      assert.ok(granted !== undefined)
      const path = `/v1/holds/${granted.holdId}`
      const read = await ask(at.url, 'GET', path, { token: request.buyer.buyerToken, headers: { 'cavea-min-version': seen } })
      const hold = expectStatus(read, 200).json<Hold>()
      const about = load.sent.filter(({ of, outcome }) => of === request && outcome === 'acknowledged')
      assert.deepEqual(hold.seats, granted.seats, 'a hold has other seats than it was granted')
      assert.equal(hold.status, about.some(({ kind }) => kind === 'release') ? 'released' : 'held', `${granted.holdId}: ${read.text}`)
      const extended = about.find(({ kind }) => kind === 'extend')?.answer?.json<Hold>()
      if (hold.status === 'held') assert.equal(hold.expiresAt, (extended ?? granted).expiresAt)
      if (hold.status !== 'held') return
      for (const { seatId } of hold.seats) {
        assert.equal(holders.get(seatId), undefined, `${seatId} has two holds`)
        holders.set(seatId, hold.holdId)
      }
    },
  )

  const headers = { 'cavea-min-version': seen }
  const expected = [...holders.keys()].toSorted()
  // What follows from a cart reaches its sections a moment after the cart has answered.
  await eventually('the seats that show as held to be those of the holds', 15_000, async () => {
    const { sections } = expectStatus(await api.ask('GET', `/v1/performances/${load.performanceId}/seats`, { headers }), 200).json<{
      sections: { seats: { seatId: string; status: string }[] }[]
    }>()
    const held = sections.flatMap((section) => section.seats).filter(({ status }) => status === 'held')
    return isDeepStrictEqual(held.map(({ seatId }) => seatId).toSorted(), expected) || undefined
  })
  for (const counts of (await api.availability(load.performanceId)).sections)
    assert.equal(counts.available + counts.held + counts.sold + counts.blocked, counts.capacity)
}

/** Until it is decided, as a patient client would. */
async function repeat(url: string, { method, path, key, buyer, body }: Sent): Promise<Answer> {
  const deadlineMs = performance.now() + DECIDED_WITHIN_MS
  for (;;) {
    const answer = await ask(url, method, path, { token: buyer.buyerToken, key, ...(body && { body }) })
    if (answer.status !== 202 && answer.status < 500) return answer
    assert.ok(performance.now() < deadlineMs, `${key} is not decided: ${answer.status} ${answer.text}`)
    await sleep(200)
  }
}

/** Of a problem everything but the trace, which is each request's own. */
function contentOf(answer: Answer): unknown {
  const { traceId, ...content } = answer.json<Record<string, unknown>>()
  return { version: versionOf(answer), ...(answer.status < 300 ? { text: answer.text, traceId } : content) }
}

/** Per partition the highest of these versions, as one `Cavea-Min-Version`. */
function latest(tokens: readonly string[]): string {
  const offsets = new Map<string, number>()
  for (const token of tokens) {
    const [, partition = '', offset] = /^(.+)\/(\d+)$/.exec(token) ?? []
    offsets.set(partition, Math.max(offsets.get(partition) ?? 0, Number(offset)))
  }
  return [...offsets].map(([partition, offset]) => `${partition}/${offset}`).join(', ')
}

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of left) await work(item)
    }),
  )
}
