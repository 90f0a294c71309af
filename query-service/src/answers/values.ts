/** UTC with milliseconds, as every time in an answer. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString()

export const rfc3339OrNull = (ms: number | null): string | null => (ms === null ? null : rfc3339(ms))

/** In the currency's minor units. */
export interface Money {
  readonly amount: number
  readonly currency: string
}

export const money = (amount: number, currency: string): Money => ({ amount, currency })
