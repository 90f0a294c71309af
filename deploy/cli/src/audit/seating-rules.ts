import type { Decision } from '@cavea/contracts/envelope'
import { type BlockId, blockIdOf, type CommandId, type HoldId, holdIdOf, placeOf, type SeatIndex } from '@cavea/contracts/ids'
import { bucketOf, partitionOf, sectionKey } from '@cavea/contracts/partitioning'
import type { SeatingEvent, SectionOpened } from '@cavea/contracts/seating/messages'
import type { Promised } from './catalog-rules.ts'
import { type Finding, finding, timeText } from './findings.ts'
import { areSameSeats, seatList } from './seats.ts'
import { DONE_BY, type Order, type SectionPart, type SectionParts } from './section-parts.ts'

type Status = 'held' | 'sold' | 'blocked'

/** Who has seats: a hold, sold or not, or a block. */
interface Claim {
  readonly id: string
  readonly section: Section
  readonly seats: readonly SeatIndex[]
  readonly buyer: string
  /** Null: it is a block, or a hold of its own. */
  readonly part: SectionPart | null
  status: Status
  expiresAtMs: number
}

interface Section {
  readonly key: string
  readonly organisation: string
  readonly seatCount: number
  revision: number
  readonly owners: (Claim | undefined)[]
  /** Moved by what the events say, and compared with the owners at the end. */
  readonly counts: Record<Status | 'free', number>
}

type EventOf<Type extends SeatingEvent['type']> = Extract<SeatingEvent, { readonly type: Type }>

/**
 * The seats of one partition, kept in tables of its own that are written from the rules and share no code with what
 * decided, so that one error cannot hide in both.
 */
export class SeatingRules {
  readonly #partition: number
  readonly #partitions: number
  readonly #promised: Promised
  readonly #parts: SectionParts
  readonly #sections = new Map<string, Section>()
  readonly #claims = new Map<string, Claim>()
  /** Ids that were made in the present millisecond. Ids carry their time, so older ones cannot come again. */
  readonly #recentIds = new Set<string>()
  #nowMs = Number.NEGATIVE_INFINITY
  /** Sections that the catalog does not list. */
  unlisted = 0

  constructor(partition: number, partitions: number, promised: Promised, parts: SectionParts) {
    this.#partition = partition
    this.#partitions = partitions
    this.#promised = promised
    this.#parts = parts
  }

  get sections(): number {
    return this.#sections.size
  }

