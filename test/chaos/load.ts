import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { commandIdOf } from '@cavea/contracts/ids'
import { type Answer, apiOf, ask, type Hold, type Problem } from '../support/client.ts'
import { oneOf, randomOf } from '../support/random.ts'
import { type Corner, cornersOf, type Granted, nextWish, type Wish } from './audience.ts'
import { type Hall, openHall } from './hall.ts'
import { isAnswered, type Operation, type Said } from './history/operation.ts'
import { areaName } from './history/places.ts'

/** A request of the load, however often it is sent. */
export interface Request extends Operation, Wish {
  readonly key: string
  /** Given up at its first failure and never sent again: so it stays open what became of it. */
  isAbandoned: boolean
  /** How often it was sent, and how often nothing, or nothing final, came back. */
  sendings: number
  failures: number
}

export interface Load {
  readonly hall: Hall
  readonly requests: readonly Request[]
  /** Begins to send, at an even pace whatever becomes of it, until `stop`. */
  start(): void
  /** Begins nothing new and waits for the answers that are still to come. */
  stop(): Promise<void>
  /** Sends a request once more, to any gateway, and notes the answer. */
  send(request: Request): Promise<void>
  /** Resolves once every partition that ever answered has answered a request sent after this time, with how long after it the last did. */
  untilAllDecide(sinceMs: number, withinMs: number, signal?: AbortSignal): Promise<number>
  /** Final answers between two times. */
  answeredBetween(fromMs: number, toMs: number): number
  counts(): LoadCounts
}

export interface LoadCounts {
  readonly requests: number
  readonly sendings: number
  readonly granted: number
  readonly refused: number
  /** Answered at last, after at least one sending of which it was not known what it had done. */
  readonly doubtful: number
  readonly unanswered: number
}

export interface LoadOptions {
  /** The gateways that are ready, as whatever shares requests out would know: they come and go. */
  readonly urls: () => readonly string[]
  readonly adminToken: string
  readonly seed: number
  /** New requests a second, over the whole hall. */
  readonly rate: number
}

const BUYERS = 24
const OPEN_PER_CORNER_MAX = 64
const KNOWN_MAX = 40
const ANSWER_WITHIN_MS = 8_000
const RETRY_AFTER_MS = 150
const RETRY_SLOWER_MS = 1_500
/** Shares of requests that are sent to two gateways at once, once more after their answer, and never again after a failure. */
const TWICE = 0.06
const ONCE_MORE = 0.06
const IMPATIENT = 0.1
const ONCE_MORE_WITHIN_MS = 4_000
const ORGANISER = 'organiser:organiser_org_house'

/** Decided, although the status alone might be taken for trouble on the way. */
const FINAL_TROUBLE = new Set(['PART_UNANSWERED', 'PERFORMANCE_OPENING'])

/** Milliseconds since the epoch by a clock that never goes back. */
export const nowMs = (): number => performance.timeOrigin + performance.now()

