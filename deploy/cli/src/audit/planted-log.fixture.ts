import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Codec, createCodec } from '@cavea/contracts/codec'
import type { Actor, Decision } from '@cavea/contracts/envelope'
import {
  commandIdOf,
  epochMillis,
  type HoldId,
  holdIdOf,
  type PerformanceId,
  performanceIdOf,
  type SectionId,
  seatMapIdOf,
  venueIdOf,
} from '@cavea/contracts/ids'
import { type Head, headAfter, startOfChain } from '@cavea/contracts/ledger'
import { bucketOf, sectionKey } from '@cavea/contracts/partitioning'
import { SUBJECTS } from '@cavea/contracts/subjects'
import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { inProcessRegistry, schemaId } from '@cavea/event-log/registry/in-process'
import { type AuditDeps, type AuditOptions, type AuditReport, verifyLog } from './verify.ts'

export const ORGANISATION = 'org_1'
export const ORGANISER: Actor = { kind: 'organiser', id: 'organiser_1' }
export const BUYER: Actor = { kind: 'buyer', id: 'buyer_1' }
export const SYSTEM: Actor = { kind: 'system', id: 'policy' }
export const SECTION = 'stalls' as SectionId
export const START_MS = Date.UTC(2030, 0, 1)
export const HOLD_MS = 600_000
export const CAPACITY = 10
/** A standing area of two shards, with three places and two. */
export const FLOOR = 'floor' as SectionId
export const [FLOOR_0, FLOOR_1] = ['floor~0' as SectionId, 'floor~1' as SectionId]
const PLACES = 5

