import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { atTheEnd } from './endings.ts'

/** An answer as it came, its text byte for byte. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The text as JSON. Throws when it is none. */
  json<Body>(): Body
}

export interface Asked {
  readonly token?: string | undefined
  /** An object is sent as JSON, text and bytes as they are. */
  readonly body?: object | string | Buffer
  readonly type?: string
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: string
  readonly retryable: boolean
  readonly traceId: string
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[]
  readonly conflicts?: readonly {
    readonly seatId: string
    readonly reason: 'held' | 'sold' | 'blocked' | 'unknown'
    readonly since?: string
    readonly mayFreeAt?: string
  }[]
  /** Seats that would be left alone, and a choice that leaves none. */
  readonly orphans?: readonly string[]
  readonly alternative?: readonly string[]
  readonly opensAt?: string
  readonly closedAt?: string
  readonly limit?: number
}

export interface Buyer {
  readonly buyerToken: string
  readonly buyerId: string
}

export interface Hold {
  readonly holdId: string
  readonly performanceId: string
  readonly status: 'held' | 'sold' | 'released' | 'expired'
  readonly seats: readonly { readonly seatId: string; readonly section: string; readonly category: string; readonly price: Money }[]
  readonly total: Money
  readonly expiresAt: string
  readonly extensionsLeft: number
  /** Seats and places in all. */
  readonly quantity: number
  /** Places of standing areas. */
  readonly areas: readonly {
    readonly sectionId: string
    readonly name: string
    readonly category: string
    readonly quantity: number
    readonly price: Money
  }[]
  readonly bestAvailable?: {
    readonly step: 'adjacent-no-orphan' | 'adjacent' | 'split-rows' | 'any' | 'combined'
    readonly sections?: readonly string[]
  }
}

export interface Money {
  readonly amount: number
  readonly currency: string
}

export interface Availability {
  readonly version: number
  readonly sections: readonly SectionCounts[]
}

export interface SectionCounts {
  readonly sectionId: string
  readonly name: string
  readonly capacity: number
  readonly available: number
  readonly held: number
  readonly sold: number
  readonly blocked: number
}

export interface Seats {
  readonly version: number
  readonly sections: readonly {
    readonly sectionId: string
    readonly seats: readonly { readonly seatId: string; readonly status: 'available' | 'held' | 'sold' | 'blocked' }[]
  }[]
}

const TIMEOUT_MS = 20_000
const agent = new Agent({ keepAlive: true, maxSockets: 512, maxFreeSockets: 64 })
atTheEnd(() => agent.destroy())

/** One HTTP request. Rejects when the connection fails or no full answer came in time: then it is not known what was done. */
export function ask(url: string, method: string, path: string, asked: Asked = {}): Promise<Answer> {
  const { body, token, key, type } = asked
  const bytes = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const headers: Record<string, string> = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(bytes !== undefined && { 'content-type': type ?? 'application/json', 'content-length': String(Buffer.byteLength(bytes)) }),
    ...(key !== undefined && { 'idempotency-key': key }),
    ...asked.headers,
  }
  return new Promise((resolve, reject) => {
    const timeoutMs = asked.timeoutMs ?? TIMEOUT_MS
    const sent = request(new URL(path, url), { method, agent, headers, signal: AbortSignal.timeout(timeoutMs) }, (message) => {
      const parts: Buffer[] = []
      message.on('data', (part: Buffer) => parts.push(part))
      message.once('error', reject)
      message.once('end', () => {
        if (!message.complete) return reject(new Error('The answer was cut off.'))
        const text = Buffer.concat(parts).toString('utf8')
        resolve({ status: message.statusCode ?? 0, headers: message.headers, text, json: () => JSON.parse(text) as never })
      })
    })
    sent.once('error', reject)
    sent.end(bytes)
  })
}

/** Fails with the whole answer unless it has this status. */
export function expectStatus(answer: Answer, status: number): Answer {
  assert.equal(answer.status, status, `answered ${answer.status}, not ${status}: ${answer.text.slice(0, 2_000)}`)
  return answer
}

/** Fails unless the answer is a whole problem with this status and code. */
export function expectProblem(answer: Answer, status: number, code: string): Problem {
  expectStatus(answer, status)
  assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/)
  const problem = answer.json<Problem>()
  assert.equal(problem.code, code, answer.text)
  assert.equal(problem.status, status)
  for (const member of ['type', 'title', 'detail', 'instance'] as const)
    assert.equal(typeof problem[member], 'string', `${member} of ${code}`)
  assert.equal(typeof problem.retryable, 'boolean')
  assert.match(problem.traceId, /^[0-9a-f]{32}$/)
  assert.doesNotMatch(answer.text, /\bat .*\.[tj]s:\d+|node_modules|kafkajs|lmdb/i, 'a stack or a driver shows')
  return problem
}

