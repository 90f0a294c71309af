import type { Performance } from '@cavea/contracts/catalog/directory'
import type { RevisePerformance, SchedulePerformance } from '@cavea/contracts/catalog/messages'
import { bucketOf } from '@cavea/contracts/partitioning'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { Router } from '@koa/router'
import type { Context } from 'koa'
import { revisionOfTag, revisionTag } from '../answers/values.ts'
import { requireOrganiser } from '../middleware/authenticate.ts'
import { BODY_BYTES_MAX, parseJson, readBody } from '../middleware/body.ts'
import { idempotencyKey } from '../middleware/idempotency-key.ts'
import { callerOf, stateOf } from '../middleware/request-state.ts'
import { hashOfJson } from '../parse/body-hash.ts'
import { PerformancePatch, PerformanceRequest } from '../parse/requests.ts'
import { initialTerms, revisedTerms, timesOf } from '../parse/terms.ts'
import { InvalidInputError, validate } from '../parse/validate.ts'
import type { RouteDeps } from './deps.ts'
import { intentOf } from './intent.ts'
import { findPerformance, findSeatMap } from './lookups.ts'
import { requireOwn } from './own.ts'
import { answerCommand, commandRoute } from './send.ts'

export function mountPerformances(router: Router, deps: RouteDeps): void {
  const jsonBody = readBody({ bytesMax: BODY_BYTES_MAX, mediaTypes: ['application/json'], timeoutMs: deps.bodyTimeoutMs })
  const before = [commandRoute(deps), requireOrganiser, idempotencyKey({ required: false }), jsonBody, parseJson]

  router.post('/v1/performances', ...before, async function schedulePerformance(context) {
    const { json } = stateOf(context)
    const caller = callerOf(context)
    const input = validate(PerformanceRequest, json)
    const map = await findSeatMap(deps, input.seatMapId)
    requireOwn(caller, map, 'SEAT_MAP_NOT_FOUND')
    if (input.venueId !== undefined && input.venueId !== map.venueId)
      throw new InvalidInputError([{ pointer: '/venueId', code: 'NOT_OF_SEAT_MAP', detail: "The seat map is another venue's." }])
    const times = timesOf(input)
    const message: SchedulePerformance = {
      type: 'SchedulePerformance',
      seatMapId: map.seatMapId,
      name: input.name ?? map.name,
      ...times,
      currency: input.currency,
      terms: initialTerms(input, { ...times, categories: map.categories }),
    }
    await answerCommand(deps, context, intentOf(context, hashOfJson(json)), {
      context: 'catalog',
      bucket: bucketOf(caller.organisation),
      message,
    })
  })

  const mergeBody = readBody({
    bytesMax: BODY_BYTES_MAX,
    mediaTypes: ['application/json', 'application/merge-patch+json'],
    timeoutMs: deps.bodyTimeoutMs,
  })
  router.patch('/v1/performances/:performanceId', ...before.slice(0, 3), mergeBody, parseJson, async function revisePerformance(context) {
    const { json } = stateOf(context)
    const caller = callerOf(context)
    const patch = validate(PerformancePatch, json)
    const performance = await performanceAt(deps, context.params['performanceId'] ?? '', ifMatch(context))
    requireOwn(caller, performance, 'PERFORMANCE_NOT_FOUND')
    const map = await findSeatMap(deps, performance.seatMapId)
    const message: RevisePerformance = {
      type: 'RevisePerformance',
      performanceId: performance.performanceId,
      // The terms were merged into this revision, so no other may stand there when they are decided.
      onRevision: ifMatch(context) ?? performance.revision,
      terms: revisedTerms(performance.terms, patch, { ...performance, categories: map.categories }),
    }
    await answerCommand(deps, context, intentOf(context, hashOfJson(json)), {
      context: 'catalog',
      bucket: bucketOf(caller.organisation),
      message,
    })
  })
}

/** The revision that the client's change rests on; undefined: whichever is newest. */
function ifMatch(context: Context): number | undefined {
  const header = context.get('If-Match').trim()
  if (header === '' || header === '*') return undefined
  const revision = revisionOfTag(header)
  if (revision === undefined) throw preconditionFailed('If-Match is not the ETag of this performance.')
  return revision
}

/** A revision that is not here yet may just not have been read; one that nobody made is a failed precondition. */
async function performanceAt(deps: RouteDeps, id: string, revision: number | undefined): Promise<Performance> {
  const performance = await findPerformance(deps, id)
  if (revision === undefined || performance.revision >= revision) return performance
  await deps.commands.refresh('catalog')
  const newer = await findPerformance(deps, id)
  if (newer.revision < revision) throw preconditionFailed(`The performance is at ${revisionTag(newer.revision)}.`)
  return newer
}

const preconditionFailed = (detail: string): HttpProblem => new HttpProblem({ status: 412, code: 'PRECONDITION_FAILED', detail })
