import type { Context } from '@cavea/contracts/topics'

/** The invariants that a log can show to be broken, by their numbers in the design. */
export const INVARIANTS = {
  I1: 'A seat never has two owners; a hold is granted only on free seats.',
  I2: 'Each command id has one decision; retries return it.',
  I3: 'Counted decisions are an unbroken chain, and their command offsets strictly increase.',
  I6: 'free + held + sold + blocked = capacity, always.',
  I7: 'No hold expires before its time; nothing is sold on an expired hold.',
} as const

export type Invariant = keyof typeof INVARIANTS

/** What one record breaks, and why, in words. */
export interface Finding {
  readonly invariant: Invariant
  readonly why: string
}

export interface Break extends Finding {
  readonly context: Context
  readonly topic: string
  readonly partition: number
  /** The record that breaks the invariant; for a broken chain, the record that is not what its writer wrote. */
  readonly offset: number
}

export const finding = (invariant: Invariant, why: string): Finding => ({ invariant, why })

/** Log times are read by people here. */
export const timeText = (ms: number): string => (Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`)
