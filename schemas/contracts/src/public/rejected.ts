import { sectionKey } from '../partitioning.ts'
import type { RecordedRejection } from '../rejections.ts'
import type { CommandRejected, PublicSeat } from './events.ts'
import type { PublicFact } from './fact.ts'
import type { Labels } from './labels.ts'

/** Where the refused command was to do what, as far as it says. */
interface Asked {
  readonly performanceId?: string
  /** Of seating, or the section that a cart was refused in. */
  readonly stream?: string
  readonly holdId?: string
  readonly quantity?: number
  readonly seats?: readonly PublicSeat[]
}

function askedOf({ command, events }: PublicFact, labels: Labels): Asked {
  const last = events.at(-1) // It concerns what the command named, and knows where that is.
  const performance = last !== undefined && 'performanceId' in last ? { performanceId: last.performanceId } : {}
  const stream = last !== undefined && 'sectionId' in last && 'performanceId' in last ? { stream: last.sectionId } : {}
  const hold = last !== undefined && 'holdId' in last ? { holdId: last.holdId } : {}
  switch (command?.type) {
    case 'HoldSeats':
    case 'BlockSeats': {
      const { performanceId, sectionId, seats } = command
      const { seat } = labels.stream(performanceId, sectionId)
      return { performanceId, stream: sectionId, quantity: seats.length, seats: seats.map(seat) }
    }
    case 'HoldBestAvailable':
      return { performanceId: command.performanceId, stream: command.sectionId, quantity: command.quantity }
    case 'OpenSection':
    case 'ReviseSection':
      return { performanceId: command.performanceId, stream: command.sectionId }
    case 'ExtendHold':
    case 'ExtendPart':
    case 'ReleaseHold':
    case 'SellHold':
      return { ...performance, ...stream, holdId: command.holdId }
    case 'OpenCart': {
      const { performanceId, quantity, chosen } = command
      const seats = chosen.flatMap((of) => of.seats.map(labels.stream(performanceId, of.sectionId).seat))
      return { performanceId, quantity, seats, ...hold }
    }
    case 'RecordPart':
    case 'RecordRefusal':
      return { ...performance, holdId: command.cartId }
    case 'ExtendCart':
    case 'ReleaseCart':
    case 'SellCart':
      return { ...performance, holdId: command.holdId }
    case 'RevisePerformance':
    case 'RecordSectionOpened':
      return { performanceId: command.performanceId }
    case 'UnblockSeats':
    case 'CreateVenue':
    case 'DraftSeatMap':
    case 'AddSeatMapPart':
    case 'PublishSeatMap':
    case 'SchedulePerformance':
    case 'Tick':
    case undefined:
      return {}
    default:
      return command satisfies never
  }
}

/** A refusal as outside readers get it: its detail, which may quote what somebody typed, stays inside. */
export function tellRejection(
  fact: PublicFact,
  rejection: RecordedRejection,
  labels: Labels,
): { readonly key: string; readonly organisation: string; readonly event: CommandRejected } {
  const { decision, context } = fact
  const { commandId, commandType } = decision.envelope
  const { performanceId = '', holdId = '', quantity = null, seats = [], ...asked } = askedOf(fact, labels)
  const stream = asked.stream ?? rejection.sectionId
  const known = performanceId === '' || stream === '' ? undefined : labels.stream(performanceId, stream)
  const { code, limit, have, opensAtMs, closedAtMs, revision, extensionsLeft, step } = rejection
  const performance = performanceId === '' ? undefined : labels.performance(performanceId)
  return {
    key: keyOf(),
    organisation: performance?.organisation ?? '',
    event: {
      type: 'CommandRejected',
      commandType,
      code,
      performanceId,
      sectionId: known?.place.sectionId ?? '',
      section: known?.place.section ?? '',
      stream: known?.place.stream ?? '',
      holdId,
      quantity,
      seats,
      conflicts: rejection.conflicts.map(({ seat, reason, sinceMs, mayFreeAtMs }) => ({
        ...(known?.seat(seat) ?? NOBODYS),
        reason,
        since: sinceMs,
        mayFreeAt: mayFreeAtMs,
      })),
      limit,
      have,
      asked: rejection.asked,
      opensAt: opensAtMs,
      closedAt: closedAtMs,
      revision,
      extensionsLeft,
      step,
    },
  }

  function keyOf(): string {
    if (context === 'seating' && known !== undefined) return sectionKey(performanceId, stream)
    if (context === 'cart' && holdId !== '') return holdId
    if (context === 'catalog' && performanceId !== '') return performanceId
    return commandId
  }
}

const NOBODYS: PublicSeat = { seatId: '', row: '', number: '', category: '' }
