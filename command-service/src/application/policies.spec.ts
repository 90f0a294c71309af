import assert from 'node:assert/strict'
import type { CartEvent, CartPart } from '@cavea/contracts/cart/messages'
import type { PerformanceRevised, PerformanceScheduled, PerformanceTerms } from '@cavea/contracts/catalog/messages'
import type { Decision } from '@cavea/contracts/envelope'
import { epochMillis, keyOfId, type PerformanceId, type SeatMapId, type SectionId, type VenueId } from '@cavea/contracts/ids'
import { recorded } from '@cavea/contracts/rejections'
import type { OpenSection, SeatsHeld, SectionGeometry, SectionTerms } from '@cavea/contracts/seating/messages'
import {
  ANNA,
  asked,
  askedForChosen,
  BALCONY,
  CART,
  CHOSEN,
  cartOpened,
  denied,
  granted,
  held,
  OF_CART,
  OPENED_BY,
  PERFORMANCE,
  part,
  STALLS,
} from '../domain/cart/examples.ts'
import { type CatalogView, initialState } from '../domain/catalog/state.ts'
import { evolve, initialState as initialSeating } from '../domain/seating/state.ts'
import { cartPolicy, catalogPolicy, type Reaction, seatingPolicy } from './policies.ts'

const NO_DECISION = {} as Decision // No policy looks at it, except where a part was refused.
const performanceId = 'perf_1' as PerformanceId
const terms: PerformanceTerms = {
  saleStartsAtMs: epochMillis(10),
  saleEndsAtMs: null,
  holdTtlMs: 1,
  extensionMs: 2,
  holdMaxMs: 3,
  seatsPerHoldMax: 4,
  purchaseLimit: 5,
  sectionLimit: 3,
  orphanRule: 'off',
  prices: [{ category: 'A', ticketType: '', amount: 100 }],
}
const sections = ['stalls', 'balcony'].map((name, at) => ({
  sectionId: name as SectionId,
  name,
  seatCount: 10 + at,
  shards: 0,
  focalDistance: 0,
}))
const scheduled: PerformanceScheduled = {
  type: 'PerformanceScheduled',
  performanceId,
  organisation: 'org_opera',
  venueId: 'venue_1' as VenueId,
  seatMapId: 'seatmap_1' as SeatMapId,
  name: 'Norma',
  startsAtMs: epochMillis(100),
  endsAtMs: null,
  currency: 'EUR',
  sections,
  revision: 1,
  priceRevision: 1,
  terms,
}
const revised: PerformanceRevised = { type: 'PerformanceRevised', performanceId, sections, revision: 4, priceRevision: 2, terms }
const sectionTerms: Omit<SectionTerms, 'priceRevision'> = {
  saleStartsAtMs: epochMillis(10),
  saleEndsAtMs: null,
  holdTtlMs: 1,
  extensionMs: 2,
  extensions: 1,
  holdMaxMs: 3,
  seatsPerHoldMax: 4,
  purchaseLimit: 5,
  sectionLimit: 3,
  orphanRule: 'off',
}
const geometryOf = (seatCount: number): SectionGeometry => ({
  row: new Array<number>(seatCount).fill(0),
  x: Array.from({ length: seatCount }, (_, at) => at * 100),
  y: new Array<number>(seatCount).fill(0),
  categories: ['A'],
  category: new Array<number>(seatCount).fill(0),
  type: new Array<number>(seatCount).fill(0),
  focalX: 0,
  focalY: 0,
  aisles: [],
  joined: [],
  tables: [],
  wholeTables: [],
})
const seatMap = {
  organisation: scheduled.organisation,
  venueId: scheduled.venueId,
  categories: ['A'],
  sections,
  geometry: new Map(sections.map(({ sectionId, seatCount }) => [sectionId, geometryOf(seatCount)])),
}
const VIEW: CatalogView = { ...initialState(), seatMaps: new Map([[scheduled.seatMapId, seatMap]]) }

