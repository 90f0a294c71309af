import type { PageData } from '@cavea/gateway/answers/page-data'
import { useEffect, useState } from 'react'
import { ask } from './api.ts'

const TYPE = 'application/vnd.cavea.page+json'

/** What this page came with, for the address that it came from. */
const arrived: { readonly path: string; readonly data: PageData } | undefined = readArrived()

function readArrived(): { path: string; data: PageData } | undefined {
  const text = typeof document === 'undefined' ? null : document.getElementById('page-data')?.textContent
  return text ? { path: location.pathname + location.search, data: JSON.parse(text) as PageData } : undefined
}

export type Loading<Data> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly data: Data }
  | { readonly state: 'failed'; readonly error: unknown }

/** The data of the page at `path` (with its query), at once where they came with it. `again` asks anew. */
export function usePageData(path: string): Loading<PageData> & { readonly again: () => void } {
  const [tries, setTries] = useState(0)
  const first: Loading<PageData> = arrived?.path === path ? { state: 'ready', data: arrived.data } : { state: 'loading' }
  const [loaded, setLoaded] = useState<{ readonly path: string; readonly loading: Loading<PageData> }>({ path, loading: first })
  useEffect(() => {
    if (tries === 0 && arrived?.path === path) return setLoaded({ path, loading: { state: 'ready', data: arrived.data } })
    const leaving = new AbortController()
    ask<PageData>('GET', path, { headers: { Accept: TYPE }, signal: leaving.signal }).then(
      ({ body }) => setLoaded({ path, loading: { state: 'ready', data: body } }),
      (error: unknown) => {
        if (leaving.signal.aborted) return
        const isMissing = error instanceof Error && 'body' in error && (error.body as PageData).status === 404
        setLoaded({ path, loading: isMissing ? { state: 'ready', data: { status: 404 } } : { state: 'failed', error } })
      },
    )
    return () => leaving.abort()
  }, [path, tries])
  const again = (): void => setTries((count) => count + 1)
  return { ...(loaded.path === path ? loaded.loading : ({ state: 'loading' } as const)), again }
}
