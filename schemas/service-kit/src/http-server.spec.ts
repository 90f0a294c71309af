import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, type ClientRequest, get, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { asksForUpgrade, openHttpServer, takeUpgrade } from './http-server.ts'

const HOST = '127.0.0.1'

async function answered(request: ClientRequest): Promise<{ readonly response: IncomingMessage; readonly text: string }> {
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { response, text }
}

describe('openHttpServer', () => {
  it('listens where it says and rejects when the port is taken', async () => {
    const server = await openHttpServer({ host: HOST, port: 0, handler: (_, response) => response.end('here') })
    try {
      assert.equal(await (await fetch(server.url)).text(), 'here')
      await assert.rejects(openHttpServer({ host: HOST, port: server.port, handler: () => undefined }), { code: 'EADDRINUSE' })
    } finally {
      await server.close(0)
    }
  })

  it('finishes a request that is under way, then ends its connection, and accepts no other', async () => {
    let started: ((response: ServerResponse) => void) | undefined
    const underWay = new Promise<ServerResponse>((resolve) => {
      started = resolve
    })
    const server = await openHttpServer({ host: HOST, port: 0, handler: (_, response) => started?.(response) })
    const agent = new Agent({ keepAlive: true })
    const answer = answered(get(server.url, { agent }))
    const response = await underWay
    const closed = server.close()
    await assert.rejects(fetch(server.url))
    response.end('finished')
    const { response: received, text } = await answer
    assert.equal(text, 'finished')
    assert.equal(received.headers.connection, 'close')
    await closed
    agent.destroy()
  })

  it('ends idle keep-alive connections at once', async () => {
    const server = await openHttpServer({ host: HOST, port: 0, handler: (_, response) => response.end() })
    const agent = new Agent({ keepAlive: true })
    await answered(get(server.url, { agent }))
    await server.close() // Would wait for the deadline, longer than a test may take, if the connection stayed.
    agent.destroy()
  })

  it('cuts what is still open at the deadline', async () => {
    const server = await openHttpServer({ host: HOST, port: 0, handler: () => undefined })
    const socket = connect(server.port, HOST)
    socket.on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const cut = once(socket, 'close')
    await once(socket, 'connect')
    await server.close(20)
    await cut
  })

  describe('with upgrades', () => {
    const REQUEST = 'GET /there HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n'

    async function answerTo(port: number, more = ''): Promise<string> {
      const socket = connect(port, HOST)
      socket.write(REQUEST + more)
      let text = ''
      for await (const chunk of socket) text += String(chunk)
      return text
    }

    it('answers a request that nobody takes over like any other, and closes', async () => {
      const server = await openHttpServer({
        host: HOST,
        port: 0,
        upgrades: true,
        handler: ({ url }, response) => response.end(`at ${url}`),
      })
      assert.match(await answerTo(server.port), /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nat \/there$/s)
      await server.close(0)
    })

    it('gives the connection away once, with what came after the request', async () => {
      const server = await openHttpServer({
        host: HOST,
        port: 0,
        upgrades: true,
        handler(request) {
          assert.equal(asksForUpgrade(request), true)
          const upgrade = takeUpgrade(request)
          assert.deepEqual([asksForUpgrade(request), takeUpgrade(request)], [false, undefined])
          upgrade?.socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\n${String(upgrade.head)}`)
        },
      })
      assert.equal(await answerTo(server.port, 'early'), 'HTTP/1.1 101 Switching Protocols\r\n\r\nearly')
      await server.close(0)
    })

    it('cuts a connection that was given away and is still open at the deadline', async () => {
      let taken: (() => void) | undefined
      const isTaken = new Promise<void>((resolve) => {
        taken = resolve
      })
      const server = await openHttpServer({
        host: HOST,
        port: 0,
        upgrades: true,
        handler(request) {
          takeUpgrade(request)
          taken?.()
        },
      })
      const socket = connect(server.port, HOST)
      socket.on('error', () => undefined)
      const cut = once(socket, 'close')
      socket.write(REQUEST)
      await isTaken
      await server.close(20)
      await cut
    })
  })

  it('knows of no upgrades unless it is told to', async () => {
    const server = await openHttpServer({
      host: HOST,
      port: 0,
      handler: (request, response) => response.end(String(asksForUpgrade(request))),
    })
    const { text } = await answered(get(server.url, { headers: { Connection: 'Upgrade', Upgrade: 'echo' }, agent: false }))
    assert.equal(text, 'false')
    await server.close(0)
  })
})
