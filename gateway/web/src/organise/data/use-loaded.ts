import { useEffect, useState } from 'react'
import { ApiProblem } from '../../data/api.ts'
import type { Loading } from '../../data/page-data.ts'
import { endSession } from '../../data/session.ts'

/**
 * What `load` gives, anew whenever it is another function. `again` asks anew and keeps what is there until there is something
 * newer. Without a function nothing is loaded.
 */
export function useLoaded<Data>(
  load: ((signal: AbortSignal) => Promise<Data>) | undefined,
): Loading<Data> & { readonly again: () => void } {
  const [tries, setTries] = useState(0)
  const [loaded, setLoaded] = useState<{ readonly by: typeof load; readonly loading: Loading<Data> }>({
    by: load,
    loading: { state: 'loading' },
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: each try loads anew.
  useEffect(() => {
    if (load === undefined) return
    const leaving = new AbortController()
    load(leaving.signal).then(
      (data) => !leaving.signal.aborted && setLoaded({ by: load, loading: { state: 'ready', data } }),
      (error: unknown) => {
        if (leaving.signal.aborted) return
        setLoaded({ by: load, loading: { state: 'failed', error } })
        // A session that is over is ended here too, and who was signed in is asked to sign in again.
        if (error instanceof ApiProblem && error.body.status === 401) endSession().catch(() => undefined)
      },
    )
    return () => leaving.abort()
  }, [load, tries])
  return { ...(loaded.by === load ? loaded.loading : ({ state: 'loading' } as const)), again: () => setTries((count) => count + 1) }
}
