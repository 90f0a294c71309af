import type { Performance } from '@cavea/contracts/catalog/directory'
import type { SectionSummary } from '@cavea/contracts/catalog/messages'
import { sectionKey } from '@cavea/contracts/partitioning'
import { streamsOf } from '@cavea/contracts/streams'
import type { Caller } from '@cavea/service-kit/tokens'
import type { Router } from '@koa/router'
import type { Context } from 'koa'
import { performanceAnswer, performanceSummary } from '../answers/catalog.ts'
import type { SeatAnswers } from '../answers/seats.ts'
import type { ReadModel } from '../application/read-model.ts'
import type { Callers } from './callers.ts'
import { answerHashed, answerTagged } from './conditional.ts'
import { pageOf, readPage } from './pages.ts'
import { behind, notFound, requireCurrent } from './problems.ts'

/** Performances and their seats are public: who knows the id of an unlisted one may read it. */
export function mountPerformances(
  router: Router,
  deps: { readonly readModel: ReadModel; readonly seatAnswers: SeatAnswers; readonly callers: Callers },
): void {
  const { readModel, seatAnswers, callers } = deps

  function performanceOf(id: string): Performance {
    const performance = readModel.directory.performance(id)
    requireCurrent(readModel.currency('catalog', performance === undefined ? undefined : [performance.organisation]))
    if (performance === undefined) throw notFound('PERFORMANCE_NOT_FOUND', 'There is no such performance.')
    return performance
  }

  /** Also makes sure that the seats may be told: a section that is still being replayed would seem free. */
  function performanceWithSeats(id: string, sections?: readonly SectionSummary[]): Performance {
    const performance = performanceOf(id)
    const streams = (sections ?? performance.sections).flatMap(streamsOf)
    requireCurrent(
      readModel.currency(
        'seating',
        streams.map(({ sectionId }) => sectionKey(id, sectionId)),
      ),
    )
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
    const performance = performanceOf(idOf(context))
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
    const map = readModel.directory.seatMap(performance.seatMapId)
    if (map === undefined) throw behind()
    const sections = sectionsAskedFor(context, performance)
    answerTagged(context, seatsTag(performance), 'no-cache', () => seatAnswers.seats(performance, map, sections))
  })
}

const idOf = (context: { readonly params: Readonly<Record<string, string>> }): string => context.params['id'] ?? ''

/** Organisers see all that is theirs, everybody else what can be sold. */
const visibleTo =
  (caller: Caller | undefined) =>
  (performance: Performance): boolean =>
    caller?.kind === 'organiser' ? performance.organisation === caller.organisation : performance.status === 'scheduled'

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
