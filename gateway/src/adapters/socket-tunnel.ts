import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { takeUpgrade } from '@cavea/service-kit/http-server'
import type { LiveService } from '../ports/live-service.ts'
import { type ReadAnswer, ReadServiceError } from '../ports/read-service.ts'
import { answerOf } from './query-proxy.ts'

export interface SocketTunnelOptions {
  /** Where the query-service listens: `http://127.0.0.1:3100`. */
  readonly url: string
  readonly target: string
  /** It must have agreed to the upgrade within this time. Default 10,000. */
  readonly timeoutMs?: number
  /** Tunnels at once. Default 20,000. */
  readonly tunnelsMax?: number
}

interface Tunnel {
  readonly client: Duplex
  readonly service: Duplex
}

const PASSED_ON = ['authorization', 'sec-websocket-key', 'sec-websocket-version', 'sec-websocket-protocol', 'user-agent']
const CLOSE_WAIT_MS = 2_000

/** A close frame as a client sends it: masked, here with zeros, which leave the code 1012 (service restart) as it is. */
const CLOSE_FRAME = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xf4])

/** Connections to the query-service, one for each client, between which bytes go to and fro unread. */
export function openSocketTunnel(options: SocketTunnelOptions): LiveService {
  const { timeoutMs = 10_000, tunnelsMax = 20_000 } = options
  const base = new URL(options.url)
  const path = base.pathname.replace(/\/$/, '') + options.target
  const send = base.protocol === 'https:' ? secureRequest : plainRequest
  const tunnels = new Set<Tunnel>()
  let isClosing = false
  let whenEmpty: (() => void) | undefined

  function headersOf(request: IncomingMessage, address: string): Record<string, string> {
    const headers: Record<string, string> = { connection: 'Upgrade', upgrade: 'websocket', 'x-forwarded-for': address }
    for (const name of PASSED_ON) {
      const value = request.headers[name]
      if (typeof value === 'string') headers[name] = value
    }
    return headers
  }

  function join(request: IncomingMessage, answer: IncomingMessage, service: Duplex, head: Buffer): void {
    const upgrade = takeUpgrade(request)
    if (upgrade === undefined || upgrade.socket.destroyed) {
      service.destroy()
      return
    }
    const client = upgrade.socket
    const tunnel: Tunnel = { client, service }
    tunnels.add(tunnel)
    client.setNoDelay(true)
    const lines = Object.entries(answerOf(answer).headers).map(([name, value]) => `${name}: ${value}`)
    client.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
    if (head.length > 0) client.write(head)
    if (upgrade.head.length > 0) service.write(upgrade.head)
    for (const [from, to] of [
      [client, service],
      [service, client],
    ] as const) {
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.once('close', () => {
        to.destroy()
        if (tunnels.delete(tunnel) && tunnels.size === 0) whenEmpty?.()
      })
    }
  }

  return {
    connect(request, address) {
      if (isClosing || tunnels.size >= tunnelsMax)
        throw new ReadServiceError('READ_SERVICE_UNAVAILABLE', 'No more connections are taken here.')
      return new Promise<ReadAnswer | undefined>((resolve, reject) => {
        const asked = send({
          protocol: base.protocol,
          hostname: base.hostname.replace(/^\[|\]$/g, ''),
          port: base.port,
          path,
          agent: false,
          headers: headersOf(request, address),
        })
        const overdue = setTimeout(
          () => asked.destroy(new ReadServiceError('READ_SERVICE_TIMEOUT', `No answer within ${timeoutMs} ms.`)),
          timeoutMs,
        )
        asked.once('close', () => clearTimeout(overdue))
        asked.once('upgrade', (answer, service, head) => {
          clearTimeout(overdue)
          join(request, answer, service, head)
          resolve(undefined)
        })
        asked.once('response', (answer) => resolve(answerOf(answer)))
        asked.once('error', (error) =>
          reject(
            error instanceof ReadServiceError
              ? error
              : new ReadServiceError('READ_SERVICE_UNAVAILABLE', 'The read service cannot be reached.', error),
          ),
        )
        asked.end()
      })
    },
    async close() {
      isClosing = true
      if (tunnels.size === 0) return
      const gone = new Promise<void>((resolve) => {
        whenEmpty = resolve
      })
      // The query-service answers it to the client, between two of its own frames, where we could not put one.
      for (const { service } of tunnels) service.write(CLOSE_FRAME)
      const cut = setTimeout(() => {
        for (const { client, service } of tunnels) {
          client.destroy()
          service.destroy()
        }
      }, CLOSE_WAIT_MS)
      await gone
      clearTimeout(cut)
    },
  }
}
