/** What must hold in every world. Those with a number are the design's. */
export const INVARIANTS = {
  I1: 'no seat has two owners',
  I2: 'an answer is in the log, and stays the only one',
  I3: 'what counts is one unbroken chain, in the order of the commands',
  I4: 'memory, snapshots and replay are the same',
  I5: 'a read model is what the log says up to its version',
  I6: 'free, held, sold and blocked make up the capacity',
  I7: 'a hold ends when its time is over, by the log',
  I10: 'what is asked is decided and answered in time',
  carts: 'a cart is all or nothing, and its parts end with it',
  rules: 'what is decided is what the rules say',
  guards: 'no guard inside the code has to strike',
  end: 'the simulation comes to its end',
} as const
export type Invariant = keyof typeof INVARIANTS

export interface Violation {
  readonly invariant: Invariant
  /** For people: the invariant in words, and what is against it. */
  readonly text: string
}

export const violationOf = (invariant: Invariant, what: string): Violation => ({
  invariant,
  text: `${invariant}, ${INVARIANTS[invariant]}: ${what}`,
})

/** Something is against an invariant. */
export class Breach extends Error {
  readonly invariant: Invariant
  constructor(what: string, invariant: Invariant = 'rules') {
    super(what)
    this.invariant = invariant
  }
}

export function expect(isTrue: boolean, breach: () => string, invariant?: Invariant): asserts isTrue {
  if (!isTrue) throw new Breach(breach(), invariant)
}
