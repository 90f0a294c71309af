import type { CartEvent } from '@cavea/contracts/cart/messages'
import type { CatalogEvent } from '@cavea/contracts/catalog/messages'
import type { Decision, Envelope } from '@cavea/contracts/envelope'
import { type BlockId, type CommandId, epochMillis, type HoldId, type PerformanceId, type SectionId, seatIndex } from '@cavea/contracts/ids'
import { emptyHead } from '@cavea/contracts/ledger'
import { type Rejection, recorded } from '@cavea/contracts/rejections'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import type { Change, EventsOf, Fact, Projection } from '../../application/projection.ts'

/** What specifications of tables speak of: a hold of two places in the third shard of a floor, and a cart. */
export const AT_MS = 1_790_000_000_000
export const PLACE = { performanceId: 'perf_1' as PerformanceId, sectionId: 'floor~2' as SectionId }
export const SEATS = [seatIndex(7), seatIndex(9)]
export const HOLD = { ...PLACE, holdId: 'hold_1' as HoldId, seats: SEATS }
export const BLOCK = { ...PLACE, blockId: 'block_1' as BlockId, seats: SEATS }
export const CART_ID = 'hold_cart' as HoldId
export const ENVELOPE: Envelope = {
  commandId: 'cmd_1' as CommandId,
  commandType: 'HoldSeats',
  actor: { kind: 'buyer', id: 'buyer_1' },
  organisation: 'org_house',
  bodyHash: '',
  causationId: 'cart/0/12',
  correlationId: 'cmd_0',
  traceparent: '',
}

const PART = { holdId: HOLD.holdId, sectionId: PLACE.sectionId, seats: SEATS, step: '', priceRevision: 1 } as const
export const OF_CART = { holdId: CART_ID, performanceId: PLACE.performanceId, parts: [PART, { ...PART, sectionId: 'box' as SectionId }] }

export const held = (cartId: HoldId | '' = ''): SeatingEvent => ({
  type: 'SeatsHeld',
  ...HOLD,
  buyer: 'buyer_1',
  expiresAtMs: epochMillis(AT_MS + 600_000),
  extensionsLeft: 1,
  priceRevision: 3,
  step: '',
  cartId,
  attempt: 0,
})
export const CART_HELD: CartEvent = {
  type: 'CartHeld',
  ...OF_CART,
  buyer: 'buyer_1',
  organisation: 'org_house',
  expiresAtMs: epochMillis(AT_MS + 600_000),
  extensionsLeft: 1,
}

function decisionOf(rejection: Rejection | undefined): Decision {
  return {
    link: emptyHead('seating.events', 3),
    envelope: ENVELOPE,
    commandOffset: 8,
    atMs: epochMillis(AT_MS),
    ruleVersion: 1,
    reactedTo: 0,
    outcome: rejection === undefined ? 'accepted' : 'rejected',
    duplicateOf: null,
    rejection: rejection === undefined ? null : recorded(rejection),
    events: [],
  }
}

/** What a projection makes of the decision at seating/3/5, cart/3/5 or catalog/3/5. */
function changesIn<Of extends keyof EventsOf>(context: Of) {
  return ({ project }: Projection, events: readonly EventsOf[Of][], rejection?: Rejection): readonly Change[] => {
    const of = project[context] as ((fact: Fact<Of>) => readonly Change[]) | undefined
    return of?.({ context, partition: 3, offset: 5, decision: decisionOf(rejection), events }) ?? []
  }
}

export const ofCatalog: (of: Projection, events: readonly CatalogEvent[]) => readonly Change[] = changesIn('catalog')
export const ofSeating = changesIn('seating')
export const ofCarts = changesIn('cart')
