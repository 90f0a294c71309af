import type { Money } from '@cavea/contracts/answers'

/** UTC with milliseconds, as every time in an answer. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString()

export const rfc3339OrNull = (ms: number | null): string | null => (ms === null ? null : rfc3339(ms))

export const money = (amount: number, currency: string): Money => ({ amount, currency })
