import { createLiveHall } from '@cavea/seat-picker/live/hall-state.ts'
import type { HallState, PickerHall } from '@cavea/seat-picker/types.ts'
import { useEffect, useState } from 'react'

export type LoadedHall =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly hall: PickerHall; readonly live: HallState }
  | { readonly state: 'failed'; readonly error: unknown }

/** The hall of a performance and its seats as they change, for as long as the page is shown. */
export function useLiveHall(performanceId: string): LoadedHall & { readonly again: () => void } {
  const [loaded, setLoaded] = useState<LoadedHall>({ state: 'loading' })
  const [tries, setTries] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each try is a new connection.
  useEffect(() => {
    let isHere = true
    setLoaded({ state: 'loading' })
    const { hall, state, close } = createLiveHall({ endpoint: '', performanceId, fetch: fetch.bind(globalThis), webSocket: WebSocket })
    hall.then(
      (known) => isHere && setLoaded({ state: 'ready', hall: known, live: state }),
      (error: unknown) => isHere && setLoaded({ state: 'failed', error }),
    )
    return () => {
      isHere = false
      close()
    }
  }, [performanceId, tries])
  return { ...loaded, again: () => setTries((count) => count + 1) }
}
