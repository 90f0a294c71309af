import type { CartEvent, CartHeld, CartPart } from '@cavea/contracts/cart/messages'
import type { CatalogEvent, MapRow, MapSeat, PerformanceTerms, SectionSummary } from '@cavea/contracts/catalog/messages'
import {
  type CommandId,
  commandIdOf,
  derivedKey,
  type EpochMillis,
  epochMillis,
  type HoldId,
  holdIdOf,
  type PerformanceId,
  performanceIdOf,
  type SeatMapId,
  type SectionId,
  seatIndex,
  seatMapIdOf,
  type VenueId,
  venueIdOf,
} from '@cavea/contracts/ids'
import { bucketOf, sectionKey } from '@cavea/contracts/partitioning'
import type { SeatingEvent, SectionGeometry, SectionTerms } from '@cavea/contracts/seating/messages'
import { shardsFor, streamsOf } from '@cavea/contracts/streams'
import { START_MS } from '@cavea/event-log/testing/scripted-chains'

export const ORGANISATION = 'org_default'

export const PERFORMANCE_TERMS: PerformanceTerms = {
  saleStartsAtMs: null,
  saleEndsAtMs: null,
  holdTtlMs: 600_000,
  extensionMs: 600_000,
  holdMaxMs: 1_800_000,
  seatsPerHoldMax: 10,
  purchaseLimit: null,
  sectionLimit: null,
  orphanRule: 'off',
  prices: [
    { category: 'Gold', ticketType: '', amount: 125_000 },
    { category: 'Silver', ticketType: '', amount: 80_000 },
  ],
}

const SECTION_TERMS: SectionTerms = {
  priceRevision: 1,
  saleStartsAtMs: null,
  saleEndsAtMs: null,
  holdTtlMs: 600_000,
  extensionMs: 600_000,
  extensions: 1,
  holdMaxMs: 1_800_000,
  seatsPerHoldMax: 10,
  purchaseLimit: null,
  sectionLimit: null,
  orphanRule: 'off',
}

/** Reads say where seats lie by the map. */
export const NO_GEOMETRY: SectionGeometry = {
  row: [],
  x: [],
  y: [],
  categories: [],
  category: [],
  type: [],
  focalX: 0,
  focalY: 0,
  aisles: [],
  joined: [],
  tables: [],
  wholeTables: [],
}

/**
 * A hall of two sections, stalls (Gold, rows A and B) and balcony (Silver), and one performance in it. With places to
 * stand it has a floor too (Silver).
 */
export interface ScriptedHall {
  readonly venueId: VenueId
  readonly seatMapId: SeatMapId
  readonly performanceId: PerformanceId
  readonly seatCount: number
  readonly catalogEvents: readonly CatalogEvent[]
  readonly opened: CatalogEvent
  /** Its sections, and the shards of its floor in the place of it. */
  readonly streamIds: readonly string[]
  open(streamId: string): SeatingEvent
  holdId(name: string, streamId: string): HoldId
  held(name: string, streamId: string, seats: readonly number[], buyer: string): SeatingEvent
  released(name: string, streamId: string, seats: readonly number[]): SeatingEvent
  sold(name: string, streamId: string, seats: readonly number[]): SeatingEvent
  cartId(name: string): HoldId
  /** What a stream holds for a cart, under a hold of that name. */
  part(name: string, streamId: string, seats: readonly number[], priceRevision?: number): CartPart
  partHeld(cart: string, part: CartPart, buyer: string): SeatingEvent
  cartHeld(name: string, parts: readonly CartPart[], buyer: string): CartHeld
  cartExtended(name: string, parts: readonly CartPart[], expiresAtMs: number): CartEvent
  cartEnded(type: 'CartReleased' | 'CartExpired' | 'CartSold', name: string, parts: readonly CartPart[]): CartEvent
}

