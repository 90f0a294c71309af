import { type ReactNode, useCallback, useEffect, useRef } from 'react'
import { ask } from '../../data/api.ts'
import { Waiting } from '../../frame/waiting.tsx'
import { priceText } from '../../words/numbers.ts'
import { useWords } from '../../words/words.tsx'
import type { Sales } from '../data/answers.ts'
import { useLoaded } from '../data/use-loaded.ts'
import { Scrolled } from '../frame/scrolled.tsx'
import { useOrganiseWords } from '../words.ts'

/** Sales come in bursts; the table follows a moment later, once for all of them. */
const CALM_MS = 1_500
/** Tables that are further behind than that are left alone until the next sale. */
const TRIES_MAX = 20

interface SalesTableProps {
  readonly performanceId: string
  readonly currency: string
  /** Seats sold: when it changes the sales are read anew. */
  readonly sold: number
}

export function SalesTable({ performanceId, currency, sold }: SalesTableProps): ReactNode {
  const t = useOrganiseWords()
  const { locale } = useWords()
  const load = useCallback(
    async (signal: AbortSignal) =>
      (await ask<Sales>('GET', `/v1/performances/${encodeURIComponent(performanceId)}/sales?by=day`, { signal })).body,
    [performanceId],
  )
  const { again, ...loading } = useLoaded(load)
  useFollowing(sold, loading.state === 'ready' ? loading.data : undefined, again)
  return (
    <section className="sales">
      <h2>{t('sales.title')}</h2>
      {loading.state === 'loading' ? <Waiting /> : null}
      {loading.state === 'failed' ? (
        <p className="quiet">
          {t('sales.unknown')}{' '}
          <button type="button" className="plain" onClick={again}>
            {t('again')}
          </button>
        </p>
      ) : null}
      {loading.state === 'ready' && loading.data.data.length === 0 ? <p className="quiet">{t('sales.none')}</p> : null}
      {loading.state === 'ready' && loading.data.data.length > 0 ? (
        <Scrolled label={t('sales.title')}>
          <table className="numbers">
            <thead>
              <tr>
                <th scope="col">{t('sales.day')}</th>
                <th scope="col">{t('sales.category')}</th>
                <th scope="col">{t('sales.seats')}</th>
                <th scope="col">{t('sales.revenue')}</th>
              </tr>
            </thead>
            <tbody>
              {loading.data.data.map(({ day, category, seats, revenue }) => (
                <tr key={`${day} ${category}`}>
                  <th scope="row">{dayText(day, locale)}</th>
                  <td className="words">{category}</td>
                  <td>{seats.toLocaleString(locale)}</td>
                  <td>{priceText(revenue.amount, revenue.currency, locale)}</td>
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row" colSpan={2}>
                  {t('sales.total')}
                </th>
                <td>{loading.data.total.seats.toLocaleString(locale)}</td>
                <td>{priceText(loading.data.total.revenue.amount, currency, locale)}</td>
              </tr>
            </tfoot>
          </table>
        </Scrolled>
      ) : null}
    </section>
  )
}

/** A day of the calendar is the same day everywhere. */
const dayText = (day: string, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`))

/** Reads anew until the sales count as many seats as are sold. */
function useFollowing(sold: number, sales: Sales | undefined, again: () => void): void {
  const read = useRef({ sold, tries: 0 })
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` is another function each time and always does the same.
  useEffect(() => {
    if (read.current.sold !== sold) read.current = { sold, tries: 0 }
    if (sales === undefined || sales.total.seats === sold || read.current.tries >= TRIES_MAX) return
    const timer = setTimeout(() => {
      read.current.tries++
      again()
    }, CALM_MS)
    return () => clearTimeout(timer)
  }, [sold, sales])
}
