import type { CatalogEvent, MapSeat, PerformanceTerms } from '@cavea/contracts/catalog/messages'
import type { Codec } from '@cavea/contracts/codec'
import type { EncodedMessage } from '@cavea/contracts/envelope'
import {
  type CommandId,
  commandIdOf,
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
import { emptyHead, type Head, headAfter } from '@cavea/contracts/ledger'
import { bucketOf, partitionOf, sectionKey } from '@cavea/contracts/partitioning'
import type { SeatingEvent, SectionTerms } from '@cavea/contracts/seating/messages'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import type { EventLog } from '@cavea/event-log/port'

export const START_MS = 1_790_000_000_000
export const ORGANISATION = 'org_default'

/** What a decision was recorded as. */
export interface Recorded {
  readonly partition: number
  readonly commandOffset: number
  /** The version token of an answer to it. */
  readonly token: string
  /** The record as appended, to be appended again: then it is void. */
  readonly value: Buffer
}

/** Writes decisions into a log as the one owner of every partition would, each linked to the one before. */
export interface ScriptedLedger {
  catalog(events: readonly CatalogEvent[], organisation?: string): Promise<Recorded>
  seating(performanceId: string, sectionId: string, events: readonly SeatingEvent[], atMs?: number): Promise<Recorded>
  /** Appends bytes that nobody's rule allows, such as a record that links but breaks the order. */
  raw(context: Context, partition: number, value: Buffer): Promise<void>
  /** A record that links to the head although its command was decided before. */
  outOfOrder(context: Context, partition: number): Buffer
}

interface Tip {
  head: Head
  commandOffset: number
}

export function scriptLedger(deps: {
  readonly log: EventLog
  readonly codec: Codec
  readonly topicPrefix: string
  readonly partitions: number
}): ScriptedLedger {
  const tips = new Map<string, Tip>()
  let commands = 0

  function tipOf(topic: string, partition: number): Tip {
    const key = `${topic}/${partition}`
    const tip = tips.get(key) ?? { head: emptyHead(topic, partition), commandOffset: -1 }
    tips.set(key, tip)
    return tip
  }

  function encode(head: Head, commandOffset: number, atMs: number, events: readonly EncodedMessage[]): Buffer {
    const commandId = commandIdOf('script', String(commands++))
    return deps.codec.encodeDecision({
      link: head,
      envelope: {
        commandId,
        commandType: 'Scripted',
        actor: { kind: 'system', id: 'script' },
        organisation: ORGANISATION,
        bodyHash: '',
        causationId: '',
        correlationId: commandId,
        traceparent: '',
      },
      commandOffset,
      atMs: epochMillis(atMs),
      ruleVersion: 1,
      outcome: 'accepted',
      duplicateOf: null,
      rejection: null,
      events,
    })
  }

  async function record(context: Context, key: string, events: readonly { readonly type: string }[], atMs: number): Promise<Recorded> {
    const topic = topicsOf(context, deps.topicPrefix).events
    const partition = partitionOf(bucketOf(key), deps.partitions)
    const tip = tipOf(topic, partition)
    const commandOffset = tip.commandOffset + 2 // Command topics may have gaps.
    const value = encode(
      tip.head,
      commandOffset,
      atMs,
      events.map((event) => deps.codec.encodeMessage(context, event)),
    )
    tip.head = headAfter(value)
    tip.commandOffset = commandOffset
    await deps.log.append(topic, partition, [value])
    return { partition, commandOffset, token: `${context}/${partition}/${commandOffset}`, value }
  }

  return {
    catalog: (events, organisation = ORGANISATION) => record('catalog', organisation, events, START_MS),
    seating: (performanceId, sectionId, events, atMs = START_MS) => record('seating', sectionKey(performanceId, sectionId), events, atMs),
    async raw(context, partition, value) {
      await deps.log.append(topicsOf(context, deps.topicPrefix).events, partition, [value])
    },
    outOfOrder(context, partition) {
      const { head, commandOffset } = tipOf(topicsOf(context, deps.topicPrefix).events, partition)
      return encode(head, commandOffset, START_MS, [])
    },
  }
}

export const PERFORMANCE_TERMS: PerformanceTerms = {
  saleStartsAtMs: null,
  saleEndsAtMs: null,
  holdTtlMs: 600_000,
  extensionMs: 600_000,
  holdMaxMs: 1_800_000,
  seatsPerHoldMax: 10,
  purchaseLimit: null,
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
  orphanRule: 'off',
}

/** A hall of two sections, stalls (Gold, rows A and B) and balcony (Silver), and one performance in it. */
export interface ScriptedHall {
  readonly venueId: VenueId
  readonly seatMapId: SeatMapId
  readonly performanceId: PerformanceId
  readonly seatCount: number
  readonly catalogEvents: readonly CatalogEvent[]
  readonly opened: CatalogEvent
  open(sectionId: string): SeatingEvent
  holdId(name: string, sectionId: string): HoldId
  held(name: string, sectionId: string, seats: readonly number[], buyer: string): SeatingEvent
  released(name: string, sectionId: string, seats: readonly number[]): SeatingEvent
  sold(name: string, sectionId: string, seats: readonly number[]): SeatingEvent
}

export function scriptHall(name: string, seatCount = 4, organisation = ORGANISATION): ScriptedHall {
  const at: EpochMillis = epochMillis(START_MS)
  const id = (what: string): CommandId => commandIdOf(name, what)
  const venueId = venueIdOf(at, id('venue'))
  const seatMapId = seatMapIdOf(at, id('map'))
  const performanceId = performanceIdOf(at, id('performance'))
  const sections = ['stalls', 'balcony'].map((sectionId) => ({
    sectionId: sectionId as SectionId,
    name: sectionId.toUpperCase(),
    seatCount,
  }))
  const seatsOf = (sectionId: string, row: string, count: number): MapSeat[] =>
    Array.from({ length: count }, (_, at) => ({
      seatId: `${sectionId}-${row}-${at + 1}`,
      number: String(at + 1),
      x: at * 10,
      y: 5.5,
      category: sectionId === 'stalls' ? 'Gold' : 'Silver',
      type: 'standard',
      extras: '',
    }))
  const half = Math.ceil(seatCount / 2)
  const holdId = (hold: string, sectionId: string): HoldId =>
    holdIdOf(at, { kind: 'section', bucket: bucketOf(sectionKey(performanceId, sectionId)) }, id(hold))
  const inHold = (hold: string, sectionId: string, seats: readonly number[]) => ({
    performanceId,
    sectionId: sectionId as SectionId,
    holdId: holdId(hold, sectionId),
    seats: seats.map(seatIndex),
  })
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
        sections: sections.map((section) => ({ ...section, extras: '' })),
        parts: 2,
        extras: '',
      },
      ...sections.map(({ sectionId }, part): CatalogEvent => {
        const rows = [
          { label: 'A', seats: seatsOf(sectionId, 'A', half), extras: '' },
          { label: 'B', seats: seatsOf(sectionId, 'B', seatCount - half), extras: '' },
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
    open: (sectionId) => ({
      type: 'SectionOpened',
      performanceId,
      sectionId: sectionId as SectionId,
      organisation,
      revision: 1,
      seatCount,
      terms: SECTION_TERMS,
      geometry: { row: [], x: [], y: [], categories: [], category: [], type: [], focalX: 0, focalY: 0 }, // Reads say where seats lie by the map.
    }),
    holdId,
    held: (hold, sectionId, seats, buyer) => ({
      type: 'SeatsHeld',
      ...inHold(hold, sectionId, seats),
      buyer,
      expiresAtMs: epochMillis(START_MS + 600_000),
      extensionsLeft: 1,
      priceRevision: 1,
      step: '',
    }),
    released: (hold, sectionId, seats) => ({ type: 'HoldReleased', ...inHold(hold, sectionId, seats) }),
    sold: (hold, sectionId, seats) => ({ type: 'SeatsSold', ...inHold(hold, sectionId, seats), priceRevision: 1 }),
  }
}
