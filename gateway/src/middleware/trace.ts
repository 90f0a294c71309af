import { randomBytes } from 'node:crypto'
import type { Middleware } from 'koa'
import { stateOf } from './request-state.ts'

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/
const ZEROS = /^0+$/

const IDS_BYTES = 24
export const TRACE_ID_CHARS = 32
let pool = Buffer.alloc(0)
let used = 0

/** 48 digits, enough for a trace id and a span id. Random bytes are drawn for many requests at once: each call costs, however few they are. */
export function freshHex(): string {
  if (used >= pool.length) {
    pool = randomBytes(256 * IDS_BYTES)
    used = 0
  }
  used += IDS_BYTES
  return pool.toString('hex', used - IDS_BYTES, used)
}

/** Takes the trace from a W3C `traceparent` header, or starts one, and names it in the answer. */
export function trace(): Middleware {
  return function traceMiddleware(context, next) {
    const hex = freshHex() // For both ids.
    const { traceId, flags } = readTraceparent(context.get('traceparent')) ?? { traceId: hex.slice(0, TRACE_ID_CHARS), flags: '00' }
    const state = stateOf(context)
    state.traceId = traceId
    state.traceparent = `00-${traceId}-${hex.slice(TRACE_ID_CHARS)}-${flags}`
    context.set('Trace-Id', traceId)
    return next()
  }
}

/** Undefined when the header is absent or malformed: then, as the specification asks, a new trace begins. */
export function readTraceparent(header: string): { readonly traceId: string; readonly flags: string } | undefined {
  const [, traceId, parentId, flags] = TRACEPARENT.exec(header) ?? []
  if (traceId === undefined || parentId === undefined || flags === undefined) return undefined
  return ZEROS.test(traceId) || ZEROS.test(parentId)
    ? undefined
    : { traceId, flags: (Number.parseInt(flags, 16) & 1).toString().padStart(2, '0') }
}
