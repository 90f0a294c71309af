import type { MapSection, Performance } from '@cavea/contracts/catalog/directory'
import { placeOf } from '@cavea/contracts/ids'
import type { Caller } from '@cavea/service-kit/tokens'
import type { Router } from '@koa/router'
import { holdAnswer } from '../answers/hold.ts'
import type { ReadModel } from '../application/read-model.ts'
import type { HoldView } from '../application/seat-state.ts'
import type { Callers } from './callers.ts'
import { answerHashed } from './conditional.ts'
import { behind, notFound, requireCurrent } from './problems.ts'

/** A hold is shown to the buyer whose it is and to the organiser of its performance; to others it does not exist. */
export function mountHolds(router: Router, deps: { readonly readModel: ReadModel; readonly callers: Callers }): void {
  const { readModel, callers } = deps

  router.get('/v1/holds/:id', function readHold(context) {
    const caller = callers.required(context)
    const holdId = context.params['id'] ?? ''
    const place = placeOf(holdId)
    if (place?.kind !== 'section' || !holdId.startsWith('hold_')) throw unknown()
    requireCurrent(readModel.currencyOfBucket('seating', place.bucket))
    const hold = readModel.hold(holdId, place.bucket)
    if (hold === undefined || (caller.kind === 'buyer' && caller.id !== hold.buyer)) throw unknown()
    // A hold was granted, so its performance is in the catalog's log, perhaps further on than was read.
    const { performance, section } = whereOf(hold) ?? unread()
    if (!mayRead(caller, hold, performance)) throw unknown()
    answerHashed(context, 'private, no-store', holdAnswer(hold, performance, section) ?? unread())
  })

  function whereOf(hold: HoldView): { readonly performance: Performance; readonly section: MapSection } | undefined {
    const performance = readModel.directory.performance(hold.performanceId)
    const map = performance && readModel.directory.seatMap(performance.seatMapId)
    const section = map && [...map.sections.values()].find(({ sectionId }) => sectionId === hold.sectionId)
    return performance && section && { performance, section }
  }

  function unread(): never {
    requireCurrent(readModel.currency('catalog'))
    throw behind()
  }
}

function mayRead(caller: Caller, hold: HoldView, performance: Performance): boolean {
  return caller.kind === 'organiser' ? caller.organisation === performance.organisation : caller.id === hold.buyer
}

const unknown = (): Error => notFound('HOLD_NOT_FOUND', 'There is no such hold.')
