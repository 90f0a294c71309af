import type { IncomingMessage } from 'node:http'
import { asksForUpgrade } from '@cavea/service-kit/http-server'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { Router } from '@koa/router'
import { GraphQLError } from 'graphql'
import type { Context } from 'koa'
import type { ReadModel } from '../application/read-model.ts'
import type { RequestParams } from '../graphql/documents.ts'
import type { GraphqlEngine } from '../graphql/engine.ts'
import { clientErrorsOf, RefusedRequestError, refused } from '../graphql/errors.ts'
import { minVersionOf, parseJson, readParams } from '../graphql/request.ts'
import type { LiveSockets } from '../ports/live-sockets.ts'
import type { Callers } from './callers.ts'
import { MIN_VERSION_HEADER, whenAtLeast } from './min-version.ts'

const GRAPHQL_PATH = '/graphql'

const RESPONSE_TYPE = 'application/graphql-response+json'
const LEGACY_TYPE = 'application/json'
const BODY_BYTES_MAX = 131_072
const ALLOWED = 'GET, POST'

export interface GraphqlRouteDeps {
  readonly engine: GraphqlEngine
  readonly readModel: ReadModel
  readonly callers: Callers
  readonly minVersionTimeoutMs: number
  /** Undefined: nothing can be watched here. */
  readonly live: LiveSockets | undefined
  readonly isGateway: (peer: string) => boolean
}

/** GraphQL over HTTP: queries by POST and GET. Subscriptions come by WebSocket on the same path. */
export function mountGraphql(router: Router, deps: GraphqlRouteDeps): void {
  const { engine, readModel, callers, minVersionTimeoutMs, live } = deps

  async function answer(context: Context): Promise<{ readonly hasData: boolean; readonly text: string }> {
    const params = await paramsOf(context)
    const prepared = engine.prepare(params)
    const caller = callers.optional(context)
    for (const wanted of [context.get(MIN_VERSION_HEADER), minVersionOf(params)])
      if (wanted !== '') await whenAtLeast(readModel, wanted, minVersionTimeoutMs)
    return await engine.queryText(prepared, caller)
  }

  router.all(GRAPHQL_PATH, async function readGraphql(context) {
    if (live !== undefined && asksForUpgrade(context.req)) {
      live.connect(context.req, addressOf(context, deps.isGateway))
      context.respond = false
      return
    }
    context.vary('Accept, Authorization')
    context.set('Cache-Control', 'private, no-store')
    const type = context.get('Accept') === '' ? LEGACY_TYPE : context.accepts(LEGACY_TYPE, RESPONSE_TYPE)
    if (type !== LEGACY_TYPE && type !== RESPONSE_TYPE)
      throw new HttpProblem({ status: 406, code: 'NOT_ACCEPTABLE', detail: `Answers here are ${RESPONSE_TYPE} or ${LEGACY_TYPE}.` })
    try {
      const { hasData, text } = await answer(context)
      // Variables that do not fit leave no data: then the request itself was wrong.
      const isRefused = !hasData && type === RESPONSE_TYPE
      send(context, type, isRefused ? 400 : 200, text)
    } catch (error) {
      const errors = clientErrorsOf(error, engine.report)
      send(context, type, statusOf(error, type, context), JSON.stringify({ errors }))
    }
  })
}

/** Of the client. Only a gateway is believed when it names another than its own. */
function addressOf(context: Context, isGateway: (peer: string) => boolean): string {
  const peer = context.req.socket.remoteAddress ?? ''
  const named = context.get('X-Forwarded-For').split(',').at(-1)?.trim() ?? ''
  return named !== '' && isGateway(peer) ? named : peer
}

function send(context: Context, type: string, status: number, text: string): void {
  context.status = status
  context.body = text
  context.set('Content-Type', `${type}; charset=utf-8`)
}

/** Clients of the older media type take everything but 200 for a failure of the transport, if the request was well formed. */
function statusOf(error: unknown, type: string, context: Context): number {
  if (error instanceof HttpProblem) {
    for (const [name, value] of Object.entries(error.headers)) context.set(name, value)
    return error.status
  }
  if (error instanceof GraphQLError) return type === LEGACY_TYPE ? 200 : 400
  if (!(error instanceof RefusedRequestError)) return 500
  if (error.status === 405) context.set('Allow', ALLOWED)
  if (error.status === 415) context.set('Accept', LEGACY_TYPE)
  return type === LEGACY_TYPE && error.isWellFormed ? 200 : error.status
}

async function paramsOf(context: Context): Promise<RequestParams> {
  if (context.method === 'GET') {
    const { query, operationName, variables, extensions } = context.query
    return readParams({
      query,
      operationName,
      ...(typeof variables === 'string' && { variables: parseJson(variables, 'variables') }),
      ...(typeof extensions === 'string' && { extensions: parseJson(extensions, 'extensions') }),
    })
  }
  if (context.method !== 'POST') throw refused('METHOD_NOT_ALLOWED', `${context.method} is not offered here. Allowed: ${ALLOWED}.`, 405)
  if (context.is('json') !== 'json' || !/^(utf-?8)?$/i.test(context.request.charset))
    throw refused('UNSUPPORTED_MEDIA_TYPE', 'Send application/json in UTF-8.', 415)
  return readParams(parseJson(await readBody(context.req), 'The body'))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > BODY_BYTES_MAX) throw refused('PAYLOAD_TOO_LARGE', `A request here has at most ${BODY_BYTES_MAX} bytes.`, 413)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
