/** One performance that changes all the time, and one way to tell its watchers: a program of its own, started by the benchmark. */
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GRAPHQL_SDL } from '@cavea/contracts/graphql/schema'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { openGraphqlSockets } from '@cavea/query-service/adapters/graphql-sockets'
import { type ChosenSection, chooseSections, seatsOf, versionsOf } from '@cavea/query-service/answers/sections'
import { createReadModel, type ReadModelChanges } from '@cavea/query-service/application/read-model'
import { LIVE_DEFAULTS } from '@cavea/query-service/application/settings'
import { createGraphqlEngine, DOCUMENT_SETTINGS } from '@cavea/query-service/graphql/engine'
import { createCallers } from '@cavea/query-service/routes/callers'
import { createLookups } from '@cavea/query-service/routes/lookups'
import { behind } from '@cavea/query-service/routes/problems'
import { createHub } from '@cavea/query-service/subscriptions/hub'
import { ensureTopics, PARTITIONS, partsOf, TOPIC_PREFIX } from '@cavea/query-service/testing/query-rig'
import { scriptHall } from '@cavea/query-service/testing/scripted-hall'
import { scriptLedger } from '@cavea/query-service/testing/scripted-ledger'
import { configOrExit } from '@cavea/service-kit/config'
import { openHttpServer } from '@cavea/service-kit/http-server'
import { createLogger } from '@cavea/service-kit/logger'
import { createMetrics } from '@cavea/service-kit/metrics'
import { closeOnSignal } from '@cavea/service-kit/shutdown'
import { createTokens } from '@cavea/service-kit/tokens'
import { buildSchema, execute, parse } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { FAN_OUT_QUERY } from './fan-out-query.ts'

const SEATS = 400
const CHANGED = 4
const SETTINGS = { ...LIVE_DEFAULTS, connectionsPerAddressMax: 100_000, connectionsMax: 100_000, initTimeoutMs: 60_000 }

const config = configOrExit(process.env, (read) => ({
  kind: read.oneOf('BENCH_KIND', ['cavea', 'graphql-ws', 'ws']),
  port: read.integer('PORT', { default: 3_000 }),
}))
const logger = createLogger({ service: 'contender', level: 'warn' })
const metrics = createMetrics('contender')
const dir = await mkdtemp(join(tmpdir(), 'cavea-fan-out-'))
const log = await openEmbeddedLog({ dir })
const parts = await partsOf(log)
await ensureTopics(log)
const ledger = scriptLedger({ ...parts, topicPrefix: TOPIC_PREFIX, partitions: PARTITIONS })

const hub = createHub({ ...SETTINGS, tendMs: 250, nowMs: () => performance.now(), behind })
/** What the contenders tell, in the same rhythm as the hub, and made once for all their readers. */
let tell: (() => void) | undefined
let isDue = false
const paced: ReadModelChanges = {
  sectionChanged() {
    if (isDue || tell === undefined) return
    isDue = true
    setTimeout(() => {
      isDue = false
      tell?.()
    }, SETTINGS.intervalMs)
  },
  holdChanged: () => undefined,
  partitionFailed: () => undefined,
}
const readModel = createReadModel({
  ...parts,
  topicPrefix: TOPIC_PREFIX,
  logger,
  metrics,
  snapshotIntervalMs: 60_000,
  changes: config.kind === 'cavea' ? hub : paced,
})
await readModel.start()
await readModel.untilSettled()

const hall = scriptHall('Bench', SEATS)
await ledger.catalog(hall.catalogEvents)
for (const streamId of hall.streamIds) await ledger.seating(hall.performanceId, streamId, [hall.open(streamId)])
const opened = await ledger.catalog([hall.opened])
await readModel.waitFor('catalog', opened.partition, opened.commandOffset, 10_000)

const server = await openHttpServer({ handler, host: '127.0.0.1', port: config.port, upgrades: config.kind === 'cavea' })
const cavea = config.kind === 'cavea' ? openCavea() : undefined
if (config.kind !== 'cavea') await openOther(config.kind)

