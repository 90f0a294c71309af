/** UTC with milliseconds, as every time in an answer. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString()

export const rfc3339OrNull = (ms: number | null): string | null => (ms === null ? null : rfc3339(ms))

/** An amount in the currency's minor units. */
export const money = (amount: number, currency: string): { readonly amount: number; readonly currency: string } => ({ amount, currency })
