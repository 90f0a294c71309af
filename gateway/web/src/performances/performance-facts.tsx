import type { PerformanceCard } from '@cavea/gateway/answers/page-data'
import type { ReactNode } from 'react'
import { serverClock } from '../data/server-clock.ts'
import { saleOf } from '../performance/sale.ts'
import { priceText, timeText } from '../words/numbers.ts'
import { useWords } from '../words/words.tsx'

interface FactsProps {
  readonly performance: PerformanceCard
  /** Null while it is not known. */
  readonly available: number | null
}

/** When, where, for how much, and whether there is anything left, for a list. */
export function PerformanceFacts({ performance, available }: FactsProps): ReactNode {
  const { t, locale } = useWords()
  const { startsAt, venue } = performance
  const sale = saleOf(performance, serverClock.nowMs())
  const left = available === null ? '' : t('facts.left', { count: available })
  const state = {
    preparing: () => t('sale.preparing'),
    before: () => t('sale.from', { time: timeText(sale.state === 'before' ? sale.opensAtMs : 0, 'full', locale, venue.timeZone) }),
    open: () => (available === 0 ? t('sale.soldOut') : left),
    closed: () => t('sale.closed'),
    over: () => t('sale.over'),
  }[sale.state]()
  return (
    <>
      <p className="when">
        <time dateTime={startsAt}>{timeText(startsAt, 'full', locale, venue.timeZone)}</time>
      </p>
      <p className="where">{[venue.name, venue.city].filter((part) => part !== '').join(', ')}</p>
      <p className="terms">
        <span>{usePriceRange(performance)}</span>
        {state === '' ? null : <span className="state">{state}</span>}
      </p>
    </>
  )
}

function usePriceRange({ prices, currency }: PerformanceCard): string {
  const { t, locale } = useWords()
  const amounts = prices.map(({ amount }) => amount)
  if (amounts.length === 0) return ''
  const [low, high] = [Math.min(...amounts), Math.max(...amounts)]
  if (low === high) return priceText(low, currency, locale)
  return t('facts.prices', { low: priceText(low, currency, locale), high: priceText(high, currency, locale) })
}
