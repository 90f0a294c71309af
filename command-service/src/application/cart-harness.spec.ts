import assert from 'node:assert/strict'
import {
  type CartHeld,
  type CartPart,
  type CartRefused,
  type CartTerms,
  type CartWish,
  type ExtendCart,
  leavesOpen,
  type OpenCart,
  type ReleaseCart,
  type SellCart,
  settles,
} from '@cavea/contracts/cart/messages'
import type { Actor, Decision } from '@cavea/contracts/envelope'
import { type CommandId, commandIdOf, type HoldId, keyOfId, type PerformanceId, type SectionId, seatIndex } from '@cavea/contracts/ids'
import type { RecordedRejection } from '@cavea/contracts/rejections'
import type { SectionGeometry, SectionTerms } from '@cavea/contracts/seating/messages'
import { topicsOf } from '@cavea/contracts/topics'
import { eventually, readAll } from '@cavea/event-log/contract-tools'
import type { EventLog } from '@cavea/event-log/port'
import type { CartsState, CartView } from '../domain/cart/state.ts'
import { BLOCKED, FREE, HELD, type SeatingState, SOLD } from '../domain/seating/state.ts'
import { DECIDERS } from './command-service.ts'
import { type DecisionRecord, decideCommand } from './deciding.ts'
import { OwnedState } from './owned-state.ts'
import type { Policy } from './policies.ts'
import { codec, counted, encoded, optionsFor, type Place, type Running, start } from './worker-harness.spec.ts'
import type { WorkerOptions } from './worker-options.ts'

// What the specifications of carts and their sections share; it specifies nothing itself.

/** The contexts that have to agree on a cart. */
export const AGREEING = ['seating', 'cart'] as const
type Agreeing = (typeof AGREEING)[number]

const HOUR_MS = 3_600_000
const performanceId = 'perf_1' as PerformanceId
export const ANNA: Actor = { kind: 'buyer', id: 'buyer_anna' }
export const ORGANISER: Actor = { kind: 'organiser', id: 'acct_olga' }
const SYSTEM: Actor = { kind: 'system', id: 'open-sections' }

export const CART_TERMS: CartTerms = {
  holdTtlMs: HOUR_MS,
  extensionMs: HOUR_MS,
  extensions: 1,
  holdMaxMs: 3 * HOUR_MS,
  seatsPerHoldMax: 10,
  purchaseLimit: null,
  sectionLimit: null,
}
const SECTION_TERMS: SectionTerms = { ...CART_TERMS, priceRevision: 1, saleStartsAtMs: null, saleEndsAtMs: null, orphanRule: 'off' }

/** What a hall has before anybody buys. */
export interface Hall {
  readonly sections: readonly {
    readonly sectionId: string
    readonly seatCount: number
    readonly blocked?: readonly number[]
    readonly isStanding?: boolean
  }[]
}

export const chosen = (...seats: readonly (readonly [sectionId: string, seats: readonly number[]])[]): CartWish => ({
  chosen: seats.map(([sectionId, seats]) => ({ sectionId: sectionId as SectionId, seats: seats.map(seatIndex) })),
  candidates: [],
  standing: false,
  quantity: seats.reduce((sum, [, { length }]) => sum + length, 0),
  categories: [],
  accessible: false,
})
export const bestOf = (sections: readonly string[], quantity: number, standing = false): CartWish => ({
  chosen: [],
  candidates: sections.map((sectionId, distance) => ({ sectionId: sectionId as SectionId, available: -1, distance })),
  standing,
  quantity,
  categories: [],
  accessible: false,
})
export const openCart = (wish: CartWish, terms: Partial<CartTerms> = {}): OpenCart => ({
  type: 'OpenCart',
  performanceId,
  organisation: 'org_opera',
  ...wish,
  terms: { ...CART_TERMS, ...terms },
})

