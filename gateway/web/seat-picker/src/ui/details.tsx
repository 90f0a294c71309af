import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Point } from '../scene/geometry.ts'
import type { PickerModel } from './picker-model.ts'
import type { Words } from './words.ts'

export interface DetailsAt {
  readonly seat: number
  /** Beside a place, in pixels from the map's corner; in a corner, away from the seats around; as a sheet with buttons. */
  readonly place: (() => Point) | 'corner' | 'sheet'
  /** Where it would cover its seat otherwise: the other corner, or the upper edge. */
  readonly isMoved?: boolean
}

interface DetailsProps {
  readonly model: PickerModel
  readonly words: Words
  readonly at: DetailsAt
  readonly onExplain: ((seatId: string) => Promise<string | null>) | undefined
  /** Said to those who do not see it. */
  readonly onExplained: (words: string) => void
  readonly onClose: () => void
}

const GAP_PX = 14
const EXPLAIN_AFTER_MS = 200
/** From then on the pointer may rest on it; before, it only passes over, and must not be held up. */
const SETTLED_AFTER_MS = 600

export function Details({ model, words, at, onExplain, onExplained, onClose }: DetailsProps): ReactNode {
  const { scene, text, mode, standingOf } = model
  const seat = scene.seats[at.seat]
  const section = scene.sections[scene.sectionOf[at.seat] ?? 0]?.section
  const standing = seat === undefined ? 'blocked' : standingOf(seat.seatId)
  const explained = useExplanation(seat?.seatId, standing === 'held' || standing === 'mine' ? standing : '', onExplain)
  const box = useRef<HTMLDivElement>(null)
  const isSheet = at.place === 'sheet'
  const place = typeof at.place === 'function' ? at.place() : undefined
  const isSettled = useSettled(at.seat)
  const isPassing = place !== undefined
  useEffect(() => {
    // What only the pointer passes over is not read out.
    if (explained !== '' && !isPassing) onExplained(explained)
  }, [explained, isPassing, onExplained])

  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    element.style.translate = place === undefined ? '' : beside(place, element)
  })

  if (seat === undefined || section === undefined) return null
  const type = words.type(seat)
  const canAct = standing === 'available' || standing === 'selected'
  return (
    // A tooltip says what the active option says already; the sheet has buttons and is read.
    <div
      ref={box}
      data-moved={at.isMoved || undefined}
      className={isSheet ? 'picker-sheet' : isPassing ? 'picker-tip' : 'picker-tip picker-corner'}
      data-settled={isSettled || undefined}
      {...(isSheet ? { role: 'group', 'aria-label': text.say('details.label') } : { 'aria-hidden': true })}
    >
      <p className="picker-where">
        <span className="picker-section">{section.name}</span> <strong>{words.shortName(seat)}</strong>
      </p>
      <p>
        {seat.category} · {words.price(seat.category)}
      </p>
      {type !== '' && <p>{type}</p>}
      <p className="picker-standing" data-standing={standing}>
        {words.standing(standing)}
      </p>
      {explained !== '' && <p className="picker-why">{explained}</p>}
      {isSheet && (
        <div className="picker-actions">
          {mode === 'choose' && canAct && (
            <button type="button" className="picker-primary" onClick={() => model.act(at.seat)}>
              {text.say(standing === 'selected' ? 'details.remove' : 'details.select')}
            </button>
          )}
          <button type="button" onClick={onClose}>
            {text.say('details.close')}
          </button>
        </div>
      )}
    </div>
  )
}

/** Above the place, or below where there is no room, and never outside the map. */
function beside(place: Point, element: HTMLElement): string {
  const map = element.parentElement
  if (map === null) return ''
  const { offsetWidth: width, offsetHeight: height } = element
  const x = Math.min(Math.max(8, place.x - width / 2), Math.max(8, map.clientWidth - width - 8))
  const above = place.y - height - GAP_PX
  const y = above < 8 ? Math.min(place.y + GAP_PX, map.clientHeight - height - 8) : above
  return `${Math.round(x)}px ${Math.round(y)}px`
}

function useSettled(seat: number): boolean {
  const [settled, setSettled] = useState(-1)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(seat), SETTLED_AFTER_MS)
    return () => clearTimeout(timer)
  }, [seat])
  return settled === seat
}

/** Asked only of a seat that somebody stays at; asked again when what became of it changes. */
function useExplanation(seatId: string | undefined, of: string, onExplain: DetailsProps['onExplain']): string {
  const [explained, setExplained] = useState({ key: '', words: '' })
  const key = `${seatId ?? ''} ${of}`
  useEffect(() => {
    if (seatId === undefined || of === '' || onExplain === undefined) return
    let isOver = false
    const timer = setTimeout(() => {
      onExplain(seatId).then(
        (words) => {
          if (!isOver) setExplained({ key: `${seatId} ${of}`, words: words ?? '' })
        },
        () => undefined, // Without an explanation the status stands alone.
      )
    }, EXPLAIN_AFTER_MS)
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [seatId, of, onExplain])
  return explained.key === key ? explained.words : ''
}
