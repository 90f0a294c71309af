import type { Performance } from '@cavea/contracts/catalog/directory'
import { type Place, type PlaceKind, placeOf } from '@cavea/contracts/ids'
import type { Context as MessageContext } from '@cavea/contracts/topics'
import type { Caller } from '@cavea/service-kit/tokens'
import type { Router } from '@koa/router'
import { type HoldAnswer, type HoldToAnswer, holdAnswer } from '../answers/hold.ts'
import type { ReadModel } from '../application/read-model.ts'
import type { Callers } from './callers.ts'
import { answerHashed } from './conditional.ts'
import { behind, notFound, requireCurrent } from './problems.ts'

type ReadableHold = HoldToAnswer & { readonly buyer: string }

/** Where the decisions of a hold are read, by what decides it. */
const CONTEXT_OF = { section: 'seating', cart: 'cart' } as const satisfies Record<PlaceKind, MessageContext>

/** A hold is shown to the buyer whose it is and to the organiser of its performance; to others it does not exist. */
export function mountHolds(router: Router, deps: { readonly readModel: ReadModel; readonly callers: Callers }): void {
  const { readModel, callers } = deps

  router.get('/v1/holds/:id', function readHold(context) {
    const caller = callers.required(context)
    const holdId = context.params['id'] ?? ''
    const place = placeOf(holdId)
    if (place === undefined || !holdId.startsWith('hold_')) throw unknown()
    requireCurrent(readModel.currencyOfBucket(CONTEXT_OF[place.kind], place.bucket))
    const hold = holdAt(place, holdId)
    if (hold === undefined || (caller.kind === 'buyer' && caller.id !== hold.buyer)) throw unknown()
    // A hold was granted, so its performance is in the catalog's log, perhaps further on than was read.
    const performance = readModel.directory.performance(hold.performanceId) ?? unread()
    if (!mayRead(caller, hold, performance)) throw unknown()
    answerHashed(context, 'private, no-store', answerTo(hold, performance) ?? unread())
  })

  /** To clients a cart is the hold, and its parts do not exist. */
  function holdAt({ kind, bucket }: Place, holdId: string): ReadableHold | undefined {
    if (kind === 'cart') return readModel.cart(holdId, bucket)
    const hold = readModel.hold(holdId, bucket)
    return hold === undefined || hold.cartId !== '' ? undefined : { ...hold, parts: [hold] }
  }

  function answerTo(hold: ReadableHold, performance: Performance): HoldAnswer | undefined {
    const map = readModel.directory.seatMap(performance.seatMapId)
    return map && holdAnswer(hold, performance, map)
  }

  function unread(): never {
    requireCurrent(readModel.currency('catalog'))
    throw behind()
  }
}

function mayRead(caller: Caller, hold: ReadableHold, performance: Performance): boolean {
  return caller.kind === 'organiser' ? caller.organisation === performance.organisation : caller.id === hold.buyer
}

const unknown = (): Error => notFound('HOLD_NOT_FOUND', 'There is no such hold.')
