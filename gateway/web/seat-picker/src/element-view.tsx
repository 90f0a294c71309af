import { type ReactNode, useEffect, useRef, useState } from 'react'
import { createLiveHall, type LiveHall } from './live/hall-state.ts'
import { HallLoadError } from './live/load.ts'
import { SeatPicker } from './seat-picker.tsx'
import type { MessageKey } from './text/text.ts'
import type { PickerHall, SeatPickerProps } from './types.ts'
import { useStyles, useText } from './ui/hooks.ts'

type ElementViewProps = Pick<
  SeatPickerProps,
  'selected' | 'mine' | 'onSelect' | 'quantityMax' | 'locale' | 'onArea' | 'onBestAvailable'
> & {
  readonly performanceId: string
  readonly endpoint: string
}

type Loaded =
  | { readonly is: 'loading' }
  | { readonly is: 'loaded'; readonly hall: PickerHall; readonly live: LiveHall }
  | { readonly is: 'failed'; readonly why: MessageKey }

const WHY: Readonly<Record<string, MessageKey>> = { PERFORMANCE_NOT_FOUND: 'load.unknown', PERFORMANCE_OPENING: 'load.opening' }

/** The picker that loads its hall by itself, as the custom element shows it. */
export function ElementView({ performanceId, endpoint, ...props }: ElementViewProps): ReactNode {
  const [loaded, setLoaded] = useState<Loaded>({ is: 'loading' })
  const [attempt, setAttempt] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is the same once more.
  useEffect(() => {
    setLoaded({ is: 'loading' })
    let isOver = false
    const live = createLiveHall({ endpoint, performanceId, fetch: (input, init) => fetch(input, init), webSocket: WebSocket })
    live.hall.then(
      (hall) => {
        if (!isOver) setLoaded({ is: 'loaded', hall, live })
      },
      (error: unknown) => {
        if (!isOver) setLoaded({ is: 'failed', why: (error instanceof HallLoadError ? WHY[error.code] : undefined) ?? 'load.failed' })
      },
    )
    return () => {
      isOver = true
      live.close()
    }
  }, [endpoint, performanceId, attempt])

  if (loaded.is === 'loaded') return <SeatPicker {...props} hall={loaded.hall} state={loaded.live.state} />
  return <Waiting locale={props.locale} why={loaded.is === 'failed' ? loaded.why : undefined} onAgain={() => setAttempt(attempt + 1)} />
}

function Waiting(props: { readonly locale: string; readonly why: MessageKey | undefined; readonly onAgain: () => void }): ReactNode {
  const root = useRef<HTMLDivElement>(null)
  useStyles(root)
  const text = useText(props.locale, '')
  return (
    <div ref={root} className="cavea-picker" lang={text?.locale} aria-busy={props.why === undefined}>
      <div role="status" className="picker-waiting">
        <p>{text?.say(props.why ?? 'load.busy')}</p>
        {props.why !== undefined && (
          <button type="button" onClick={props.onAgain}>
            {text?.say('load.again')}
          </button>
        )}
      </div>
    </div>
  )
}
