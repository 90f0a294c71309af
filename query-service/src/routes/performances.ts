import type { Performance } from '@cavea/contracts/catalog/directory'
import type { SectionSummary } from '@cavea/contracts/catalog/messages'
import type { Router } from '@koa/router'
import type { Context } from 'koa'
import { performanceAnswer, performanceSummary } from '../answers/catalog.ts'
import type { SeatAnswers } from '../answers/seats.ts'
import type { ReadModel } from '../application/read-model.ts'
import type { Callers } from './callers.ts'
import { answerHashed, answerTagged } from './conditional.ts'
import { type Lookups, visibleTo } from './lookups.ts'
import { pageOf, readPage } from './pages.ts'
import { notFound, requireCurrent } from './problems.ts'

/** Performances and their seats are public: who knows the id of an unlisted one may read it. */
export function mountPerformances(
  router: Router,
  deps: { readonly readModel: ReadModel; readonly lookups: Lookups; readonly seatAnswers: SeatAnswers; readonly callers: Callers },
): void {
  const { readModel, lookups, seatAnswers, callers } = deps

  function performanceWithSeats(id: string): Performance {
    const performance = lookups.performance(id)
    lookups.requireSeats(performance)
    return performance
  }

  const seatsTag = (performance: Performance): string => `s${seatAnswers.version(performance)}-r${performance.revision}`

  router.get('/v1/performances', function listPerformances(context) {
    const caller = callers.optional(context)
    requireCurrent(readModel.currency('catalog'))
    const page = pageOf(readModel.performances(), readPage(context.query), ({ performanceId }) => performanceId, visibleTo(caller))
    context.vary('Authorization')
    answerHashed(context, caller === undefined ? 'no-cache' : 'private, no-cache', {
      data: page.items.map(performanceSummary),
      next: page.next,
    })
  })

  router.get('/v1/performances/:id', function readPerformance(context) {
    const performance = lookups.performance(idOf(context))
    // PATCH takes this tag in If-Match and heeds the revision alone.
    const tag = `r${performance.revision}${performance.status === 'scheduled' ? '' : `-${performance.status}`}`
    answerTagged(context, tag, 'no-cache', () => performanceAnswer(performance, readModel.directory.seatMap(performance.seatMapId)))
  })

  router.get('/v1/performances/:id/availability', function readAvailability(context) {
    const performance = performanceWithSeats(idOf(context))
    answerTagged(context, seatsTag(performance), 'no-cache', () => seatAnswers.availability(performance))
  })

  router.get('/v1/performances/:id/seats', function readSeats(context) {
    const performance = performanceWithSeats(idOf(context))
    const map = lookups.mapOf(performance)
    const sections = sectionsAskedFor(context, performance)
    answerTagged(context, seatsTag(performance), 'no-cache', () => seatAnswers.seats(performance, map, sections))
  })
}

const idOf = (context: { readonly params: Readonly<Record<string, string>> }): string => context.params['id'] ?? ''

/** `section` may be given several times; without it, all sections. */
function sectionsAskedFor(context: Context, performance: Performance): readonly SectionSummary[] {
  const asked = [context.query['section'] ?? []].flat()
  if (asked.length === 0) return performance.sections
  return [...new Set(asked)].map((sectionId) => {
    const section = performance.sections.find((candidate) => candidate.sectionId === sectionId)
    if (section === undefined) throw notFound('SECTION_NOT_FOUND', 'The performance has no such section.')
    return section
  })
}
