import { ask } from '../../data/api.ts'
import type { PerformanceSummary, SeatDecision, SeatMap, Venue } from './answers.ts'

const PAGE = 100
/** Ten thousand performances: more are not looked at here. */
const PAGES_MAX = 100
/** Of one seat. One that was decided about more often is shown from its beginning. */
const DECISION_PAGES_MAX = 10

interface Page<Item> {
  readonly data: readonly Item[]
  readonly next: string | null
}

async function readAll<Item>(path: string, pagesMax: number, signal: AbortSignal): Promise<readonly Item[]> {
  const all: Item[] = []
  let cursor: string | null = null
  for (let page = 0; page < pagesMax; page++) {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const { body } = await ask<Page<Item>>('GET', `${path}?limit=${PAGE}${query}`, { signal })
    all.push(...body.data)
    cursor = body.next
    if (cursor === null) break
  }
  return all
}

/** All of the organiser's own. */
export const readPerformances = (signal: AbortSignal): Promise<readonly PerformanceSummary[]> =>
  readAll('/v1/performances', PAGES_MAX, signal)

export const readDecisions = (performanceId: string, seatId: string, signal: AbortSignal): Promise<readonly SeatDecision[]> =>
  readAll(`/v1/performances/${encodeURIComponent(performanceId)}/seats/${encodeURIComponent(seatId)}/decisions`, DECISION_PAGES_MAX, signal)

export async function readVenue(venueId: string, signal: AbortSignal): Promise<Venue> {
  return (await ask<Venue>('GET', `/v1/venues/${encodeURIComponent(venueId)}`, { signal })).body
}

/** Those of the performances, each once, in the order of the performances; no more than so many. */
export async function readVenuesOf(
  performances: readonly PerformanceSummary[],
  venuesMax: number,
  signal: AbortSignal,
): Promise<readonly Venue[]> {
  const ids = [...new Set(performances.map(({ venueId }) => venueId))].slice(0, venuesMax)
  return await Promise.all(ids.map((venueId) => readVenue(venueId, signal)))
}

/** `minVersion`: what was just made must be in the answer. */
export async function readSeatMap(seatMapId: string, minVersion: string | null, signal?: AbortSignal): Promise<SeatMap> {
  const headers = minVersion === null ? {} : { 'Cavea-Min-Version': minVersion }
  return (await ask<SeatMap>('GET', `/v1/seat-maps/${encodeURIComponent(seatMapId)}`, { headers, ...(signal && { signal }) })).body
}
