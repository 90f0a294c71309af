/** What a final answer says, as far as it is the same whenever and by whichever gateway it is given. */
export interface Said {
  /** `seating/3/812`: the command of the decision that it gives. Empty when it names none. */
  readonly version: string
  /** Of a refusal; empty: what was asked for was done. */
  readonly code: string
  /** Empty in a refusal. */
  readonly holdId: string
  /** Seats by name and areas as `floor × 3`, sorted; of a refusal the seats that are in the way. Null: it does not say. */
  readonly places: readonly string[] | null
  /** When the hold ends, as written; null: it does not say. */
  readonly expiresAt: string | null
}

/** One intent of a client, by whichever gateways and however often it was sent: all under one idempotency key. */
export interface Operation {
  readonly commandId: string
  /** For a reader: `hold S1-2-3, S1-2-4 (key 1-7-12)`. */
  readonly what: string
  /** The seats that a hold names, sorted: when it is granted, those and no others. Null: the choice was left to the hall, or it is no hold. */
  readonly seats: readonly string[] | null
  /** When it was first sent and when it first had a final answer (never: Infinity), by one clock, in milliseconds since the epoch. */
  readonly sentMs: number
  answeredMs: number
  /** Every final answer: what it says, and all of it as text. */
  readonly answers: { readonly said: Said; readonly text: string }[]
}

export const isAnswered = ({ answeredMs }: Operation): boolean => Number.isFinite(answeredMs)
