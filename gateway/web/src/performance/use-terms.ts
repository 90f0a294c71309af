import { useEffect } from 'react'
import { useQuery } from 'urql'

/** What the sale of a performance is bound by. */
export interface Terms {
  readonly status: string
  readonly saleStartsAt: string | null
  readonly saleEndsAt: string | null
  readonly seatsPerHold: number
  readonly purchaseLimit: number | null
  readonly holdPolicy: { readonly ttlSeconds: number; readonly extensionSeconds: number; readonly maxSeconds: number }
}

const TERMS = `query Terms($id: ID!) {
  performance(id: $id) {
    status saleStartsAt saleEndsAt seatsPerHold purchaseLimit
    holdPolicy { ttlSeconds extensionSeconds maxSeconds }
  }
}`
const PREPARING_MS = 2_000

/** Undefined until they are known. While a performance is being prepared they are read again and again. */
export function useTerms(performanceId: string): Terms | undefined {
  const [{ data, fetching }, read] = useQuery<{ performance: Terms | null }>({ query: TERMS, variables: { id: performanceId } })
  const terms = data?.performance ?? undefined
  useEffect(() => {
    if (fetching || (terms !== undefined && terms.status !== 'opening')) return
    const timer = setTimeout(() => read({ requestPolicy: 'network-only' }), PREPARING_MS)
    return () => clearTimeout(timer)
  }, [fetching, terms, read])
  return terms
}
