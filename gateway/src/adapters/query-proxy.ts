import { Agent, type IncomingMessage, request } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { type ReadAnswer, type ReadRequest, type ReadService, ReadServiceError } from '../ports/read-service.ts'

export interface QueryProxyOptions {
  /** Where the query-service listens: `http://127.0.0.1:3100`. */
  readonly url: string
  /** Without any byte for so long the answer is given up. Default 10,000. */
  readonly timeoutMs?: number
  readonly connectionsMax?: number
  /** Reads under way at once; more are refused before they wait. Default 2,048. */
  readonly inFlightMax?: number
}

/** Asks the query-service over connections that stay open. */
export function createQueryProxy(proxy: QueryProxyOptions): ReadService {
  const { url, timeoutMs = 10_000, connectionsMax = 256, inFlightMax = 2_048 } = proxy
  let inFlight = 0
  const base = new URL(url)
  const secure = base.protocol === 'https:'
  const options = { keepAlive: true, maxSockets: connectionsMax, maxFreeSockets: 64, scheduling: 'lifo' } as const
  const agent = secure ? new SecureAgent(options) : new Agent(options)
  const send = secure ? secureRequest : request
  const prefix = base.pathname.replace(/\/$/, '')

  function ask({ method, target, headers, body, signal }: ReadRequest, retried: boolean): Promise<ReadAnswer> {
    return new Promise((resolve, reject) => {
      const settings = { agent, method, headers, timeout: timeoutMs, path: prefix + target, ...(signal && { signal }) }
      const asked = send({ protocol: base.protocol, hostname: base.hostname.replace(/^\[|\]$/g, ''), port: base.port, ...settings })
      asked.once('response', (answer) => resolve(answerOf(answer)))
      asked.once('timeout', () => asked.destroy(new ReadServiceError('READ_SERVICE_TIMEOUT', `No answer within ${timeoutMs} ms.`)))
      asked.on('error', (error) => {
        // The other side may close an idle connection just as it is used again. Reads change nothing: once more is safe.
        if (!retried && asked.reusedSocket && 'code' in error && error.code === 'ECONNRESET')
          return resolve(ask({ method, target, headers, ...(body && { body }), ...(signal && { signal }) }, true))
        reject(
          error instanceof ReadServiceError
            ? error
            : new ReadServiceError('READ_SERVICE_UNAVAILABLE', 'The read service cannot be reached.', error),
        )
      })
      asked.end(body)
    })
  }

  return {
    async ask(asked) {
      if (inFlight >= inFlightMax) throw new ReadServiceError('READ_SERVICE_UNAVAILABLE', `${inFlight} reads wait already.`)
      inFlight++
      try {
        return await ask(asked, false)
      } finally {
        inFlight--
      }
    },
    close: () => agent.destroy(),
  }
}

/** An answer to be passed on. */
export function answerOf(answer: IncomingMessage): ReadAnswer {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(answer.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  return { status: answer.statusCode ?? 502, headers, body: answer }
}
