import type { IncomingMessage } from 'node:http'
import { takeUpgrade } from '@cavea/service-kit/http-server'
import type { Logger } from '@cavea/service-kit/logger'
import type { Metrics } from '@cavea/service-kit/metrics'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { ExecutionArgs, GraphQLError } from 'graphql'
import { type Context, GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer, type SubscribePayload } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ReadModel } from '../application/read-model.ts'
import type { LiveSettings } from '../application/settings.ts'
import type { GraphqlEngine, PreparedOperation } from '../graphql/engine.ts'
import { clientErrorsOf, RefusedRequestError } from '../graphql/errors.ts'
import { minVersionOf, readParams } from '../graphql/request.ts'
import type { LiveSockets } from '../ports/live-sockets.ts'
import type { Callers } from '../routes/callers.ts'
import { whenAtLeast } from '../routes/min-version.ts'
import type { Hub, Wish } from '../subscriptions/hub.ts'
import { nextPrefix } from '../subscriptions/payload.ts'
import { watching } from '../subscriptions/watching.ts'
import { LiveConnection, TRY_AGAIN_LATER } from './live-connection.ts'

export interface GraphqlSocketsDeps {
  readonly engine: GraphqlEngine
  readonly hub: Hub
  readonly callers: Callers
  readonly readModel: ReadModel
  readonly minVersionTimeoutMs: number
  readonly settings: LiveSettings
  readonly logger: Logger
  readonly metrics: Metrics
}

interface Extra {
  readonly connection: LiveConnection
  readonly authorization: string | undefined
}

type SocketContext = Context<Record<string, unknown>, Extra>

/** What was found out about an operation before graphql-ws lets it run. */
class LiveOperation {
  readonly id: string
  readonly prepared: PreparedOperation
  readonly connection: LiveConnection
  /** Of a subscription. */
  readonly wish: Omit<Wish, 'outlet'> | undefined
  constructor(id: string, prepared: PreparedOperation, connection: LiveConnection, wish: Omit<Wish, 'outlet'> | undefined) {
    this.id = id
    this.prepared = prepared
    this.connection = connection
    this.wish = wish
  }
}

const UNAUTHORIZED = 4401
const INTERNAL_ERROR = 4500
const SERVICE_RESTART = 1012
const CLOSE_WAIT_MS = 2_000