let round = 0
const [stalls = ''] = hall.streamIds
const beat = setInterval(() => {
  const seats = Array.from({ length: CHANGED }, (_, at) => (round * CHANGED + at) % SEATS)
  const name = `hold ${round}`
  const isOdd = Math.floor((round * CHANGED) / SEATS) % 2 === 1
  round++
  void ledger.seating(hall.performanceId, stalls, [isOdd ? hall.released(name, stalls, seats) : hall.held(name, stalls, seats, 'buyer')])
}, SETTINGS.intervalMs / 2)

function handler(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/graphql' && cavea !== undefined) cavea.connect(request, 'bench')
  else response.end(JSON.stringify({ performanceId: hall.performanceId }))
}

function openCavea() {
  const tokens = createTokens({ secret: 's'.repeat(32), adminToken: 'a'.repeat(32), organisation: 'org_default' })
  const lookups = createLookups(readModel)
  const engine = createGraphqlEngine({ readModel, lookups, documents: DOCUMENT_SETTINGS, report: (err) => logger.error({ err }) })
  const callers = createCallers(tokens, Date.now)
  return openGraphqlSockets({ engine, hub, callers, readModel, minVersionTimeoutMs: 1_000, settings: SETTINGS, logger, metrics })
}

/** The WebSockets of a contender, on a server of its own, whose address is one above. */
async function openOther(kind: 'graphql-ws' | 'ws'): Promise<void> {
  const own = createServer()
  await new Promise<void>((resolve) => own.listen(config.port + 1, '127.0.0.1', resolve))
  const webSockets = new WebSocketServer({ server: own, path: '/graphql', perMessageDeflate: false })
  const schema = buildSchema(GRAPHQL_SDL)
  let sent: readonly number[] | undefined
  const show = readModel.directory.performance(hall.performanceId)
  const map = readModel.directory.seatMap(hall.seatMapId)
  if (show === undefined || map === undefined) throw new Error('The performance is not known.')
  const sections: readonly ChosenSection[] = chooseSections(show, null) ?? []
  const value = (since?: readonly number[]): object => {
    const answer = seatsOf(readModel.section, show, map, sections, since)
    return { ...answer, sections: answer.sections.map(({ seats, ...section }) => ({ ...section, seats: seats.list() })) }
  }
  const next = (): object => {
    const change = value(sent)
    sent = versionsOf(readModel.section, hall.performanceId, sections)
    return { seatsChanged: change }
  }
  if (kind === 'ws') {
    const document = parse(FAN_OUT_QUERY)
    const variableValues = { performanceId: hall.performanceId }
    const encode = (rootValue: object): string =>
      `{"id":"1","type":"next","payload":${JSON.stringify(execute({ schema, document, rootValue, variableValues }))}}`
    const readers = new Set<WebSocket>()
    webSockets.on('connection', (socket) => {
      readers.add(socket)
      socket.send(encode({ seatsChanged: value() }))
      socket.once('close', () => readers.delete(socket))
    })
    tell = () => {
      const text = encode(next())
      for (const socket of readers) socket.send(text)
    }
    return
  }
  const readers = new Set<(change: object) => void>()
  const field = schema.getSubscriptionType()?.getFields()['seatsChanged']
  if (field !== undefined) field.subscribe = () => changesFor(readers, { seatsChanged: value() })
  useServer({ schema, connectionInitWaitTimeout: SETTINGS.initTimeoutMs }, webSockets)
  tell = () => {
    const change = next()
    for (const reader of readers) reader(change)
  }
}

/** What a subscriber of a plain publisher reads, as the documentation of graphql-ws has it. */
async function* changesFor(readers: Set<(change: object) => void>, first: object): AsyncGenerator<object> {
  const waiting: object[] = [first]
  let wake: (() => void) | undefined
  const take = (change: object): void => {
    waiting.push(change)
    wake?.()
  }
  readers.add(take)
  try {
    for (;;) {
      const change = waiting.shift()
      if (change !== undefined) yield change
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  } finally {
    readers.delete(take)
  }
}

closeOnSignal({
  log: logger,
  deadlineMs: 5_000,
  closers: [
    { name: 'beat', close: () => clearInterval(beat) },
    { name: 'rest', close: () => process.exit(0) },
    { name: 'server', close: () => server.close(0) },
  ],
})
process.once('exit', () => rmSync(dir, { recursive: true, force: true }))
