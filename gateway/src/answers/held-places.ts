import type { HeldArea, HeldSeat, Money } from '@cavea/contracts/answers'
import { type Directory, type MapSection, priceOf } from '@cavea/contracts/catalog/directory'
import { sectionOfStream } from '@cavea/contracts/streams'
import { HttpProblem } from '@cavea/service-kit/problem'
import { money } from './values.ts'

/** Places in one stream: a section with seats, or a shard of a standing area. */
export interface PlacesInStream {
  readonly sectionId: string
  readonly seats: readonly number[]
}

/** What one stream holds, by the price list that it locked. */
export interface PricedPlaces extends PlacesInStream {
  readonly priceRevision: number
}

/** What a hold has, in one shape wherever that is: `sectionId` is said when all of it is in one section. */
export interface HeldPlaces {
  readonly sectionId: string | undefined
  readonly seats: readonly HeldSeat[]
  /** Seats and places in areas together. */
  readonly quantity: number
  readonly areas: readonly HeldArea[]
  readonly total: Money
}

/** Throws the problem that says to come back when the catalog as read so far does not know all of it yet. */
export function heldPlaces(directory: Directory, performanceId: string, parts: readonly PricedPlaces[]): HeldPlaces {
  const performance = directory.performance(performanceId) ?? notLoaded()
  const seats: HeldSeat[] = []
  const areas = new Map<string, HeldArea>()
  let [quantity, sum] = [0, 0]
  for (const part of parts) {
    // A section may hold by a revision that this gateway has not read yet: then a repeat of the request finds it.
    const prices = performance.priceLists.get(part.priceRevision) ?? notLoaded()
    const amountOf = (category: string): number => priceOf(prices, category) ?? 0
    const section = sectionAt(directory, performanceId, part.sectionId)
    const { sectionId, name, standing } = section
    quantity += part.seats.length
    if (standing !== null) {
      const amount = amountOf(standing.category)
      const area = `${sectionId} ${amount}` // A price that changed while shards were asked is shown beside the other.
      const known = areas.get(area)?.quantity ?? 0
      const price = money(amount, performance.currency)
      areas.set(area, { sectionId, name, category: standing.category, quantity: known + part.seats.length, price })
      sum += amount * part.seats.length
    } else
      for (const seat of seatsAt(section, part.seats)) {
        const amount = amountOf(seat.category)
        seats.push(heldSeat(seat, name, money(amount, performance.currency)))
        sum += amount
      }
  }
  return { sectionId: onlySection(parts), seats, quantity, areas: [...areas.values()], total: money(sum, performance.currency) }
}

/** The section that all parts are in, if they are in one. */
export function onlySection(parts: readonly { readonly sectionId: string }[]): string | undefined {
  const [section, ...others] = sectionsOf(parts)
  return others.length === 0 ? section : undefined
}

/** Each once, in the order of the parts. */
export const sectionsOf = (parts: readonly { readonly sectionId: string }[]): readonly string[] => [
  ...new Set(parts.map(({ sectionId }) => sectionOfStream(sectionId))),
]

/** The ids of seats of one section. Throws as `heldPlaces` does. */
export function seatIdsOf(directory: Directory, performanceId: string, { sectionId, seats }: PlacesInStream): readonly string[] {
  return seatsAt(sectionAt(directory, performanceId, sectionId), seats).map(({ seatId }) => seatId)
}

type Seat = MapSection['seats'][number]

function sectionAt(directory: Directory, performanceId: string, streamId: string): MapSection {
  const map = directory.seatMap(directory.performance(performanceId)?.seatMapId ?? '')
  return map?.sections.get(sectionOfStream(streamId)) ?? notLoaded()
}

const seatsAt = (section: MapSection, seats: readonly number[]): readonly Seat[] =>
  seats.map((index) => section.seats[index] ?? notLoaded())

function heldSeat({ seatId, row, number, category }: Seat, section: string, price: Money): HeldSeat {
  return { seatId, section, row, number, category, price }
}

function notLoaded(): never {
  throw new HttpProblem({
    status: 503,
    code: 'CATALOG_LOADING',
    detail: 'The seat map is not loaded here yet. Repeat the request with the same Idempotency-Key.',
    retryable: true,
    headers: { 'Retry-After': '1' },
  })
}