/** graphql-transport-ws on WebSockets. The library keeps the protocol; what a subscription tells, the hub writes. */
export function openGraphqlSockets(deps: GraphqlSocketsDeps): LiveSockets {
  const { engine, hub, callers, settings, logger } = deps
  const connections = new Set<LiveConnection>()
  const ofAddress = new Map<string, number>()
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: settings.messageBytesMax,
    handleProtocols: (protocols) => (protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false),
  })
  let whenEmpty: (() => void) | undefined
  let isClosing = false

  deps.metrics.gauge({ name: 'cavea_query_live_connections', help: 'Open WebSockets.', collect: (gauge) => gauge.set(connections.size) })
  deps.metrics.gauge({ name: 'cavea_query_live_readers', help: 'Operations that watch.', collect: (gauge) => gauge.set(hub.readerCount()) })
  deps.metrics.gauge({
    name: 'cavea_query_live_topics',
    help: 'Different things watched.',
    collect: (gauge) => gauge.set(hub.topicCount()),
  })
  const cuts = deps.metrics.counter({ name: 'cavea_query_live_cut_total', help: 'Connections closed for reading too slowly.' })

  const clientErrors = (error: unknown): readonly GraphQLError[] => clientErrorsOf(error, engine.report)

  async function prepare(context: SocketContext, id: string, payload: SubscribePayload): Promise<LiveOperation> {
    if (Object.keys(context.subscriptions).length > settings.subscriptionsPerConnectionMax)
      throw new HttpProblem({
        status: 429,
        code: 'TOO_MANY_SUBSCRIPTIONS',
        detail: `A connection has at most ${settings.subscriptionsPerConnectionMax} operations at once.`,
      })
    const params = readParams(payload)
    const prepared = engine.prepare(params)
    const wanted = minVersionOf(params)
    if (wanted !== '') await whenAtLeast(deps.readModel, wanted, deps.minVersionTimeoutMs)
    const { connection } = context.extra
    const isSubscription = prepared.operation.operation === 'subscription'
    return new LiveOperation(id, prepared, connection, isSubscription ? wishOf(prepared, connection) : undefined)
  }

  function wishOf(prepared: PreparedOperation, connection: LiveConnection): Omit<Wish, 'outlet'> {
    try {
      return engine.wish(prepared, connection.caller)
    } catch (error) {
      sendAwayIfBehind(connection, error)
      throw error
    }
  }

  function watch({ id, connection, wish }: LiveOperation): AsyncGenerator<never, void, void> {
    return watching((end) => {
      if (wish === undefined) throw new TypeError('Only subscriptions are watched.')
      return hub.watch({
        ...wish,
        outlet: {
          prefix: nextPrefix(id),
          send: (frame) => connection.write(frame),
          waitingBytes: () => connection.waitingBytes(),
          end(error) {
            sendAwayIfBehind(connection, error)
            end(error === undefined ? undefined : clientErrors(error)[0])
          },
          cut() {
            cuts.inc()
            connection.cut()
          },
        },
      })
    })
  }

  const protocol = makeServer<Record<string, unknown>, Extra>({
    schema: engine.schema,
    connectionInitWaitTimeout: settings.initTimeoutMs,
    onConnect({ connectionParams, extra }) {
      const given = connectionParams?.['authorization'] ?? connectionParams?.['Authorization'] ?? extra.authorization
      try {
        extra.connection.caller = typeof given === 'string' ? callers.of(given) : undefined
        return true
      } catch {
        extra.connection.close(UNAUTHORIZED, 'Unauthorized') // Final for clients, unlike 4403: the same token will not do later.
        return false
      }
    },
    async onSubscribe(context, id, payload) {
      try {
        const operation = await prepare(context, id, payload)
        const { known, operation: node, variables } = operation.prepared
        return {
          schema: engine.schema,
          document: known.document,
          variableValues: variables,
          contextValue: operation,
          ...(node.name !== undefined && { operationName: node.name.value }),
        }
      } catch (error) {
        return clientErrors(error)
      }
    },
    async execute(args) {
      const operation = operationOf(args)
      try {
        return await engine.query(operation.prepared, { caller: operation.connection.caller })
      } catch (error) {
        if (!(error instanceof RefusedRequestError)) throw error
        return { errors: error.errors }
      }
    },
    subscribe: (args) => watch(operationOf(args)),
  })

  function opened(webSocket: WebSocket, connection: LiveConnection, request: IncomingMessage): void {
    const { authorization } = request.headers
    const closed = protocol.opened(
      {
        protocol: webSocket.protocol,
        send: (text) => connection.sendText(text),
        close: (code, reason) => connection.close(code ?? INTERNAL_ERROR, reason ?? ''),
        onMessage(take) {
          webSocket.on('message', (data) => {
            if (!connection.takesMessage(Date.now())) return
            take(String(data)).catch((err: unknown) => {
              logger.error({ err }, 'A message of a client could not be handled.')
              connection.close(INTERNAL_ERROR, 'Internal server error')
            })
          })
        },
      },
      { connection, authorization },
    )
    webSocket.on('error', (err) => logger.debug({ err }, 'A WebSocket failed.')) // It closes by itself.
    webSocket.once('close', (code, reason) => {
      forget(connection)
      closed(code, String(reason)).catch((err: unknown) => logger.error({ err }, 'A connection could not be ended in order.'))
    })
  }

  function forget(connection: LiveConnection): void {
    connections.delete(connection)
    const left = (ofAddress.get(connection.address) ?? 0) - 1
    if (left > 0) ofAddress.set(connection.address, left)
    else ofAddress.delete(connection.address)
    if (connections.size === 0) whenEmpty?.()
  }

  function requireRoom(address: string): void {
    const isFull = isClosing || connections.size >= settings.connectionsMax
    if (!isFull && (ofAddress.get(address) ?? 0) < settings.connectionsPerAddressMax) return
    throw new HttpProblem({
      status: isFull ? 503 : 429,
      code: isFull ? 'SERVICE_UNAVAILABLE' : 'TOO_MANY_CONNECTIONS',
      detail: isFull ? 'No more connections are taken here.' : `An address has at most ${settings.connectionsPerAddressMax} connections.`,
      retryable: true,
      headers: { 'Retry-After': '1' },
    })
  }

  const heart = setInterval(() => {
    for (const connection of connections) connection.beat()
  }, settings.heartbeatMs)
  heart.unref()

  return {
    connect(request, address) {
      requireRoom(address)
      const upgrade = takeUpgrade(request)
      if (upgrade === undefined) throw new HttpProblem({ status: 426, code: 'UPGRADE_REQUIRED', detail: 'Watching needs a WebSocket.' })
      const { socket, head } = upgrade
      socket.setNoDelay(true)
      // It answers a handshake that is not one with 400 by itself, and then never calls back.
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        const connection = new LiveConnection(webSocket, socket, address, settings.messagesPerMinuteMax)
        connections.add(connection)
        ofAddress.set(address, (ofAddress.get(address) ?? 0) + 1)
        opened(webSocket, connection, request)
      })
    },
    async close() {
      isClosing = true
      clearInterval(heart)
      if (connections.size > 0) {
        const gone = new Promise<void>((resolve) => {
          whenEmpty = resolve
        })
        for (const connection of connections) connection.close(SERVICE_RESTART, 'Service restart')
        const cut = setTimeout(() => {
          for (const connection of connections) connection.terminate()
        }, CLOSE_WAIT_MS)
        await gone
        clearTimeout(cut)
      }
      webSockets.close()
    },
  }
}

/**
 * While a service starts, or lags behind another replica, its clients are to come again, as after any lost connection: an
 * error would end for good what they watch.
 */
function sendAwayIfBehind(connection: LiveConnection, error: unknown): void {
  if (error instanceof HttpProblem && error.code === 'READ_MODEL_BEHIND') connection.close(TRY_AGAIN_LATER, 'Not caught up yet')
}

function operationOf({ contextValue }: ExecutionArgs): LiveOperation {
  if (contextValue instanceof LiveOperation) return contextValue
  throw new TypeError('The operation was not prepared.')
}
