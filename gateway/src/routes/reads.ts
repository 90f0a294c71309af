import type { Readable } from 'node:stream'
import { constants, createGzip } from 'node:zlib'
import type { Router } from '@koa/router'
import type { Context, Middleware } from 'koa'
import { stateOf } from '../middleware/request-state.ts'
import type { ReadRequest, ReadService } from '../ports/read-service.ts'
import type { RouteDeps } from './deps.ts'
import { problemOfReading } from './hold-reader.ts'

/** Reads that the query-service answers. Parameters are encoded anew, so a path cannot lead anywhere else. */
const READ_PATHS = [
  '/v1/performances',
  '/v1/performances/:performanceId',
  '/v1/performances/:performanceId/availability',
  '/v1/performances/:performanceId/seats',
  '/v1/performances/:performanceId/seats/:seatId/decisions',
  '/v1/performances/:performanceId/history',
  '/v1/performances/:performanceId/sales',
  '/v1/holds',
  '/v1/holds/:holdId',
  '/v1/venues/:venueId',
  '/v1/seat-maps/:seatMapId',
] as const

/** The seats of an arena are two megabytes, and a tenth of that in a packet for a phone. */
const LARGE_BYTES = 32 * 1024

const PASSED_ON = ['accept', 'authorization', 'if-none-match', 'cavea-min-version'] as const
const PASSED_BACK =
  /^(?:content-type|content-length|content-disposition|etag|cache-control|last-modified|retry-after|www-authenticate|cavea-[a-z-]+)$/

export function mountReads(router: Router, deps: Pick<RouteDeps, 'reads'>): void {
  for (const path of READ_PATHS) router.get(path, passOn(deps, path))
}

function passOn({ reads }: Pick<RouteDeps, 'reads'>, path: string): Middleware {
  return async function passOnMiddleware(context: Context & { readonly params?: Record<string, string> }) {
    const target = path.replace(/:([a-zA-Z]+)/g, (_, name: string) => encodeURIComponent(context.params?.[name] ?? ''))
    await answerRead(context, reads, {
      method: context.method === 'HEAD' ? 'HEAD' : 'GET',
      target: context.querystring === '' ? target : `${target}?${context.querystring}`,
      headers: passedOn(context),
    })
  }
}

/** Answers with what the query-service answers. */
export async function answerRead(context: Context, reads: ReadService, request: ReadRequest): Promise<void> {
  const gone = new AbortController()
  context.res.once('close', () => gone.abort())
  try {
    const { status, headers, body } = await reads.ask({ ...request, signal: gone.signal })
    context.status = status
    context.vary(['Authorization', 'Cookie']) // The same path answers differently to different callers.
    for (const [name, value] of Object.entries(headers)) if (PASSED_BACK.test(name)) context.set(name, value)
    if (status === 204 || status === 304 || context.method === 'HEAD') body.resume()
    const { 'content-length': length, 'content-type': type } = headers // Koa drops the one and guesses the other.
    const isLarge = Number(length) > LARGE_BYTES
    if (isLarge) context.vary('Accept-Encoding')
    const packs = isLarge && context.method !== 'HEAD' && context.acceptsEncodings('gzip', 'identity') === 'gzip'
    if (status !== 204 && status !== 304) context.body = packs ? packed(context, body) : body
    if (type !== undefined) context.set('Content-Type', type)
    if (length !== undefined && status !== 304 && !packs) context.set('Content-Length', length)
  } catch (error) {
    throw problemOfReading(error)
  }
}

/** Another representation of the same: its tag stays the same weakly, which is all that reads are compared by. */
function packed(context: Context, body: Readable): Readable {
  context.set('Content-Encoding', 'gzip')
  context.remove('Content-Length') // It was that of the other one.
  const tag = context.response.get('ETag')
  if (tag !== '' && !tag.startsWith('W/')) context.set('ETag', `W/${tag}`)
  const gzip = createGzip({ level: constants.Z_BEST_SPEED })
  body.once('error', (error) => gzip.destroy(error))
  gzip.once('close', () => body.destroy())
  return body.pipe(gzip)
}

/** The headers of the request that its reader needs. */
export function passedOn(context: Context): Record<string, string> {
  const headers: Record<string, string> = { traceparent: stateOf(context).traceparent }
  for (const name of PASSED_ON) {
    const value = context.get(name)
    if (value !== '') headers[name] = value
  }
  return headers
}
