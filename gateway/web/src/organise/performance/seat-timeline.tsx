import type { HallState } from '@cavea/seat-picker/types.ts'
import { type ReactNode, type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import { Link } from 'wouter'
import { Failed } from '../../frame/failed.tsx'
import { Waiting } from '../../frame/waiting.tsx'
import type { Known, SeatDecision } from '../data/answers.ts'
import { readDecisions } from '../data/organiser-api.ts'
import { useLoaded } from '../data/use-loaded.ts'
import { useOrganiseWords } from '../words.ts'
import { DecisionList } from './decision-list.tsx'
import { isBehind } from './seat-history.ts'
import { BEHIND_TRIES_MAX, isWithoutHistory, LATER_MS } from './use-histories.ts'

interface SeatTimelineProps {
  readonly performance: Known
  readonly live: HallState
  readonly seatId: string
  /** The seat's, in words. */
  readonly name: string
  readonly heading: RefObject<HTMLHeadingElement | null>
}

/** Every decision about a seat. */
export function SeatTimeline({ performance, live, seatId, name, heading }: SeatTimelineProps): ReactNode {
  const t = useOrganiseWords()
  const { performanceId, timeZone } = performance
  const load = useCallback((signal: AbortSignal) => readDecisions(performanceId, seatId, signal), [performanceId, seatId])
  const { again, ...loading } = useLoaded(load)
  const status = useStatus(live, seatId)
  useReadingAgain(live, seatId, loading.state === 'ready' ? loading.data : undefined, again)
  return (
    <section className="panel timeline" aria-labelledby="timeline-title" data-seat={seatId}>
      <h2 id="timeline-title" tabIndex={-1} ref={heading}>
        {name}
      </h2>
      <p className="badge" data-state={status}>
        {t(`state.${status}`)}
      </p>
      {loading.state === 'loading' ? <Waiting /> : null}
      {loading.state === 'failed' && isWithoutHistory(loading.error) ? (
        <div className="notice" role="status">
          <p>{t('seat.unknown')}</p>
          <button type="button" onClick={again}>
            {t('again')}
          </button>
        </div>
      ) : null}
      {loading.state === 'failed' && !isWithoutHistory(loading.error) ? <Failed error={loading.error} onAgain={again} /> : null}
      {loading.state === 'ready' ? (
        <>
          {status === 'held' ? <HoldLink decisions={loading.data} performanceId={performanceId} /> : null}
          <DecisionList decisions={loading.data} timeZone={timeZone} />
        </>
      ) : null}
    </section>
  )
}

/** To the hold that has the seat now. */
function HoldLink({
  decisions,
  performanceId,
}: {
  readonly decisions: readonly SeatDecision[]
  readonly performanceId: string
}): ReactNode {
  const t = useOrganiseWords()
  const held = decisions.findLast(({ status }) => status === 'held')
  // A part of a hold over several sections has an id that means nothing outside.
  if (held === undefined || held.holdId === null || held.actor.kind === 'system') return null
  const path = `/organise/performances/${encodeURIComponent(performanceId)}/box-office?hold=${encodeURIComponent(held.holdId)}`
  return (
    <p>
      <Link href={path} className="button">
        {t('seat.hold')}
      </Link>
    </p>
  )
}

function useStatus(live: HallState, seatId: string): ReturnType<HallState['status']> {
  const [status, setStatus] = useState(() => live.status(seatId))
  useEffect(() => {
    const read = (): void => setStatus(live.status(seatId))
    read()
    return live.subscribe(read)
  }, [live, seatId])
  return status
}

/** Reads anew after each change of the seat, and until the change is among what was read. */
function useReadingAgain(live: HallState, seatId: string, decisions: readonly SeatDecision[] | undefined, again: () => void): void {
  const [changes, setChanges] = useState(0)
  const read = useRef({ changes: 0, tries: 0 })
  useEffect(
    () => live.subscribe((changed) => (changed === 'all' || changed.includes(seatId)) && setChanges((count) => count + 1)),
    [live, seatId],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` is another function each time and always does the same.
  useEffect(() => {
    const isNew = read.current.changes !== changes
    if (isNew) read.current.tries = 0
    const isMissing = decisions !== undefined && isBehind(decisions, live.status(seatId))
    if (!(isNew || isMissing) || read.current.tries >= BEHIND_TRIES_MAX) return
    const timer = setTimeout(() => {
      read.current = { changes, tries: read.current.tries + 1 }
      again()
    }, LATER_MS)
    return () => clearTimeout(timer)
  }, [changes, decisions, live, seatId])
}
