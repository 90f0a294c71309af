import type { PerformanceCard } from '@cavea/gateway/answers/page-data'
import { type ReactNode, useEffect, useState } from 'react'
import { useQuery } from 'urql'
import { Link, useLocation, useSearchParams } from 'wouter'
import { usePageData } from '../data/page-data.ts'
import { Failed } from '../frame/failed.tsx'
import { useTitle } from '../frame/title.ts'
import { Waiting } from '../frame/waiting.tsx'
import { useWords } from '../words/words.tsx'
import { PerformanceFacts } from './performance-facts.tsx'

const SEARCH_CHARS_MAX = 100
const TYPING_MS = 250
const LEFT = `query Left { performances(first: 100) { data { performanceId availability { sections { available } } } } }`

interface LeftAnswer {
  readonly performances: {
    readonly data: readonly {
      readonly performanceId: string
      readonly availability: { readonly sections: readonly { readonly available: number }[] }
    }[]
  }
}

export function ListPage(): ReactNode {
  const { t } = useWords()
  const [params] = useSearchParams()
  const search = (params.get('q') ?? '').trim().slice(0, SEARCH_CHARS_MAX)
  const loading = usePageData(search === '' ? '/' : `/?q=${encodeURIComponent(search)}`)
  const left = useLeft()
  useTitle(t('list.title'))
  return (
    <>
      <h1>{t('list.title')}</h1>
      <Search search={search} />
      {loading.state === 'loading' ? <Waiting /> : null}
      {loading.state === 'failed' ? <Failed error={loading.error} onAgain={loading.again} /> : null}
      {loading.state === 'ready' ? <Cards performances={loading.data.performances ?? []} search={search} left={left} /> : null}
    </>
  )
}

/** How many places are left, by performance; what is not known yet is not here. */
function useLeft(): ReadonlyMap<string, number> {
  const [{ data }] = useQuery<LeftAnswer>({ query: LEFT })
  const [left, setLeft] = useState<ReadonlyMap<string, number>>(new Map())
  useEffect(() => {
    if (data === undefined) return
    const counted = data.performances.data.map(
      ({ performanceId, availability }) =>
        [performanceId, availability.sections.reduce((sum, { available }) => sum + available, 0)] as const,
    )
    setLeft(new Map(counted))
  }, [data])
  return left
}

function Search({ search }: { readonly search: string }): ReactNode {
  const { t } = useWords()
  const [, navigate] = useLocation()
  const [text, setText] = useState(() => typedBefore() ?? search)
  const [searched, setSearched] = useState(search)
  if (searched !== search) {
    setSearched(search)
    setText(search)
  }
  useEffect(() => {
    const wanted = text.trim()
    if (wanted === search) return
    const timer = setTimeout(() => navigate(wanted === '' ? '/' : `/?q=${encodeURIComponent(wanted)}`, { replace: true }), TYPING_MS)
    return () => clearTimeout(timer)
  }, [text, search, navigate])
  return (
    <search>
      <form className="search" action="/" onSubmit={(event) => event.preventDefault()}>
        <input
          type="search"
          name="q"
          value={text}
          maxLength={SEARCH_CHARS_MAX}
          aria-label={t('list.search')}
          placeholder={t('list.searchHint')}
          onChange={({ target }) => setText(target.value)}
        />
      </form>
    </search>
  )
}

/** What somebody typed into the page as the server sent it, before this script was there to take its place. */
function typedBefore(): string | undefined {
  return document.querySelector<HTMLInputElement>('form.search input[name="q"]')?.value
}

interface CardsProps {
  readonly performances: readonly PerformanceCard[]
  readonly search: string
  readonly left: ReadonlyMap<string, number>
}

function Cards({ performances, search, left }: CardsProps): ReactNode {
  const { t } = useWords()
  return (
    <>
      <p className={performances.length === 0 ? 'empty' : 'unseen'} role="status">
        {performances.length === 0 ? t(search === '' ? 'list.none' : 'list.nothingFound') : t('list.count', { count: performances.length })}
      </p>
      <ul className="cards">
        {performances.map((performance) => (
          <li key={performance.performanceId} className="card">
            <Link href={`/performances/${encodeURIComponent(performance.performanceId)}`}>
              <h2>{performance.name}</h2>
            </Link>
            <PerformanceFacts performance={performance} available={left.get(performance.performanceId) ?? performance.available} />
          </li>
        ))}
      </ul>
    </>
  )
}
