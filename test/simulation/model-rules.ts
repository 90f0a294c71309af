import type { Actor } from '@cavea/contracts/envelope'
import type { RecordedRejection } from '@cavea/contracts/rejections'
import type { HoldBestAvailable, SeatsHeld, SectionTerms } from '@cavea/contracts/seating/messages'
import { expect } from './invariants.ts'

/** A command with what was decided about it. */
export interface Case<Command, Event> {
  readonly command: Command
  readonly commandId: string
  readonly actor: Actor
  readonly organisation: string
  readonly nowMs: number
  readonly events: readonly Event[]
  readonly rejection: RecordedRejection | null
}

export interface ModelHold {
  readonly holdId: string
  readonly section: ModelSection
  readonly buyer: string
  readonly seats: readonly number[]
  readonly cartId: string
  readonly attempt: number
  /** Seats that the buyer had in the section once these were granted. */
  readonly have: number
  readonly heldAtMs: number
  readonly priceRevision: number
  untilMs: number
  extensionsLeft: number
  status: 'held' | 'sold' | 'released' | 'expired'
}

export interface ModelBlock {
  readonly blockId: string
  readonly section: ModelSection
  readonly seats: readonly number[]
}

export interface ModelSection {
  readonly key: string
  readonly sectionId: string
  readonly organisation: string
  readonly categories: readonly string[]
  /** Which table that is sold whole a seat is at; -1: none. */
  readonly table: readonly number[]
  readonly isStanding: boolean
  /** By seat: who has it, as recorded. */
  readonly owner: (ModelHold | ModelBlock | null)[]
  terms: SectionTerms
  revision: number
}

export const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, at) => value === b[at])

/** Time passes by itself: a hold whose time is over is over, whoever has noticed. A part of a cart has no time of its own. */
export const hasLapsed = (hold: ModelHold, nowMs: number): boolean => hold.status === 'held' && hold.cartId === '' && nowMs >= hold.untilMs

export function isFree({ owner }: ModelSection, seat: number, nowMs: number): boolean {
  const by = owner[seat]
  return by === null || (by !== undefined && 'holdId' in by && hasLapsed(by, nowMs))
}

export const areWrong = (seats: readonly number[], { owner }: ModelSection): boolean =>
  seats.length === 0 || new Set(seats).size < seats.length || seats.some((seat) => !(seat >= 0 && seat < owner.length))

/** Whether the seats take some chairs of a table that is sold whole, and leave others. */
export function breaksTable({ table }: ModelSection, seats: readonly number[]): boolean {
  const touched = new Set(seats.map((seat) => table[seat] ?? -1).filter((number) => number >= 0))
  return table.some((number, seat) => touched.has(number) && !seats.includes(seat))
}

/**
 * The decision must be a refusal for one of the reasons that there are, or where there is none do what was asked for.
 * `may` are reasons that the model cannot judge. `type` is the event that does it; empty: there is nothing to do.
 */
export function agree(
  { events, rejection, commandId }: Case<unknown, { readonly type: string }>,
  reasons: ReadonlySet<string>,
  type: string,
  may: ReadonlySet<string> = NONE,
): void {
  if (rejection !== null) {
    expect(
      reasons.has(rejection.code) || may.has(rejection.code),
      () => `${commandId} is refused for ${rejection.code}, and the reasons are: ${[...reasons].join() || 'none'}.`,
    )
    const wrong = events.find((event) => event.type !== 'HoldExpired' && event.type !== 'PartRefused' && event.type !== 'CartExpired')
    expect(wrong === undefined, () => `${commandId} is refused and ${wrong?.type} all the same.`)
    return
  }
  expect(reasons.size === 0, () => `${commandId} is accepted in spite of ${[...reasons].join()}.`)
  const done = events.filter((event) => event.type !== 'HoldExpired').map((event) => event.type)
  expect(done.join() === type, () => `${commandId} is to have ${type || 'nothing'} done and has ${done.join() || 'nothing'}.`)
}

