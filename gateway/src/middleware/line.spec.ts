import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { eventually } from '@cavea/event-log/contract-tools'
import { type HttpServer, openHttpServer } from '@cavea/service-kit/http-server'
import { standInLine } from './line.ts'

const HOLDS = '/v1/performances/perf_1/holds'
const ROOM = 2
const LENGTH_MAX = 3

const nameOf = (request: IncomingMessage): string => String(request.headers['x-name'] ?? '')

describe('The line of requests for holds', () => {
  let server: HttpServer
  /** The requests that are being worked on, in the order in which they were let in. */
  let inside: { readonly name: string; readonly finish: () => void }[]
  let turnedAway: number
  let arrived: () => void
  /** Of whom the line has seen the request, and of whom the end of the connection. */
  let seen: Set<string>
  let gone: Set<string>

  async function open(patienceMs: number): Promise<void> {
    inside = []
    turnedAway = 0
    seen = new Set()
    gone = new Set()
    const line = standInLine(
      (request, response: ServerResponse) => {
        const name = nameOf(request)
        inside.push({ name, finish: () => response.end(`done ${name}`) })
        arrived()
      },
      { isFull: (count) => count >= ROOM, patienceMs, lengthMax: LENGTH_MAX, https: true, onTurnedAway: () => turnedAway++ },
    )
    const handler: typeof line = (request, response) => {
      line(request, response)
      seen.add(nameOf(request))
      response.once('close', () => gone.add(nameOf(request))) // After the line's own.
    }
    server = await openHttpServer({ handler, host: '127.0.0.1', port: 0 })
  }
  beforeEach(() => {
    arrived = () => undefined
  })
  afterEach(() => {
    for (const { finish } of inside) finish()
    return server.close(100)
  })

  const nextArrival = (): Promise<void> => new Promise((resolve) => (arrived = () => resolve()))
  const ask = (name: string, path = HOLDS, init: RequestInit = {}): Promise<Response> =>
    fetch(`${server.url}${path}`, { method: 'POST', body: '{"seats":["A-1"]}', ...init, headers: { 'x-name': name, ...init.headers } })

  /** Lets as many in as there is room for. */
  async function fill(): Promise<void> {
    for (let at = 0; at < ROOM; at++) {
      const arrival = nextArrival()
      void ask(`inside ${at}`)
      await arrival
    }
  }

  const PATIENT_MS = 60_000

  it('lets the next one in when one is done, whoever came first', async () => {
    await open(PATIENT_MS)
    await fill()
    const first = ask('first')
    await eventually('the first stands in line', () => seen.has('first'))
    const second = ask('second')
    await eventually('the second stands in line', () => seen.has('second'))
    for (const name of ['first', 'second']) {
      const arrival = nextArrival()
      inside.shift()?.finish()
      await arrival
      assert.equal(inside.at(-1)?.name, name)
    }
    for (const { finish } of inside) finish()
    assert.equal(await (await first).text(), 'done first')
    assert.equal(await (await second).text(), 'done second')
  })

  it('turns away who stood in line for too long, with the problem that tells why and when to come again', async () => {
    await open(1)
    await fill()
    const response = await ask('late')
    assert.equal(response.status, 503)
    assert.equal(response.headers.get('retry-after'), '1')
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    assert.match(response.headers.get('strict-transport-security') ?? '', /max-age/)
    const { traceId, ...problem } = (await response.json()) as { readonly traceId: string }
    assert.deepEqual(problem, {
      type: '/problems/overloaded',
      title: 'Overloaded',
      status: 503,
      detail: 'Too many requests wait already, or the service has only just started.',
      instance: HOLDS,
      code: 'OVERLOADED',
      retryable: true,
    })
    assert.equal(traceId, response.headers.get('trace-id'))
    assert.equal(turnedAway, 1)
  })

  it('names the trace that a refused request belongs to', async () => {
    await open(1)
    await fill()
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const response = await ask('late', HOLDS, { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } })
    assert.equal(response.headers.get('trace-id'), traceId)
  })

  it('turns away at once who would make the line too long', async () => {
    await open(PATIENT_MS)
    await fill()
    const asked = Array.from({ length: LENGTH_MAX + 1 }, (_, at) => ask(`in line ${at}`))
    assert.equal((await Promise.race(asked)).status, 503)
    assert.equal(turnedAway, 1)
  })

  it('forgets who went away while in line', async () => {
    await open(PATIENT_MS)
    await fill()
    const leave = new AbortController()
    const left = ask('left', HOLDS, { signal: leave.signal })
    await eventually('the one who will leave stands in line', () => seen.has('left'))
    const stays = ask('stays')
    await eventually('the other stands in line', () => seen.has('stays'))
    leave.abort()
    await assert.rejects(left)
    await eventually('the end was noticed', () => gone.has('left'))
    const arrival = nextArrival()
    inside[0]?.finish()
    await arrival
    assert.equal(inside.at(-1)?.name, 'stays')
    inside.at(-1)?.finish()
    assert.equal((await stays).status, 200)
  })

  it('is not for reads, nor for those who hold seats already, nor for pages of other sites, whose browsers would hide a refusal', async () => {
    await open(PATIENT_MS)
    await fill()
    const past: readonly [string, RequestInit?][] = [
      [HOLDS, { method: 'GET', body: null }],
      ['/v1/holds/hold_1/extend'],
      ['/v1/holds/hold_1/sell'],
      ['/v1/performances/perf_1/blocks'],
      ['/v1/performances/a/b/holds'],
      [HOLDS, { headers: { origin: 'https://elsewhere.example' } }],
    ]
    for (const [path, init] of past) {
      const arrival = nextArrival()
      const answer = ask('past', path, init)
      await arrival
      inside.at(-1)?.finish()
      assert.equal((await answer).status, 200, path)
    }
    const own = ask('own page', HOLDS, { headers: { origin: server.url } })
    await eventually('the own page stands in line', () => seen.has('own page'))
    const arrival = nextArrival()
    inside[0]?.finish()
    await arrival
    assert.equal(inside.at(-1)?.name, 'own page')
    inside.at(-1)?.finish()
    assert.equal((await own).status, 200)
  })
})
