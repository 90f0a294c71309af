import type { Performance, SeatLocation } from '@cavea/contracts/catalog/directory'
import type { SeatIndex, SectionId } from '@cavea/contracts/ids'
import { bucketOf, sectionKey } from '@cavea/contracts/partitioning'
import { HttpProblem } from '@cavea/service-kit/problem'
import { InvalidInputError } from '../parse/validate.ts'
import type { RouteDeps } from './deps.ts'
import { findSeatMap } from './lookups.ts'

export interface PlacedSeats {
  readonly sectionId: SectionId
  readonly seats: readonly SeatIndex[]
  readonly bucket: number
}

/** Where the named seats are, in their order. Throws the problem when the seat map does not have all of them. */
export async function locateSeats(
  deps: Pick<RouteDeps, 'commands' | 'directory'>,
  performance: Performance,
  seatIds: readonly string[],
): Promise<readonly SeatLocation[]> {
  const map = await findSeatMap(deps, performance.seatMapId)
  const located = seatIds.map((seatId) => ({ seatId, place: map.locate(seatId) }))
  const unknown = located.filter(({ place }) => place === undefined)
  if (unknown.length > 0)
    throw new HttpProblem({
      status: 404,
      code: 'SEAT_NOT_FOUND',
      detail:
        unknown.length === 1
          ? 'The seat map does not have one of these seats.'
          : `The seat map does not have ${unknown.length} of these seats.`,
      extra: { conflicts: unknown.map(({ seatId }) => ({ seatId, reason: 'unknown' })) },
    })
  return located.flatMap(({ place }) => (place === undefined ? [] : [place]))
}

/** Where the named seats are. Throws the problem when a seat is unknown, when they span sections, or when nothing is open yet. */
export async function seatsInOneSection(
  deps: Pick<RouteDeps, 'commands' | 'directory'>,
  performance: Performance,
  seatIds: readonly string[],
): Promise<PlacedSeats> {
  const places = await locateSeats(deps, performance, seatIds)
  const sectionId = places[0]?.section.sectionId
  if (sectionId === undefined) throw new TypeError('No seats were named.')
  const elsewhere = places.flatMap(({ section }, index) => (section.sectionId === sectionId ? [] : [{ index, name: section.name }]))
  if (elsewhere.length > 0)
    throw new InvalidInputError(
      elsewhere.map(({ index, name }) => ({
        pointer: `/seats/${index}`,
        code: 'SEATS_SPAN_SECTIONS',
        detail: `This seat is in "${name}", the first one is not.`,
      })),
      'SEATS_SPAN_SECTIONS',
    )
  refuseOpening(performance)
  return { sectionId, seats: places.map(({ index }) => index), bucket: bucketOf(sectionKey(performance.performanceId, sectionId)) }
}

/** A performance takes holds once all its sections answered. */
export function refuseOpening(performance: Performance): void {
  if (performance.status !== 'opening') return
  throw new HttpProblem({
    status: 503,
    code: 'PERFORMANCE_OPENING',
    detail: 'The performance is being opened.',
    retryable: true,
    headers: { 'Retry-After': '1' },
  })
}
