import type { Decision } from '@cavea/contracts/envelope'
import { type BlockId, blockIdOf, type HoldId, holdIdOf, placeOf, type SeatIndex } from '@cavea/contracts/ids'
import { bucketOf, partitionOf, sectionKey } from '@cavea/contracts/partitioning'
import type { SeatingEvent, SectionOpened } from '@cavea/contracts/seating/messages'
import type { PromisedSection } from './catalog-rules.ts'
import { type Finding, finding, timeText } from './findings.ts'

type Status = 'held' | 'sold' | 'blocked'

/** Who has seats: a hold, sold or not, or a block. */
interface Claim {
  readonly id: string
  readonly section: Section
  readonly seats: readonly SeatIndex[]
  readonly buyer: string
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
  readonly #promised: ReadonlyMap<string, PromisedSection>
  readonly #sections = new Map<string, Section>()
  readonly #claims = new Map<string, Claim>()
  /** Ids that were made in the present millisecond. Ids carry their time, so older ones cannot come again. */
  readonly #recentIds = new Set<string>()
  #nowMs = Number.NEGATIVE_INFINITY
  /** Sections that the catalog does not list. */
  unlisted = 0

  constructor(partition: number, partitions: number, promised: ReadonlyMap<string, PromisedSection>) {
    this.#partition = partition
    this.#partitions = partitions
    this.#promised = promised
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

  check(event: SeatingEvent, decision: Decision): Finding | undefined {
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
        return this.#hold(event, decision)
      case 'SeatsBlocked':
        return this.#block(event, decision)
      case 'HoldExtended': {
        const claim = this.#running(event, decision, 'extended')
        if (!('status' in claim)) return claim
        if (event.expiresAtMs <= claim.expiresAtMs)
          return finding(
            'I7',
            `${claim.id} is extended to ${timeText(event.expiresAtMs)}, but it ran to ${timeText(claim.expiresAtMs)} already`,
          )
        claim.expiresAtMs = event.expiresAtMs
        return undefined
      }
      case 'SeatsSold':
        return this.#sell(event, decision)
      case 'HoldReleased':
        return this.#end(event, this.#running(event, decision, 'released'))
      case 'HoldExpired': {
        const claim = this.#held(event, 'expired')
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

  #open({ performanceId, sectionId, organisation, seatCount, revision }: SectionOpened): Finding | undefined {
    const key = sectionKey(performanceId, sectionId)
    if (this.#sections.has(key)) return finding('I1', `section ${key} is opened twice`)
    const home = partitionOf(bucketOf(key), this.#partitions)
    if (home !== this.#partition)
      return finding('I1', `section ${key} belongs to partition ${home}, where its seats may be given a second time`)
    if (!Number.isInteger(seatCount) || seatCount < 0) return finding('I6', `section ${key} is opened with ${seatCount} seats`)
    const promised = this.#promised.get(key)
    if (promised === undefined) this.unlisted++
    else if (promised.seatCount !== seatCount)
      return finding('I6', `section ${key} is opened with ${seatCount} seats, but its performance has ${promised.seatCount} there`)
    else if (promised.organisation !== organisation)
      return finding('I1', `section ${key} is opened for ${organisation}, but its performance is ${promised.organisation}'s`)
    const owners = new Array<Claim | undefined>(seatCount).fill(undefined)
    this.#sections.set(key, { key, organisation, seatCount, revision, owners, counts: { free: seatCount, held: 0, sold: 0, blocked: 0 } })
    return undefined
  }

  #hold(event: EventOf<'SeatsHeld'>, decision: Decision): Finding | undefined {
    const { actor, commandId } = decision.envelope
    const place = placeOf(event.holdId)
    const expected = place && holdIdOf(decision.atMs, place, commandId)
    const fault = this.#newId(event.holdId, expected)
    if (fault !== undefined) return fault
    if (actor.kind === 'buyer' && event.buyer !== actor.id)
      return finding('I1', `${actor.id} asked for ${event.holdId}, but ${event.buyer} gets it`)
    return this.#claim(event, { id: event.holdId, buyer: event.buyer, status: 'held', expiresAtMs: event.expiresAtMs })
  }

  #block(event: EventOf<'SeatsBlocked'>, decision: Decision): Finding | undefined {
    const { commandId } = decision.envelope
    const place = placeOf(event.blockId)
    const fault = this.#newId(event.blockId, place && blockIdOf(decision.atMs, place, commandId))
    return fault ?? this.#claim(event, { id: event.blockId, buyer: '', status: 'blocked', expiresAtMs: Number.POSITIVE_INFINITY })
  }

  /** Ids derive from the command and its time, and commands are decided once, so no two are alike. */
  #newId(id: HoldId | BlockId, expected: string | undefined): Finding | undefined {
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

  #sell(event: EventOf<'SeatsSold'>, decision: Decision): Finding | undefined {
    const claim = this.#running(event, decision, 'sold')
    if (!('status' in claim)) return claim
    const { actor, organisation } = decision.envelope
    if (actor.kind === 'buyer') return finding('I1', `${actor.id}, a buyer, sells ${claim.id}, which only its organiser may`)
    const fault = sameSeats(event, claim)
    if (fault !== undefined) return fault
    if (actor.kind === 'organiser' && organisation !== claim.section.organisation)
      return finding('I1', `${organisation} sells ${claim.id}, which is of ${claim.section.organisation}`)
    claim.status = 'sold'
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

/** Seats that come back or are sold must be those that went. */
function sameSeats(event: EventOf<'SeatsSold' | 'HoldReleased' | 'HoldExpired' | 'SeatsUnblocked'>, claim: Claim): Finding | undefined {
  const { seats } = event
  const key = sectionKey(event.performanceId, event.sectionId)
  if (key !== claim.section.key) return finding('I1', `${claim.id} is of section ${claim.section.key}, not of ${key}`)
  const had = new Set(claim.seats)
  if (seats.length === had.size && new Set(seats).size === had.size && seats.every((seat) => had.has(seat))) return undefined
  return finding(
    'I6',
    `${claim.id} has the seats ${list(claim.seats)}, but this is about ${list(seats)}: the sum of section ${key} is wrong`,
  )
}

const SHOWN_MAX = 12
const list = (seats: readonly number[]): string => `${seats.slice(0, SHOWN_MAX).join(', ')}${seats.length > SHOWN_MAX ? ', …' : ''}`

const notOpened = (event: { readonly performanceId: string; readonly sectionId: string }): Finding =>
  finding('I6', `section ${sectionKey(event.performanceId, event.sectionId)} was never opened, so it has no capacity`)
