import { type ReactNode, useCallback } from 'react'
import { Link } from 'wouter'
import { ApiProblem, ask } from '../../data/api.ts'
import { Failed } from '../../frame/failed.tsx'
import { NotFoundPage } from '../../frame/not-found-page.tsx'
import { useTitle } from '../../frame/title.ts'
import { Waiting } from '../../frame/waiting.tsx'
import { timeText } from '../../words/numbers.ts'
import { useWords } from '../../words/words.tsx'
import type { Known, PerformanceSummary } from '../data/answers.ts'
import { readVenue } from '../data/organiser-api.ts'
import { useLoaded } from '../data/use-loaded.ts'
import { hasWords, useOrganiseWords } from '../words.ts'
import { BlockPage } from './block-page.tsx'
import { BoxOfficePage } from './box-office-page.tsx'
import { SeatsPage } from './seats-page.tsx'
import { WatchPage } from './watch-page.tsx'

const PAGES = ['watch', 'block', 'seats', 'box-office'] as const

/** A venue answers to its organiser alone, so that who reads it has the right to the rest. */
async function readOwn(performanceId: string, signal: AbortSignal): Promise<Known | undefined> {
  try {
    const path = `/v1/performances/${encodeURIComponent(performanceId)}`
    const { body } = await ask<PerformanceSummary>('GET', path, { signal })
    return { ...body, timeZone: (await readVenue(body.venueId, signal)).timeZone }
  } catch (error) {
    if (error instanceof ApiProblem && error.body.status === 404) return undefined
    throw error
  }
}

interface OwnPerformanceProps {
  readonly performanceId: string
  readonly page: string
}

export function OwnPerformance({ performanceId, page }: OwnPerformanceProps): ReactNode {
  const loading = useLoaded(useCallback((signal: AbortSignal) => readOwn(performanceId, signal), [performanceId]))
  if (loading.state === 'loading') return <Waiting />
  if (loading.state === 'failed') return <Failed error={loading.error} onAgain={loading.again} />
  if (loading.data === undefined || !hasWords(PAGES, page)) return <NotFoundPage />
  return <KnownPerformance performance={loading.data} page={page} />
}

function KnownPerformance({ performance, page }: { readonly performance: Known; readonly page: (typeof PAGES)[number] }): ReactNode {
  const t = useOrganiseWords()
  const { locale } = useWords()
  const { performanceId, name, startsAt, timeZone } = performance
  useTitle(`${t(`nav.${page}`)} · ${name}`)
  const path = `/organise/performances/${encodeURIComponent(performanceId)}`
  return (
    <>
      <p className="back">
        <Link href="/organise">{t('back')}</Link>
      </p>
      <header className="performance-head">
        <h1>{name}</h1>
        <p className="when">
          <time dateTime={startsAt}>{timeText(startsAt, 'full', locale, timeZone)}</time>
        </p>
      </header>
      <nav className="pages" aria-label={t('nav.label')}>
        {PAGES.map((each) => (
          <Link key={each} href={each === 'watch' ? path : `${path}/${each}`} aria-current={each === page ? 'page' : undefined}>
            {t(`nav.${each}`)}
          </Link>
        ))}
      </nav>
      {page === 'watch' ? <WatchPage performance={performance} /> : null}
      {page === 'block' ? <BlockPage performanceId={performanceId} /> : null}
      {page === 'seats' ? <SeatsPage performance={performance} /> : null}
      {page === 'box-office' ? <BoxOfficePage performanceId={performanceId} /> : null}
    </>
  )
}
