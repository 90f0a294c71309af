import type { Caller } from '@cavea/service-kit/tokens'
import type { Router } from '@koa/router'
import { SEAT_MAP_MEDIA_TYPE, seatMapAnswer, seatMapPlan, venueAnswer } from '../answers/catalog.ts'
import type { ReadModel } from '../application/read-model.ts'
import type { Callers } from './callers.ts'
import { answerHashed, answerTagged } from './conditional.ts'
import { notFound, requireCurrent } from './problems.ts'

/** Venues and seat maps, for the organisers whose they are. */
export function mountHalls(router: Router, deps: { readonly readModel: ReadModel; readonly callers: Callers }): void {
  const { readModel, callers } = deps

  /** Undefined for what belongs to another organisation: to this caller it does not exist. */
  function owned<Thing extends { readonly organisation: string }>(caller: Caller, thing: Thing | undefined): Thing | undefined {
    requireCurrent(readModel.currency('catalog', thing === undefined ? undefined : [thing.organisation]))
    return thing?.organisation === caller.organisation ? thing : undefined
  }

  router.get('/v1/venues/:id', function readVenue(context) {
    const caller = callers.organiser(context)
    const venue = owned(caller, readModel.directory.venue(context.params['id'] ?? ''))
    if (venue === undefined) throw notFound('VENUE_NOT_FOUND', 'There is no such venue.')
    answerHashed(context, 'private, no-cache', venueAnswer(venue))
  })

  router.get('/v1/seat-maps/:id', function readSeatMap(context) {
    const caller = callers.organiser(context)
    const map = owned(caller, readModel.directory.seatMap(context.params['id'] ?? ''))
    if (map === undefined) throw notFound('SEAT_MAP_NOT_FOUND', 'There is no such seat map.')
    context.vary('Accept')
    const asPlan = context.accepts('application/json', SEAT_MAP_MEDIA_TYPE) === SEAT_MAP_MEDIA_TYPE
    answerTagged(context, asPlan ? `v${map.version}-plan` : `v${map.version}`, 'private, no-cache', () =>
      asPlan ? seatMapPlan(map) : seatMapAnswer(map),
    )
    if (asPlan && context.status === 200) context.type = SEAT_MAP_MEDIA_TYPE
  })
}
