import { SeatPicker } from '@cavea/seat-picker'
import type { HallState, PickerHall } from '@cavea/seat-picker/types.ts'
import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react'
import { useSearchParams } from 'wouter'
import { Failed } from '../../frame/failed.tsx'
import { Waiting } from '../../frame/waiting.tsx'
import { seatBook } from '../../performance/seat-names.ts'
import { useLiveHall } from '../../performance/use-live-hall.ts'
import { useWords } from '../../words/words.tsx'
import type { Known } from '../data/answers.ts'
import { useOrganiseWords } from '../words.ts'
import { seatIdsOf, surroundingsOf } from './seat-history.ts'
import { SeatTimeline } from './seat-timeline.tsx'
import { type Past, TimeTravel } from './time-travel.tsx'

const NOBODY: ReadonlySet<string> = new Set()
/** Whose past is shown at once: each is a request. */
const SEATS_MAX = 80

/** The hall as it is now; a click on a seat tells all that was ever decided about it. */
export function SeatsPage({ performance }: { readonly performance: Known }): ReactNode {
  const loaded = useLiveHall(performance.performanceId)
  if (loaded.state === 'loading') return <Waiting />
  if (loaded.state === 'failed') return <Failed error={loaded.error} onAgain={loaded.again} />
  return <Seats performance={performance} hall={loaded.hall} live={loaded.live} />
}

interface SeatsProps {
  readonly performance: Known
  readonly hall: PickerHall
  readonly live: HallState
}

function Seats({ performance, hall, live }: SeatsProps): ReactNode {
  const t = useOrganiseWords()
  const { t: say, locale } = useWords()
  const [params, setParams] = useSearchParams()
  const heading = useRef<HTMLHeadingElement>(null)
  const [past, setPast] = useState<Past>()
  const book = useMemo(() => seatBook(hall), [hall])
  const seat = book.get(params.get('seat') ?? '')
  const around = useMemo(() => seat && surroundingsOf(hall, seat.seatId, SEATS_MAX), [hall, seat])
  const chosen = useMemo(() => (seat === undefined ? NOBODY : new Set([seat.seatId])), [seat])
  const choose = useCallback(
    (seatId: string) => {
      setParams({ seat: seatId }, { replace: true })
      requestAnimationFrame(() => heading.current?.focus())
    },
    [setParams],
  )
  return (
    <div className="hall">
      <div className="plan">
        {seat === undefined || around === undefined ? null : (
          <TimeTravel
            key={`${around.extent} ${seatIdsOf(around.hall)[0] ?? ''}`}
            {...{ performanceId: performance.performanceId, timeZone: performance.timeZone, live, around }}
            seatId={seat.seatId}
            onPast={setPast}
          />
        )}
        <SeatPicker
          hall={past?.hall ?? hall}
          state={live}
          mine={NOBODY}
          selected={chosen}
          onSelect={() => undefined}
          quantityMax={1}
          locale={locale}
          mode="inspect"
          onInspect={choose}
          {...(past && { asOf: past.asOf })}
        />
      </div>
      <aside className="side" aria-label={t('seat.side')}>
        {seat === undefined ? (
          <section className="panel">
            <h2>{t('seat.title')}</h2>
            <p className="quiet">{t('seat.about')}</p>
          </section>
        ) : (
          <SeatTimeline
            key={seat.seatId}
            performance={performance}
            live={live}
            seatId={seat.seatId}
            name={say('seat.name', { section: seat.section, row: seat.row, number: seat.number })}
            heading={heading}
          />
        )}
      </aside>
    </div>
  )
}