  /** Counts over all sections, free ones included. */
  get seats(): Readonly<Record<Status | 'free', number>> {
    const sum = { free: 0, held: 0, sold: 0, blocked: 0 }
    for (const { counts } of this.#sections.values()) for (const status of STATUSES) sum[status] += counts[status]
    return sum
  }

  check(event: SeatingEvent, decision: Decision, offset: number): Finding | undefined {
    if (decision.atMs > this.#nowMs) this.#recentIds.clear()
    this.#nowMs = decision.atMs
    switch (event.type) {
      case 'SectionOpened':
        return this.#open(event)
      case 'SectionRevised': {
        const section = this.#sections.get(sectionKey(event.performanceId, event.sectionId))
        if (section === undefined) return notOpened(event)
        if (event.revision <= section.revision)
          return finding('I6', `revision ${event.revision} of section ${section.key} comes after revision ${section.revision}`)
        section.revision = event.revision
        return undefined
      }
      case 'SeatsHeld':
        return this.#hold(event, decision, offset)
      case 'PartRefused':
        return faultInRefusal(event, decision)
      case 'SeatsBlocked':
        return this.#block(event, decision)
      case 'HoldExtended':
        return this.#extend(event, decision, offset)
      case 'SeatsSold':
        return this.#sell(event, decision, offset)
      case 'HoldReleased':
        return this.#end(event, this.#running(event, decision, 'released'))
      case 'HoldExpired': {
        const claim = this.#held(event, 'expired')
        if ('status' in claim && claim.part !== null)
          return finding('I7', `${claim.id} expires, but it is a part of ${claim.part.held.cartId}, and parts have no time of their own`)
        if ('status' in claim && decision.atMs < claim.expiresAtMs)
          return finding('I7', `${claim.id} expires at ${timeText(decision.atMs)}, before its time, ${timeText(claim.expiresAtMs)}`)
        return this.#end(event, claim)
      }
      case 'SeatsUnblocked': {
        const block = this.#claims.get(event.blockId)
        if (block?.status !== 'blocked') return finding('I1', `it lifts ${event.blockId}, which blocks no seats`)
        return this.#end(event, block)
      }
      default:
        event satisfies never
        return undefined // Recorded by a later version: what it means for seats is unknown here.
    }
  }

  /** After each decision: what the system asked for and did not get done counts when carts and sections are compared. */
  decided({ envelope, events, commandOffset }: Decision, offset: number): void {
    if (envelope.actor.kind !== 'system' || !(envelope.commandType in DONE_BY)) return
    const order = envelope.commandType as Order
    if (events.some(({ type }) => type === DONE_BY[order])) return
    this.#parts.addIdle(envelope.causationId as CommandId, { order, partition: this.#partition, offset, commandOffset })
  }

  /** After the last record: the seats, counted one by one, must be as many as the events say. */
  recount(): Finding | undefined {
    for (const { key, seatCount, owners, counts } of this.#sections.values()) {
      const counted = { free: 0, held: 0, sold: 0, blocked: 0 }
      for (let seat = 0; seat < seatCount; seat++) counted[owners[seat]?.status ?? 'free']++
      const differing = STATUSES.find((status) => counted[status] !== counts[status])
      if (differing !== undefined)
        return finding('I6', `section ${key} has ${counted[differing]} seats ${differing}, but its events add up to ${counts[differing]}`)
      const sum = STATUSES.reduce((total, status) => total + counts[status], 0)
      if (sum !== seatCount) return finding('I6', `the seats of section ${key} add up to ${sum}, but its capacity is ${seatCount}`)
    }
    return undefined
  }

  /** After the last record: what is held or sold for carts. */
  handOver(): void {
    for (const { part } of this.#claims.values()) if (part !== null) this.#parts.add(part)
  }

  #open({ performanceId, sectionId, organisation, seatCount, revision }: SectionOpened): Finding | undefined {
    const key = sectionKey(performanceId, sectionId)
    if (this.#sections.has(key)) return finding('I1', `section ${key} is opened twice`)
    const home = partitionOf(bucketOf(key), this.#partitions)
    if (home !== this.#partition)
      return finding('I1', `section ${key} belongs to partition ${home}, where its seats may be given a second time`)
    if (!Number.isInteger(seatCount) || seatCount < 0) return finding('I6', `section ${key} is opened with ${seatCount} seats`)
    const promised = this.#promised.get(performanceId)
    if (promised === undefined) this.unlisted++
    else if (promised.streams.get(sectionId) !== seatCount)
      return finding(
        'I6',
        `section ${key} is opened with ${seatCount} seats, but its performance has ${promised.streams.get(sectionId) ?? 'none'} there`,
      )
    else if (promised.organisation !== organisation)
      return finding('I1', `section ${key} is opened for ${organisation}, but its performance is ${promised.organisation}'s`)
    const owners = new Array<Claim | undefined>(seatCount).fill(undefined)
    this.#sections.set(key, { key, organisation, seatCount, revision, owners, counts: { free: seatCount, held: 0, sold: 0, blocked: 0 } })
    return undefined
  }

  #hold(event: EventOf<'SeatsHeld'>, decision: Decision, offset: number): Finding | undefined {
    const { actor, commandId } = decision.envelope
    const { holdId, cartId, buyer } = event
    const fault = this.#newId(holdId, holdIdOf(decision.atMs, placeIn(event), commandId)) ?? faultInPart(event, decision)
    if (fault !== undefined) return fault
    if (actor.kind === 'buyer' && buyer !== actor.id) return finding('I1', `${actor.id} asked for ${holdId}, but ${buyer} gets it`)
    if (cartId === '') return this.#claim(event, { id: holdId, buyer, part: null, status: 'held', expiresAtMs: event.expiresAtMs })
    const part = { held: { ...event, cartId }, partition: this.#partition, heldAt: offset, soldAt: null, extended: null }
    return this.#claim(event, { id: holdId, buyer, part, status: 'held', expiresAtMs: Number.POSITIVE_INFINITY })
  }

  #block(event: EventOf<'SeatsBlocked'>, decision: Decision): Finding | undefined {
    const { blockId } = event
    const fault = this.#newId(blockId, blockIdOf(decision.atMs, placeIn(event), decision.envelope.commandId))
    return fault ?? this.#claim(event, { id: blockId, buyer: '', part: null, status: 'blocked', expiresAtMs: Number.POSITIVE_INFINITY })
  }

  /** Ids derive from the command, its time and its section, and commands are decided once, so no two are alike. */
  #newId(id: HoldId | BlockId, expected: string): Finding | undefined {
    if (this.#claims.has(id) || this.#recentIds.has(id)) return finding('I1', `the id ${id} is given a second time`)
    if (id !== expected) return finding('I1', `the id ${id} does not derive from the command that it was made for`)
    this.#recentIds.add(id)
    return undefined
  }

  #claim(event: EventOf<'SeatsHeld' | 'SeatsBlocked'>, made: Omit<Claim, 'section' | 'seats'>): Finding | undefined {
    const section = this.#sections.get(sectionKey(event.performanceId, event.sectionId))
    if (section === undefined) return notOpened(event)
    const claim: Claim = { ...made, section, seats: event.seats }
    if (event.seats.length === 0) return finding('I1', `${claim.id} has no seats`)
    for (const seat of event.seats) {
      if (!Number.isInteger(seat) || seat < 0 || seat >= section.seatCount)
        return finding('I6', `${claim.id} has seat ${seat} of section ${section.key}, whose ${section.seatCount} seats are numbered from 0`)
      const owner = section.owners[seat]
      if (owner === claim) return finding('I1', `${claim.id} has seat ${seat} of section ${section.key} twice`)
      if (owner !== undefined)
        return finding('I1', `seat ${seat} of section ${section.key} is given to ${claim.id}, but it is ${owner.status} by ${owner.id}`)
      section.owners[seat] = claim
    }
    this.#claims.set(claim.id, claim)
    section.counts.free -= event.seats.length
    section.counts[claim.status] += event.seats.length
    return undefined
  }

  #extend(event: EventOf<'HoldExtended'>, decision: Decision, offset: number): Finding | undefined {
    const claim = this.#running(event, decision, 'extended')
    if (!('status' in claim)) return claim
    const { id, part } = claim
    const { expiresAtMs: toMs, extensionsLeft } = event
    if (part === null) {
      if (toMs <= claim.expiresAtMs)
        return finding('I7', `${id} is extended to ${timeText(toMs)}, but it ran to ${timeText(claim.expiresAtMs)} already`)
      claim.expiresAtMs = toMs
      return undefined
    }
    if (extensionsLeft !== 0)
      return finding('I7', `${id} has ${extensionsLeft} extensions left, but it is a part of ${part.held.cartId}, which alone has some`)
    // Not before an earlier time of its cart. The section's first guess, by its own clock, may well have been later.
    if (part.extended !== null && toMs < part.extended.toMs)
      return finding('I7', `${id} is extended to ${timeText(toMs)}, but its cart had given it until ${timeText(part.extended.toMs)}`)
    part.extended = { toMs, at: offset }
    return undefined
  }

  #sell(event: EventOf<'SeatsSold'>, decision: Decision, offset: number): Finding | undefined {
    const claim = this.#running(event, decision, 'sold')
    if (!('status' in claim)) return claim
    const { actor, organisation } = decision.envelope
    if (actor.kind === 'buyer') return finding('I1', `${actor.id}, a buyer, sells ${claim.id}, which only its organiser may`)
    const fault = sameSeats(event, claim)
    if (fault !== undefined) return fault
    if (actor.kind === 'organiser' && organisation !== claim.section.organisation)
      return finding('I1', `${organisation} sells ${claim.id}, which is of ${claim.section.organisation}`)
    claim.status = 'sold'
    if (claim.part !== null) claim.part.soldAt = offset
    claim.section.counts.held -= event.seats.length
    claim.section.counts.sold += event.seats.length
    return undefined
  }

  /** The hold that an event names, unless it is none, was sold, or is another section's. */
  #held(event: EventOf<'HoldExtended' | 'SeatsSold' | 'HoldReleased' | 'HoldExpired'>, done: string): Claim | Finding {
    const claim = this.#claims.get(event.holdId)
    if (claim === undefined || claim.status === 'blocked')
      return finding('I1', `${event.holdId} is ${done}, but it was never granted or has ended`)
    if (claim.status === 'sold') return finding('I1', `${event.holdId} is ${done}, but its seats were sold before`)
    const key = sectionKey(event.performanceId, event.sectionId)
    if (claim.section.key !== key)
      return finding('I1', `${event.holdId} is ${done} in section ${key}, but its seats are in ${claim.section.key}`)
    return claim
  }

