import { randomOf, someOf } from '../support/random.ts'
import { FAULTS } from './faults/all.ts'
import type { Fault } from './faults/fault.ts'

/** Faults that come one after the other under one load, after which everything is checked. */
export interface Round {
  readonly number: number
  readonly seed: number
  readonly faults: readonly Fault[]
}

const ROUND_FAULTS = 8
/** Their victims take turns. */
const IN_TURN: readonly string[] = ['killed-worker', 'killed-gateway']

/** All faults as often as they are meant to come, or those that `only` names, in an order that the seed gives; then again in another. */
export function* roundsOf(seed: number, only: readonly string[]): Generator<Round & { readonly isLastOfPass: boolean }> {
  const random = randomOf(seed)
  for (let number = 1; ; ) {
    const deck = deckOf(only, random)
    for (let at = 0; at < deck.length; at += ROUND_FAULTS)
      yield {
        number,
        seed: seed * 10_000 + number++,
        faults: deck.slice(at, at + ROUND_FAULTS),
        isLastOfPass: at + ROUND_FAULTS >= deck.length,
      }
  }
}

function deckOf(only: readonly string[], random: () => number): Fault[] {
  const chosen = FAULTS.filter(({ fault }) => only.length === 0 || only.includes(fault.name))
  const [first, second] = IN_TURN.map((name) => chosen.find(({ fault }) => fault.name === name))
  const turns = Array.from({ length: Math.max(first?.times ?? 0, second?.times ?? 0) }, () =>
    [first, second].flatMap((one) => one?.fault ?? []),
  )
  const deck = turns.flat()
  const others = chosen
    .filter(({ fault }) => !IN_TURN.includes(fault.name))
    .flatMap(({ fault, times }) => Array.from({ length: times }, () => fault))
  for (const fault of someOf(others, others.length, random)) deck.splice(Math.floor(random() * (deck.length + 1)), 0, fault)
  return deck
}
