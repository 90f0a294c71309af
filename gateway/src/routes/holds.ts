import type { ExtendCart, ReleaseCart, SellCart } from '@cavea/contracts/cart/messages'
import type { Performance } from '@cavea/contracts/catalog/directory'
import { type HoldId, type PlaceKind, placeOf } from '@cavea/contracts/ids'
import type { ExtendHold, ReleaseHold, SellHold } from '@cavea/contracts/seating/messages'
import type { Context as LogContext } from '@cavea/contracts/topics'
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
import { HoldRequest, NoFields } from '../parse/requests.ts'
import { validate } from '../parse/validate.ts'
import type { RouteDeps } from './deps.ts'
import { freeSeats } from './free-seats.ts'
import { commandFor } from './hold-commands.ts'
import { intentOf } from './intent.ts'
import { findPerformance } from './lookups.ts'
import { requireOwn } from './own.ts'
import { answerAgain, answerCommand, commandRoute } from './send.ts'

/** This clock and the log's may differ by so much: nearer to the opening the section decides, by the log's time. */
const EARLY_TOLERANCE_MS = 1_000

export function mountHolds(router: Router, deps: RouteDeps): void {
  const jsonBody = readBody({ bytesMax: BODY_BYTES_MAX, mediaTypes: ['application/json'], timeoutMs: deps.bodyTimeoutMs })
  const forHolds = { ...deps, free: freeSeats(deps) }

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
      const intent = intentOf(context, hashOfJson(json))
      // What was decided before keeps its answer, whatever the terms of sale have become since.
      if (await answerAgain(deps, context, intent)) return
      const performance = await findPerformance(deps, context.params['performanceId'] ?? '')
      if (isOrganiser(caller)) requireOwn(caller, performance, 'PERFORMANCE_NOT_FOUND')
      if (deps.commands.recall(intent.commandId) === undefined) refuseEarly(performance, caller)
      await answerCommand(deps, context, intent, await commandFor(forHolds, performance, request, intent.commandId))
    },
  )

  const onHold = [commandRoute(deps), requireCaller, idempotencyKey({ required: false }), jsonBody, parseJson]
  router.post('/v1/holds/:holdId/extend', ...onHold, (context) => decideHold(deps, context, EXTEND))
  router.post('/v1/holds/:holdId/sell', commandRoute(deps), requireOrganiser, ...onHold.slice(2), (context) =>
    decideHold(deps, context, SELL),
  )
  router.delete('/v1/holds/:holdId', ...onHold, (context) => decideHold(deps, context, RELEASE))
}

/** What is asked of a hold, in the words of the one that decides it: its section, or the cart that it is. */
type HoldCommands = { readonly [Kind in PlaceKind]: (holdId: HoldId) => { readonly type: string; readonly holdId: HoldId } }

const CONTEXT_OF = { section: 'seating', cart: 'cart' } as const satisfies Record<PlaceKind, LogContext>
const EXTEND: HoldCommands = {
  section: (holdId): ExtendHold => ({ type: 'ExtendHold', holdId }),
  cart: (holdId): ExtendCart => ({ type: 'ExtendCart', holdId }),
}
const SELL: HoldCommands = {
  section: (holdId): SellHold => ({ type: 'SellHold', holdId }),
  cart: (holdId): SellCart => ({ type: 'SellCart', holdId }),
}
const RELEASE: HoldCommands = {
  section: (holdId): ReleaseHold => ({ type: 'ReleaseHold', holdId }),
  cart: (holdId): ReleaseCart => ({ type: 'ReleaseCart', holdId }),
}

/** The id says where the hold lives; whether it exists, and for whom, is decided there. */
async function decideHold(
  deps: RouteDeps,
  context: Context & { readonly params: Record<string, string> },
  commands: HoldCommands,
): Promise<void> {
  const { json } = stateOf(context)
  validate(NoFields, json ?? {})
  const id = context.params['holdId'] ?? ''
  const place = id.startsWith('hold_') ? placeOf(id) : undefined
  if (place === undefined) throw new HttpProblem({ status: 404, code: 'HOLD_NOT_FOUND', detail: 'There is no such hold.' })
  await answerCommand(deps, context, intentOf(context, hashOfJson(json)), {
    context: CONTEXT_OF[place.kind],
    bucket: place.bucket,
    message: commands[place.kind](id as HoldId),
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
