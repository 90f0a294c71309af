import assert from 'node:assert/strict'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { LIVE_DEFAULTS, type LiveSettings } from '../application/settings.ts'
import { openRig, putOnSale, type QueryRig, startRig } from '../testing/query-rig.ts'
import { ORGANISATION, type ScriptedHall, scriptHall } from '../testing/scripted-hall.ts'
import type { ScriptedLedger } from '../testing/scripted-ledger.ts'
import { openSpecLog, type SpecLog } from '../testing/spec-log.ts'
import { gatewayList } from './gateway-list.ts'
import { openGraphqlSockets } from './graphql-sockets.ts'

interface Message {
  readonly id?: string
  readonly type: string
  readonly payload?: never
}

/** A client that speaks the protocol word by word. */
class Client {
  readonly socket: WebSocket
  readonly messages: Message[] = []
  readonly closed: Promise<number>
  #wake: () => void = () => undefined

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers, perMessageDeflate: false })
    this.socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)))
      this.#wake()
    })
    this.socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code) => resolve(code))
    })
  }

  async open(payload?: object): Promise<this> {
    if (this.socket.readyState !== WebSocket.OPEN) await once(this.socket, 'open')
    this.send({ type: 'connection_init', ...(payload && { payload }) })
    return this
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message))
  }

  subscribe(id: string, query: string, variables: object = {}): void {
    this.send({ id, type: 'subscribe', payload: { query, variables } })
  }

  /** The next message that was not taken yet. */
  async next(): Promise<Message> {
    for (;;) {
      const message = this.messages.shift()
      if (message !== undefined) return message
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

const WATCH =
  'subscription Watch($id: ID!) { seatsChanged(performanceId: $id, sectionIds: ["stalls"]) { version snapshot sections { version whole held seats { seatId row number category type x y status } } } }'

describe('The WebSockets of the query service', () => {
  let spec: SpecLog
  let ledger: ScriptedLedger
  let rig: QueryRig
  let halls = 0
  const clients: Client[] = []

  before(async () => {
    spec = await openSpecLog()
    ledger = spec.ledger
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.terminate()
    await rig.stop()
  })
  after(() => spec.close())

  async function start(live: Partial<LiveSettings> = {}, seats = 4): Promise<ScriptedHall> {
    const settings = { ...LIVE_DEFAULTS, ...live }
    rig = await startRig(spec.parts, {
      live: settings,
      openSockets: openGraphqlSockets,
      isGateway: gatewayList(['127.0.0.0/8']),
      minVersionTimeoutMs: 10_000,
    })
    const hall = scriptHall(`Hall ${halls++}`, seats, ORGANISATION)
    await putOnSale(rig, ledger, hall)
    return hall
  }

  function client(headers: Record<string, string> = {}): Client {
    const made = new Client(rig.url, headers)
    clients.push(made)
    return made
  }

  const metric = async (name: string): Promise<number> => Number(await rig.metric(new RegExp(`^${name}\\{[^}]*\\} (\\d+)`, 'm')))

  it('tell a snapshot, then what changes, under the id of the operation, until it is completed', async () => {
    const hall = await start()
    const watcher = await client().open()
    assert.equal((await watcher.next()).type, 'connection_ack')
    watcher.subscribe('"one"', WATCH, { id: hall.performanceId })
    const first = await watcher.next()
    assert.deepEqual([first.id, first.type], ['"one"', 'next'])
    await ledger.seating(hall.performanceId, 'stalls', [hall.held('a', 'stalls', [1], 'buyer_1')])
    const second = await watcher.next()
    assert.deepEqual(second, {
      id: '"one"',
      type: 'next',
      payload: {
        data: {
          seatsChanged: {
            version: 2,
            snapshot: false,
            sections: [
              {
                version: 2,
                whole: false,
                held: 1,
                seats: [{ seatId: 'stalls-A-2', row: 'A', number: '2', category: 'Gold', type: 'standard', x: 10, y: 5.5, status: 'held' }],
              },
            ],
          },
        },
      },
    })
    watcher.send({ id: '"one"', type: 'complete' })
    watcher.subscribe('q', '{ me { id } }')
    assert.deepEqual(await watcher.next(), { id: 'q', type: 'next', payload: { data: { me: null } } })
    assert.deepEqual(await watcher.next(), { id: 'q', type: 'complete' })
    assert.equal(await metric('cavea_query_live_readers'), 0)
  })

  it('know a token from the handshake or from the connection_init, and refuse a false one for good', async () => {
    await start()
    const { buyerId, buyerToken } = rig.tokens.issueBuyer(Date.now())
    const me = async (asked: Client): Promise<unknown> => {
      await asked.next()
      asked.subscribe('1', '{ me { id } }')
      return (await asked.next()).payload
    }
    const expected = { data: { me: { id: buyerId } } }
    assert.deepEqual(await me(await client({ Authorization: `Bearer ${buyerToken}` }).open()), expected)
    assert.deepEqual(await me(await client().open({ authorization: `Bearer ${buyerToken}` })), expected)
    assert.equal(await (await client().open({ authorization: 'Bearer forged' })).closed, 4401)
  })

  it('close on who does not begin, says nothing in the protocol, or says too much', async () => {
    await start({ initTimeoutMs: 1_500, messageBytesMax: 2_000, messagesPerMinuteMax: 5 })
    assert.equal(await client().closed, 4408)
    const garbled = await client().open()
    garbled.socket.send('{"type": 7}')
    assert.equal(await garbled.closed, 4400)
    const large = await client().open()
    large.socket.send('x'.repeat(2_001))
    assert.equal(await large.closed, 1009)
    const many = await client().open()
    for (let count = 0; count < 6; count++) many.send({ type: 'ping' })
    assert.equal(await many.closed, 4429)
  })

  it('take so many connections of an address, which a gateway names, and so many in all', async () => {
    await start({ connectionsPerAddressMax: 2, connectionsMax: 3 })
    const status = async (address: string): Promise<number> => {
      const asked = client({ 'X-Forwarded-For': `203.0.113.9, ${address}` })
      return await new Promise((resolve) => {
        asked.socket.once('open', () => resolve(101))
        asked.socket.once('unexpected-response', (_, answer) => resolve(answer.statusCode ?? 0))
      })
    }
    const statuses: number[] = []
    for (const address of ['198.51.100.1', '198.51.100.1', '198.51.100.1', '198.51.100.2', '198.51.100.3'])
      statuses.push(await status(address))
    assert.deepEqual(statuses, [101, 101, 429, 101, 503])
    clients[0]?.socket.terminate()
    await clients[0]?.closed
    while ((await metric('cavea_query_live_connections')) > 2) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(await status('198.51.100.1'), 101)
  })

  it('give up on a client that does not answer a ping', async () => {
    await start({ heartbeatMs: 700 })
    const alive = await client().open()
    const dead = client()
    await once(dead.socket, 'open')
    dead.socket.pause()
    while ((await metric('cavea_query_live_connections')) > 1) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.equal(alive.socket.readyState, WebSocket.OPEN)
  })

  it('keep little for a client that reads nothing, and cut it off while others hear everything', async function slow() {
    this.timeout(60_000)
    const hall = await start({ intervalMs: 1, waitingBytesMax: 10_000, slowMsMax: 300 }, 4_000)
    const all = Array.from({ length: 2_000 }, (_, seat) => seat)
    const [quick, lazy] = [await client().open(), await client().open()]
    for (const each of [quick, lazy]) {
      await each.next()
      each.subscribe('1', WATCH, { id: hall.performanceId })
      assert.equal((await each.next()).type, 'next')
    }
    lazy.socket.pause()
    let version = 1
    for (let round = 0; (await metric('cavea_query_live_cut_total')) === 0; round++) {
      assert.ok(round < 2_000, 'the network swallows it all')
      const event = round % 2 === 0 ? hall.held('a', 'stalls', all, 'buyer_1') : hall.released('a', 'stalls', all)
      await ledger.seating(hall.performanceId, 'stalls', [event])
      const message = (await quick.next()) as unknown as { payload: { data: { seatsChanged: { version: number; snapshot: boolean } } } }
      const { seatsChanged } = message.payload.data
      assert.equal(seatsChanged.snapshot, false)
      assert.ok(seatsChanged.version > version)
      version = seatsChanged.version
    }
    lazy.socket.resume()
    await lazy.closed
    assert.equal(quick.socket.readyState, WebSocket.OPEN)
  })

  it('ask a client to come again that knows more than they do, or that comes before they know anything', async () => {
    const hall = await start({ aheadMsMax: 1 })
    const ahead = await client().open()
    await ahead.next()
    ahead.subscribe('1', 'subscription Watch($id: ID!, $since: String) { seatsChanged(performanceId: $id, since: $since) { version } }', {
      id: hall.performanceId,
      since: `${hall.performanceId.slice(-6)}_0.zz`,
    })
    assert.equal(await ahead.closed, 1013)
    assert.deepEqual(ahead.messages, [])
    const running = rig
    rig = await openRig(spec.parts, { openSockets: openGraphqlSockets })
    const early = await client().open()
    await early.next()
    early.subscribe('1', WATCH, { id: hall.performanceId })
    assert.equal(await early.closed, 1013)
    await running.stop()
  })

  it('ask everybody to come again when the service stops, and take nobody then', async () => {
    const hall = await start()
    const watchers = await Promise.all(Array.from({ length: 20 }, () => client().open()))
    for (const watcher of watchers) {
      await watcher.next()
      watcher.subscribe('1', WATCH, { id: hall.performanceId })
      await watcher.next()
    }
    await rig.service.live?.close()
    assert.deepEqual(await Promise.all(watchers.map(({ closed }) => closed)), Array(20).fill(1012))
    const late = client()
    const [, answer] = (await once(late.socket, 'unexpected-response')) as [unknown, { statusCode: number }]
    assert.equal(answer.statusCode, 503)
  })
})
