import type { Performance } from '@cavea/contracts/catalog/directory'
import { type HoldId, placeOf } from '@cavea/contracts/ids'
import type { ExtendHold, HoldBestAvailable, HoldSeats, ReleaseHold, SellHold } from '@cavea/contracts/seating/messages'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { Caller } from '@cavea/service-kit/tokens'
import type { Router } from '@koa/router'
import type { Context } from 'koa'
import { rfc3339 } from '../answers/values.ts'
import { isOrganiser, requireCaller, requireOrganiser } from '../middleware/authenticate.ts'
import { BODY_BYTES_MAX, parseJson, readBody } from '../middleware/body.ts'
import { idempotencyKey } from '../middleware/idempotency-key.ts'
import { callerOf, stateOf } from '../middleware/request-state.ts'
import { hashOfJson } from '../parse/body-hash.ts'
import { type HoldInput, HoldRequest, NoFields } from '../parse/requests.ts'
import { InvalidInputError, validate } from '../parse/validate.ts'
import type { RouteDeps } from './deps.ts'
import { intentOf } from './intent.ts'
import { findPerformance } from './lookups.ts'
import { requireOwn } from './own.ts'
import { seatsInOneSection, wishedSection } from './seats.ts'
import { answerCommand, commandRoute } from './send.ts'

/** This clock and the log's may differ by so much: nearer to the opening the section decides, by the log's time. */
const EARLY_TOLERANCE_MS = 1_000

export function mountHolds(router: Router, deps: RouteDeps): void {
  const jsonBody = readBody({ bytesMax: BODY_BYTES_MAX, mediaTypes: ['application/json'], timeoutMs: deps.bodyTimeoutMs })

  router.post(
    '/v1/performances/:performanceId/holds',
    commandRoute(deps),
    requireCaller,
    idempotencyKey({ required: true }),
    jsonBody,
    parseJson,
    async function holdSeats(context) {
      const { json } = stateOf(context)
      const caller = callerOf(context)
      const request = validate(HoldRequest, json)
      const performance = await findPerformance(deps, context.params['performanceId'] ?? '')
      if (isOrganiser(caller)) requireOwn(caller, performance, 'PERFORMANCE_NOT_FOUND')
      const { bucket, message } = await messageOf(deps, performance, request)
      const intent = intentOf(context, hashOfJson(json))
      // What was decided before keeps its answer, whatever the terms of sale have become since.
      if (deps.commands.recall(intent.commandId) === undefined) refuseEarly(performance, caller)
      await answerCommand(deps, context, intent, { context: 'seating', bucket, message })
    },
  )

  const onHold = [commandRoute(deps), requireCaller, idempotencyKey({ required: false }), jsonBody, parseJson]
  router.post('/v1/holds/:holdId/extend', ...onHold, (context) =>
    decideHold(deps, context, (holdId): ExtendHold => ({ type: 'ExtendHold', holdId })),
  )
  router.post('/v1/holds/:holdId/sell', commandRoute(deps), requireOrganiser, ...onHold.slice(2), (context) =>
    decideHold(deps, context, (holdId): SellHold => ({ type: 'SellHold', holdId })),
  )
  router.delete('/v1/holds/:holdId', ...onHold, (context) =>
    decideHold(deps, context, (holdId): ReleaseHold => ({ type: 'ReleaseHold', holdId })),
  )
}

/** Either the seats that the buyer chose, or the wish that their section is to fulfil. */
async function messageOf(
  deps: RouteDeps,
  performance: Performance,
  { seats: seatIds, bestAvailable }: HoldInput,
): Promise<{ readonly bucket: number; readonly message: HoldSeats | HoldBestAvailable }> {
  if ((seatIds === undefined) === (bestAvailable === undefined))
    throw new InvalidInputError([{ pointer: '', code: 'ONE_OF', detail: 'Name either `seats` or `bestAvailable`.' }])
  const { performanceId } = performance
  if (seatIds !== undefined) {
    const { sectionId, seats, bucket } = await seatsInOneSection(deps, performance, seatIds)
    return { bucket, message: { type: 'HoldSeats', performanceId, sectionId, seats } }
  }
  const { quantity, section, category, accessible } = bestAvailable as NonNullable<typeof bestAvailable>
  const { sectionId, bucket } = await wishedSection(deps, performance, { section, category })
  return { bucket, message: { type: 'HoldBestAvailable', performanceId, sectionId, quantity, category: category ?? '', accessible } }
}

/** The id says where the hold lives; whether it exists, and for whom, is decided there. */
async function decideHold(
  deps: RouteDeps,
  context: Context & { readonly params: Record<string, string> },
  messageFor: (holdId: HoldId) => { readonly type: string },
): Promise<void> {
  const { json } = stateOf(context)
  validate(NoFields, json ?? {})
  const id = context.params['holdId'] ?? ''
  const place = id.startsWith('hold_') ? placeOf(id) : undefined
  if (place?.kind !== 'section') throw new HttpProblem({ status: 404, code: 'HOLD_NOT_FOUND', detail: 'There is no such hold.' })
  await answerCommand(deps, context, intentOf(context, hashOfJson(json)), {
    context: 'seating',
    bucket: place.bucket,
    message: messageFor(id as HoldId),
  })
}

/** Keeps the crowd before the opening out of the log. Organisers may hold at any time. */
function refuseEarly({ terms: { saleStartsAtMs } }: Performance, caller: Caller): void {
  const nowMs = Date.now()
  if (isOrganiser(caller) || saleStartsAtMs === null || nowMs >= saleStartsAtMs - EARLY_TOLERANCE_MS) return
  const opensAt = rfc3339(saleStartsAtMs)
  throw new HttpProblem({
    status: 409,
    code: 'SALE_NOT_OPEN',
    detail: `The sale opens at ${opensAt}.`,
    retryable: true,
    extra: { opensAt },
    headers: { 'Retry-After': String(Math.ceil((saleStartsAtMs - nowMs) / 1_000)) },
  })
}
