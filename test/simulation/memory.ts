import type { OwnedState } from '@cavea/command-service/application/owned-state'
import type { CartsView } from '@cavea/command-service/domain/cart/state'
import { BLOCKED, FREE, HELD, type SeatingView, SOLD } from '@cavea/command-service/domain/seating/state'
import { keyOfId } from '@cavea/contracts/ids'
import { expect } from './invariants.ts'
import type { TrueLedger } from './ledger.ts'
import type { ModelSection } from './model-rules.ts'

/**
 * Throws `Breach` unless memory says what the models made of the same records. `state` must be at the ledger's head; its
 * columns and maps are compared with what the models found out place by place.
 */
export function compareMemory(state: OwnedState, ledger: TrueLedger): void {
  const { context, partition } = ledger
  const place = `${context}/${partition}`
  expect(state.commandOffset === ledger.commandOffset, () => `Memory of ${place} is at command ${state.commandOffset}.`, 'I4')
  expect(state.lastMs === ledger.atMs, () => `Memory of ${place} is at the time ${state.lastMs}.`, 'I4')
  const ids = ledger.commandIds.size
  expect(state.decided.size === ids, () => `Memory of ${place} knows ${state.decided.size} of ${ids} command ids.`, 'I4')
  if (context === 'seating') {
    compareSeats(state.domain as SeatingView, ledger)
    compareHolds(state.domain as SeatingView, ledger)
  }
  if (context === 'cart') compareCarts(state.domain as CartsView, ledger)
}

function compareSeats({ sections }: SeatingView, { seating }: TrueLedger): void {
  expect(sections.size === seating.sections.size, () => `Memory has ${sections.size} sections of ${seating.sections.size}.`, 'I4')
  for (const { key, status, seatsOfBuyer } of sections.values()) {
    const section = seating.sections.get(key)
    if (section === undefined) continue
    const { owner } = section
    const counts = [0, 0, 0, 0]
    const wanted = [0, 0, 0, 0]
    let wrong = -1
    for (let seat = 0; seat < owner.length; seat++) {
      const is = status[seat] ?? -1
      const rightly = statusOf(owner[seat] ?? null)
      counts[is] = (counts[is] ?? 0) + 1
      wanted[rightly] = (wanted[rightly] ?? 0) + 1
      if (is !== rightly) wrong = seat
    }
    expect(
      status.length === owner.length && counts.join() === wanted.join(),
      () => `${key} has ${counts.join(' + ')} seats, not ${wanted.join(' + ')}.`,
      'I6',
    )
    expect(
      wrong < 0,
      () => `Memory has seat ${wrong} of ${key} as ${status[wrong]}, and by the rules it is ${statusOf(owner[wrong] ?? null)}.`,
      'I4',
    )
    const have = seatsByBuyer(section)
    const isSame = have.size === seatsOfBuyer.size && [...have].every(([buyer, seats]) => seatsOfBuyer.get(buyer) === seats)
    expect(isSame, () => `Memory of ${key} counts other seats of its buyers.`, 'I4')
  }
}

function compareHolds(view: SeatingView, { seating }: TrueLedger): void {
  const living = [...seating.holds.values()].filter(({ status }) => status === 'held' || status === 'sold')
  expect(view.holds.size === living.length, () => `Memory has ${view.holds.size} holds of ${living.length}.`, 'I4')
  for (const { holdId, status, untilMs, extensionsLeft, seats } of living) {
    const hold = view.holds.get(keyOfId(holdId as never))
    const isSame = hold?.status === status && hold.expiresAtMs === untilMs && hold.extensionsLeft === extensionsLeft
    expect(isSame && hold.seats.join() === seats.join(), () => `Memory has ${holdId} otherwise than the log.`, 'I4')
  }
  const ended = seating.holds.size - living.length
  expect(view.ended.size === ended, () => `Memory has ${view.ended.size} of ${ended} holds that ended.`, 'I4')
  expect(view.blocks.size === seating.blocks.size, () => `Memory has ${view.blocks.size} blocks of ${seating.blocks.size}.`, 'I4')
}

function compareCarts(view: CartsView, { carts }: TrueLedger): void {
  let living = 0
  let opening = 0
  for (const { holdId, status, untilMs, extensionsLeft, parts, asked } of carts.carts.values()) {
    const key = keyOfId(holdId as never)
    if (status === 'opening') {
      opening++
      const found = view.opening.get(key)
      const isSame = found?.asked.attempt === asked?.attempt && found?.parts.length === parts.length
      expect(isSame, () => `Memory has ${holdId}, which is being opened, otherwise than the log.`, 'I4')
    }
    if (status !== 'held' && status !== 'sold') continue
    living++
    const found = view.carts.get(key)
    const isSame = found?.status === status && found.expiresAtMs === untilMs && found.extensionsLeft === extensionsLeft
    expect(isSame && found.parts.length === parts.length, () => `Memory has ${holdId} otherwise than the log.`, 'I4')
  }
  const isAll = view.carts.size === living && view.opening.size === opening
  expect(isAll, () => `Memory has ${view.carts.size} and ${view.opening.size} of ${living} and ${opening} carts.`, 'I4')
}

function seatsByBuyer({ owner }: ModelSection): ReadonlyMap<string, number> {
  const have = new Map<string, number>()
  for (const by of owner) if (by !== null && 'holdId' in by) have.set(by.buyer, (have.get(by.buyer) ?? 0) + 1)
  return have
}

function statusOf(by: ModelSection['owner'][number]): number {
  if (by === null) return FREE
  if ('blockId' in by) return BLOCKED
  return by.status === 'sold' ? SOLD : HELD
}
