import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react'
import { type Picture, shareLeft } from '../draw/picture.ts'
import type { Rect } from '../scene/geometry.ts'
import { type Direction, endOfRow, neighbour, nextSection, rowOf } from '../scene/navigate.ts'
import { Details, type DetailsAt } from './details.tsx'
import { useLatest, usePalette } from './hooks.ts'
import { createMapController, type MapController } from './map-controller.ts'
import type { PickerModel } from './picker-model.ts'

const ARROWS: Readonly<Record<string, Direction>> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' }
const ZOOM_STEP = 1.5

export interface MapViewProps {
  readonly model: PickerModel
  readonly onExplain: ((seatId: string) => Promise<string | null>) | undefined
  readonly onExplained: (words: string) => void
  /** A standing area was touched. */
  readonly onArea: (section: number) => void
}

/**
 * The drawn map. A canvas says nothing to a screen reader, so over it lies a list box whose options are the seats of one row:
 * the row of the focused seat. A list box, because screen readers then pass the arrow keys on by themselves and speak the
 * active option with its state, each in its own manner; `role="application"` with a live region would leave all of that to us,
 * and would queue up one sentence per key. Swiping on a touch screen finds the same options.
 */
export function MapView({ model, onExplain, onExplained, onArea }: MapViewProps): ReactNode {
  const { scene, text, words } = model
  const canvas = useRef<HTMLCanvasElement>(null)
  const surface = useRef<HTMLDivElement>(null)
  const probe = useRef<HTMLSpanElement>(null)
  const controller = useRef<MapController>(undefined)
  const latest = useLatest({ model, onArea })
  const id = useId()
  const palette = usePalette(probe, scene.hall)
  const [focused, setFocused] = useState(-1)
  const [isKeyed, setKeyed] = useState(false)
  const [hovered, setHovered] = useState(-1)
  const [band, setBand] = useState<Rect>()
  const [tapped, setTapped] = useState(-1)
  const [isWhole, setWhole] = useState(true)

  const { state, asOf, matches, describeLeft, isStale, selected, mine } = model
  const base = useMemo(() => {
    if (palette === undefined) return undefined
    return { scene, palette, state, asOf, matches, stage: text.say('stage'), isStale }
  }, [scene, palette, state, asOf, matches, text, isStale])
  const picture: Picture | undefined = base && {
    ...base,
    describe: describeLeft,
    selected,
    mine,
    focused: isKeyed ? focused : -1,
    hovered,
    band,
  }
  const shown = useRef<{ readonly base: object; readonly controller: MapController }>(undefined)

  useEffect(() => {
    if (picture === undefined || base === undefined || canvas.current === null || surface.current === null) return
    if (controller.current === undefined) {
      controller.current = createMapController(canvas.current, surface.current, picture, {
        onSeat(seat, pointer) {
          setFocused(seat)
          setKeyed(false)
          setTapped(pointer === 'mouse' ? -1 : seat)
          latest.current.model.act(seat)
        },
        onArea: (section) => latest.current.onArea(section),
        onNowhere: () => setTapped(-1),
        onHover: setHovered,
        onBand: setBand,
        onBandDone: (seats) => latest.current.model.actOnMany(seats),
        onMove: setWhole,
        dragsBand: (pointer) => latest.current.model.mode === 'block' && pointer === 'mouse',
      })
      shown.current = { base, controller: controller.current }
      return
    }
    if (shown.current?.base === base) controller.current.showOver(picture)
    else controller.current.show(picture)
    shown.current = { base, controller: controller.current }
  })
  useEffect(() => {
    return () => {
      controller.current?.close()
      controller.current = undefined
    }
  }, [])
  useEffect(() => {
    return state.subscribe((changed) => {
      if (changed === 'all' || controller.current === undefined) return // Staleness comes with the next rendering.
      controller.current.change(changed.flatMap((seatId) => scene.indexOf.get(seatId) ?? []))
    })
  }, [state, scene])

  /** Where the keyboard begins: at what is selected, else at the first free seat. */
  function beginning(): number {
    const [first] = [...selected, ...mine].flatMap((seatId) => scene.indexOf.get(seatId) ?? [])
    if (first !== undefined) return first
    const free = scene.seats.findIndex((seat, index) => model.standingOf(seat.seatId) === 'available' && matches(index))
    return Math.max(0, free)
  }

  function go(to: number): void {
    const section = scene.sectionOf[to] ?? 0
    // The options say row and seat; that it is another section is said once, when it becomes one.
    if (focused !== -1 && section !== scene.sectionOf[focused])
      onExplained([scene.sections[section]?.section.name, describeLeft(section)].filter(Boolean).join(', '))
    setFocused(to)
    setKeyed(true)
    setTapped(-1)
    controller.current?.reveal(to)
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey || event.ctrlKey) return
    const at = focused === -1 ? beginning() : focused
    const direction = ARROWS[event.key]
    if (direction !== undefined) go(focused === -1 ? at : neighbour(scene, at, direction))
    else if (event.key === 'Home') go(endOfRow(scene, at, 'first'))
    else if (event.key === 'End') go(endOfRow(scene, at, 'last'))
    else if (event.key === 'PageDown') go(nextSection(scene, at, 1))
    else if (event.key === 'PageUp') go(nextSection(scene, at, -1))
    else if (event.key === 'Enter' || event.key === ' ') {
      go(at)
      if (!event.repeat) model.act(at)
    } else if (event.key === '+' || event.key === '=') controller.current?.zoomBy(ZOOM_STEP)
    else if (event.key === '-') controller.current?.zoomBy(1 / ZOOM_STEP)
    else if (event.key === '0') controller.current?.showAll()
    else if (event.key === 'Escape' && (isKeyed || tapped !== -1 || hovered !== -1)) {
      setTapped(-1)
      setHovered(-1)
      setKeyed(false)
    } else return
    event.preventDefault()
  }

  const details = detailsAt({ tapped, hovered, focused: isKeyed ? focused : -1, band }, controller.current, surface.current)
  const optionId = (seat: number): string => `${id}-${seat}`
  return (
    <div className="picker-mapped">
      <div className="picker-map" data-stale={isStale || undefined}>
        <span ref={probe} className="picker-probe" aria-hidden="true" />
        <div aria-hidden="true" className="picker-drawing">
          <canvas ref={canvas} />
        </div>
        <div ref={surface} className="picker-surface">
          {scene.seats.length > 0 && (
            <div
              className="picker-rows"
              role="listbox"
              tabIndex={0}
              aria-multiselectable={true}
              aria-label={rowLabel(model, focused)}
              aria-describedby={`${id}-help`}
              aria-activedescendant={optionId(Math.max(0, focused))}
              onKeyDown={onKeyDown}
              onFocus={(event) => {
                if (!event.currentTarget.matches(':focus-visible')) return
                if (focused === -1) setFocused(beginning())
                setKeyed(true)
              }}
              onBlur={() => setKeyed(false)}
            >
              <RowOptions model={model} focused={Math.max(0, focused)} optionId={optionId} />
            </div>
          )}
        </div>
        <p id={`${id}-help`} className="picker-hidden">
          {text.say('map.help')}
        </p>
        <div className="picker-zoom">
          <ZoomButton label={text.say('zoom.in')} sign="+" onClick={() => controller.current?.zoomBy(ZOOM_STEP)} />
          <ZoomButton label={text.say('zoom.out')} sign="−" isOff={isWhole} onClick={() => controller.current?.zoomBy(1 / ZOOM_STEP)} />
          <ZoomButton label={text.say('zoom.fit')} sign="⤢" isOff={isWhole} onClick={() => controller.current?.showAll()} />
        </div>
      </div>
      {details && (
        <Details model={model} at={details} words={words} onExplain={onExplain} onExplained={onExplained} onClose={() => setTapped(-1)} />
      )}
    </div>
  )
}

