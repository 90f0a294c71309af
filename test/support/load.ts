import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, apiOf, ask, type Buyer, expectStatus, type Hold } from './client.ts'
import { bigHall, createVenue, type ImportedMap, importPlan, openPerformance } from './hall.ts'
import { randomOf, someOf } from './random.ts'

/** One request of the load: what was asked, and the first final answer to it. */
export interface Sent {
  readonly kind: 'hold' | 'extend' | 'release'
  readonly section: number
  readonly buyer: Buyer
  readonly method: string
  readonly path: string
  readonly key: string
  readonly body: { readonly seats: readonly string[] } | undefined
  /** The hold that an extension or a release is about. */
  readonly of: Sent | undefined
  /** Acknowledged: done; refused: decided against; unknown: no answer, or one that leaves it open. */
  outcome: 'acknowledged' | 'refused' | 'unknown'
  answer: Answer | undefined
  readonly sentMs: number
  answeredMs: number
}

export interface Load {
  readonly performanceId: string
  readonly sent: readonly Sent[]
  /** Begins to send, at an even pace whatever becomes of it, until `stop`. */
  start(): void
  /** Sends no more and waits for the answers that are still to come. */
  stop(): Promise<void>
  /** Resolves once every section answered a request that was sent after this time, with how long after it the last one did so. */
  untilAllDecide(sinceMs: number, withinMs: number): Promise<number>
  counts(): string
}

export interface LoadOptions {
  /** Where to send the next request: gateways come and go. */
  readonly url: () => string
  readonly adminToken: string
  readonly seed: number
  /** Requests a second, over all sections. Default 160. */
  readonly rate?: number
}

const SECTIONS = 8
const ROWS = 12
const SEATS_PER_ROW = 25
const BUYERS = 24
const IN_FLIGHT_PER_SECTION_MAX = 64
const CARTS = 0.15

/** Opens a performance of eight sections and makes a load of holds, extensions and releases on all of them. */
export async function makeLoad(options: LoadOptions): Promise<Load> {
  const api = apiOf({ url: options.url(), adminToken: options.adminToken })
  const { csv, sections } = bigHall({ sections: SECTIONS, rows: ROWS, seatsPerRow: SEATS_PER_ROW })
  const { seatMapId } = expectStatus(await importPlan(api, await createVenue(api), csv, 'text/csv'), 201).json<ImportedMap>()
  const performanceId = await openPerformance(api, seatMapId, {
    prices: [{ category: 'Any', amount: 100 }],
    holdPolicy: { ttlSeconds: 3_600, extensionSeconds: 600, maxSeconds: 7_200 },
  })
  const buyers = await Promise.all(Array.from({ length: BUYERS }, () => api.newBuyer()))
  const sent: Sent[] = []
  const lanes: Promise<void>[] = []
  const open = new Set<Promise<void>>()
  let stopping = new AbortController()

  async function lane(section: number): Promise<void> {
    const random = randomOf(options.seed * 100 + section)
    const everyMs = (1_000 * SECTIONS) / (options.rate ?? 160)
    const holds: Sent[] = []
    let inFlight = 0
    await sleep(everyMs * random())
    for (let nextMs = performance.now(), count = 0; !stopping.signal.aborted; count++) {
      if (inFlight < IN_FLIGHT_PER_SECTION_MAX) {
        const request = next(section, `${options.seed}-${section}-${sent.length}-${count}`, holds, random)
        sent.push(request)
        if (request.kind === 'hold') holds.push(request)
        inFlight++
        const done = send(options.url(), request).finally(() => {
          inFlight--
          open.delete(done)
        })
        open.add(done)
      }
      nextMs += everyMs
      await sleep(Math.max(0, nextMs - performance.now()), undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  function next(section: number, key: string, holds: readonly Sent[], random: () => number): Sent {
    const dice = random()
    const known = holds.filter(({ outcome }) => outcome === 'acknowledged')
    const of = known[Math.floor(random() * known.length)]
    const common = { section, key, outcome: 'unknown', answer: undefined, sentMs: performance.now(), answeredMs: 0 } as const
    if (dice < 0.35 && of !== undefined) {
      const path = `/v1/holds/${of.answer?.json<Hold>().holdId}`
      const about = { ...common, of, buyer: of.buyer, body: undefined }
      if (dice < 0.1) return { ...about, kind: 'extend', method: 'POST', path: `${path}/extend` }
      return { ...about, kind: 'release', method: 'DELETE', path }
    }
    const chosen = someOf(sections[section] ?? [], 1 + Math.floor(random() * 3), random)
    // Some holds are carts: they have a seat of another section too.
    const seats = random() < CARTS ? [...chosen, ...someOf(sections[(section + 1) % SECTIONS] ?? [], 1, random)] : chosen
    const buyer = buyers[Math.floor(random() * buyers.length)] ?? buyers[0]
    if (buyer === undefined) throw new Error('There are no buyers.')
    return {
      ...common,
      of: undefined,
      kind: 'hold',
      buyer,
      method: 'POST',
      path: `/v1/performances/${performanceId}/holds`,
      body: { seats },
    }
  }

  async function untilAllDecide(sinceMs: number, withinMs: number): Promise<number> {
    for (;;) {
      const first = Array.from({ length: SECTIONS }, (_, section) =>
        Math.min(
          ...sent
            .filter((request) => request.section === section && request.sentMs >= sinceMs && request.outcome !== 'unknown')
            .map(({ answeredMs }) => answeredMs),
        ),
      )
      const last = Math.max(...first)
      if (Number.isFinite(last)) return last - sinceMs
      if (performance.now() > sinceMs + withinMs) {
        const silent = first.flatMap((ms, section) => (Number.isFinite(ms) ? [] : [`S${section}`]))
        throw new Error(`No decision within ${withinMs} ms in ${silent.join(', ')}.`)
      }
      await sleep(20)
    }
  }

  return {
    performanceId,
    sent,
    start() {
      stopping = new AbortController()
      for (let section = 0; section < SECTIONS; section++) lanes.push(lane(section))
    },
    async stop() {
      stopping.abort()
      await Promise.all(lanes.splice(0))
      await Promise.all(open)
    },
    untilAllDecide,
    counts() {
      const of = (outcome: Sent['outcome']): number => sent.filter((request) => request.outcome === outcome).length
      return `${of('acknowledged')} acknowledged, ${of('refused')} refused, ${of('unknown')} unknown`
    },
  }
}

/** Sends a request, notes what became of it when that is final, and answers what came, if anything. */
export async function send(url: string, request: Sent): Promise<void> {
  const { method, path, key, buyer, body } = request
  const answer = await ask(url, method, path, { token: buyer.buyerToken, key, ...(body && { body }) }).catch(() => undefined)
  if (answer === undefined || answer.status === 202 || answer.status >= 500 || answer.status === 429) return
  if (request.outcome !== 'unknown') return
  request.outcome = answer.status < 300 ? 'acknowledged' : 'refused'
  request.answer = answer
  request.answeredMs = performance.now()
}
