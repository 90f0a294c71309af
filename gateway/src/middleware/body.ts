import { HttpProblem } from '@cavea/service-kit/problem'
import type { Context, Middleware } from 'koa'
import getRawBody from 'raw-body'
import { stateOf } from './request-state.ts'

export const BODY_BYTES_MAX = 1024 * 1024
export const SEAT_MAP_BYTES_MAX = 16 * 1024 * 1024

export interface BodyOptions {
  readonly bytesMax: number
  readonly mediaTypes: readonly string[]
  /** A body that takes longer to arrive is given up. */
  readonly timeoutMs: number
}

/** Reads the body's bytes. Answers 413, 415 and 408 where it is too large, of the wrong kind, or too slow. */
export function readBody(options: BodyOptions): Middleware {
  return async function readBodyMiddleware(context, next) {
    const state = stateOf(context)
    state.mediaType = mediaTypeOf(context)
    if (hasBody(context)) {
      if (!options.mediaTypes.includes(state.mediaType)) throw unsupported(options.mediaTypes)
      const encoding = context.get('Content-Encoding').toLowerCase()
      if (encoding !== '' && encoding !== 'identity')
        throw new HttpProblem({
          status: 415,
          code: 'UNSUPPORTED_MEDIA_TYPE',
          detail: 'Send the body without a content encoding.',
          headers: { 'Accept-Encoding': 'identity' },
        })
      state.raw = await bytesOf(context, options)
    }
    return next()
  }
}

/** Parses what `readBody` read. An absent body stays undefined; a broken one is a problem. */
export const parseJson: Middleware = function parseJsonMiddleware(context, next) {
  const state = stateOf(context)
  if (state.raw !== undefined && state.raw.length > 0) state.json = jsonOf(textOf(state.raw))
  return next()
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** The bytes as UTF-8. Throws a problem when they are not. */
export function textOf(raw: Uint8Array): string {
  try {
    return UTF8.decode(raw)
  } catch (cause) {
    throw new HttpProblem({ status: 400, code: 'MALFORMED_TEXT', detail: 'The body is not UTF-8.' }, cause)
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new HttpProblem({ status: 400, code: 'MALFORMED_JSON', detail: 'The body is not JSON.' }, cause)
  }
}

const hasBody = (context: Context): boolean =>
  context.get('Transfer-Encoding') !== '' || (context.get('Content-Length') !== '' && context.get('Content-Length') !== '0')

const mediaTypeOf = (context: Context): string => (context.get('Content-Type').split(';', 1)[0] ?? '').trim().toLowerCase()

function unsupported(mediaTypes: readonly string[]): HttpProblem {
  const list = mediaTypes.join(', ')
  return new HttpProblem({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', detail: `Send one of ${list}.`, headers: { Accept: list } })
}

async function bytesOf(context: Context, { bytesMax, timeoutMs }: BodyOptions): Promise<Buffer> {
  const length = context.get('Content-Length')
  const reading = getRawBody(context.req, { limit: bytesMax, length: length === '' ? null : length })
  let timer: NodeJS.Timeout | undefined
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      context.req.pause()
      reject(
        new HttpProblem({
          status: 408,
          code: 'REQUEST_TIMEOUT',
          detail: 'The body took too long.',
          retryable: true,
          headers: { Connection: 'close' },
        }),
      )
    }, timeoutMs)
  })
  try {
    return await Promise.race([reading, tooSlow])
  } catch (error) {
    reading.catch(() => undefined) // After a timeout its own end no longer matters.
    if (error instanceof Error && 'type' in error && error.type === 'entity.too.large') throw tooLarge(bytesMax, error)
    if (error instanceof HttpProblem) throw error
    throw new HttpProblem({ status: 400, code: 'MALFORMED_BODY', detail: 'The body did not arrive as announced.' }, error)
  } finally {
    clearTimeout(timer)
  }
}

const tooLarge = (bytesMax: number, cause: unknown): HttpProblem =>
  new HttpProblem({ status: 413, code: 'PAYLOAD_TOO_LARGE', detail: `A body here has at most ${bytesMax} bytes.` }, cause)
