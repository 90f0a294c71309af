import { type Directory, type MapSection, type Performance, priceOf } from '../catalog/directory.ts'
import type { PerformanceTerms, Price, SectionSummary } from '../catalog/messages.ts'
import type { SeatIndex } from '../ids.ts'
import { sectionOfStream } from '../streams.ts'
import type { DrawnSeat, PricedSeat, PublicSeat, PublicSection, SaleTerms } from './events.ts'

/** A stream of seating with the names that people know it by. */
export interface Labelled {
  readonly place: { readonly performanceId: string; readonly sectionId: string; readonly section: string; readonly stream: string }
  readonly organisation: string
  readonly currency: string
  seat(index: SeatIndex): PublicSeat
  drawnSeats(): readonly DrawnSeat[]
  /** With the prices of that revision of the price list. */
  priced(seats: readonly SeatIndex[], priceRevision: number): readonly PricedSeat[]
}

/** Names for what the log calls by index, from the fold of the catalog. */
export interface Labels {
  readonly directory: Directory
  /** Whether something was asked for that the directory has not read. Then it may have read it a little later. */
  readonly isIncomplete: boolean
  performance(performanceId: string): Performance | undefined
  stream(performanceId: string, stream: string): Labelled
  /** To be called when what was asked of the directory itself was not there. */
  missing(): void
}

const NO_SEAT: PublicSeat = { seatId: '', row: '', number: '', category: '' }

export function createLabels(directory: Directory): Labels {
  let isIncomplete = false
  const missing = (): void => {
    isIncomplete = true
  }

  function performanceOf(performanceId: string): Performance | undefined {
    const performance = directory.performance(performanceId)
    if (performance === undefined) missing()
    return performance
  }

  function listOf(performance: Performance | undefined, revision: number): readonly Price[] {
    const list = performance?.priceLists.get(revision)
    if (list === undefined) missing()
    return list ?? []
  }

  function sectionOf(performance: Performance | undefined, sectionId: ReturnType<typeof sectionOfStream>): MapSection | undefined {
    if (performance === undefined) return undefined
    const map = directory.seatMap(performance.seatMapId)
    if (map === undefined) missing()
    return map?.sections.get(sectionId)
  }

  return {
    directory,
    missing,
    get isIncomplete() {
      return isIncomplete
    },
    performance: performanceOf,
    stream(performanceId, stream) {
      const sectionId = sectionOfStream(stream)
      const performance = performanceOf(performanceId)
      const section = sectionOf(performance, sectionId)
      const standing: PublicSeat | undefined = section?.standing ? { ...NO_SEAT, category: section.standing.category } : undefined
      const seat = (index: SeatIndex): PublicSeat => {
        if (standing !== undefined) return standing
        const found = section?.seats[index]
        return found === undefined ? NO_SEAT : labelOf(found)
      }
      return {
        place: { performanceId, sectionId, section: section?.name ?? '', stream },
        organisation: performance?.organisation ?? '',
        currency: performance?.currency ?? '',
        seat,
        drawnSeats: () => (section?.seats ?? []).map((found) => ({ ...labelOf(found), type: found.type })),
        priced(seats, priceRevision) {
          const list = listOf(performance, priceRevision)
          return seats.map((index) => {
            const { seatId, row, number, category } = seat(index)
            return { seatId, row, number, category, amount: priceOf(list, category) ?? null }
          })
        },
      }
    },
  }
}

const labelOf = ({ seatId, row, number, category }: PublicSeat): PublicSeat => ({ seatId, row, number, category })

export const publicSection = ({ sectionId, name, seatCount, shards }: SectionSummary): PublicSection => ({
  sectionId,
  name,
  seatCount,
  standing: shards > 0,
})

type Terms = Omit<PerformanceTerms, 'prices'>

export const saleTerms = (terms: Terms): SaleTerms => ({
  saleStartsAt: terms.saleStartsAtMs,
  saleEndsAt: terms.saleEndsAtMs,
  holdTtlMs: terms.holdTtlMs,
  extensionMs: terms.extensionMs,
  holdMaxMs: terms.holdMaxMs,
  seatsPerHoldMax: terms.seatsPerHoldMax,
  purchaseLimit: terms.purchaseLimit,
  sectionLimit: terms.sectionLimit,
  orphanRule: terms.orphanRule,
})
