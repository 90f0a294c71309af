import type { IncomingMessage, ServerResponse } from 'node:http'
import { PROBLEM_MEDIA_TYPE, problemBody } from '@cavea/service-kit/problem'
import { API_SECURITY_HEADERS, HSTS } from './security-headers.ts'
import { freshHex, readTraceparent, TRACE_ID_CHARS } from './trace.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

export interface LineOptions {
  /** Whether so many requests for a hold are as many as should be worked on at once. */
  readonly isFull: (inside: number) => boolean
  /** How long a request stands in line at most. */
  readonly patienceMs: number
  /** How many stand in line at most. */
  readonly lengthMax: number
  readonly https: boolean
  readonly onTurnedAway: () => void
}

interface Standing {
  readonly request: IncomingMessage
  readonly sinceMs: number
}

const HOLDS_PATH = /^\/v1\/performances\/[^/]+\/holds$/
const SWEEP_MS = 50
const DETAIL = 'Too many requests wait already, or the service has only just started.'
const HEADERS = Object.entries({ ...API_SECURITY_HEADERS, 'Cache-Control': 'no-store', 'Retry-After': '1' }).flat()

/**
 * Lets requests for holds in one after the other, as there is room, and turns away who has stood in line for too long.
 * When a crowd asks for several times what can be decided, a request in line costs next to nothing, while a refusal takes
 * its time from somebody's hold and brings the next request at once. So nothing is spent on a request before its turn:
 * even its body stays in the connection. Who holds seats already never stands in line.
 */
export function standInLine(handler: Handler, options: LineOptions): Handler {
  const { isFull, patienceMs, lengthMax } = options
  const headers = options.https ? [...HEADERS, 'Strict-Transport-Security', HSTS] : HEADERS
  const line = new Map<ServerResponse, Standing>()
  let inside = 0
  let sweep: NodeJS.Timeout | undefined

  function enter(request: IncomingMessage, response: ServerResponse): unknown {
    inside++
    response.once('close', () => {
      inside--
      advance()
    })
    return handler(request, response)
  }

  function advance(): void {
    for (const [response, { request }] of line) {
      if (isFull(inside)) return
      line.delete(response)
      enter(request, response)
    }
  }

  function turnAwayOverdue(): void {
    const sinceMs = performance.now() - patienceMs
    for (const [response, standing] of line) {
      if (standing.sinceMs > sinceMs) break
      line.delete(response)
      turnAway(standing.request, response)
    }
    advance() // What is full is not always found out by a request that ends.
    if (line.size > 0) return
    clearInterval(sweep)
    sweep = undefined
  }

  function turnAway(request: IncomingMessage, response: ServerResponse): void {
    options.onTurnedAway()
    const traceparent = request.headers['traceparent']
    const given = typeof traceparent === 'string' ? readTraceparent(traceparent)?.traceId : undefined
    const traceId = given ?? freshHex().slice(0, TRACE_ID_CHARS)
    const problem = { status: 503, code: 'OVERLOADED', detail: DETAIL, retryable: true }
    const body = JSON.stringify(problemBody(problem, { instance: request.url ?? '', traceId }))
    const own = ['Content-Type', PROBLEM_MEDIA_TYPE, 'Content-Length', String(Buffer.byteLength(body)), 'Trace-Id', traceId]
    response.writeHead(503, headers.concat(own))
    response.end(body)
  }

  return (request, response) => {
    const { method, url = '' } = request
    if (method !== 'POST' || !HOLDS_PATH.test(url) || isOfAnotherSite(request)) return handler(request, response)
    if (line.size === 0 && !isFull(inside)) return enter(request, response)
    if (line.size >= lengthMax) return turnAway(request, response)
    line.set(response, { request, sinceMs: performance.now() })
    response.once('close', () => line.delete(response))
    sweep ??= setInterval(turnAwayOverdue, SWEEP_MS)
    return undefined
  }
}

/** Its browser hides answers without certain headers, which only the long way has: so it does not stand in this line. */
function isOfAnotherSite({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin !== undefined && origin.slice(origin.indexOf('//') + 2) !== host
}
