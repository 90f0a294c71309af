import type { WorkerOptions } from '@cavea/command-service/application/worker-options'
import type { CartsView } from '@cavea/command-service/domain/cart/state'
import type { PluggedDecider } from '@cavea/command-service/domain/decider'
import { expired, inTheWay } from '@cavea/command-service/domain/seating/claims'
import { HELD, type HoldView, type SeatingState, type SeatingView } from '@cavea/command-service/domain/seating/state'
import { type EpochMillis, type HoldId, keyOfId } from '@cavea/contracts/ids'
import { sectionKey } from '@cavea/contracts/partitioning'
import type { HoldReleased, SeatsHeld, SellHold } from '@cavea/contracts/seating/messages'
import type { Context } from '@cavea/contracts/topics'
import type { Plant } from './plants.ts'

interface Message {
  readonly type: string
}
type Given = Parameters<PluggedDecider['decide']>[2]
type Decide = (command: Message, view: unknown, given: Given) => ReturnType<PluggedDecider['decide']>
type Evolve = (state: unknown, event: Message, atMs: EpochMillis) => void
/** What a plant changes of a decider, which gets its own state and messages back. */
interface Mistaken {
  readonly decide?: Decide
  readonly evolve?: Evolve
  readonly nextDueMs?: PluggedDecider['nextDueMs']
}

/** The options with another way of deciding in one context. */
function deciding(options: WorkerOptions, context: Context, by: (decide: Decide, decider: PluggedDecider) => Mistaken): WorkerOptions {
  const { decider } = options
  return decider.context === context ? { ...options, decider: { ...decider, ...by(decider.decide as Decide, decider) } } : options
}

/** The holds that are over and have seats that are granted now. */
function lapsedUnder({ sections }: SeatingView, { performanceId, sectionId, seats }: SeatsHeld, now: EpochMillis): ReadonlySet<HoldView> {
  const section = sections.get(sectionKey(performanceId, sectionId))
  return section === undefined ? new Set() : inTheWay(seats, section, now).lapsed
}

const isTick = ({ type }: Message): boolean => type === 'Tick'
const plus = (ms: EpochMillis, more: number): EpochMillis => (ms + more) as EpochMillis

