import type { Performance } from '@cavea/contracts/catalog/directory'
import type { Caller } from '@cavea/service-kit/tokens'
import { categoriesOf, performanceAnswer } from '../answers/catalog.ts'
import type { HoldAnswer } from '../answers/hold.ts'
import {
  type AvailabilityAnswer,
  availabilityOf,
  type ChosenSection,
  chooseSections,
  type SeatsAnswer,
  seatsOf,
} from '../answers/sections.ts'
import type { ReadModel } from '../application/read-model.ts'
import { unauthenticated } from '../routes/callers.ts'
import { type Lookups, visibleTo } from '../routes/lookups.ts'
import { pageOf, readPage } from '../routes/pages.ts'
import { malformed, notFound, requireCurrent } from '../routes/problems.ts'
import type { SeatTexts } from './seat-lists.ts'

/** Of one request. */
export interface RequestContext {
  readonly caller: Caller | undefined
  /** Where seats are to be written, if the answer is text. */
  readonly seatTexts?: SeatTexts
}

interface Filter {
  readonly text?: string | null
  readonly startsAfter?: string | null
  readonly startsBefore?: string | null
}

/** The fields of `Query`: what has arguments, or costs something, is a function, which graphql calls when it is asked for. */
export interface QueryRoot {
  performance(args: { readonly id: string }): object
  performances(
    args: { readonly first?: number | null; readonly after?: string | null; readonly filter?: Filter | null },
    context: RequestContext,
  ): object
  availability(args: { readonly performanceId: string }): AvailabilityAnswer
  seats(args: { readonly performanceId: string; readonly sectionIds?: readonly string[] | null }): SeatsAnswer
  hold(args: { readonly id: string }, context: RequestContext): HoldAnswer
  me(args: object, context: RequestContext): object | null
}

const PAGE_DEFAULT = 50

export function createQueryRoot({ readModel, lookups }: { readonly readModel: ReadModel; readonly lookups: Lookups }): QueryRoot {
  function availability(performance: Performance): AvailabilityAnswer {
    lookups.requireSeats(performance)
    return availabilityOf(readModel.section, performance, requireSections(performance, null))
  }

  function seats(performance: Performance, sectionIds: readonly string[] | null): SeatsAnswer {
    lookups.requireSeats(performance)
    return seatsOf(readModel.section, performance, lookups.mapOf(performance), requireSections(performance, sectionIds))
  }

  /** Nothing of it is read but the catalog, until a field of seats is asked for. */
  function answerTo(performance: Performance): object {
    return {
      ...performanceAnswer(performance, undefined),
      categories: () => categoriesOf(performance, readModel.directory.seatMap(performance.seatMapId)),
      availability: () => availability(performance),
      seats: ({ sectionIds }: { readonly sectionIds?: readonly string[] | null }) => seats(performance, sectionIds ?? null),
    }
  }

  return {
    performance: ({ id }) => answerTo(lookups.performance(id)),
    performances({ first, after, filter }, { caller }) {
      requireCurrent(readModel.currency('catalog'))
      const request = readPage({ limit: String(first ?? PAGE_DEFAULT), ...(after && { cursor: after }) })
      const isAllowed = visibleTo(caller)
      const matches = matcherOf(filter ?? {})
      const page = pageOf(
        readModel.performances(),
        request,
        ({ performanceId }) => performanceId,
        (performance) => isAllowed(performance) && matches(performance),
      )
      return { data: page.items.map(answerTo), next: page.next }
    },
    availability: ({ performanceId }) => availability(lookups.performance(performanceId)),
    seats: ({ performanceId, sectionIds }) => seats(lookups.performance(performanceId), sectionIds ?? null),
    hold({ id }, { caller }) {
      if (caller === undefined) throw unauthenticated('A Bearer token is needed.', 'Bearer')
      return lookups.hold(caller, id)
    },
    me: (_, { caller }) =>
      caller === undefined ? null : { ...caller, organisation: caller.organisation === '' ? null : caller.organisation },
  }
}

/** Throws the problem that REST has for it when there is no such section. */
export function requireSections(performance: Performance, sectionIds: readonly string[] | null): readonly ChosenSection[] {
  const chosen = chooseSections(performance, sectionIds)
  if (chosen === undefined) throw notFound('SECTION_NOT_FOUND', 'The performance has no such section.')
  return chosen
}

function matcherOf({ text, startsAfter, startsBefore }: Filter): (performance: Performance) => boolean {
  const words = (text ?? '').toLocaleLowerCase('en').split(/\s+/).filter(Boolean)
  const from = timeOf('startsAfter', startsAfter) ?? Number.NEGATIVE_INFINITY
  const to = timeOf('startsBefore', startsBefore) ?? Number.POSITIVE_INFINITY
  return ({ name, startsAtMs }) => {
    if (startsAtMs <= from || startsAtMs >= to) return false
    if (words.length === 0) return true
    const lower = name.toLocaleLowerCase('en')
    return words.every((word) => lower.includes(word))
  }
}

function timeOf(name: string, text: string | null | undefined): number | undefined {
  if (text === null || text === undefined) return undefined
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw malformed('TIME_INVALID', `/variables/filter/${name}`, `${name} must be a time as RFC 3339 has it.`)
  return ms
}