/** Buyers' holds are for sale from the first moment of the window up to, not including, its last. */
export const isOnSale = ({ saleStartsAtMs, saleEndsAtMs }: SectionTerms, nowMs: number): boolean =>
  nowMs >= (saleStartsAtMs ?? nowMs) && nowMs < (saleEndsAtMs ?? Number.POSITIVE_INFINITY)

/** What is to become of a command: a refusal by its code, or an event; empty: there is nothing to do. */
export type Verdict = { readonly refused: string } | { readonly does: string; readonly untilMs?: number }

export const refused = (code: string): Verdict => ({ refused: code })
export const does = (type: string, untilMs?: number): Verdict => ({ does: type, ...(untilMs !== undefined && { untilMs }) })

/** The decision must be the verdict, to the millisecond of a new expiry. */
export function agreeWith(of: Case<unknown, { readonly type: string; readonly expiresAtMs?: number }>, verdict: Verdict): void {
  if ('refused' in verdict) {
    agree(of, new Set([verdict.refused]), '')
    return
  }
  agree(of, new Set(), verdict.does)
  const { untilMs } = verdict
  const isRight = untilMs === undefined || of.events.some(({ expiresAtMs }) => expiresAtMs === untilMs)
  expect(isRight, () => `${of.commandId} is to extend a hold to ${untilMs} and does not.`, 'I7')
}

const NONE: ReadonlySet<string> = new Set()

function freeFor({ categories }: HoldBestAvailable, section: ModelSection, nowMs: number): number[] {
  const fits = (seat: number): boolean => categories.length === 0 || categories.includes(section.categories[seat] ?? '')
  return section.owner.flatMap((_, seat) => ((section.isStanding || fits(seat)) && isFree(section, seat, nowMs) ? [seat] : []))
}

/** Why a search may find nothing, for certain and perhaps. How seats lie is not modelled, nor which tables stay whole. */
export function reasonsOfSearch(
  command: HoldBestAvailable,
  section: ModelSection,
  nowMs: number,
): { readonly must: readonly string[]; readonly may: readonly string[] } {
  const free = freeFor(command, section, nowMs)
  if (free.length < command.atLeast) return { must: ['NOT_ENOUGH_SEATS'], may: [] }
  if (section.isStanding) return { must: [], may: [] }
  const hasTables = free.some((seat) => (section.table[seat] ?? -1) >= 0)
  return {
    must: [],
    may: [...(hasTables ? ['NOT_ENOUGH_SEATS'] : []), ...(command.worstStep === 'any' ? [] : ['SEATS_NOT_TOGETHER'])],
  }
}

/** Whether what a search found is what was asked for. */
export function judgeFound(command: HoldBestAvailable, section: ModelSection, held: SeatsHeld, nowMs: number, isBuyer: boolean): void {
  const { holdId, seats, step } = held
  const free = freeFor(command, section, nowMs)
  const wrong = seats.find((seat) => !free.includes(seat))
  expect(wrong === undefined, () => `${holdId} has seat ${wrong}, which was not to be had.`)
  expect(seats.length >= command.atLeast && seats.length <= command.quantity, () => `${holdId} has ${seats.length} seats.`)
  expect((step === '') === section.isStanding, () => `${holdId} was found by step "${step}".`)
  if (isBuyer) expect(!breaksTable(section, seats), () => `${holdId} breaks a table.`)
  const hasTables = free.some((seat) => (section.table[seat] ?? -1) >= 0)
  if (!hasTables && (section.isStanding || command.worstStep === 'any'))
    expect(seats.length === Math.min(command.quantity, free.length), () => `${holdId} has ${seats.length} seats of ${free.length}.`)
  if (!section.isStanding) return
  const recorded = free.filter((seat) => section.owner[seat] === null)
  const lowest = recorded.slice(0, command.quantity)
  expect(same(seats.slice(0, lowest.length), lowest), () => `${holdId} has not the lowest free places.`)
}
