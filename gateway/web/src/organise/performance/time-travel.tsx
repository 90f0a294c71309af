import type { HallState, PickerHall, SeatStatus } from '@cavea/seat-picker/types.ts'
import { type ReactNode, useEffect, useId, useMemo, useState } from 'react'
import { Failed } from '../../frame/failed.tsx'
import { useWords } from '../../words/words.tsx'
import { useOrganiseWords } from '../words.ts'
import { momentsOf, type Surroundings, seatIdsOf, statusAt } from './seat-history.ts'
import { type Histories, useHistories } from './use-histories.ts'

/** A part of the hall as it was. */
export interface Past {
  readonly hall: PickerHall
  readonly asOf: (seatId: string) => SeatStatus
}

interface TimeTravelProps {
  readonly performanceId: string
  readonly timeZone: string
  readonly live: HallState
  /** What is shown of the hall. Another part needs another one of these. */
  readonly around: Surroundings
  /** One of it: the one that is told about. */
  readonly seatId: string
  /** Told what is to be shown instead of the present; undefined: the present. */
  readonly onPast: (past: Past | undefined) => void
}

/** The way back to any moment, with the seat and as much around it as can be had. */
export function TimeTravel({ performanceId, timeZone, live, around, seatId, onPast }: TimeTravelProps): ReactNode {
  const t = useOrganiseWords()
  const [isWanted, setWanted] = useState(false)
  const [{ extent, hall }] = useState(around)
  const seatIds = useMemo(() => (isWanted ? seatIdsOf(hall) : undefined), [isWanted, hall])
  const { again, ...loaded } = useHistories(performanceId, seatIds, live)
  useEffect(() => () => onPast(undefined), [onPast])
  return (
    <section className="panel travel" aria-labelledby="travel-title">
      <h2 id="travel-title">{t('travel.title')}</h2>
      <p className="quiet">{t(`travel.extent.${extent}`)}</p>
      {loaded.state === 'idle' ? (
        <button type="button" onClick={() => setWanted(true)}>
          {t('travel.go')}
        </button>
      ) : null}
      <p role="status" className="quiet">
        {loaded.state === 'loading' ? t('travel.loading', { done: loaded.done, of: loaded.of }) : ''}
      </p>
      {loaded.state === 'failed' ? <Failed error={loaded.error} onAgain={again} /> : null}
      {loaded.state === 'ready' ? <Slider {...{ hall, seatId, histories: loaded.histories, timeZone, onPast }} /> : null}
    </section>
  )
}

interface SliderProps extends Pick<TimeTravelProps, 'seatId' | 'timeZone' | 'onPast'> {
  readonly hall: PickerHall
  readonly histories: Histories
}

/** Goes from change to change, since between two of them nothing is to be seen, and at its end to the present. */
function Slider({ hall, seatId, histories, timeZone, onPast }: SliderProps): ReactNode {
  const t = useOrganiseWords()
  const { locale } = useWords()
  const id = useId()
  const moments = useMemo(() => momentsOf(histories.values()), [histories])
  const present = moments.length + 1
  // The present stays the present when moments are added.
  const [chosen, setChosen] = useState<number | 'present'>('present')
  const step = chosen === 'present' ? present : Math.min(chosen, present)
  const setStep = (to: number): void => setChosen(to >= present ? 'present' : to)
  const atMs = step === 0 ? Number.NEGATIVE_INFINITY : (moments[step - 1] ?? Number.POSITIVE_INFINITY)
  useEffect(() => {
    const asOf = (each: string): SeatStatus => statusAt(histories.get(each) ?? [], atMs)
    onPast(step >= present ? undefined : { hall, asOf })
  }, [hall, histories, atMs, step, present, onPast])

  const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', timeZone })
  const status = t(`state.${statusAt(histories.get(seatId) ?? [], atMs)}`)
  const moment = step === 0 ? t('travel.before') : step >= present ? t('travel.now') : exact.format(atMs)
  const words = t('travel.at', { time: moment, status })
  return (
    <>
      <label htmlFor={id}>{t('travel.slider')}</label>
      <input
        id={id}
        className="slider"
        type="range"
        min={0}
        max={present}
        step={1}
        value={step}
        aria-valuetext={words}
        onChange={({ target }) => setStep(Number(target.value))}
      />
      <p className="moment">{words}</p>
      {step >= present ? null : (
        <button type="button" className="plain" onClick={() => setStep(present)}>
          {t('travel.back')}
        </button>
      )}
    </>
  )
}