export const versionOf = (answer: Answer): string => {
  const version = answer.headers['cavea-version']
  assert.equal(typeof version, 'string', `no Cavea-Version: ${answer.status} ${answer.text}`)
  return String(version)
}

/** What organisers and buyers do, against one gateway. Each answers what came, whatever it was. */
export interface Api {
  readonly url: string
  readonly adminToken: string
  ask(method: string, path: string, asked?: Asked): Promise<Answer>
  asOrganiser(method: string, path: string, asked?: Asked): Promise<Answer>
  /** Throws unless there is a new buyer. */
  newBuyer(): Promise<Buyer>
  hold(performanceId: string, seats: readonly string[], by: Buyer | 'organiser', key?: string): Promise<Answer>
  holdBest(performanceId: string, wish: object, by: Buyer | 'organiser', key?: string): Promise<Answer>
  /** Places of a standing area. */
  holdPlaces(performanceId: string, area: string, quantity: number, by: Buyer | 'organiser', key?: string): Promise<Answer>
  extend(holdId: string, by: Buyer, key?: string): Promise<Answer>
  release(holdId: string, by: Buyer | 'organiser', key?: string): Promise<Answer>
  sell(holdId: string): Promise<Answer>
  block(performanceId: string, seats: readonly string[], note?: string): Promise<Answer>
  /** Reads see at least what `after`, an answer to a command, did. */
  availability(performanceId: string, after?: Answer): Promise<Availability>
  seats(performanceId: string, after?: Answer): Promise<Seats>
  getHold(holdId: string, by: Buyer | 'organiser', after?: Answer): Promise<Answer>
}

export function apiOf({ url, adminToken }: { readonly url: string; readonly adminToken: string }): Api {
  const tokenOf = (by: Buyer | 'organiser'): string => (by === 'organiser' ? adminToken : by.buyerToken)
  const seeing = (answer: Answer | undefined): Asked =>
    answer === undefined ? {} : { headers: { 'cavea-min-version': versionOf(answer) } }
  const asking: Api['ask'] = (method, path, asked) => ask(url, method, path, asked)
  return {
    url,
    adminToken,
    ask: asking,
    asOrganiser: (method, path, asked) => asking(method, path, { token: adminToken, ...asked }),
    newBuyer: async () => expectStatus(await asking('POST', '/v1/buyers'), 201).json(),
    hold: (performanceId, seats, by, key = randomUUID()) =>
      asking('POST', `/v1/performances/${performanceId}/holds`, { token: tokenOf(by), key, body: { seats } }),
    holdBest: (performanceId, bestAvailable, by, key = randomUUID()) =>
      asking('POST', `/v1/performances/${performanceId}/holds`, { token: tokenOf(by), key, body: { bestAvailable } }),
    holdPlaces: (performanceId, area, quantity, by, key = randomUUID()) =>
      asking('POST', `/v1/performances/${performanceId}/holds`, { token: tokenOf(by), key, body: { area, quantity } }),
    extend: (holdId, by, key) => asking('POST', `/v1/holds/${holdId}/extend`, { token: by.buyerToken, ...(key !== undefined && { key }) }),
    release: (holdId, by, key) => asking('DELETE', `/v1/holds/${holdId}`, { token: tokenOf(by), ...(key !== undefined && { key }) }),
    sell: (holdId) => asking('POST', `/v1/holds/${holdId}/sell`, { token: adminToken }),
    block: (performanceId, seats, note) =>
      asking('POST', `/v1/performances/${performanceId}/blocks`, {
        token: adminToken,
        body: { seats, ...(note !== undefined && { note }) },
      }),
    async availability(performanceId, after) {
      return expectStatus(await asking('GET', `/v1/performances/${performanceId}/availability`, seeing(after)), 200).json()
    },
    async seats(performanceId, after) {
      return expectStatus(await asking('GET', `/v1/performances/${performanceId}/seats`, seeing(after)), 200).json()
    },
    getHold: (holdId, by, after) => asking('GET', `/v1/holds/${holdId}`, { token: tokenOf(by), ...seeing(after) }),
  }
}
