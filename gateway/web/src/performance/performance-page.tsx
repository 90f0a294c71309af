import type { PerformanceCard } from '@cavea/gateway/answers/page-data'
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Hold } from '../data/holds.ts'
import { useHolds } from '../data/own-holds.ts'
import { usePageData } from '../data/page-data.ts'
import { serverClock } from '../data/server-clock.ts'
import { Failed } from '../frame/failed.tsx'
import { NotFoundPage } from '../frame/not-found-page.tsx'
import { useTitle } from '../frame/title.ts'
import { Waiting } from '../frame/waiting.tsx'
import { spanText, timeText } from '../words/numbers.ts'
import { useWords } from '../words/words.tsx'
import { Countdown } from './countdown.tsx'
import { HallPanel } from './hall-panel.tsx'
import { type Sale, saleOf } from './sale.ts'
import { useLiveHall } from './use-live-hall.ts'
import { useTerms } from './use-terms.ts'

export function PerformancePage({ performanceId }: { readonly performanceId: string }): ReactNode {
  const loading = usePageData(`/performances/${encodeURIComponent(performanceId)}`)
  if (loading.state === 'loading') return <Waiting />
  if (loading.state === 'failed') return <Failed error={loading.error} onAgain={loading.again} />
  const { performance } = loading.data
  return performance === undefined ? <NotFoundPage /> : <KnownPerformance performance={performance} />
}

function KnownPerformance({ performance }: { readonly performance: PerformanceCard }): ReactNode {
  const { t, locale } = useWords()
  const { performanceId, name, startsAt, endsAt, venue } = performance
  useTitle(name)
  const terms = useTerms(performanceId)
  const loaded = useLiveHall(performanceId)
  const { holds, forget } = useHoldsOf(performanceId)
  const sale = useSale({ ...performance, ...terms })
  return (
    <>
      <header className="performance-head">
        <h1>{name}</h1>
        <p className="when">
          <time dateTime={startsAt}>
            {endsAt === null ? timeText(startsAt, 'full', locale, venue.timeZone) : spanText(startsAt, endsAt, locale, venue.timeZone)}
          </time>
        </p>
        <p className="where">{[venue.name, venue.street, venue.city].filter((part) => part !== '').join(', ')}</p>
      </header>
      <SaleNotice sale={sale} timeZone={venue.timeZone} />
      {loaded.state === 'failed' ? <Failed error={loaded.error} onAgain={loaded.again} /> : null}
      {loaded.state === 'loading' || terms === undefined ? <HallSkeleton /> : null}
      {loaded.state === 'ready' && terms !== undefined ? (
        <HallPanel
          performanceId={performanceId}
          hall={loaded.hall}
          live={loaded.live}
          terms={terms}
          holds={holds}
          onForget={forget}
          closed={sale.state === 'open' ? undefined : t(`sale.why.${sale.state}`)}
        />
      ) : null}
    </>
  )
}

interface HoldsHere {
  readonly holds: readonly Hold[]
  /** Of one that ended, when its owner has seen that. */
  readonly forget: (holdId: string) => void
}

/** What is held or bought here, and what ended before our eyes. */
function useHoldsOf(performanceId: string): HoldsHere {
  const holds = useHolds()
  const seenAlive = useRef(new Set<string>())
  const [forgotten, setForgotten] = useState<ReadonlySet<string>>(new Set())
  const here = useMemo(
    () =>
      holds.filter((hold) => {
        if (hold.performanceId !== performanceId || forgotten.has(hold.holdId)) return false
        if (hold.status === 'held') seenAlive.current.add(hold.holdId)
        return hold.status === 'sold' || seenAlive.current.has(hold.holdId)
      }),
    [holds, performanceId, forgotten],
  )
  const forget = useCallback((holdId: string) => setForgotten((before) => new Set([...before, holdId])), [])
  return { holds: here, forget }
}

/** Looked at every second; the page, with its thousands of seats, is drawn again only when something changed. */
function useSale({ status, startsAt, endsAt, saleStartsAt, saleEndsAt }: Parameters<typeof saleOf>[0]): Sale {
  const look = useCallback(
    () => JSON.stringify(saleOf({ status, startsAt, endsAt, saleStartsAt, saleEndsAt }, serverClock.nowMs())),
    [status, startsAt, endsAt, saleStartsAt, saleEndsAt],
  )
  const [seen, setSeen] = useState(look)
  useEffect(() => {
    setSeen(look())
    const timer = setInterval(() => setSeen(look()), 1_000)
    return () => clearInterval(timer)
  }, [look])
  return useMemo(() => JSON.parse(seen) as Sale, [seen])
}

function SaleNotice({ sale, timeZone }: { readonly sale: Sale; readonly timeZone: string }): ReactNode {
  const { t, locale } = useWords()
  if (sale.state === 'open') return null
  if (sale.state !== 'before') return <p className="notice">{t(`sale.${sale.state}`)}</p>
  return (
    <p className="notice opening">
      <span>{t('sale.from', { time: timeText(sale.opensAtMs, 'full', locale, timeZone) })}</span>
      <Countdown untilMs={sale.opensAtMs} />
    </p>
  )
}

function HallSkeleton(): ReactNode {
  return (
    <div className="hall">
      <div className="plan skeleton">
        <Waiting />
      </div>
    </div>
  )
}
