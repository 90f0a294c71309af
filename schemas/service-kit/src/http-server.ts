import { createServer, type IncomingMessage, ServerResponse } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import { inTurns } from './turns.ts'

export interface HttpServer {
  readonly host: string
  /** The real one, also when 0 was asked for. */
  readonly port: number
  readonly url: string
  /**
   * Stops accepting, ends idle connections at once and the others after their present answer; cuts what is still open
   * after `deadlineMs` (default 10,000). Idempotent.
   */
  close(deadlineMs?: number): Promise<void>
}

export interface HttpServerOptions {
  /** As `app.callback()` gives it. It answers for its own errors: nobody waits for what it returns. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => unknown
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
  /** A request must be there in full within this time. Default 30,000. */
  readonly requestTimeoutMs?: number
  /** Its headers within this. Default 10,000. */
  readonly headersTimeoutMs?: number
  /** Longer than the idle timeout of usual load balancers (60 s), so that they, not we, close first. Default 65,000. */
  readonly keepAliveTimeoutMs?: number
  /** Default 16 KiB. */
  readonly headerBytesMax?: number
  /** Whether the handler may take a connection over that asks for another protocol, with `takeUpgrade`. Default false. */
  readonly upgrades?: boolean
}

/** A connection that asks for another protocol, such as WebSocket. */
export interface Upgrade {
  readonly socket: Socket
  /** What came after the request already. */
  readonly head: Buffer
}

interface Untaken extends Upgrade {
  readonly response: ServerResponse
}

const untaken = new WeakMap<IncomingMessage, Untaken>()

/** Whether `takeUpgrade` would give a connection. */
export const asksForUpgrade = (request: IncomingMessage): boolean => untaken.has(request)

/**
 * Makes the connection of a request the caller's own, who answers the request and closes the connection before the server
 * is closed. Undefined when the request asks for no other protocol. What is not taken is answered like any request.
 */
export function takeUpgrade(request: IncomingMessage): Upgrade | undefined {
  const upgrade = untaken.get(request)
  if (upgrade === undefined) return undefined
  const { socket, head, response } = upgrade
  untaken.delete(request)
  response.detachSocket(socket)
  return { socket, head }
}

const CLOSE_DEADLINE_MS = 10_000
const IDLE_SWEEP_MS = 50

/** Listens and answers when it does. Rejects with Node's own error (`EADDRINUSE`, `EACCES`) when it cannot. */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const answers = new Set<ServerResponse>()
  let closing: Promise<void> | undefined
  const server = createServer(
    {
      requestTimeout: options.requestTimeoutMs ?? 30_000,
      headersTimeout: options.headersTimeoutMs ?? 10_000,
      keepAliveTimeout: options.keepAliveTimeoutMs ?? 65_000,
      maxHeaderSize: options.headerBytesMax ?? 16_384,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => {
      answers.add(response)
      response.once('close', () => answers.delete(response))
      if (closing !== undefined) response.setHeader('Connection', 'close')
      begin(request, response)
    },
  )
  const begin = inTurns(server, options.handler)

  const upgraded = new Set<Socket>()
  if (options.upgrades === true)
    server.on('upgrade', (request, socket, head) => {
      if (!(socket instanceof Socket)) return void socket.destroy()
      upgraded.add(socket)
      socket.once('close', () => upgraded.delete(socket))
      socket.on('error', () => socket.destroy()) // Node has left the connection alone by now.
      const response = new ServerResponse(request)
      response.shouldKeepAlive = false
      response.assignSocket(socket)
      response.once('finish', () => socket.end())
      untaken.set(request, { socket, head, response })
      begin(request, response)
    })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: options.port, host: options.host }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo

  function close(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS)
      const cut = setTimeout(() => {
        server.closeAllConnections()
        for (const socket of upgraded) socket.destroy()
      }, deadlineMs)
      server.close(() => {
        clearInterval(sweep)
        clearTimeout(cut)
        resolve()
      })
      for (const answer of answers) if (!answer.headersSent) answer.setHeader('Connection', 'close')
      server.closeIdleConnections()
    })
  }

  return {
    host: options.host,
    port,
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close(deadlineMs = CLOSE_DEADLINE_MS) {
      closing ??= close(deadlineMs)
      return closing
    },
  }
}