/** One row of seats side by side; of places to stand, nothing. */
function geometryOf(count: number): SectionGeometry {
  const columns = (value: (seat: number) => number) => Array.from({ length: count }, (_, seat) => value(seat))
  const zeros = columns(() => 0)
  return {
    row: zeros,
    x: columns((seat) => 100 * seat),
    y: zeros,
    categories: ['A'],
    category: zeros,
    type: zeros,
    focalX: 0,
    focalY: 0,
    aisles: [],
    joined: [],
    tables: [],
    wholeTables: [],
  }
}

/** Makes the topics under this prefix, in which the hall's sections are open and their places blocked. */
export async function openHall(at: Place, topicPrefix: string, { sections }: Hall): Promise<void> {
  const { log } = at
  const topicNames = (['catalog', ...AGREEING] as const).flatMap((context) => Object.values(topicsOf(context, topicPrefix)))
  await log.ensureTopics(topicNames.map((topic: string) => ({ topic, partitions: 1 })))
  const commands = sections.flatMap(({ sectionId, seatCount, blocked = [], isStanding = false }) => {
    const of = { performanceId, sectionId: sectionId as SectionId }
    const geometry = geometryOf(isStanding ? 0 : seatCount)
    const open = { type: 'OpenSection', ...of, revision: 1, seatCount, terms: SECTION_TERMS, geometry } as const
    const block = { type: 'BlockSeats', ...of, seats: blocked.map(seatIndex), note: '' } as const
    const opening = encoded('seating', open, { actor: SYSTEM })
    return blocked.length === 0 ? [opening] : [opening, encoded('seating', block, { actor: ORGANISER })]
  })
  const topics = topicsOf('seating', topicPrefix)
  await log.append(topics.commands, 0, commands)
  const { options } = optionsFor(at, { ...DECIDERS.seating, topicPrefix })
  const state = OwnedState.empty(options, topics.events, 0)
  const records: DecisionRecord[] = []
  for (const command of await readAll(log, topics.commands, 0))
    records.push(await decideCommand(options, 0, state, { throws: new Map(), reactedTo: 0 }, command))
  for (const { decision } of records) assert.equal(decision.outcome, 'accepted')
  await log.append(
    topics.events,
    0,
    records.map(({ value }) => value),
  )
}

export type AgreeingChange = Partial<Pick<WorkerOptions, 'topicPrefix' | 'owner' | 'clock' | 'snapshots'>> & {
  readonly limits?: Partial<WorkerOptions['limits']>
}

/** Starts the worker of one context, with the decider and the policy that it has in earnest. */
export function startContext(at: Pick<Place, 'dir' | 'log'>, context: Agreeing, change: AgreeingChange): Running {
  const { decider, policy } = DECIDERS[context]
  return start(at, { ...change, decider, policy })
}

/** Starts the workers of both contexts, as one process has them. */
export const startAgreeing = (at: Pick<Place, 'dir' | 'log'>, change: AgreeingChange): readonly Running[] =>
  AGREEING.map((context) => startContext(at, context, change))

/** Everything that counts in one context, and what is still to come of it. */
interface Context {
  readonly state: unknown
  readonly decisions: readonly Decision[]
  readonly heads: readonly string[]
  readonly commands: number
  readonly causes: readonly { readonly commandId: string; readonly causationId: string }[]
  /** By the command that a decision is on: how many commands should follow from it. */
  readonly following: ReadonlyMap<string, number>
}

async function readContext(log: EventLog, context: Agreeing, topicPrefix: string): Promise<Context> {
  const { commands: commandsTopic, events: eventsTopic } = topicsOf(context, topicPrefix)
  const { decisions } = await counted(log, eventsTopic)
  const commands = await readAll(log, commandsTopic, 0)
  const { decider, policy } = DECIDERS[context]
  const state = decider.initialState()
  const following = new Map<string, number>()
  for (const { decision } of decisions) {
    const events = decision.events.map((event) => codec.decodeMessage<{ type: string }>(context, event))
    for (const event of events) decider.evolve(state as never, event as never, decision.atMs)
    const reactions = events.flatMap((event) => (policy as Policy<unknown, unknown>)(event, decision, state))
    const count = reactions.filter((reaction) => reaction.context !== 'catalog').length
    if (count > 0) following.set(decision.envelope.commandId, count)
  }
  return {
    state,
    decisions: decisions.map(({ decision }) => decision).filter(({ outcome }) => outcome !== 'started'),
    heads: decisions.map(({ head }) => head),
    commands: commands.length,
    causes: commands.map(({ value }) => codec.decodeCommand(value).envelope),
    following,
  }
}

