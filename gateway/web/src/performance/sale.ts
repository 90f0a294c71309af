import type { PerformanceCard } from '@cavea/gateway/answers/page-data'

export type Sale =
  | { readonly state: 'preparing' }
  | { readonly state: 'before'; readonly opensAtMs: number }
  | { readonly state: 'open'; readonly closesAtMs: number | null }
  | { readonly state: 'closed' }
  | { readonly state: 'over' }

type Terms = Pick<PerformanceCard, 'status' | 'startsAt' | 'endsAt' | 'saleStartsAt' | 'saleEndsAt'>

/** Whether seats can be held at this moment of the server's clock. Without an end it is over when it begins. */
export function saleOf({ status, startsAt, endsAt, saleStartsAt, saleEndsAt }: Terms, nowMs: number): Sale {
  if (Date.parse(endsAt ?? startsAt) <= nowMs) return { state: 'over' }
  const closesAtMs = saleEndsAt === null ? null : Date.parse(saleEndsAt)
  if (closesAtMs !== null && closesAtMs <= nowMs) return { state: 'closed' }
  if (status === 'opening') return { state: 'preparing' }
  const opensAtMs = saleStartsAt === null ? 0 : Date.parse(saleStartsAt)
  return opensAtMs > nowMs ? { state: 'before', opensAtMs } : { state: 'open', closesAtMs }
}