function detailsAt(
  seats: { readonly tapped: number; readonly hovered: number; readonly focused: number; readonly band: Rect | undefined },
  controller: MapController | undefined,
  surface: HTMLElement | null,
): DetailsAt | undefined {
  const { tapped, hovered, focused, band } = seats
  if (controller === undefined || surface === null || band !== undefined) return undefined
  if (tapped !== -1) return { seat: tapped, place: 'sheet', isMoved: controller.placeOf(tapped).y > surface.clientHeight / 2 }
  if (hovered !== -1) return { seat: hovered, place: () => controller.placeOf(hovered) }
  if (focused === -1) return undefined
  return { seat: focused, place: 'corner', isMoved: controller.placeOf(focused).x < surface.clientWidth / 2 }
}

function rowLabel({ scene, text }: PickerModel, focused: number): string {
  const section = scene.sections[scene.sectionOf[focused] ?? 0]?.section
  const row = scene.seats[focused]?.row
  if (focused === -1 || section === undefined) return text.say('map.label', { hall: scene.hall.name })
  return row === undefined || row === '' ? section.name : text.say('map.row', { section: section.name, row })
}

function RowOptions(props: {
  readonly model: PickerModel
  readonly focused: number
  readonly optionId: (seat: number) => string
}): ReactNode {
  const { scene, words, standingOf, mine, selected, act } = props.model
  const row = rowOf(scene, props.focused)
  if (row === undefined) return null
  return scene.seats.slice(row.first, row.first + row.count).map((seat, at) => {
    const section = scene.sections[scene.sectionOf[row.first + at] ?? 0]?.section
    const standing = standingOf(seat.seatId)
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the list box takes the keys; a click comes from a screen reader's own pointer.
      // biome-ignore lint/a11y/useFocusableInteractive: the list box has the focus and names its active option.
      <div
        key={seat.seatId}
        id={props.optionId(row.first + at)}
        role="option"
        className="picker-hidden"
        aria-selected={mine.has(seat.seatId) || selected.has(seat.seatId)}
        aria-disabled={standing !== 'available' && standing !== 'selected'}
        onClick={(event) => {
          event.stopPropagation()
          act(row.first + at)
        }}
      >
        {section === undefined ? '' : `${words.shortName(seat)}, ${words.facts(seat, standing)}`}
      </div>
    )
  })
}

function ZoomButton(props: {
  readonly label: string
  readonly sign: string
  readonly isOff?: boolean
  readonly onClick: () => void
}): ReactNode {
  // Not `disabled`: a button that loses its focus while it is used would throw the keyboard back to the top of the page.
  return (
    <button type="button" aria-label={props.label} title={props.label} aria-disabled={props.isOff ?? false} onClick={props.onClick}>
      <span aria-hidden="true">{props.sign}</span>
    </button>
  )
}

/** For the words beside a section's name on the map. */
export function leftWords(model: Pick<PickerModel, 'scene' | 'state' | 'asOf' | 'text'>, section: number): string {
  const { scene, state, asOf, text } = model
  const { section: of, count } = scene.sections[section] ?? {}
  if (of === undefined) return ''
  if (asOf === undefined && state.stale) return text.say('left.unknown')
  if (asOf === undefined) return text.say('left', { count: state.counts(of.sectionId).available })
  if (of.standing) return ''
  const picture = { scene, state, asOf } as Picture
  return text.say('left', { count: Math.round(shareLeft(picture, section) * (count ?? 0)) })
}
