/** What the way between a worker and the broker does to what is sent over it. */
export interface Weather {
  /** Each way, and up to `jitterMs` more, drawn for each piece; order is kept. */
  readonly delayMs: number
  readonly jitterMs: number
  /** What does not arrive at all for now. */
  readonly held: 'toBroker' | 'toWorker' | 'both' | 'nothing'
}

export const CALM: Weather = { delayMs: 0, jitterMs: 0, held: 'nothing' }

/** What a relay is told: it answers when it has done so. `cut` ends all connections by a reset. */
export type Order = { readonly type: 'weather'; readonly weather: Weather } | { readonly type: 'cut' }
