import type { Performance, SeatMap } from '@cavea/contracts/catalog/directory'
import { type Place, type PlaceKind, placeOf } from '@cavea/contracts/ids'
import { sectionKey } from '@cavea/contracts/partitioning'
import { streamsOf } from '@cavea/contracts/streams'
import type { Context as MessageContext } from '@cavea/contracts/topics'
import type { Caller } from '@cavea/service-kit/tokens'
import { type HoldAnswer, type HoldToAnswer, holdAnswer } from '../answers/hold.ts'
import type { ReadModel } from '../application/read-model.ts'
import { behind, notFound, requireCurrent } from './problems.ts'

/** Finds what a caller may see. What there is not, and what may not be told yet, is thrown as a problem: REST and GraphQL agree. */
export interface Lookups {
  performance(id: string): Performance
  /** Makes sure that its seats may be told: a section that is still being replayed would seem free. */
  requireSeats(performance: Performance): void
  mapOf(performance: Performance): SeatMap
  hold(caller: Caller, holdId: string): HoldAnswer
}

type ReadableHold = HoldToAnswer & { readonly buyer: string }

/** Where the decisions of a hold are read, by what decides it. */
const CONTEXT_OF = { section: 'seating', cart: 'cart' } as const satisfies Record<PlaceKind, MessageContext>

export function createLookups(readModel: ReadModel): Lookups {
  /** To clients a cart is the hold, and its parts do not exist. */
  function holdAt({ kind, bucket }: Place, holdId: string): ReadableHold | undefined {
    if (kind === 'cart') return readModel.cart(holdId, bucket)
    const hold = readModel.hold(holdId, bucket)
    return hold === undefined || hold.cartId !== '' ? undefined : { ...hold, parts: [hold] }
  }

  function answerTo(hold: ReadableHold, performance: Performance): HoldAnswer | undefined {
    const map = readModel.directory.seatMap(performance.seatMapId)
    return map && holdAnswer(hold, performance, map)
  }

  function unread(): never {
    requireCurrent(readModel.currency('catalog'))
    throw behind()
  }

  return {
    performance(id) {
      const performance = readModel.directory.performance(id)
      requireCurrent(readModel.currency('catalog', performance === undefined ? undefined : [performance.organisation]))
      if (performance === undefined) throw notFound('PERFORMANCE_NOT_FOUND', 'There is no such performance.')
      return performance
    },
    requireSeats({ performanceId, sections }) {
      const keys = sections.flatMap(streamsOf).map(({ sectionId }) => sectionKey(performanceId, sectionId))
      requireCurrent(readModel.currency('seating', keys))
    },
    mapOf({ seatMapId }) {
      const map = readModel.directory.seatMap(seatMapId)
      if (map === undefined) throw behind()
      return map
    },
    hold(caller, holdId) {
      const place = placeOf(holdId)
      if (place === undefined || !holdId.startsWith('hold_')) throw unknown()
      requireCurrent(readModel.currencyOfBucket(CONTEXT_OF[place.kind], place.bucket))
      const hold = holdAt(place, holdId)
      if (hold === undefined || (caller.kind === 'buyer' && caller.id !== hold.buyer)) throw unknown()
      // A hold was granted, so its performance is in the catalog's log, perhaps further on than was read.
      const performance = readModel.directory.performance(hold.performanceId) ?? unread()
      if (!mayRead(caller, hold, performance)) throw unknown()
      return answerTo(hold, performance) ?? unread()
    },
  }
}

/** Organisers see all that is theirs, everybody else what can be sold. */
export const visibleTo =
  (caller: Caller | undefined) =>
  (performance: Performance): boolean =>
    caller?.kind === 'organiser' ? performance.organisation === caller.organisation : performance.status === 'scheduled'

function mayRead(caller: Caller, hold: ReadableHold, performance: Performance): boolean {
  return caller.kind === 'organiser' ? caller.organisation === performance.organisation : caller.id === hold.buyer
}

const unknown = (): Error => notFound('HOLD_NOT_FOUND', 'There is no such hold.')
