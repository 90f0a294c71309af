import { type BlockId, placeOf } from '@cavea/contracts/ids'
import type { BlockSeats, UnblockSeats } from '@cavea/contracts/seating/messages'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { Router } from '@koa/router'
import { requireOrganiser } from '../middleware/authenticate.ts'
import { BODY_BYTES_MAX, parseJson, readBody } from '../middleware/body.ts'
import { idempotencyKey } from '../middleware/idempotency-key.ts'
import { callerOf, stateOf } from '../middleware/request-state.ts'
import { hashOfJson } from '../parse/body-hash.ts'
import { BlockRequest, NoFields } from '../parse/requests.ts'
import { validate } from '../parse/validate.ts'
import type { RouteDeps } from './deps.ts'
import { intentOf } from './intent.ts'
import { findPerformance } from './lookups.ts'
import { requireOwn } from './own.ts'
import { seatsInOneSection } from './seats.ts'
import { answerCommand, commandRoute } from './send.ts'

/** Seats that an organiser keeps off sale. */
export function mountBlocks(router: Router, deps: RouteDeps): void {
  const jsonBody = readBody({ bytesMax: BODY_BYTES_MAX, mediaTypes: ['application/json'], timeoutMs: deps.bodyTimeoutMs })
  const before = [commandRoute(deps), requireOrganiser, idempotencyKey({ required: false }), jsonBody, parseJson]

  router.post('/v1/performances/:performanceId/blocks', ...before, async function blockSeats(context) {
    const { json } = stateOf(context)
    const { seats: seatIds, note } = validate(BlockRequest, json)
    const performance = await findPerformance(deps, context.params['performanceId'] ?? '')
    requireOwn(callerOf(context), performance, 'PERFORMANCE_NOT_FOUND')
    const { sectionId, seats, bucket } = await seatsInOneSection(deps, performance, seatIds)
    const message: BlockSeats = { type: 'BlockSeats', performanceId: performance.performanceId, sectionId, seats, note }
    await answerCommand(deps, context, intentOf(context, hashOfJson(json)), { context: 'seating', bucket, message })
  })

  router.delete('/v1/performances/:performanceId/blocks/:blockId', ...before, async function unblockSeats(context) {
    const { json } = stateOf(context)
    validate(NoFields, json ?? {})
    const performance = await findPerformance(deps, context.params['performanceId'] ?? '')
    requireOwn(callerOf(context), performance, 'PERFORMANCE_NOT_FOUND')
    const blockId = context.params['blockId'] ?? ''
    const place = blockId.startsWith('block_') ? placeOf(blockId) : undefined
    if (place?.kind !== 'section') throw new HttpProblem({ status: 404, code: 'BLOCK_NOT_FOUND', detail: 'There is no such block.' })
    const message: UnblockSeats = { type: 'UnblockSeats', blockId: blockId as BlockId }
    await answerCommand(deps, context, intentOf(context, hashOfJson(json)), { context: 'seating', bucket: place.bucket, message })
  })
}