/** Opens a performance of its own and makes a load of everything that clients do to its places. */
export async function makeLoad(options: LoadOptions): Promise<Load> {
  const api = apiOf({ url: options.urls()[0] ?? '', adminToken: options.adminToken })
  const hall = await openHall(api)
  const corners = cornersOf(hall)
  const buyers = await Promise.all(Array.from({ length: BUYERS }, () => api.newBuyer()))
  const randomGateway = randomOf(options.seed)
  const requests: Request[] = []
  const answered: { readonly atMs: number; readonly sentMs: number; readonly place: string }[] = []
  const open = new Set<Promise<void>>()
  let stopping = new AbortController()

  const pause = (ms: number): Promise<unknown> => sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined)

  function spawn(work: Promise<void>): void {
    const done = work.finally(() => open.delete(done))
    open.add(done)
  }

  async function corner(at: Corner, number: number): Promise<void> {
    const random = randomOf(options.seed * 100 + number)
    const everyMs = (1_000 * corners.length) / options.rate
    const known: Granted[] = []
    let underWay = 0
    await pause(everyMs * random())
    for (let nextMs = performance.now(), count = 0; !stopping.signal.aborted; count++) {
      const plan = { patience: random(), twice: random() < TWICE, onceMore: random() < ONCE_MORE, waits: random() }
      if (underWay < OPEN_PER_CORNER_MAX) {
        const request = requestOf(nextWish(hall, at, buyers, known, random), `${options.seed}-${number}-${count}`)
        requests.push(request)
        underWay++
        spawn(
          see(request, plan).then(() => {
            underWay--
            const holdId = request.answers[0]?.said.holdId ?? ''
            if (request.kind === 'hold' && holdId !== '' && request.by !== 'organiser') known.push({ holdId, buyer: request.by })
            if (known.length > KNOWN_MAX) known.shift()
          }),
        )
      }
      nextMs += everyMs
      await pause(Math.max(0, nextMs - performance.now()))
    }
  }

  /** What a client does until it has its answer, loses patience or is told to stop. */
  async function see(request: Request, plan: { patience: number; twice: boolean; onceMore: boolean; waits: number }): Promise<void> {
    await Promise.all([send(request), ...(plan.twice ? [send(request)] : [])])
    for (let waitMs = RETRY_AFTER_MS; !isAnswered(request) && !stopping.signal.aborted; waitMs = Math.min(2 * waitMs, RETRY_SLOWER_MS)) {
      if (plan.patience < IMPATIENT) {
        request.isAbandoned = true
        return
      }
      await pause(waitMs * (0.5 + plan.waits))
      if (!stopping.signal.aborted) await send(request)
    }
    if (!plan.onceMore) return
    await pause(plan.waits * ONCE_MORE_WITHIN_MS)
    if (!stopping.signal.aborted) await send(request)
  }

  async function send(request: Request): Promise<void> {
    const urls = options.urls()
    request.sendings++
    const { method, path, key, by, body } = request
    const token = by === 'organiser' ? options.adminToken : by.buyerToken
    const asked = { token, key, timeoutMs: ANSWER_WITHIN_MS, ...(body && { body }) }
    const answer = urls.length === 0 ? undefined : await ask(oneOf(urls, randomGateway), method, path, asked).catch(() => undefined)
    const said = answer && saidIn(answer, request)
    if (answer === undefined || said === undefined) {
      request.failures++
      return
    }
    request.answers.push({ said, text: textOf(answer) })
    if (isAnswered(request)) return
    request.answeredMs = nowMs()
    answered.push({ atMs: request.answeredMs, sentMs: request.sentMs, place: said.version.replace(/\/\d+$/, '') })
  }

  async function untilAllDecide(sinceMs: number, withinMs: number, signal?: AbortSignal): Promise<number> {
    for (;;) {
      signal?.throwIfAborted()
      const first = new Map(answered.map(({ place }) => [place, Number.POSITIVE_INFINITY]))
      for (const { place, sentMs, atMs } of answered) if (sentMs >= sinceMs) first.set(place, Math.min(atMs, first.get(place) ?? atMs))
      const last = Math.max(...first.values())
      if (Number.isFinite(last)) return last - sinceMs
      if (nowMs() > sinceMs + withinMs) {
        const silent = [...first].flatMap(([place, atMs]) => (Number.isFinite(atMs) ? [] : [place]))
        throw new Error(`Nothing was decided within ${withinMs} ms in ${silent.join(', ') || 'any partition'}.`)
      }
      await sleep(50)
    }
  }

  return {
    hall,
    requests,
    start() {
      stopping = new AbortController()
      setMaxListeners(0, stopping.signal) // Every client that waits listens.
      for (const [number, at] of corners.entries()) spawn(corner(at, number))
    },
    async stop() {
      stopping.abort()
      while (open.size > 0) await Promise.all(open)
    },
    send,
    untilAllDecide,
    answeredBetween: (fromMs, toMs) => answered.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).length,
    counts() {
      const count = (of: (request: Request) => boolean): number => requests.filter(of).length
      return {
        requests: requests.length,
        sendings: requests.reduce((sum, { sendings }) => sum + sendings, 0),
        granted: count(({ answers }) => answers[0]?.said.code === ''),
        refused: count(({ answers }) => answers[0] !== undefined && answers[0].said.code !== ''),
        doubtful: count((request) => isAnswered(request) && request.failures > 0),
        unanswered: count((request) => !isAnswered(request)),
      }
    },
  }
}

function requestOf(wish: Wish, key: string): Request {
  const who = wish.by === 'organiser' ? ORGANISER : `buyer:${wish.by.buyerId}`
  const what = `${wish.kind} ${wish.kind === 'hold' ? JSON.stringify(wish.body) : wish.path} with the key ${key}`
  return {
    ...wish,
    ...{ key, what },
    commandId: commandIdOf(who, `${wish.method} ${wish.path}`, key),
    sentMs: nowMs(),
    answeredMs: Number.POSITIVE_INFINITY,
    answers: [],
    isAbandoned: false,
    sendings: 0,
    failures: 0,
  }
}

/** What an answer says if it is final; undefined when the same request must be sent again to learn what became of it. */
function saidIn(answer: Answer, { kind }: Wish): Said | undefined {
  const version = String(answer.headers['cavea-version'] ?? '')
  const { status } = answer
  if (status === 202 || status === 429) return undefined
  if (status < 300) {
    const { holdId, seats, areas, expiresAt } = answer.json<Partial<Hold> & { readonly holdId: string }>()
    const quantities = new Map<string, number>()
    for (const { sectionId, quantity } of areas ?? []) quantities.set(sectionId, (quantities.get(sectionId) ?? 0) + quantity)
    const names = [...(seats ?? []).map(({ seatId }) => seatId), ...Array.from(quantities, ([area, quantity]) => areaName(area, quantity))]
    const says = { places: kind === 'hold' || kind === 'sell', expiresAt: kind === 'hold' || kind === 'extend' }
    return {
      ...{ version, code: '', holdId },
      places: says.places ? names.toSorted() : null,
      expiresAt: says.expiresAt ? (expiresAt ?? null) : null,
    }
  }
  const { code, conflicts } = problemIn(answer)
  if (status >= 500 && !(version !== '' && FINAL_TROUBLE.has(code))) return undefined
  return { version, code, holdId: '', places: (conflicts ?? []).map(({ seatId }) => seatId).toSorted(), expiresAt: null }
}

/** What a gateway that dies leaves of an answer is no problem of ours. */
function problemIn(answer: Answer): Pick<Problem, 'code' | 'conflicts'> {
  try {
    return answer.json<Problem>()
  } catch {
    return { code: '' }
  }
}

/** All of an answer that must be the same whenever it is given: not the trace, which is each request's own. */
function textOf(answer: Answer): string {
  const version = String(answer.headers['cavea-version'] ?? '')
  if (answer.status < 300) return `${answer.status} ${version} ${answer.text}`
  const { traceId, ...content } = answer.json<Record<string, unknown>>()
  return `${answer.status} ${version} ${JSON.stringify(content)}`
}