export function scriptHall(name: string, seatCount = 4, organisation = ORGANISATION, standing = 0): ScriptedHall {
  const at: EpochMillis = epochMillis(START_MS)
  const id = (what: string): CommandId => commandIdOf(name, what)
  const venueId = venueIdOf(at, id('venue'))
  const seatMapId = seatMapIdOf(at, id('map'))
  const performanceId = performanceIdOf(at, id('performance'))
  const seated = ['stalls', 'balcony'].map((sectionId) => summaryOf(sectionId, seatCount, 0))
  const sections = standing === 0 ? seated : [...seated, summaryOf('floor', standing, shardsFor(standing))]
  const streams = sections.flatMap(streamsOf)
  const seatsOf = (sectionId: string, row: string, count: number): MapSeat[] =>
    Array.from({ length: count }, (_, at) => ({
      seatId: `${sectionId}-${row}-${at + 1}`,
      number: String(at + 1),
      x: at * 10,
      y: 5.5,
      category: sectionId === 'stalls' ? 'Gold' : 'Silver',
      type: 'standard',
      aisleAfter: null,
      extras: '',
    }))
  const half = Math.ceil(seatCount / 2)
  const holdId = (hold: string, streamId: string): HoldId =>
    holdIdOf(at, { kind: 'section', bucket: bucketOf(sectionKey(performanceId, streamId)) }, id(hold))
  const cartId = (cart: string): HoldId => holdIdOf(at, { kind: 'cart', bucket: bucketOf(derivedKey(id(cart))) }, id(cart))
  const inHold = (hold: string, streamId: string, seats: readonly number[]) => ({
    performanceId,
    sectionId: streamId as SectionId,
    holdId: holdId(hold, streamId),
    seats: seats.map(seatIndex),
  })
  const untilMs = { expiresAtMs: epochMillis(START_MS + 600_000), extensionsLeft: 1 }
  return {
    venueId,
    seatMapId,
    performanceId,
    seatCount,
    catalogEvents: [
      {
        type: 'VenueCreated',
        venueId,
        organisation,
        name,
        timeZone: 'Europe/Berlin',
        address: { street: 's', city: 'c', postalCode: 'p', country: 'DE' },
      },
      {
        type: 'SeatMapDrafted',
        seatMapId,
        organisation,
        venueId,
        name,
        categories: [
          { name: 'Gold', color: '#ffcc00' },
          { name: 'Silver', color: '' },
        ],
        sections: sections.map(({ sectionId, name, seatCount, shards }) => {
          return { sectionId, name, seatCount, standing: shards === 0 ? null : { category: 'Silver', bounds: null }, extras: '' }
        }),
        focalPoint: null,
        parts: 2,
        extras: '',
      },
      ...seated.map(({ sectionId }, part): CatalogEvent => {
        const rows: MapRow[] = [
          { label: 'A', table: '', seats: seatsOf(sectionId, 'A', half), extras: '' },
          { label: 'B', table: '', seats: seatsOf(sectionId, 'B', seatCount - half), extras: '' },
        ]
        return { type: 'SeatMapPartAdded', seatMapId, part, sectionId, rows }
      }),
      { type: 'SeatMapPublished', seatMapId, venueId, version: 1, sections },
      {
        type: 'PerformanceScheduled',
        performanceId,
        organisation,
        venueId,
        seatMapId,
        name,
        startsAtMs: epochMillis(START_MS + 86_400_000),
        endsAtMs: null,
        currency: 'VND',
        sections,
        revision: 1,
        priceRevision: 1,
        terms: PERFORMANCE_TERMS,
      },
    ],
    opened: { type: 'PerformanceOpened', performanceId },
    streamIds: streams.map(({ sectionId }) => sectionId),
    open: (streamId) => ({
      type: 'SectionOpened',
      performanceId,
      sectionId: streamId as SectionId,
      organisation,
      revision: 1,
      seatCount: streams.find(({ sectionId }) => sectionId === streamId)?.seatCount ?? 0,
      terms: SECTION_TERMS,
      geometry: NO_GEOMETRY,
    }),
    holdId,
    held: (hold, streamId, seats, buyer) => ({
      type: 'SeatsHeld',
      ...inHold(hold, streamId, seats),
      ...untilMs,
      buyer,
      priceRevision: 1,
      step: '',
      cartId: '',
      attempt: 0,
    }),
    released: (hold, streamId, seats) => ({ type: 'HoldReleased', ...inHold(hold, streamId, seats) }),
    sold: (hold, streamId, seats) => ({ type: 'SeatsSold', ...inHold(hold, streamId, seats), priceRevision: 1 }),
    cartId,
    part: (hold, streamId, seats, priceRevision = 1) => {
      return { holdId: holdId(hold, streamId), sectionId: streamId as SectionId, seats: seats.map(seatIndex), step: '', priceRevision }
    },
    partHeld: (cart, part, buyer) => ({
      type: 'SeatsHeld',
      performanceId,
      ...part,
      ...untilMs,
      extensionsLeft: 0,
      buyer,
      cartId: cartId(cart),
      attempt: 1,
    }),
    cartHeld: (cart, parts, buyer) => {
      return { type: 'CartHeld', holdId: cartId(cart), performanceId, organisation, buyer, parts, ...untilMs }
    },
    cartExtended: (cart, parts, expiresAtMs) => {
      return {
        type: 'CartExtended',
        holdId: cartId(cart),
        performanceId,
        parts,
        expiresAtMs: epochMillis(expiresAtMs),
        extensionsLeft: 0,
      }
    },
    cartEnded: (type, cart, parts) => ({ type, holdId: cartId(cart), performanceId, parts }),
  }
}

function summaryOf(sectionId: string, seatCount: number, shards: number): SectionSummary {
  return { sectionId: sectionId as SectionId, name: sectionId.toUpperCase(), seatCount, shards, focalDistance: 0 }
}