const PARTITION = 0
export const TERMS = {
  priceRevision: 1,
  saleStartsAtMs: null,
  saleEndsAtMs: null,
  holdTtlMs: HOLD_MS,
  extensionMs: HOLD_MS,
  extensions: 1,
  holdMaxMs: 3 * HOLD_MS,
  seatsPerHoldMax: 10,
  purchaseLimit: null,
  sectionLimit: null,
  orphanRule: 'off',
}
/** How the seats lie is no matter here. */
export const GEOMETRY = {
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

export type Recorded = Partial<Omit<Decision, 'envelope' | 'events' | 'atMs'>> & {
  readonly commandId?: string
  readonly actor?: Actor
  readonly organisation?: string
  readonly bodyHash?: string
  readonly commandType?: string
  readonly causationId?: string
  /** Its own id when it is not given. */
  readonly correlationId?: string
}

export type Message = { readonly type: string } & Readonly<Record<string, unknown>>

export const codecOfThisBuild = (): Codec => createCodec((subject) => schemaId(subject, SUBJECTS.get(subject) as object))

/**
 * A log of one partition per topic, written decision by decision with the codec and the chain and without any decider,
 * so that it can say what no decider would.
 */
export class PlantedLog {
  readonly codec: Codec
  /** The records of the events topics, to be altered as a test likes. */
  readonly records: Record<Context, Buffer[]> = { catalog: [], seating: [], cart: [] }
  /** Commands of seating, by their offsets. What stands between them can be read by nobody. */
  readonly commands = new Map<number, Buffer>()
  readonly performanceId: PerformanceId
  /** Log time in milliseconds since the beginning. */
  now = 0
  readonly #heads = new Map<Context, Head>()
  readonly #commandOffsets = new Map<Context, number>()

  constructor(codec: Codec = codecOfThisBuild()) {
    this.codec = codec
    for (const context of CONTEXTS) this.#heads.set(context, startOfChain(topicsOf(context).events, PARTITION).head)
    this.performanceId = this.#schedule()
  }

  /** Records one decision that counts, and answers its offset. */
  record(context: Context, events: readonly Message[], recorded: Recorded = {}): number {
    const value = this.encode(context, events, recorded)
    this.#heads.set(context, headAfter(value))
    return this.records[context].push(value) - 1
  }

  /** A decision that links to the present head, without its being in the log. */
  encode(context: Context, events: readonly Message[], recorded: Recorded): Buffer {
    const { commandId, actor, organisation, bodyHash, commandType, causationId, correlationId, ...decision } = recorded
    const commandOffset = decision.commandOffset ?? (this.#commandOffsets.get(context) ?? -1) + 1
    if (decision.outcome !== 'started') this.#commandOffsets.set(context, commandOffset)
    const id = commandIdOf(commandId ?? `${context} ${commandOffset}`)
    const envelope = {
      commandId: id,
      commandType: commandType ?? 'Planted',
      actor: actor ?? SYSTEM,
      organisation: organisation ?? ORGANISATION,
      bodyHash: bodyHash ?? '',
      causationId: causationId ?? '',
      correlationId: correlationId ?? id,
      traceparent: '',
    }
    return this.codec.encodeDecision({
      link: this.head(context),
      envelope,
      atMs: epochMillis(START_MS + this.now),
      ruleVersion: 1,
      reactedTo: 0,
      outcome: 'accepted',
      duplicateOf: null,
      rejection: null,
      ...decision,
      commandOffset,
      events: events.map((event) => this.codec.encodeMessage(context, event)),
    })
  }

  head(context: Context): Head {
    return this.#heads.get(context) ?? ('' as Head)
  }

  open(sectionId: SectionId = SECTION, seatCount = CAPACITY): number {
    const { performanceId } = this
    return this.record('seating', [
      {
        type: 'SectionOpened',
        performanceId,
        sectionId,
        organisation: ORGANISATION,
        revision: 1,
        seatCount,
        terms: TERMS,
        geometry: GEOMETRY,
      },
    ])
  }

  hold(seats: readonly number[], recorded: Recorded = {}): HoldId {
    return this.holdAs(seats, recorded).holdId
  }

  holdAs(seats: readonly number[], recorded: Recorded = {}): { readonly holdId: HoldId; readonly offset: number } {
    const commandId = recorded.commandId ?? `hold ${this.records.seating.length}`
    const holdId = holdIdOf(epochMillis(START_MS + this.now), this.place(), commandIdOf(commandId))
    const offset = this.record('seating', [this.held(holdId, seats)], {
      actor: BUYER,
      organisation: '',
      commandType: 'HoldSeats',
      ...recorded,
      commandId,
    })
    return { holdId, offset }
  }

  held(holdId: HoldId, seats: readonly number[]): Message {
    const expiresAtMs = START_MS + this.now + HOLD_MS
    return {
      type: 'SeatsHeld',
      ...this.section(),
      holdId,
      buyer: BUYER.id,
      seats,
      expiresAtMs,
      extensionsLeft: 1,
      priceRevision: 1,
      step: '',
      cartId: '',
      attempt: 0,
    }
  }

  section(sectionId: SectionId = SECTION): { readonly performanceId: PerformanceId; readonly sectionId: SectionId } {
    return { performanceId: this.performanceId, sectionId }
  }

  place(sectionId: SectionId = SECTION) {
    return { kind: 'section', bucket: bucketOf(sectionKey(this.performanceId, sectionId)) } as const
  }

  /** Writes the records into an embedded log, opens that as a second process would, and audits it. */
  audit(options: AuditOptions = {}): Promise<AuditReport> {
    return withLog(this.records, (deps) => verifyLog(deps, options), this.commands)
  }

  #schedule(): PerformanceId {
    const named = (what: string) => commandIdOf(what)
    const venueId = venueIdOf(epochMillis(START_MS), named('venue'))
    const seatMapId = seatMapIdOf(epochMillis(START_MS), named('map'))
    const performanceId = performanceIdOf(epochMillis(START_MS), named('performance'))
    const ours = { organisation: ORGANISATION, venueId }
    const summary = { shards: 0, focalDistance: 0 }
    const seated = [SECTION, 'circle' as SectionId].map((sectionId) => ({ ...summary, sectionId, name: sectionId, seatCount: CAPACITY }))
    const sections = [...seated, { ...summary, sectionId: FLOOR, name: FLOOR, seatCount: PLACES, shards: 2 }]
    const seat = (number: number) => ({
      seatId: `A-${number}`,
      number: `${number}`,
      x: number,
      y: 0,
      category: 'A',
      type: 'standard',
      aisleAfter: null,
      extras: '',
    })
    const rows = [{ label: 'A', table: '', seats: Array.from({ length: CAPACITY }, (_, number) => seat(number)), extras: '' }]
    const address = { street: '', city: '', postalCode: '', country: 'ZZ' }
    this.record('catalog', [{ type: 'VenueCreated', ...ours, name: 'Hall', timeZone: 'UTC', address }])
    const drafted = sections.map((section) => ({
      ...section,
      standing: section.shards === 0 ? null : { category: 'A', bounds: null },
      extras: '',
    }))
    const categories = [{ name: 'A', color: '' }]
    this.record('catalog', [
      { type: 'SeatMapDrafted', seatMapId, ...ours, name: 'Map', categories, sections: drafted, focalPoint: null, parts: 2, extras: '' },
    ])
    for (const [part, { sectionId }] of seated.entries())
      this.record('catalog', [{ type: 'SeatMapPartAdded', seatMapId, part, sectionId, rows }])
    this.record('catalog', [{ type: 'SeatMapPublished', seatMapId, venueId, version: 1, sections }])
    const { extensions: _, priceRevision, ...limits } = TERMS
    const terms = { ...limits, prices: [{ category: 'A', ticketType: '', amount: 100 }] }
    const occasion = { name: 'Play', startsAtMs: START_MS, endsAtMs: null, currency: 'EUR', sections, revision: 1, priceRevision, terms }
    this.record('catalog', [{ type: 'PerformanceScheduled', performanceId, seatMapId, ...ours, ...occasion }])
    return performanceId
  }
}

/** Hands the records to `use` as a log in a temporary folder, which is gone afterwards. */
export async function withLog<Result>(
  records: Readonly<Record<Context, readonly Buffer[]>>,
  use: (deps: AuditDeps) => Promise<Result>,
  seatingCommands: ReadonlyMap<number, Buffer> = new Map(),
): Promise<Result> {
  const dir = await mkdtemp(join(tmpdir(), 'cavea-audit-'))
  try {
    const writer = await openEmbeddedLog({ dir })
    for (const context of CONTEXTS) {
      const { commands, events } = topicsOf(context)
      await writer.ensureTopics([commands, events].map((topic) => ({ topic, partitions: 1 })))
      if (records[context].length > 0) await writer.append(events, PARTITION, records[context])
    }
    const commandsEnd = Math.max(-1, ...seatingCommands.keys()) + 1
    const commands = Array.from({ length: commandsEnd }, (_, offset) => seatingCommands.get(offset) ?? Buffer.from('no command'))
    if (commandsEnd > 0) await writer.append(topicsOf('seating').commands, PARTITION, commands)
    await writer.close()
    return await reading(dir, use)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Opens the log in a folder read-only. */
export async function reading<Result>(dir: string, use: (deps: AuditDeps) => Promise<Result>): Promise<Result> {
  const log = await openEmbeddedLog({ dir, readOnly: true })
  try {
    const registry = inProcessRegistry([...SUBJECTS].map(([subject, schema]) => ({ subject, schema: schema as object })))
    return await use({ log, codec: codecOfThisBuild(), registry, topicPrefix: '' })
  } finally {
    await log.close()
  }
}
