import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { Hold } from '../data/holds.ts'
import { useHolds } from '../data/own-holds.ts'
import { usePageData } from '../data/page-data.ts'
import { useTitle } from '../frame/title.ts'
import { HoldPanel } from '../performance/hold-panel.tsx'
import { timeText } from '../words/numbers.ts'
import { useWords } from '../words/words.tsx'

/** What this browser's owner holds or bought, over all performances. */
export function HoldsPage(): ReactNode {
  const { t } = useWords()
  const holds = useHolds()
  useTitle(t('holds.title'))
  const [present, past] = [holds.filter(isPresent), holds.filter((hold) => !isPresent(hold))]
  return (
    <>
      <h1>{t('holds.title')}</h1>
      {present.length > 0 ? null : (
        <p className="empty">
          {t('holds.none')} <Link href="/">{t('missing.back')}</Link>
        </p>
      )}
      <div className="holds">
        {present.map((hold) => (
          <HeldPerformance key={hold.holdId} hold={hold} />
        ))}
      </div>
      {past.length === 0 ? null : (
        <details className="past">
          <summary>{t('holds.past', { count: past.length })}</summary>
          <div className="holds">
            {past.map((hold) => (
              <HeldPerformance key={hold.holdId} hold={hold} />
            ))}
          </div>
        </details>
      )}
    </>
  )
}

const isPresent = ({ status }: Hold): boolean => status === 'held' || status === 'sold'

function HeldPerformance({ hold }: { readonly hold: Hold }): ReactNode {
  const { t, locale } = useWords()
  const path = `/performances/${encodeURIComponent(hold.performanceId)}`
  const loading = usePageData(path)
  const performance = loading.state === 'ready' ? loading.data.performance : undefined
  const heading = (
    <Link href={path}>
      {performance === undefined
        ? t('waiting')
        : `${performance.name}, ${timeText(performance.startsAt, 'short', locale, performance.venue.timeZone)}`}
    </Link>
  )
  return <HoldPanel hold={hold} heading={heading} />
}