  /** The same, and its time is not over. */
  #running(event: EventOf<'HoldExtended' | 'SeatsSold' | 'HoldReleased'>, decision: Decision, done: string): Claim | Finding {
    const claim = this.#held(event, done)
    if (!('status' in claim)) return claim
    if (decision.atMs >= claim.expiresAtMs)
      return finding('I7', `${claim.id} is ${done} at ${timeText(decision.atMs)}, but it ran out at ${timeText(claim.expiresAtMs)}`)
    const { actor } = decision.envelope
    if (claim.part !== null && actor.kind !== 'system')
      return finding('I1', `${claim.id} is ${done} by ${actor.id}, but it is a part of ${claim.part.held.cartId}, which alone may`)
    if (actor.kind === 'buyer' && actor.id !== claim.buyer)
      return finding('I1', `${claim.id} is ${done} by ${actor.id}, but it is ${claim.buyer}'s`)
    return claim
  }

  #end(event: EventOf<'HoldReleased' | 'HoldExpired' | 'SeatsUnblocked'>, claim: Claim | Finding): Finding | undefined {
    if (!('status' in claim)) return claim
    const fault = sameSeats(event, claim)
    if (fault !== undefined) return fault
    const { section, status, id } = claim
    for (const seat of claim.seats) section.owners[seat] = undefined
    this.#claims.delete(id)
    section.counts[status] -= event.seats.length
    section.counts.free += event.seats.length
    return undefined
  }
}

