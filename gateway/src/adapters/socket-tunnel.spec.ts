import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HttpServer, openHttpServer } from '@cavea/service-kit/http-server'
import { WebSocket, WebSocketServer } from 'ws'
import type { LiveService } from '../ports/live-service.ts'
import type { ReadAnswer } from '../ports/read-service.ts'
import { openSocketTunnel } from './socket-tunnel.ts'

const PROTOCOL = 'graphql-transport-ws'

describe('The tunnel to the query service', () => {
  let service: Server
  let webSockets: WebSocketServer
  let requests: IncomingMessage[]
  let tunnel: LiveService
  let edge: HttpServer
  let answers: (ReadAnswer | Error | undefined)[]

  beforeEach(async () => {
    requests = []
    answers = []
    webSockets = new WebSocketServer({ noServer: true })
    webSockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`heard ${String(data).length}`)))
    service = createServer()
    service.on('upgrade', (request, socket, head) => {
      requests.push(request)
      if (request.headers['x-forwarded-for'] === '127.0.0.9') {
        socket.end('HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 4\r\n\r\nfull')
        return
      }
      webSockets.handleUpgrade(request, socket, head, (webSocket) => webSockets.emit('connection', webSocket, request))
    })
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
    tunnel = openSocketTunnel({ url: `http://127.0.0.1:${(service.address() as AddressInfo).port}/inside`, target: '/graphql' })
    const handler = (request: IncomingMessage, response: ServerResponse): void => {
      const address = request.url === '/full' ? '127.0.0.9' : '192.0.2.1'
      void Promise.resolve()
        .then(() => tunnel.connect(request, address))
        .then(
          (answer) => {
            answers.push(answer)
            if (answer !== undefined) answer.body.pipe(response.writeHead(answer.status))
          },
          (error: Error) => {
            answers.push(error)
            response.writeHead(503).end()
          },
        )
    }
    edge = await openHttpServer({ handler, host: '127.0.0.1', port: 0, upgrades: true })
  })
  afterEach(async () => {
    await tunnel.close()
    await edge.close(0)
    webSockets.close()
    await new Promise((resolve) => service.close(resolve))
  })

  async function open(path = '/graphql', options: object = {}): Promise<WebSocket> {
    const socket = new WebSocket(edge.url.replace('http', 'ws') + path, PROTOCOL, options)
    await once(socket, 'open')
    return socket
  }

  async function refusedWith(path: string): Promise<number> {
    const socket = new WebSocket(edge.url.replace('http', 'ws') + path, PROTOCOL)
    return await new Promise((resolve, reject) => {
      socket.once('unexpected-response', (request, answer) => {
        resolve(answer.statusCode ?? 0)
        request.destroy()
      })
      socket.once('open', () => reject(new Error('It was let in.')))
      socket.on('error', () => undefined)
    })
  }

  it('lets bytes through both ways, however many', async () => {
    const socket = await open()
    for (const length of [1, 70_000, 3_000_000]) {
      socket.send('x'.repeat(length))
      const [data] = (await once(socket, 'message')) as [Buffer]
      assert.equal(String(data), `heard ${length}`)
    }
    socket.close(1000)
    await once(socket, 'close')
  })

  it('says who the client is, and passes on what a WebSocket needs and no more', async () => {
    const headers = { authorization: 'Bearer token', 'x-forwarded-for': '6.6.6.6', 'x-secret': 'mine', origin: 'https://example.org' }
    const socket = await open('/graphql', { headers })
    const [request] = requests
    assert.equal(request?.url, '/inside/graphql')
    assert.deepEqual(
      [request?.headers['x-forwarded-for'], request?.headers.authorization, request?.headers['x-secret'], request?.headers.origin],
      ['192.0.2.1', 'Bearer token', undefined, undefined],
    )
    assert.equal(socket.protocol, PROTOCOL)
    socket.terminate()
  })

  it('answers what the service answers instead of an upgrade', async () => {
    assert.equal(await refusedWith('/full'), 429)
  })

  it('says that the service is away, and takes nobody then', async () => {
    webSockets.close()
    await new Promise((resolve) => service.close(resolve))
    assert.equal(await refusedWith('/graphql'), 503)
    assert.equal((answers[0] as { code?: string } | undefined)?.code, 'READ_SERVICE_UNAVAILABLE')
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  })

  it('asks clients to come again when it closes, by way of the service', async () => {
    const sockets = await Promise.all(Array.from({ length: 5 }, () => open()))
    const codes = Promise.all(sockets.map(async (socket) => ((await once(socket, 'close')) as [number])[0]))
    await tunnel.close()
    assert.deepEqual(await codes, [1012, 1012, 1012, 1012, 1012])
    assert.equal(await refusedWith('/graphql'), 503)
  })

  it('ends the one side when the other goes away', async () => {
    const [socket] = await Promise.all([open(), once(webSockets, 'connection')])
    const [inner] = webSockets.clients
    assert.ok(inner)
    const gone = once(inner, 'close')
    socket.terminate()
    await gone
    const [other] = await Promise.all([open(), once(webSockets, 'connection')])
    const ended = once(other, 'close')
    for (const client of webSockets.clients) client.terminate()
    assert.equal(((await ended) as [number])[0], 1006)
  })
})