export interface Truth {
  readonly seating: SeatingState
  readonly carts: CartsState
  readonly decisions: readonly Decision[]
  /** What counts in each context, in order. */
  readonly heads: Readonly<Record<Agreeing, readonly string[]>>
  /** What has not been decided or sent yet. */
  readonly pending: readonly string[]
}

/** Folds both logs from their beginnings. */
export async function truth(log: EventLog, topicPrefix: string): Promise<Truth> {
  const [seating, cart] = await Promise.all([readContext(log, 'seating', topicPrefix), readContext(log, 'cart', topicPrefix)])
  const carts = cart.state as CartsState
  const caused = new Map<string, Set<string>>()
  for (const { commandId, causationId } of [...seating.causes, ...cart.causes])
    caused.set(causationId, (caused.get(causationId) ?? new Set()).add(commandId))
  const pending = [...carts.opening.values()].map(({ opened }) => `${opened.holdId} is being opened`)
  for (const [context, { decisions, commands, following }] of Object.entries({ seating, cart })) {
    const decided = (decisions.at(-1)?.commandOffset ?? -1) + 1
    if (decided < commands) pending.push(`${context} has decided ${decided} of ${commands}`)
    for (const [commandId, count] of following) {
      const sent = caused.get(commandId)?.size ?? 0
      if (sent < count) pending.push(`${context} has sent ${sent} of the ${count} commands that follow from ${commandId}`)
    }
  }
  return {
    seating: seating.state as SeatingState,
    carts,
    decisions: [...seating.decisions, ...cart.decisions],
    heads: { seating: seating.heads, cart: cart.heads },
    pending,
  }
}

/** Waits until everything is decided and nothing follows any more. */
export async function quiet(log: EventLog, topicPrefix: string): Promise<Truth> {
  let seen: Truth | undefined
  await eventually('everything is decided and told', async () => {
    seen = await truth(log, topicPrefix)
    return seen.pending.length === 0
  }).catch((error: unknown) => {
    throw new Error(`It does not become quiet: ${seen?.pending.join('; ')}.`, { cause: error })
  })
  return seen ?? assert.fail()
}

/** All or nothing: a part is there exactly as long as its cart is, and is what the cart is. No seat is counted twice or not at all. */
export function assertAgreed({ seating, carts, decisions }: Truth): void {
  const parts = new Map([...carts.carts.values()].flatMap((cart) => cart.parts.map((part) => [part.holdId, { cart, part }] as const)))
  const counts = new Map<string, [free: number, held: number, sold: number, blocked: number]>()
  for (const { key, status } of seating.sections.values()) {
    const count = (wanted: number) => Array.from(status).filter((is) => is === wanted).length
    counts.set(key, [count(FREE), count(HELD), count(SOLD), count(BLOCKED)])
  }
  for (const { holdId, cartId, status, seats, section, expiresAtMs } of seating.holds.values()) {
    if (cartId === '') continue
    const { cart, part } = parts.get(holdId) ?? assert.fail(`${holdId} is left over from ${cartId}`)
    assert.equal(cart.holdId, cartId)
    assert.deepEqual(part.seats, seats)
    assert.equal(part.sectionId, section.sectionId)
    assert.equal(status, cart.status, `a part of ${cartId} is not what the cart is`)
    if (cart.extensionsLeft < cart.terms.extensions) assert.equal(expiresAtMs, cart.expiresAtMs, 'an extension did not reach a part')
  }
  for (const [holdId, { cart }] of parts) assert.ok(seating.holds.has(keyOfId(holdId)), `${cart.holdId} has lost a part`)
  for (const { key, seatCount } of seating.sections.values()) {
    const of = (status: 'held' | 'sold') =>
      [...seating.holds.values()].filter((hold) => hold.section.key === key && hold.status === status).flatMap(({ seats }) => seats).length
    const blocked = [...seating.blocks.values()].filter(({ section }) => section.key === key).flatMap(({ seats }) => seats).length
    const [free] = counts.get(key) ?? assert.fail()
    assert.deepEqual(counts.get(key), [free, of('held'), of('sold'), blocked])
    assert.equal(free + of('held') + of('sold') + blocked, seatCount)
  }
  const opened = decisions.filter(({ events }) => leavesOpen(events))
  for (const { envelope } of opened) {
    const answers = decisions.filter((decision) => decision.envelope.correlationId === envelope.correlationId && settles(decision.events))
    assert.equal(answers.length, 1, 'a cart was not settled, or was settled twice')
  }
}