describe('The policies of the catalog', () => {
  it('open every section of a scheduled performance, each in its own stream', () => {
    assert.deepEqual(
      catalogPolicy(scheduled, NO_DECISION, VIEW),
      sections.map(({ sectionId, seatCount }) => ({
        policy: 'open-sections',
        context: 'seating',
        key: `perf_1/${sectionId}`,
        message: {
          type: 'OpenSection',
          performanceId,
          sectionId,
          revision: 1,
          seatCount,
          terms: { priceRevision: 1, ...sectionTerms },
          geometry: geometryOf(seatCount),
        },
      })),
    )
  })

  it('bring a revision to every section', () => {
    assert.deepEqual(
      catalogPolicy(revised, NO_DECISION, VIEW),
      sections.map(({ sectionId }) => ({
        policy: 'revise-sections',
        context: 'seating',
        key: `perf_1/${sectionId}`,
        message: { type: 'ReviseSection', performanceId, sectionId, revision: 4, terms: { priceRevision: 2, ...sectionTerms } },
      })),
    )
  })

  it('open and revise a standing area in every shard of it, which share its places', () => {
    const floor = { sectionId: 'floor' as SectionId, name: 'Floor', seatCount: 5, shards: 2, focalDistance: 0 }
    const geometry = new Map([[floor.sectionId, geometryOf(0)]])
    const view: CatalogView = { ...VIEW, seatMaps: new Map([[scheduled.seatMapId, { ...seatMap, sections: [floor], geometry }]]) }
    const opening = catalogPolicy({ ...scheduled, sections: [floor] }, NO_DECISION, view)
    const messages = opening.map(({ message }) => message as OpenSection)
    assert.deepEqual(
      opening.map(({ key }) => key),
      ['perf_1/floor~0', 'perf_1/floor~1'],
    )
    assert.deepEqual(
      messages.map(({ sectionId, seatCount }) => [sectionId, seatCount]),
      [
        ['floor~0', 3],
        ['floor~1', 2],
      ],
    )
    for (const { geometry } of messages) assert.deepEqual(geometry, geometryOf(0))
    assert.deepEqual(
      catalogPolicy({ ...revised, sections: [floor] }, NO_DECISION, view).map(({ key }) => key),
      ['perf_1/floor~0', 'perf_1/floor~1'],
    )
  })

  it('ask for the same again when they see the same event again', () => {
    assert.deepEqual(catalogPolicy(scheduled, NO_DECISION, VIEW), catalogPolicy(scheduled, NO_DECISION, VIEW))
  })

  it('let everything else pass', () => {
    assert.deepEqual(catalogPolicy({ type: 'PerformanceOpened', performanceId }, NO_DECISION, VIEW), [])
    assert.deepEqual(
      catalogPolicy({ type: 'SectionOpeningRecorded', performanceId, sectionId: 'stalls' as SectionId }, NO_DECISION, VIEW),
      [],
    )
  })
})

describe('The policy of seating', () => {
  const place = { performanceId, sectionId: 'stalls' as SectionId }

  it('tells the catalog, in the stream of the organisation, that a section opened', () => {
    const opened = {
      type: 'SectionOpened',
      ...place,
      organisation: 'org_opera',
      revision: 1,
      seatCount: 9,
      geometry: geometryOf(9),
      terms: { priceRevision: 1, ...sectionTerms },
    } as const
    assert.deepEqual(seatingPolicy(opened, NO_DECISION, initialSeating()), [
      { policy: 'record-section-opened', context: 'catalog', key: 'org_opera', message: { type: 'RecordSectionOpened', ...place } },
    ])
  })

  it('says nothing of revisions and holds', () => {
    assert.deepEqual(
      seatingPolicy(
        { type: 'SectionRevised', ...place, revision: 2, terms: { priceRevision: 1, ...sectionTerms } },
        NO_DECISION,
        initialSeating(),
      ),
      [],
    )
    assert.deepEqual(
      seatingPolicy({ type: 'HoldExpired', ...place, holdId: 'hold_1' as never, seats: [] }, NO_DECISION, initialSeating()),
      [],
    )
  })
})

describe('The policy of seating, for the parts of carts', () => {
  const cartId = CART
  const { holdId, seats } = part(STALLS, 2)
  const partHeld: SeatsHeld = {
    type: 'SeatsHeld',
    performanceId: PERFORMANCE,
    sectionId: STALLS,
    holdId,
    buyer: ANNA.id,
    seats,
    expiresAtMs: epochMillis(1_000),
    extensionsLeft: 0,
    priceRevision: 3,
    step: 'adjacent',
    cartId,
    attempt: 2,
  }
  const record = { policy: 'record-part', context: 'cart', key: keyOfId(cartId) } as const
  const opened = {
    type: 'SectionOpened',
    performanceId: PERFORMANCE,
    sectionId: STALLS,
    organisation: 'org_opera',
    revision: 1,
    seatCount: 9,
    geometry: geometryOf(9),
    terms: { priceRevision: 1, ...sectionTerms },
  } as const

  it('tells the cart, in its own stream, what it got and how many seats its buyer has there now', () => {
    const state = initialSeating()
    evolve(state, opened, epochMillis(1))
    const before = {
      ...partHeld,
      holdId: part(STALLS, 1, { from: 5 }).holdId,
      seats: part(STALLS, 1, { from: 5 }).seats,
      cartId: '',
    } as const
    for (const event of [before, partHeld]) evolve(state, event, epochMillis(2))
    const granted = { holdId, sectionId: STALLS, seats, step: 'adjacent', priceRevision: 3 }
    const message = { type: 'RecordPart', cartId, performanceId: PERFORMANCE, attempt: 2, part: granted, have: 3 }
    assert.deepEqual(seatingPolicy(partHeld, NO_DECISION, state), [{ ...record, message }])
    assert.deepEqual(seatingPolicy(before, NO_DECISION, state), [], 'a hold of its own is no part')
  })

  it('tells the cart why its section refused', () => {
    const rejection = recorded({ code: 'NOT_ENOUGH_SEATS', asked: 4, have: 1 })
    const refusal = { type: 'PartRefused', performanceId: PERFORMANCE, sectionId: STALLS, cartId, attempt: 2 } as const
    assert.deepEqual(seatingPolicy(refusal, { ...NO_DECISION, rejection }, initialSeating()), [
      { ...record, message: { type: 'RecordRefusal', cartId, attempt: 2, sectionId: STALLS, rejection } },
    ])
    assert.throws(() => seatingPolicy(refusal, { ...NO_DECISION, rejection: null }, initialSeating()), /without saying why/)
  })
})

