import { setTimeout as sleep } from 'node:timers/promises'
import type { Performance } from '@cavea/contracts/catalog/directory'
import { BOOKINGS } from '@cavea/contracts/read-models/bookings'
import { CATALOGUE } from '@cavea/contracts/read-models/catalogue'
import { DECISIONS } from '@cavea/contracts/read-models/decisions'
import { type Context as MessageContext, topicsOf } from '@cavea/contracts/topics'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { Router } from '@koa/router'
import type { Context, Middleware, Next } from 'koa'
import { performanceSummary } from '../answers/catalog.ts'
import type { HoldAnswer } from '../answers/hold.ts'
import { money, rfc3339 } from '../answers/values.ts'
import type { ReadModel } from '../application/read-model.ts'
import { type Reports, ReportsUnavailableError } from '../ports/reports.ts'
import type { Callers } from './callers.ts'
import { answerHashed } from './conditional.ts'
import { type Lookups, visibleTo } from './lookups.ts'
import { MIN_VERSION_HEADER, parseVersionTokens } from './min-version.ts'
import { readPage } from './pages.ts'
import { behind, notFound, requireCurrent, unavailable } from './problems.ts'
import { cursorOf, isSearch, readAfter, readHoldStatus, readPlace, readPoints, readSearch, requireByDay } from './report-queries.ts'

export interface ReportRouteDeps {
  /** Undefined where no database is: then reports answer 503. */
  readonly reports: () => Reports | undefined
  readonly readModel: ReadModel
  readonly lookups: Lookups
  readonly callers: Callers
  readonly topicPrefix: string
  readonly minVersionTimeoutMs: number
  readonly nowMs: () => number
}

/** What each read model reads. A version of another context says nothing about it. */
const READS: Readonly<Record<string, readonly MessageContext[]>> = {
  [CATALOGUE]: ['catalog'],
  [BOOKINGS]: ['seating', 'cart'],
  [DECISIONS]: ['seating', 'cart'],
}
const POLL_MS = 25

