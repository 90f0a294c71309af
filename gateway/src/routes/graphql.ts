import { asksForUpgrade } from '@cavea/service-kit/http-server'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { Router } from '@koa/router'
import type { Context, Middleware } from 'koa'
import { readBody } from '../middleware/body.ts'
import { hostOf } from '../middleware/own-pages.ts'
import { addressKey } from '../middleware/rate-limit.ts'
import { stateOf } from '../middleware/request-state.ts'
import type { LiveService } from '../ports/live-service.ts'
import type { RouteDeps } from './deps.ts'
import { problemOfReading } from './hold-reader.ts'
import { answerRead, passedOn } from './reads.ts'

const PATH = '/graphql'
const BODY_BYTES_MAX = 131_072

export interface GraphqlDeps extends Pick<RouteDeps, 'reads' | 'bodyTimeoutMs'> {
  /** Undefined: nothing can be watched. */
  readonly live: LiveService | undefined
  /** Of pages of other sites that may watch. */
  readonly origins: readonly string[]
}

/** GraphQL, which the query-service answers: queries by POST and GET, and by WebSocket what changes. */
export function mountGraphql(router: Router, deps: GraphqlDeps): void {
  const body = readBody({ bytesMax: BODY_BYTES_MAX, mediaTypes: ['application/json'], timeoutMs: deps.bodyTimeoutMs })
  router.get(PATH, watch(deps), ask(deps))
  router.post(PATH, body, ask(deps))
}

function ask({ reads }: GraphqlDeps): Middleware {
  return async function askGraphql(context) {
    const { raw } = stateOf(context)
    await answerRead(context, reads, {
      method: context.method === 'POST' ? 'POST' : 'GET',
      target: context.querystring === '' ? PATH : `${PATH}?${context.querystring}`,
      headers: {
        ...passedOn(context),
        ...(raw !== undefined && { 'content-type': context.get('Content-Type'), 'content-length': String(raw.length) }),
      },
      ...(raw !== undefined && { body: raw }),
    })
  }
}

/** Hands a WebSocket over. Whatever is wrong is answered before, as to any request. */
function watch({ live, origins }: GraphqlDeps): Middleware {
  return async function watchGraphql(context, next) {
    if (!asksForUpgrade(context.req)) return await next()
    if (live === undefined || context.get('Upgrade').toLowerCase() !== 'websocket')
      throw new HttpProblem({ status: 400, code: 'BAD_REQUEST', detail: 'Only WebSockets can be watched here.' })
    requireOrigin(context, origins)
    try {
      const answer = await live.connect(context.req, addressKey(context.ip))
      if (answer === undefined) context.respond = false
      else {
        context.status = answer.status
        context.body = answer.body
        const { 'content-type': type, 'retry-after': retryAfter } = answer.headers
        if (type !== undefined) context.set('Content-Type', type)
        if (retryAfter !== undefined) context.set('Retry-After', retryAfter)
      }
    } catch (error) {
      throw problemOfReading(error)
    }
  }
}

/** A browser says which page opens a WebSocket, and asks nobody's leave: so pages of other sites are kept out here. */
function requireOrigin(context: Context, origins: readonly string[]): void {
  const origin = context.get('Origin')
  if (origin === '' || origins.includes('*') || origins.includes(origin) || hostOf(origin) === context.host.toLowerCase()) return
  throw new HttpProblem({ status: 403, code: 'ORIGIN_NOT_ALLOWED', detail: 'Pages of this origin may not connect (CAVEA_CORS_ORIGINS).' })
}
