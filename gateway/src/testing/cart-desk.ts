import type { CartCommand, CartEvent, CartPart, OpenCart } from '@cavea/contracts/cart/messages'
import type { Envelope } from '@cavea/contracts/envelope'
import { derivedKey, type EpochMillis, epochMillis, type HoldId, holdIdOf, keyOfId, type PerformanceId } from '@cavea/contracts/ids'
import { bucketOf } from '@cavea/contracts/partitioning'
import { type RecordedRejection, recorded } from '@cavea/contracts/rejections'
import type { Scripted } from './scripted-worker.ts'
import type { SeatDesk } from './seat-desk.ts'

interface DeskCart {
  readonly holdId: HoldId
  readonly performanceId: PerformanceId
  readonly buyer: string
  readonly organisation: string
  readonly parts: readonly CartPart[]
  status: 'opening' | 'held' | 'sold' | 'released'
}

/**
 * Carts that take their parts at once, and say so in a second decision as real ones do: the last part is recorded by a
 * command of its own. Of several candidates each gives an equal share.
 */
export function cartDesk(desk: SeatDesk) {
  const carts = new Map<string, DeskCart>()

  function open(command: OpenCart, { envelope, now }: { readonly envelope: Envelope; readonly now: EpochMillis }): Scripted {
    const { performanceId } = command
    const key = derivedKey(envelope.commandId)
    const holdId = holdIdOf(now, { kind: 'cart', bucket: bucketOf(key) }, envelope.commandId)
    const buyer = envelope.actor.id
    const { outcome, parts } = partsOf(desk, command, now)
    carts.set(key, { holdId, performanceId, buyer, organisation: command.organisation, parts, status: 'opening' })
    const opened: CartEvent = {
      ...command,
      type: 'CartOpened',
      holdId,
      openedBy: envelope.commandId,
      buyer,
      buyerKind: envelope.actor.kind,
    }
    const last = parts.at(-1)
    const attempt = 1
    const message: CartCommand | undefined =
      outcome === undefined
        ? last && { type: 'RecordPart', cartId: holdId, performanceId, attempt, part: last, have: last.seats.length }
        : { type: 'RecordRefusal', cartId: holdId, attempt, sectionId: outcome.sectionId as never, rejection: outcome }
    return { events: [opened], ...(message && { next: message }) }
  }

  return function cart(command: CartCommand, given: { readonly envelope: Envelope; readonly now: EpochMillis }): Scripted {
    const accept = (event?: CartEvent): Scripted => ({ events: event === undefined ? [] : [event] })
    const { envelope, now } = given
    const life = (sinceMs: number, extensionsLeft: number) => ({ expiresAtMs: epochMillis(sinceMs + 600_000), extensionsLeft })
    switch (command.type) {
      case 'OpenCart':
        return open(command, given)
      case 'RecordPart':
      case 'RecordRefusal': {
        const found = carts.get(keyOfId(command.cartId))
        if (found === undefined) return {}
        const { status: _, buyer, organisation, ...of } = found
        if (command.type === 'RecordRefusal')
          return { rejection: command.rejection, events: [{ ...of, type: 'CartRefused' } satisfies CartEvent] }
        found.status = 'held'
        return accept({ ...of, type: 'CartHeld', buyer, organisation, ...life(now, 1) })
      }
      case 'ExtendCart':
      case 'ReleaseCart':
      case 'SellCart': {
        const found = carts.get(keyOfId(command.holdId))
        const mine = found !== undefined && (found.buyer === envelope.actor.id || envelope.actor.kind === 'organiser')
        if (!mine) return { rejection: { code: 'HOLD_NOT_FOUND' } }
        const { holdId, performanceId, parts } = found
        if (command.type === 'ExtendCart') return accept({ type: 'CartExtended', holdId, performanceId, parts, ...life(now + 600_000, 0) })
        const status = command.type === 'SellCart' ? 'sold' : 'released'
        if (found.status === status) return accept()
        found.status = status
        return accept({ type: status === 'sold' ? 'CartSold' : 'CartReleased', holdId, performanceId, parts })
      }
      default:
        return {}
    }
  }
}

/** `outcome` is the refusal of the section that has not all of the seats. */
function partsOf(
  desk: SeatDesk,
  { performanceId, chosen, candidates, standing, quantity }: OpenCart,
  now: EpochMillis,
): { readonly parts: readonly CartPart[]; readonly outcome?: RecordedRejection } {
  const parts: CartPart[] = []
  const share = Math.ceil(quantity / Math.max(1, candidates.length))
  for (const { sectionId } of candidates) {
    const left = quantity - parts.reduce((sum, { seats }) => sum + seats.length, 0)
    const seats = desk.takeFirst({ performanceId, sectionId }, Math.min(share, left), now)
    if (seats.length > 0)
      parts.push({ holdId: `hold_${sectionId}` as HoldId, sectionId, seats, step: standing ? '' : 'any', priceRevision: 1 })
  }
  for (const { sectionId, seats } of chosen) {
    const conflicts = desk.take({ performanceId, sectionId }, seats, now)
    if (conflicts.length > 0) return { parts, outcome: { ...recorded({ code: 'SEAT_UNAVAILABLE', conflicts }), sectionId } }
    parts.push({ holdId: `hold_${sectionId}` as HoldId, sectionId, seats, step: '', priceRevision: 1 })
  }
  return { parts }
}
