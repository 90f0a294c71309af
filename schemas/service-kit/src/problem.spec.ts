import assert from 'node:assert/strict'
import { Router } from '@koa/router'
import Koa from 'koa'
import { health, type Readiness } from './health.ts'
import { type HttpServer, openHttpServer } from './http-server.ts'
import { createLogger } from './logger.ts'
import { createMetrics } from './metrics.ts'
import { answerProblems, HttpProblem, problemBody } from './problem.ts'

const PLACE = { instance: '/v1/holds', traceId: 'a'.repeat(32) }

describe('problemBody', () => {
  it('names the kind of problem by its code, with a title that people can read', () => {
    const body = problemBody({ status: 409, code: 'SEAT_UNAVAILABLE', detail: 'Two seats are taken.', extra: { conflicts: [1] } }, PLACE)
    assert.deepEqual(body, {
      type: '/problems/seat-unavailable',
      title: 'Seat unavailable',
      status: 409,
      detail: 'Two seats are taken.',
      code: 'SEAT_UNAVAILABLE',
      retryable: false,
      conflicts: [1],
      ...PLACE,
    })
  })

  it('is about:blank with the title of the status when the code says no more than the status', () => {
    const { type, title } = problemBody({ status: 404, code: 'NOT_FOUND', detail: '' }, PLACE)
    assert.deepEqual({ type, title }, { type: 'about:blank', title: 'Not Found' })
  })

  it('lets no extra member replace one of its own', () => {
    const body = problemBody({ status: 409, code: 'X', detail: 'd', extra: { status: 200, traceId: 'no', code: 'Y' } }, PLACE)
    assert.deepEqual([body.status, body.traceId, body.code], [409, PLACE.traceId, 'X'])
  })
})

describe('answerProblems', () => {
  let server: HttpServer
  const lines: string[] = []
  let readiness: Readiness = { ready: false, reasons: ['seating.events/0 is being read'] }

  before(async () => {
    const log = createLogger({ service: 'spec', level: 'debug', destination: { write: (line) => void lines.push(line) } })
    const app = new Koa()
    const router = new Router()
    router.get('/seat', (context) => {
      context.set('ETag', '"1"')
      throw new HttpProblem({ status: 503, code: 'BEHIND', detail: 'Later.', retryable: true, headers: { 'Retry-After': '1' } })
    })
    router.get('/bug', () => {
      throw new Error('select * from secrets')
    })
    router.get('/thrown', () => {
      throw 'a bare string' as unknown as Error
    })
    router.get('/koa', (context) => context.throw(413, 'Too much of it.'))
    router.get('/inner', (context) => context.throw(502, 'driver text'))
    app
      .use(answerProblems({ log }))
      .use(health({ ready: () => readiness, metrics: createMetrics('spec') }))
      .use(router.routes())
      .use(router.allowedMethods())
    server = await openHttpServer({
      handler: app.callback(),
      host: '127.0.0.1',
      port: 0,
    })
  })
  after(() => server.close(0))

  async function ask(path: string, init: RequestInit = {}): Promise<{ response: Response; body: Record<string, unknown>; text: string }> {
    const response = await fetch(server.url + path, init)
    const text = await response.text()
    return { response, text, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) }
  }

  it('writes a thrown problem with its headers and none that the route had prepared', async () => {
    const { response, body } = await ask('/seat')
    assert.equal(response.status, 503)
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    assert.equal(response.headers.get('retry-after'), '1')
    assert.equal(response.headers.get('etag'), null)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    assert.deepEqual([body['code'], body['retryable'], body['instance']], ['BEHIND', true, '/seat'])
  })

  it('tells nothing of an unknown error but the trace that finds it in the log', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const { response, body, text } = await ask('/bug', { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } })
    assert.equal(response.status, 500)
    assert.equal(body['code'], 'INTERNAL')
    assert.equal(body['traceId'], traceId)
    assert.doesNotMatch(text, /secrets|problem\.spec/)
    assert.ok(lines.some((line) => line.includes(traceId) && line.includes('select * from secrets')))
  })

  it('survives a thrown value that is no error', async () => {
    assert.equal((await ask('/thrown')).body['code'], 'INTERNAL')
  })

  it('maps what Koa throws by its status and shows only text that was meant to be shown', async () => {
    const large = await ask('/koa')
    assert.deepEqual([large.response.status, large.body['code'], large.body['detail']], [413, 'PAYLOAD_TOO_LARGE', 'Too much of it.'])
    const inner = await ask('/inner')
    assert.deepEqual([inner.response.status, inner.body['code']], [502, 'BAD_GATEWAY'])
    assert.doesNotMatch(inner.text, /driver text/)
  })

  it('answers an unknown route with 404 and a wrong method with 405 and Allow, both as problems', async () => {
    const unknown = await ask('/nowhere')
    assert.deepEqual([unknown.response.status, unknown.body['code'], unknown.body['type']], [404, 'NOT_FOUND', 'about:blank'])
    const wrong = await ask('/seat', { method: 'DELETE' })
    assert.deepEqual([wrong.response.status, wrong.body['code']], [405, 'METHOD_NOT_ALLOWED'])
    assert.match(wrong.response.headers.get('allow') ?? '', /GET/)
  })

  it('sends no body to a HEAD request', async () => {
    const { response, text } = await ask('/nowhere', { method: 'HEAD' })
    assert.deepEqual([response.status, text], [404, ''])
  })

  it('says that it is alive, and whether and why not it is ready', async () => {
    assert.equal((await ask('/livez')).response.status, 200)
    const notYet = await ask('/readyz')
    assert.equal(notYet.response.status, 503)
    assert.deepEqual(notYet.body, { ready: false, reasons: ['seating.events/0 is being read'] })
    readiness = { ready: true, reasons: [] }
    assert.equal((await ask('/readyz')).response.status, 200)
  })
})
