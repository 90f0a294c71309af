import type { Performance, SeatMap, Venue } from '@cavea/contracts/catalog/directory'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { RouteDeps } from './deps.ts'

type LookupDeps = Pick<RouteDeps, 'commands' | 'directory'>

const ID = /^[a-z]{1,10}_[0-9a-hjkmnp-tv-z]{26}$/

export const findVenue = (deps: LookupDeps, id: string): Promise<Venue> =>
  find(deps, id, () => deps.directory.venue(id), 'VENUE_NOT_FOUND', 'venue')

export const findSeatMap = (deps: LookupDeps, id: string): Promise<SeatMap> =>
  find(deps, id, () => deps.directory.seatMap(id), 'SEAT_MAP_NOT_FOUND', 'seat map')

export const findPerformance = (deps: LookupDeps, id: string): Promise<Performance> =>
  find(deps, id, () => deps.directory.performance(id), 'PERFORMANCE_NOT_FOUND', 'performance')

/** What is not there may just not have been read yet, so the log is read to its end before anybody is told so. */
async function find<Found>(
  { commands }: LookupDeps,
  id: string,
  look: () => Found | undefined,
  code: string,
  thing: string,
): Promise<Found> {
  const found = look()
  if (found !== undefined) return found
  if (ID.test(id)) {
    const read = commands.caughtUp('catalog') && (await commands.refresh('catalog'))
    const afterwards = look()
    if (afterwards !== undefined) return afterwards
    if (!read) throw catalogLoading()
  }
  throw new HttpProblem({ status: 404, code, detail: `There is no such ${thing}.` })
}

export function catalogLoading(): HttpProblem {
  return new HttpProblem({
    status: 503,
    code: 'CATALOG_LOADING',
    detail: 'The catalog is still being read.',
    retryable: true,
    headers: { 'Retry-After': '1' },
  })
}