/** Mistakes in what is decided, and in what follows from it. */
export const DOMAIN_BUGS: readonly Plant[] = [
  {
    name: 'a tick that came early is believed',
    breaks: ['I7'],
    options: (options) =>
      deciding(options, 'seating', (decide) => ({
        decide: (command, view, given) => {
          const dueMs = (view as SeatingView).nextExpiryMs()
          return decide(
            command,
            view,
            isTick(command) && dueMs !== null ? { ...given, now: Math.max(given.now, dueMs) as EpochMillis } : given,
          )
        },
      })),
  },
  {
    name: 'a hold expires one millisecond early',
    breaks: ['I7'],
    options: (options) =>
      deciding(options, 'seating', (decide, decider) => ({
        decide: (command, view, given) => decide(command, view, isTick(command) ? { ...given, now: plus(given.now, 1) } : given),
        nextDueMs: (view) => {
          const dueMs = decider.nextDueMs(view)
          return dueMs === null ? null : plus(dueMs, -1)
        },
      })),
  },
  {
    name: 'a lapse is forgotten before a grant',
    breaks: ['I1'],
    options: (options) =>
      deciding(options, 'seating', (decide, decider) => ({
        decide: (command, view, given) => {
          const decided = decide(command, view, given)
          const grants = decided.events.some(({ type }: Message) => type === 'SeatsHeld')
          return grants ? { ...decided, events: decided.events.filter(({ type }: Message) => type !== 'HoldExpired') } : decided
        },
        // Memory gives the seats away too, else its own guard would strike.
        evolve: (state, event, atMs) => {
          const evolve = decider.evolve as Evolve
          if (event.type === 'SeatsHeld')
            for (const hold of lapsedUnder(state as SeatingView, event as SeatsHeld, atMs)) evolve(state, expired(hold), atMs)
          evolve(state, event, atMs)
        },
      })),
  },
  {
    name: 'a seat of a hold that was given back stays taken',
    breaks: ['I6'],
    options: (options) =>
      deciding(options, 'seating', (_, decider) => ({
        evolve: (state, event, atMs) => {
          const evolve = decider.evolve as Evolve
          evolve(state, event, atMs)
          if (event.type !== 'HoldReleased') return
          const { performanceId, sectionId, seats } = event as HoldReleased
          const section = (state as SeatingState).sections.get(sectionKey(performanceId, sectionId))
          if (section !== undefined && seats[0] !== undefined) section.status[seats[0]] = HELD
        },
      })),
  },
  {
    name: 'a hold that lapsed is sold',
    breaks: ['I7'],
    options: (options) =>
      deciding(options, 'seating', (decide) => ({
        decide: (command, view, given) => {
          if (command.type !== 'SellHold') return decide(command, view, given)
          const hold = (view as SeatingView).holds.get(keyOfId((command as SellHold).holdId))
          return decide(command, view, { ...given, now: hold?.heldAtMs ?? given.now })
        },
      })),
  },
  {
    name: 'nobody looks whether a hold is due',
    breaks: ['I7'],
    options: (options) => deciding(options, 'seating', () => ({ nextDueMs: () => null })),
  },
  {
    name: 'a limit does not count what the buyer has',
    breaks: ['rules'],
    options: (options) =>
      deciding(options, 'seating', (decide) => ({
        decide: (command, view, given) => {
          if (command.type !== 'HoldSeats' && command.type !== 'HoldBestAvailable') return decide(command, view, given)
          const section: SeatingView['section'] = (...of) => {
            const found = (view as SeatingView).section(...of)
            return found && { ...found, seatsOfBuyer: new Map() }
          }
          return decide(command, { ...(view as SeatingView), section }, given)
        },
      })),
  },
  {
    name: 'a part of a cart expires by itself',
    breaks: ['carts'],
    options: (options) =>
      deciding(options, 'seating', (decide, decider) => {
        const parts = (view: unknown) =>
          [...(view as SeatingView).holds.values()].filter(({ cartId, status }) => cartId !== '' && status === 'held')
        return {
          decide: (command, view, given) => {
            const decided = decide(command, view, given)
            if (!isTick(command)) return decided
            const lapsed = parts(view).filter(({ expiresAtMs }) => expiresAtMs <= given.now)
            return { ...decided, events: [...decided.events, ...lapsed.map(expired)] }
          },
          nextDueMs: (view) => {
            const due = [decider.nextDueMs(view), ...parts(view).map(({ expiresAtMs }) => expiresAtMs)].filter((ms) => ms !== null)
            return due.length === 0 ? null : (Math.min(...due) as EpochMillis)
          },
        }
      }),
  },
  {
    name: 'a cart ignores the number of the try',
    breaks: ['carts'],
    options: (options) =>
      deciding(options, 'cart', (decide) => ({
        decide: (command, view, given) => {
          if (command.type !== 'RecordPart' && command.type !== 'RecordRefusal') return decide(command, view, given)
          const { cartId } = command as unknown as { readonly cartId: HoldId }
          const attempt = (view as CartsView).opening.get(keyOfId(cartId))?.asked.attempt
          return decide(attempt === undefined ? command : ({ ...command, attempt } as typeof command), view, given)
        },
      })),
  },
  {
    name: 'a refused cart does not give back what it had',
    breaks: ['carts'],
    options: (options) => {
      const { policy } = options
      const kept: typeof policy = (event, decision, view) =>
        (event as Message).type === 'CartRefused' ? [] : policy(event, decision, view)
      return options.decider.context === 'cart' ? { ...options, policy: kept } : options
    },
  },
  {
    name: 'a sold cart forgets one of its parts',
    breaks: ['carts'],
    options: (options) => {
      const { policy } = options
      const some: typeof policy = (event, decision, view) => {
        const reactions = policy(event, decision, view)
        return (event as Message).type === 'CartSold' ? reactions.slice(1) : reactions
      }
      return options.decider.context === 'cart' ? { ...options, policy: some } : options
    },
  },
]
