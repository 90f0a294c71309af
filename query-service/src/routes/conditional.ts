import { hash } from 'node:crypto'
import type { Context } from 'koa'

export type CacheControl = 'no-cache' | 'private, no-cache' | 'private, no-store'

/** Answers with JSON that has this tag, or with 304 when the client has it already; then nothing is encoded. */
export function answerTagged(context: Context, tag: string, cacheControl: CacheControl, encode: () => Buffer | object): void {
  context.set('ETag', `"${tag}"`)
  context.set('Cache-Control', cacheControl)
  if (names(context.get('If-None-Match'), tag)) {
    context.status = 304
    return
  }
  context.status = 200
  context.body = encode()
  context.type = 'application/json'
}

/**
 * Whether an `If-None-Match` names the tag, compared weakly as RFC 9110 asks. Koa's `fresh` is not used: it takes the
 * request's `Cache-Control: no-cache`, which `fetch` adds by itself and which is meant for caches, for "send it all".
 */
function names(header: string, tag: string): boolean {
  return header.split(',').some((item) => item.trim() === '*' || item.trim().replace(/^W\//, '') === `"${tag}"`)
}

/** The same where no version is known: the bytes themselves are the tag. */
export function answerHashed(context: Context, cacheControl: CacheControl, body: object): void {
  const text = JSON.stringify(body)
  answerTagged(context, hash('sha256', text, 'base64url').slice(0, 27), cacheControl, () => Buffer.from(text))
}
