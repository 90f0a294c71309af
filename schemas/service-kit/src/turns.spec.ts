import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type HttpServer, openHttpServer } from './http-server.ts'

const OLD = 40
const NEWCOMERS = 25
const WORK_MS = 1

/** In a thread of its own, else its own turns would give the server time to accept. Old connections ask for ever; newcomers once. */
const CROWD = `
  const { connect } = require('node:net')
  const { parentPort, workerData: { port, old, newcomers } } = require('node:worker_threads')
  const ask = (path) => 'GET ' + path + ' HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'
  let left = newcomers
  function come() {
    for (let at = 0; at < newcomers; at++) {
      const socket = connect(port, '127.0.0.1')
      socket.write(ask('/new'))
      socket.once('data', () => --left === 0 && parentPort.postMessage('all newcomers were answered'))
    }
  }
  let greeted = 0
  for (let at = 0; at < old; at++) {
    const socket = connect(port, '127.0.0.1')
    socket.write(ask('/old'))
    socket.once('data', () => ++greeted === old && come())
    socket.on('data', () => socket.write(ask('/old')))
    socket.on('error', () => undefined)
  }
`

function workFor(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

describe('a server that has more to do than it can', () => {
  let server: HttpServer
  const seen: string[] = []

  before(async () => {
    server = await openHttpServer({
      host: '127.0.0.1',
      port: 0,
      handler(request, response) {
        seen.push(request.url ?? '')
        workFor(WORK_MS)
        response.end('done')
      },
    })
  })
  after(() => server.close(0))

  it('lets newcomers in while it works for those it has, and goes on working for them', async () => {
    const crowd = new Worker(CROWD, { eval: true, workerData: { port: server.port, old: OLD, newcomers: NEWCOMERS } })
    await once(crowd, 'message')
    const meanwhile = seen.slice(seen.indexOf('/new'), seen.lastIndexOf('/new')).filter((url) => url === '/old').length
    await crowd.terminate()
    // One connection is accepted a turn: a turn in which all are served would make it as many as there are, for each newcomer.
    assert.ok(meanwhile < (NEWCOMERS * OLD) / 4, `${meanwhile} requests of others were begun while ${NEWCOMERS} newcomers came in`)
    assert.ok(meanwhile >= NEWCOMERS, `only ${meanwhile} requests of others were begun meanwhile`)
  })
})
