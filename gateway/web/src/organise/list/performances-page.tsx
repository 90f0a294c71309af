import { type ReactNode, useMemo } from 'react'
import { useQuery } from 'urql'
import { Link } from 'wouter'
import { serverClock } from '../../data/server-clock.ts'
import { Failed } from '../../frame/failed.tsx'
import { useTitle } from '../../frame/title.ts'
import { Waiting } from '../../frame/waiting.tsx'
import { timeText } from '../../words/numbers.ts'
import { useWords } from '../../words/words.tsx'
import type { PerformanceSummary, Venue } from '../data/answers.ts'
import { readPerformances, readVenuesOf } from '../data/organiser-api.ts'
import { useLoaded } from '../data/use-loaded.ts'
import { useOrganiseWords } from '../words.ts'

/** More than nearly anybody has; the times of further ones are the reader's own. */
const VENUES_MAX = 50
const SOLD = `query Sold { performances(first: 100) { data { performanceId availability { sections { sold } } } } }`

interface SoldAnswer {
  readonly performances: {
    readonly data: readonly {
      readonly performanceId: string
      readonly availability: { readonly sections: readonly { readonly sold: number }[] }
    }[]
  }
}

interface Overview {
  readonly performances: readonly PerformanceSummary[]
  readonly venues: ReadonlyMap<string, Venue>
}

async function readOverview(signal: AbortSignal): Promise<Overview> {
  const performances = await readPerformances(signal)
  const venues = await readVenuesOf(performances.toReversed(), VENUES_MAX, signal)
  return { performances, venues: new Map(venues.map((venue) => [venue.venueId, venue])) }
}

/** The organiser's own performances, those to come first. */
export function PerformancesPage(): ReactNode {
  const t = useOrganiseWords()
  const loading = useLoaded(readOverview)
  useTitle(t('list.title'))
  return (
    <>
      <header className="page-head">
        <h1>{t('list.title')}</h1>
        <Link href="/organise/new" className="button primary">
          {t('list.new')}
        </Link>
      </header>
      {loading.state === 'loading' ? <Waiting /> : null}
      {loading.state === 'failed' ? <Failed error={loading.error} onAgain={loading.again} /> : null}
      {loading.state === 'ready' ? <Performances {...loading.data} /> : null}
    </>
  )
}

function Performances({ performances, venues }: Overview): ReactNode {
  const t = useOrganiseWords()
  const [{ data }] = useQuery<SoldAnswer>({ query: SOLD, requestPolicy: 'network-only' })
  const sold = useMemo(
    () =>
      new Map(
        data?.performances.data.map(({ performanceId, availability: { sections } }) => {
          return [performanceId, sections.reduce((sum, section) => sum + section.sold, 0)] as const
        }),
      ),
    [data],
  )
  const [coming, past] = useMemo(() => {
    const nowMs = serverClock.nowMs()
    const isOver = ({ startsAt, endsAt }: PerformanceSummary): boolean => Date.parse(endsAt ?? startsAt) < nowMs
    const sorted = performances.toSorted((a, b) => a.startsAt.localeCompare(b.startsAt))
    return [sorted.filter((each) => !isOver(each)), sorted.filter(isOver).reverse()]
  }, [performances])
  if (performances.length === 0) return <p className="empty">{t('list.none')}</p>
  return (
    <>
      <Cards performances={coming} venues={venues} sold={sold} />
      {past.length === 0 ? null : (
        <details className="past">
          <summary>{t('list.past', { count: past.length })}</summary>
          <Cards performances={past} venues={venues} sold={sold} />
        </details>
      )}
    </>
  )
}

/** `sold` has what is known of it. */
function Cards({ performances, venues, sold }: Overview & { readonly sold: ReadonlyMap<string, number> }): ReactNode {
  const t = useOrganiseWords()
  const { locale } = useWords()
  return (
    <ul className="cards">
      {performances.map(({ performanceId, venueId, name, startsAt, capacity, status }) => {
        const venue = venues.get(venueId)
        const count = sold.get(performanceId)
        return (
          <li key={performanceId} className="card">
            <Link href={`/organise/performances/${encodeURIComponent(performanceId)}`}>
              <h2>{name}</h2>
            </Link>
            <p className="when">
              <time dateTime={startsAt}>{timeText(startsAt, 'full', locale, venue?.timeZone)}</time>
            </p>
            <p className="where">{[venue?.name ?? '', venue?.address.city ?? ''].filter((part) => part !== '').join(', ')}</p>
            <p className="terms">
              <span>{count === undefined ? t('list.places', { count: capacity }) : t('list.sold', { sold: count, count: capacity })}</span>
              {status === 'opening' ? <span className="state">{t('list.opening')}</span> : null}
            </p>
          </li>
        )
      })}
    </ul>
  )
}