describe('The policy of carts', () => {
  const [first, second] = [part(STALLS, 2), part(BALCONY, 1)]
  const parts = [first, second]
  const react = (event: CartEvent) => cartPolicy(event, NO_DECISION, undefined)
  const forCart = (attempt: number) => ({ cartId: CART, attempt, buyerKind: ANNA.kind, buyer: ANNA.id })
  const toSection = (of: CartPart) => ({ context: 'seating', key: `${PERFORMANCE}/${of.sectionId}` })

  it('asks the section of a try, for the seats that the buyer chose', () => {
    const { sectionId, seats } = askedForChosen(2)
    assert.deepEqual(react(askedForChosen(2)), [
      {
        policy: 'request-part',
        context: 'seating',
        key: `${PERFORMANCE}/${BALCONY}`,
        message: { type: 'HoldSeats', performanceId: PERFORMANCE, sectionId, seats, cart: forCart(2) },
      },
    ])
  })

  it('asks it for the best of a number, as the round says', () => {
    const wish = { categories: ['A'], accessible: true }
    const [{ message }] = react({ ...asked(3, 'combined', STALLS, 4), ...wish }) as [Reaction]
    assert.deepEqual(message, {
      type: 'HoldBestAvailable',
      performanceId: PERFORMANCE,
      sectionId: STALLS,
      quantity: 4,
      atLeast: 1,
      worstStep: 'any',
      ...wish,
      cart: forCart(3),
    })
  })

  it('brings to every part what becomes of the cart', () => {
    const release = ({ holdId }: CartPart) => ({ type: 'ReleaseHold', holdId })
    const endings = [
      [{ type: 'CartRefused', ...OF_CART, parts }, 'release-parts', release],
      [{ type: 'CartReleased', ...OF_CART, parts }, 'release-parts', release],
      [{ type: 'CartExpired', ...OF_CART, parts }, 'release-parts', release],
      [{ type: 'CartSold', ...OF_CART, parts }, 'sell-parts', ({ holdId }: CartPart) => ({ type: 'SellHold', holdId })],
      [
        { type: 'CartExtended', ...OF_CART, parts, expiresAtMs: epochMillis(9_000), extensionsLeft: 0 },
        'extend-parts',
        ({ holdId }: CartPart) => ({ type: 'ExtendPart', holdId, expiresAtMs: 9_000 }),
      ],
    ] as const
    for (const [event, policy, messageFor] of endings)
      assert.deepEqual(
        react(event),
        parts.map((of) => ({ policy, ...toSection(of), message: messageFor(of), about: of.holdId })),
      )
  })

  it('gives back a part that came too late, and nothing else', () => {
    const message = { type: 'ReleaseHold', holdId: first.holdId }
    assert.deepEqual(react({ type: 'PartReturned', ...OF_CART, part: first }), [
      { policy: 'return-part', ...toSection(first), message, about: first.holdId },
    ])
  })

  it('refuses in the name of the command that opened the cart when a section did not answer', () => {
    const rejection = recorded({ code: 'PART_UNANSWERED' })
    assert.deepEqual(react({ type: 'CartOverdue', ...OF_CART, openedBy: OPENED_BY, attempt: 2, sectionId: STALLS }), [
      {
        policy: 'give-up-waiting',
        context: 'cart',
        key: keyOfId(CART),
        message: { type: 'RecordRefusal', cartId: CART, attempt: 2, sectionId: STALLS, rejection },
        correlationId: OPENED_BY,
      },
    ])
  })

  it('lets everything else pass', () => {
    for (const event of [cartOpened(CHOSEN), granted(1, first), denied(1, STALLS, 'NOT_ENOUGH_SEATS'), held(parts, 9_000)])
      assert.deepEqual(react(event), [])
  })
})