/** Searches, history and sales: what is read from tables, by who may read it. Must be mounted before the list of performances. */
export function mountReports(router: Router, deps: ReportRouteDeps): void {
  const { readModel, lookups, callers } = deps

  /** The tables of a read model, once they are as new as the request wants them. Throws a problem. */
  async function tablesOf(context: Context, readModelName: string): Promise<Reports> {
    const reports = deps.reports()
    if (reports === undefined) throw unavailable()
    const header = context.get(MIN_VERSION_HEADER)
    if (header === '') return reports
    const places = parseVersionTokens(header)
      .filter((token) => READS[readModelName]?.includes(token.context))
      .map(({ context: of, partition, commandOffset }) => {
        return { topic: topicsOf(of, deps.topicPrefix).events, partition, commandOffset }
      })
    const deadlineMs = performance.now() + deps.minVersionTimeoutMs
    while (places.length > 0 && !(await reports.hasReached(readModelName, places))) {
      if (performance.now() > deadlineMs) throw behind()
      await sleep(POLL_MS)
    }
    return reports
  }

  /** The performance in the path, for its organiser. To organisers of others it does not exist. */
  function ownPerformance(context: Context): Performance {
    const caller = callers.organiser(context)
    const found = lookups.performance(param(context, 'id'))
    if (found.organisation !== caller.organisation) throw notFound('PERFORMANCE_NOT_FOUND', 'There is no such performance.')
    return found
  }

  router.get(
    '/v1/performances',
    answering(async function searchPerformances(context, next) {
      if (!isSearch(context.query)) return await next()
      const caller = callers.optional(context)
      requireCurrent(readModel.currency('catalog'))
      const search = readSearch(context.query)
      const { limit, after } = readPage(context.query)
      const place = readAfter(after)
      const organisation = caller?.kind === 'organiser' ? caller.organisation : undefined
      const reports = await tablesOf(context, CATALOGUE)
      const found = search === undefined ? [] : await reports.search({ ...search, organisation, after: place, limit: limit + 1 })
      const last = found.length > limit ? found[limit - 1] : undefined
      const isVisible = visibleTo(caller)
      context.vary('Authorization')
      answerHashed(context, caller === undefined ? 'no-cache' : 'private, no-cache', {
        // What they are now is told from memory; the tables may be a moment behind.
        data: found.slice(0, limit).flatMap(({ performanceId }) => {
          const known = readModel.directory.performance(performanceId)
          return known !== undefined && isVisible(known) ? [performanceSummary(known)] : []
        }),
        next: last === undefined ? null : cursorOf(`${last.order}|${last.performanceId}`),
      })
    }),
  )

  router.get(
    '/v1/performances/:id/history',
    answering(async function readHistory(context) {
      const { performanceId } = ownPerformance(context)
      const points = readPoints(context.query)
      const nowMs = deps.nowMs()
      const reports = await tablesOf(context, DECISIONS)
      const counts = await reports.history(performanceId, points - 1, nowMs)
      const last = counts.at(-1)
      const upToNow = last === undefined ? [] : [...counts, { ...last, atMs: Math.max(nowMs, last.atMs) }]
      answerHashed(context, 'private, no-store', {
        data: upToNow.map(({ atMs, available, held, sold, blocked }) => ({ at: rfc3339(atMs), available, held, sold, blocked })),
      })
    }),
  )

  router.get(
    '/v1/performances/:id/sales',
    answering(async function readSales(context) {
      const found = ownPerformance(context)
      requireByDay(context.query)
      const timeZone = readModel.directory.venue(found.venueId)?.timeZone
      if (timeZone === undefined) throw behind()
      const reports = await tablesOf(context, BOOKINGS)
      const rows = await reports.sales(found, timeZone)
      const total = { seats: 0, revenue: 0 }
      for (const { seats, revenue } of rows) {
        total.seats += seats
        total.revenue += revenue
      }
      answerHashed(context, 'private, no-store', {
        data: rows.map(({ day, category, seats, revenue }) => ({ day, category, seats, revenue: money(revenue, found.currency) })),
        total: { seats: total.seats, revenue: money(total.revenue, found.currency) },
      })
    }),
  )

  router.get(
    '/v1/performances/:id/seats/:seatId/decisions',
    answering(async function readSeatDecisions(context) {
      const found = ownPerformance(context)
      const location = lookups.mapOf(found).locate(param(context, 'seatId'))
      if (location === undefined) throw notFound('SEAT_NOT_FOUND', 'The performance has no such seat.')
      const { limit, after } = readPage(context.query)
      const place = readPlace(after)
      const reports = await tablesOf(context, DECISIONS)
      const decisions = await reports.seatDecisions({
        performanceId: found.performanceId,
        streamId: location.section.sectionId,
        seat: location.index,
        after: place,
        limit: limit + 1,
      })
      const last = decisions.length > limit ? decisions[limit - 1] : undefined
      answerHashed(context, 'private, no-store', {
        data: decisions.slice(0, limit).map(({ partition, offset, index, atMs, ...told }) => {
          return { at: rfc3339(atMs), ...told, decision: `seating/${partition}/${offset}` }
        }),
        next: last === undefined ? null : cursorOf(`${last.offset}.${last.index}`),
      })
    }),
  )

  router.get(
    '/v1/holds',
    answering(async function listHolds(context) {
      const caller = callers.required(context)
      const status = readHoldStatus(context.query)
      const { limit, after } = readPage(context.query)
      const reports = await tablesOf(context, BOOKINGS)
      const holdIds = await reports.holdsOf({ buyer: caller.id, status, after, limit: limit + 1 })
      const last = holdIds.length > limit ? holdIds[limit - 1] : undefined
      const holds: HoldAnswer[] = []
      for (const holdId of holdIds.slice(0, limit)) {
        const hold = known(() => lookups.hold(caller, holdId))
        if (hold !== undefined && (status === undefined || hold.status === status)) holds.push(hold)
      }
      answerHashed(context, 'private, no-store', { data: holds, next: last === undefined ? null : cursorOf(last) })
    }),
  )
}

const param = (context: Context, name: string): string => (context as { readonly params?: Record<string, string> }).params?.[name] ?? ''

/** Holds that ended long ago are forgotten in memory; a list leaves them out. */
function known(find: () => HoldAnswer): HoldAnswer | undefined {
  try {
    return find()
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 404) return undefined
    throw error
  }
}

/** Turns trouble with the tables into a problem. */
function answering(answer: (context: Context, next: Next) => Promise<void>): Middleware {
  return async function answeringMiddleware(context, next) {
    try {
      await answer(context, next)
    } catch (error) {
      throw error instanceof ReportsUnavailableError ? unavailable() : error
    }
  }
}