const STATUSES = ['free', 'held', 'sold', 'blocked'] as const

/** Where a hold or block of a section lives, as its id says it. */
const placeIn = ({ performanceId, sectionId }: EventOf<'SeatsHeld' | 'SeatsBlocked'>) =>
  ({ kind: 'section', bucket: bucketOf(sectionKey(performanceId, sectionId)) }) as const

/** A hold is either one of its own, or a part that a cart asked for, for a try that it counts. */
function faultInPart({ holdId, cartId, attempt }: EventOf<'SeatsHeld'>, { envelope }: Decision): Finding | undefined {
  if (cartId !== '') return faultInAnswer(`${holdId} is a part`, cartId, attempt, envelope)
  return attempt === 0 ? undefined : finding('I1', `${holdId} answers attempt ${attempt}, but of no cart`)
}

/** A section refuses a part once, last in its decision, and says why. It changes nothing. */
function faultInRefusal(
  { cartId, attempt }: EventOf<'PartRefused'>,
  { envelope, outcome, rejection, events }: Decision,
): Finding | undefined {
  if (outcome !== 'rejected' || rejection === null)
    return finding('I1', `it refuses a part of ${cartId}, but its decision is ${outcome}: the cart cannot know why`)
  if (events.findIndex(({ type }) => type === 'PartRefused') !== events.length - 1)
    return finding('I1', `it refuses a part of ${cartId}, and goes on deciding after that`)
  return faultInAnswer('a part is refused', cartId, attempt, envelope)
}

function faultInAnswer(what: string, cartId: HoldId, attempt: number, { actor }: Decision['envelope']): Finding | undefined {
  if (placeOf(cartId)?.kind !== 'cart') return finding('I1', `${what} of ${cartId}, which is no cart`)
  if (!Number.isInteger(attempt) || attempt < 1) return finding('I1', `${what} of ${cartId} for attempt ${attempt}: carts count from 1`)
  if (actor.kind !== 'system') return finding('I1', `${what} of ${cartId} because ${actor.id} asked, but only the cart may`)
  return undefined
}

/** Seats that come back or are sold must be those that went. */
function sameSeats(event: EventOf<'SeatsSold' | 'HoldReleased' | 'HoldExpired' | 'SeatsUnblocked'>, claim: Claim): Finding | undefined {
  const { seats } = event
  const key = sectionKey(event.performanceId, event.sectionId)
  if (key !== claim.section.key) return finding('I1', `${claim.id} is of section ${claim.section.key}, not of ${key}`)
  if (areSameSeats(seats, claim.seats)) return undefined
  return finding(
    'I6',
    `${claim.id} has the seats ${seatList(claim.seats)}, but this is about ${seatList(seats)}: the sum of section ${key} is wrong`,
  )
}

const notOpened = (event: { readonly performanceId: string; readonly sectionId: string }): Finding =>
  finding('I6', `section ${sectionKey(event.performanceId, event.sectionId)} was never opened, so it has no capacity`)