export interface Answer {
  readonly holdId: HoldId
  /** Null: it is held. */
  readonly rejection: RecordedRejection | null
}

/** Somebody who sends commands and waits for what is decided on them, whoever decides it. */
export interface Client {
  readonly send: (message: OpenCart | OnCart, name: string, actor: Actor) => Promise<CommandId>
  /** Waits until the cart that this command opens is held or refused. */
  readonly settled: (commandId: CommandId) => Promise<Answer>
  /** Sends a command on a cart in the organiser's name, and waits until it is decided: null when it is accepted. */
  readonly ask: (type: OnCart['type'], holdId: HoldId) => Promise<RecordedRejection | null>
}

type OnCart = ExtendCart | ReleaseCart | SellCart

export function clientOf(log: EventLog, topicPrefix: string): Client {
  const topics = topicsOf('cart', topicPrefix)
  const send: Client['send'] = async (message, name, actor) => {
    const commandId = commandIdOf('client', name)
    await log.append(topics.commands, 0, [encoded('cart', message, { actor, commandId })])
    return commandId
  }
  async function decision(what: string, isIt: (decision: Decision) => boolean): Promise<Decision> {
    let found: Decision | undefined
    await eventually(what, async () => {
      found = (await counted(log, topics.events)).decisions.find(({ decision }) => isIt(decision))?.decision
      return found !== undefined
    })
    return found ?? assert.fail()
  }
  return {
    send,
    async settled(commandId) {
      const { events, rejection } = await decision(
        'a cart is settled',
        ({ envelope, events }) => envelope.correlationId === commandId && settles(events),
      )
      const settling = events.find((event) => settles([event])) ?? assert.fail()
      const { holdId } = codec.decodeMessage<CartHeld | CartRefused>('cart', settling)
      return { holdId, rejection }
    },
    async ask(type, holdId) {
      const commandId = await send({ type, holdId }, `${type} ${keyOfId(holdId)}`, ORGANISER)
      return (await decision(`${type} is decided`, ({ envelope }) => envelope.commandId === commandId)).rejection
    },
  }
}

/** What became of everything, without what no two runs have in common: times, and the ids that they are in. */
export function outcomeOf({ seating, carts }: Truth) {
  const partOf = ({ holdId, sectionId, seats }: CartPart) => ({ key: keyOfId(holdId), sectionId, seats: [...seats] })
  const cartOf = ({ key, status, parts, extensionsLeft }: CartView) => ({ key, status, parts: parts.map(partOf), extensionsLeft })
  return {
    carts: [...carts.carts.values()].map(cartOf),
    ended: Array.from(carts.ended, ([key, { status }]) => ({ key, status })),
    seats: [...seating.sections.values()].map(({ sectionId, status }) => ({ sectionId, status: [...status] })),
  }
}
