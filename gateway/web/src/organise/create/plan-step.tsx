import { type DragEvent, type ReactNode, useCallback, useMemo, useRef, useState } from 'react'
import { ApiProblem } from '../../data/api.ts'
import type { ImportedSeatMap, PlanFault, SeatMap, Venue } from '../data/answers.ts'
import { readPerformances, readSeatMap } from '../data/organiser-api.ts'
import { useAction } from '../data/use-action.ts'
import { useLoaded } from '../data/use-loaded.ts'
import { Refused } from '../frame/refused.tsx'
import { useOrganiseWords } from '../words.ts'
import { FaultyPlan } from './faulty-plan.tsx'
import { bodyOf, PLAN_BYTES_MAX, type PlanFile, readPlanFile } from './plan-file.ts'

export interface ChosenPlan {
  readonly map: SeatMap
  readonly warnings: readonly PlanFault[]
}

interface PlanStepProps {
  readonly venue: Venue
  readonly onDone: (plan: ChosenPlan) => void
}

type Failure = { readonly state: 'too large' } | { readonly state: 'unreadable' } | { readonly state: 'failed'; readonly error: unknown }

/** Takes a seating plan as a file, or one that the venue has already. */
export function PlanStep({ venue, onDone }: PlanStepProps): ReactNode {
  const t = useOrganiseWords()
  const { doing, run, dismiss } = useAction()
  const [file, setFile] = useState<PlanFile>()
  const [failure, setFailure] = useState<Failure>()
  const [isReading, setReading] = useState(false)

  async function upload(given: File | undefined): Promise<void> {
    if (given === undefined || isReading || doing.state === 'busy') return
    setFailure(undefined)
    dismiss()
    if (given.size > PLAN_BYTES_MAX) return setFailure({ state: 'too large' })
    setReading(true)
    try {
      const read = await readPlanFile(given)
      setFile(read)
      const path = `/v1/venues/${encodeURIComponent(venue.venueId)}/seat-maps?name=${encodeURIComponent(read.name)}`
      const answer = await run<ImportedSeatMap>('POST', path, bodyOf(read))
      if (answer === undefined) return
      const map = await readSeatMap(answer.body.seatMapId, answer.headers.get('Cavea-Version'))
      onDone({ map, warnings: answer.body.warnings })
    } catch (error) {
      setFailure(error instanceof DOMException ? { state: 'unreadable' } : { state: 'failed', error })
    } finally {
      setReading(false)
    }
  }

  const isBusy = isReading || doing.state === 'busy'
  const faults = doing.state === 'refused' && doing.error instanceof ApiProblem ? doing.error.body.errors : undefined
  return (
    <>
      <DropPlace isBusy={isBusy} onFile={(given) => void upload(given)} />
      <p role="status" className="quiet">
        {isBusy ? t('plan.reading') : ''}
      </p>
      {failure?.state === 'too large' ? (
        <p className="notice notice-bad" role="alert">
          {t('plan.tooLarge')}
        </p>
      ) : null}
      {failure?.state === 'unreadable' ? (
        <p className="notice notice-bad" role="alert">
          {t('plan.unreadable')}
        </p>
      ) : null}
      {failure?.state === 'failed' ? <Refused error={failure.error} onDismiss={() => setFailure(undefined)} /> : null}
      {doing.state === 'refused' && faults === undefined ? <Refused error={doing.error} onDismiss={dismiss} /> : null}
      {faults !== undefined && file !== undefined ? <FaultyPlan file={file} faults={faults} /> : null}
      <UsedPlans venue={venue} onDone={onDone} />
    </>
  )
}

function DropPlace({ isBusy, onFile }: { readonly isBusy: boolean; readonly onFile: (file: File | undefined) => void }): ReactNode {
  const t = useOrganiseWords()
  const [isOver, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)

  function drop(event: DragEvent): void {
    event.preventDefault()
    setOver(false)
    onFile(event.dataTransfer.files[0])
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way of two; the field inside is the other.
    <div
      className="drop"
      data-over={isOver || undefined}
      aria-busy={isBusy}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <p>{t('plan.drop')}</p>
      <label className="button primary">
        {t('plan.choose')}
        <input
          ref={input}
          className="unseen"
          type="file"
          accept=".json,.csv,.txt,application/json,text/csv"
          onChange={({ target }) => {
            onFile(target.files?.[0])
            target.value = '' // The same file again, once it was mended, is a change too.
          }}
        />
      </label>
      <p className="quiet">{t('plan.formats')}</p>
    </div>
  )
}

interface UsedPlan {
  readonly seatMapId: string
  readonly name: string
}

/** Plans of this venue's performances. */
function UsedPlans({ venue, onDone }: PlanStepProps): ReactNode {
  const t = useOrganiseWords()
  const loading = useLoaded(readPerformances)
  const [error, setError] = useState<unknown>()
  const used = useMemo(() => {
    const plans = new Map<string, UsedPlan>()
    if (loading.state !== 'ready') return []
    for (const { venueId, seatMapId, name } of loading.data) if (venueId === venue.venueId) plans.set(seatMapId, { seatMapId, name })
    return [...plans.values()].reverse()
  }, [loading, venue])
  const use = useCallback(
    (seatMapId: string) => void readSeatMap(seatMapId, null).then((map) => onDone({ map, warnings: [] }), setError),
    [onDone],
  )
  if (used.length === 0) return null
  return (
    <section className="used">
      <h3>{t('plan.used')}</h3>
      <ul className="plain-list">
        {used.map(({ seatMapId, name }) => (
          <li key={seatMapId}>
            <button type="button" onClick={() => use(seatMapId)}>
              {t('plan.usedFor', { name })}
            </button>
          </li>
        ))}
      </ul>
      {error === undefined ? null : <Refused error={error} onDismiss={() => setError(undefined)} />}
    </section>
  )
}
